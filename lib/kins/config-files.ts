import { Yaml } from 'cdk8s';
import { derive } from '../core/placeholders/placeholder';
import { localPort, type KinsModel } from './model';
import { UPLINK } from './node-network';
import { kinsPaths, kinsServersHost, kinsServiceNames } from './names';
import { registriesFolder } from './registries';

/** Files by name, as the `data` of a ConfigMap. */
export type Files = Readonly<Record<string, string>>;

/**
 * Port under which kube-proxy offers the edge cluster's API in the unit's network on every node, from where it is mapped to
 * the node's loopback: so the same kubeconfig works on all nodes, and finds a server that is up.
 */
export const API_NODE_PORT = 32643;

/** Where a server keeps the files that its start script writes; in memory only. */
export const SERVER_WORK = '/run/kins-server';

/**
 * For a single server. At every start it waits for the election timeout before it elects itself, and K3s' default of five
 * seconds is meant for links between servers.
 */
const ETCD_ALONE = ['heartbeat-interval=100', 'election-timeout=1000'];

/** Options of `k3s server` that are the same for all servers of the unit. */
export function serverConfig(model: KinsModel): string {
  const { serverOptions, servers } = model;
  const { 'kube-apiserver-arg': apiserverArguments = [], 'etcd-arg': etcdArguments = [], ...others } = serverOptions;
  return yaml({
    'cluster-cidr': model.clusterCidr,
    'cluster-dns': model.clusterDns,
    ...list('disable', model.disable),
    'disable-agent': true,
    // The control plane has no kubelet beside it: it reaches pods and kubelets through the agents' tunnels.
    'egress-selector-mode': 'cluster',
    // Nodes talk to each other by their addresses on the LAN.
    'flannel-external-ip': true,
    ...list('etcd-arg', [...(servers.length === 1 ? ETCD_ALONE : []), ...etcdArguments]),
    'https-listen-port': model.apiPort,
    'kube-apiserver-arg': [
      `token-auth-file=${SERVER_WORK}/tokens.csv`,
      `kubernetes-service-node-port=${API_NODE_PORT}`,
      ...apiserverArguments,
    ],
    'secrets-encryption': model.secretsEncryption,
    'service-cidr': model.serviceCidr,
    ...(model.systemDefaultRegistry === undefined ? {} : { 'system-default-registry': model.systemDefaultRegistry }),
    'tls-san': subjectNames(model),
    'write-kubeconfig-mode': '0600',
    ...others,
  });
}

function list(option: string, values: readonly string[]): Readonly<Record<string, readonly string[]>> {
  return values.length === 0 ? {} : { [option]: values };
}

/** Names and addresses at which the edge cluster's API is reached, for its certificate. */
export function subjectNames({ unit, addresses, tlsSans }: KinsModel): readonly string[] {
  const declared = [...addresses.values()];
  return [
    ...kinsServiceNames(unit),
    ...(declared.length === 0 ? [] : [kinsServersHost(unit)]),
    ...declared,
    ...tlsSans,
  ];
}

/** Options of `k3s agent` that are the same for all nodes of the unit. */
export function agentConfig(model: KinsModel): string {
  const { lib, run, cgroup } = kinsPaths(model.unit);
  const { 'kubelet-arg': kubeletArguments = [], ...others } = model.agentOptions;
  return yaml({
    'container-runtime-endpoint': `unix://${run}/containerd.sock`,
    'data-dir': `${lib}/agent`,
    'flannel-conf': '/etc/kins/config/flannel.json',
    'flannel-iface': UPLINK,
    'kubelet-arg': [
      'config=/etc/kins/config/kubelet.yaml',
      `cgroup-root=/${cgroup}`,
      // Otherwise K3s would move itself into a cgroup `k3s` at the node's root, where the limits of its pod do not apply,
      // and leave that behind.
      'kubelet-cgroups=',
      'runtime-cgroups=',
      `root-dir=${lib}/kubelet`,
      ...kubeletArguments,
    ],
    'pause-image': model.pauseImage,
    'resolv-conf': `${run}/resolv.conf`,
    ...others,
  });
}

/** The kubelet's own configuration. */
export function kubeletConfig({ unit }: KinsModel): string {
  return yaml({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // Kubelets from 1.35 on refuse nodes with cgroup version 1 otherwise; Ubuntu 20.04 has it.
    failCgroupV1: false,
    podLogsDir: `${kinsPaths(unit).lib}/log`,
  });
}

/**
 * The configuration of the unit's containerd, version 3 of its format. It always names the folder for registries, so that
 * containerd need not be restarted when some are added.
 */
export function containerdConfig(model: KinsModel): string {
  const { unit, pauseImage } = model;
  return derive('containerd config', { unit, pauseImage, backend: flannelBackend(model) }, containerdToml);
}

interface ContainerdSettings {
  readonly unit: string;
  readonly pauseImage: string;
  readonly backend: string;
}

function containerdToml({ unit, pauseImage, backend }: ContainerdSettings): string {
  const { lib, run } = kinsPaths(unit);
  const lines = [
    'version = 3',
    `root = ${toml(`${lib}/containerd`)}`,
    `state = ${toml(`${run}/containerd`)}`,
    '',
    '[grpc]',
    `  address = ${toml(`${run}/containerd.sock`)}`,
    '',
    "[plugins.'io.containerd.cri.v1.images']",
    // Otherwise a power cut may leave images with empty files that count as pulled.
    '  image_pull_with_sync_fs = true',
    '',
    "[plugins.'io.containerd.cri.v1.images'.pinned_images]",
    `  sandbox = ${toml(pauseImage)}`,
    '',
    "[plugins.'io.containerd.cri.v1.runtime']",
    // Otherwise they would be among those of the cloud cluster's pods.
    '  netns_mounts_under_state_dir = true',
    '',
    "[plugins.'io.containerd.internal.v1.opt']",
    `  path = ${toml(`${lib}/containerd/opt`)}`,
    '',
    // Its socket is that of the node's own containerd.
    "[plugins.'io.containerd.nri.v1.nri']",
    '  disable = true',
    '',
    "[plugins.'io.containerd.cri.v1.runtime'.cni]",
    // The script puts the folder of K3s' programs there.
    "  bin_dirs = ['@RELEASE@/bin', '/usr/lib/cni', '/opt/cni/bin']",
    `  conf_dir = ${toml(backend === 'none' ? `${lib}/agent/agent/etc/cni/net.d` : `${run}/cni`)}`,
    '',
    "[plugins.'io.containerd.cri.v1.images'.registry]",
    `  config_path = ${toml(`${registriesFolder(unit)}/certs.d`)}`,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * The CNI configuration: like K3s' own, but with other folders, because the cloud cluster's flannel uses the usual ones on
 * the same node.
 */
export function cniConfig({ unit }: KinsModel): string {
  return derive('cni config', unit, (known) => {
    const { lib, run } = kinsPaths(known);
    const delegate = { hairpinMode: true, forceAddress: true, isDefaultGateway: true };
    const plugins = [
      {
        type: 'flannel',
        subnetFile: `${run}/flannel/subnet.env`,
        dataDir: `${lib}/cni/flannel`,
        ipam: { dataDir: `${lib}/cni/networks` },
        delegate,
      },
      { type: 'portmap', capabilities: { portMappings: true } },
      { type: 'bandwidth', capabilities: { bandwidth: true } },
    ];
    return `${JSON.stringify({ name: `kins-${known}`, cniVersion: '1.0.0', plugins }, null, 2)}\n`;
  });
}

/** The flannel backend, which encapsulates packets between nodes. */
export function flannelBackend({ serverOptions }: Pick<KinsModel, 'serverOptions'>): string {
  return serverOptions['flannel-backend']?.[0] ?? 'vxlan';
}

/**
 * The kubeconfig for the nodes of the unit. It names files that exist only there, so it holds no credential.
 */
export function nodeKubeconfig(model: KinsModel): string {
  const { access } = kinsPaths(model.unit);
  return yaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'default',
        cluster: { server: localUrl(model), 'certificate-authority': `${access}/ca.crt` },
      },
    ],
    contexts: [{ name: 'default', context: { cluster: 'default', namespace: 'default', user: 'default' } }],
    'current-context': 'default',
    users: [{ name: 'default', user: { tokenFile: `${access}/token` } }],
  });
}

/** URL of the edge cluster's API on each of the unit's nodes. */
export function localUrl(model: KinsModel): string {
  return `https://127.0.0.1:${localPort(model)}`;
}

/** Quotes a value for YAML. The result depends on the value, so it is derived once a placeholder's value is known. */
function yaml(value: unknown): string {
  return derive('yaml', value, (known) => Yaml.stringify(known));
}

/** A TOML basic string; JSON strings are valid ones. */
function toml(text: string): string {
  return JSON.stringify(text);
}
