import { dnsSubdomain } from '../core/names';
import { listOf, mapOf, problem, text, type Rule } from '../core/rules';

/**
 * Options of `k3s server` or `k3s agent` by name, without the leading dashes; each has a list of values, because many
 * may be given several times. An option that takes no value has `['true']`.
 * @see https://docs.k3s.io/cli/server
 * @see https://docs.k3s.io/cli/agent
 */
export type K3sOptions = Readonly<Record<string, readonly string[]>>;

/** Why an option cannot be given, and what to do instead. */
type Refusals = Readonly<Record<string, string>>;

const SET_BY_LAYOUT = 'The layout of the pods depends on it.';
const SECRET = 'It would put a credential into a ConfigMap.';

const REFUSED_EVERYWHERE: Refusals = {
  'data-dir': SET_BY_LAYOUT,
  token: SECRET,
  'token-file': `${SET_BY_LAYOUT} Name a Secret of your own with tokenSecret.`,
  server: `${SET_BY_LAYOUT} Declare the servers' addresses with addresses.`,
  'node-name': 'A node of the edge cluster has the name of the node it runs on.',
  'with-node-id': 'A node of the edge cluster has the name of the node it runs on.',
  'node-ip': 'It is the address of the pod or node that K3s runs on.',
  rootless: SET_BY_LAYOUT,
  docker: SET_BY_LAYOUT,
  'container-runtime-endpoint': SET_BY_LAYOUT,
  'image-service-endpoint': SET_BY_LAYOUT,
  'private-registry': 'Use registryMirrors and registries.',
  'vpn-auth': SECRET,
  'vpn-auth-file': SET_BY_LAYOUT,
  'bind-address': SET_BY_LAYOUT,
  'disable-default-registry-endpoint': 'Set fallback to false in registryMirrors.',
  'default-runtime': 'The containerd of a unit is configured by this library.',
  snapshotter: 'The containerd of a unit is configured by this library.',
};

const REFUSED_FOR_SERVERS: Refusals = {
  ...REFUSED_EVERYWHERE,
  'agent-token': SECRET,
  'agent-token-file': `${SET_BY_LAYOUT} Name a Secret of your own with tokenSecret.`,
  'cluster-init':
    'Which server founds the cluster, and when, is decided on the nodes: a second one would split the unit.',
  'cluster-reset': 'It is a step of a recovery, not a setting: every restart would reset the cluster again.',
  'cluster-reset-restore-path': 'It is a step of a recovery, not a setting: every restart would restore again.',
  'disable-agent': SET_BY_LAYOUT,
  'disable-apiserver': SET_BY_LAYOUT,
  'disable-controller-manager': SET_BY_LAYOUT,
  'disable-scheduler': SET_BY_LAYOUT,
  'disable-etcd': SET_BY_LAYOUT,
  'datastore-endpoint':
    'A unit keeps its data in embedded etcd, so that L4 can grow to L5 and goes on without the cloud.',
  'datastore-cafile': 'A unit keeps its data in embedded etcd.',
  'datastore-certfile': 'A unit keeps its data in embedded etcd.',
  'datastore-keyfile': 'A unit keeps its data in embedded etcd.',
  'kine-tls': 'A unit keeps its data in embedded etcd.',
  'https-listen-port': 'Use apiPort.',
  'supervisor-port': 'Use apiPort.',
  'apiserver-port': 'Use apiPort.',
  'apiserver-bind-address': SET_BY_LAYOUT,
  'advertise-address': 'Use addresses.',
  'advertise-port': 'Use apiPort.',
  'cluster-cidr': 'Use clusterCidr.',
  'service-cidr': 'Use serviceCidr.',
  'cluster-dns': 'It is the tenth address of serviceCidr.',
  'tls-san': 'Use tlsSans.',
  'egress-selector-mode': 'The control plane has no kubelet beside it, so it reaches pods through the agents.',
  'write-kubeconfig': SET_BY_LAYOUT,
  'write-kubeconfig-mode': SET_BY_LAYOUT,
  'write-kubeconfig-group': SET_BY_LAYOUT,
  'write-kubeconfig-name': SET_BY_LAYOUT,
  'etcd-s3-access-key': `${SECRET} Use etcd-s3-config-secret.`,
  'etcd-s3-secret-key': `${SECRET} Use etcd-s3-config-secret.`,
  'etcd-s3-session-token': `${SECRET} Use etcd-s3-config-secret.`,
  'etcd-s3-skip-ssl-verify': 'TLS is verified: give the CA with etcd-s3-endpoint-ca.',
  'etcd-s3-insecure': 'TLS is verified: give the CA with etcd-s3-endpoint-ca.',
  'etcd-snapshot-dir': SET_BY_LAYOUT,
  'embedded-registry': 'It needs the containerd that is built into K3s; a unit has one of its own.',
  'secrets-encryption': 'Use secretsEncryption.',
  'system-default-registry': 'Use systemDefaultRegistry.',
  disable: 'Use disable of the construct.',
};

const REFUSED_FOR_AGENTS: Refusals = {
  ...REFUSED_EVERYWHERE,
  'lb-server-port': 'The load balancer of an agent has the network of its unit to itself.',
  'disable-apiserver-lb': 'Agents find the next server through it when one is lost.',
  'resolv-conf': 'It is the one of the node.',
  'pause-image': 'Use systemDefaultRegistry.',
  'airgap-extra-registry': 'It concerns the containerd that is built into K3s; a unit has one of its own.',
  'nonroot-devices': 'It concerns the containerd that is built into K3s; a unit has one of its own.',
};

const SERVER_OPTIONS: ReadonlySet<string> = new Set(
  `service-node-port-range cluster-domain kube-apiserver-arg etcd-arg kube-scheduler-arg kube-controller-manager-arg
   helm-controller-arg kube-cloud-controller-manager-arg tls-san-security flannel-backend flannel-ipv6-masq
   flannel-external-ip servicelb-namespace helm-job-image etcd-expose-metrics etcd-disable-snapshots etcd-snapshot-name
   etcd-snapshot-schedule-cron etcd-snapshot-reconcile-interval etcd-snapshot-retention etcd-snapshot-compress etcd-s3
   etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-bucket etcd-s3-bucket-lookup-type etcd-s3-region etcd-s3-folder
   etcd-s3-retention etcd-s3-proxy etcd-s3-config-secret etcd-s3-timeout default-local-storage-path
   disable-cloud-controller disable-kube-proxy disable-network-policy disable-helm-controller supervisor-metrics
   secrets-encryption-provider protect-kernel-defaults enable-pprof debug v vmodule`.split(/\s+/),
);

const AGENT_OPTIONS: ReadonlySet<string> = new Set(
  `node-external-ip node-internal-dns node-external-dns protect-kernel-defaults selinux flannel-iface flannel-conf
   flannel-cni-conf kubelet-arg kube-proxy-arg node-taint node-label image-credential-provider-bin-dir
   image-credential-provider-config enable-pprof debug v vmodule`.split(/\s+/),
);

/** Arguments of components that the layout sets itself. */
const REFUSED_ARGUMENTS: Readonly<Record<string, Refusals>> = {
  'kubelet-arg': {
    config: 'This library writes the kubelet configuration.',
    'root-dir': SET_BY_LAYOUT,
    'cgroup-root': SET_BY_LAYOUT,
    'container-runtime-endpoint': SET_BY_LAYOUT,
    'hostname-override': 'A node of the edge cluster has the name of the node it runs on.',
  },
  'kube-apiserver-arg': {
    'token-auth-file': 'It holds the administrator of the unit.',
    'anonymous-auth': 'K3s switches it off; nobody without a credential gets in.',
    'kubernetes-service-node-port': 'The kubeconfig on the nodes depends on it.',
    'secure-port': 'Use apiPort.',
    'service-cluster-ip-range': 'Use serviceCidr.',
  },
};

/** Values that K3s takes over when it founds a cluster, or ends with: nobody may find out at a site. */
const VALUES: Readonly<Record<string, Rule>> = {
  'cluster-domain': listOf(dnsSubdomain(), { max: 1, remedy: 'A cluster has one domain.' }),
};

/** Holds the options for `k3s server` against what exists and what the layout leaves to the user. */
export function k3sServerOptions(): Rule {
  return optionsRule('server', SERVER_OPTIONS, REFUSED_FOR_SERVERS);
}

/** Holds the options for `k3s agent` against what exists and what the layout leaves to the user. */
export function k3sAgentOptions(): Rule {
  return optionsRule('agent', AGENT_OPTIONS, REFUSED_FOR_AGENTS);
}

function optionsRule(role: string, known: ReadonlySet<string>, refused: Refusals): Rule {
  const values = mapOf(() => [], listOf(text(), { min: 1, remedy: "Give a list; a switch takes ['true']." }));
  return (value, field) => {
    const found = [...values(value, field)];
    if (found.length > 0) return found;
    for (const [name, given] of Object.entries(value as K3sOptions)) {
      const where = `${field}.${name}`;
      const reason = reasonAgainst(refused, name);
      if (reason !== undefined) {
        found.push(
          problem(where, 'an option that is set by this library', 'options that leave the layout as it is', reason),
        );
      } else if (!known.has(name)) {
        const remedy = 'Look it up in the K3s reference; names go without leading dashes.';
        found.push(problem(where, name, `an option of k3s ${role}`, remedy));
      } else {
        found.push(
          ...argumentProblems(where, given, REFUSED_ARGUMENTS[name] ?? {}),
          ...(VALUES[name]?.(given, where) ?? []),
        );
      }
    }
    return found;
  };
}

function reasonAgainst(refused: Refusals, name: string): string | undefined {
  return Object.hasOwn(refused, name) ? refused[name] : undefined;
}

function argumentProblems(
  field: string,
  given: readonly string[],
  refused: Refusals,
): readonly ReturnType<typeof problem>[] {
  return given.flatMap((argument, index) => {
    const reason = reasonAgainst(refused, argument.replace(/^--?/, '').split('=')[0] ?? '');
    return reason === undefined
      ? []
      : [problem(`${field}[${index}]`, argument, 'arguments that leave the layout as it is', reason)];
  });
}
