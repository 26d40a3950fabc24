import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { AutonomyLevel, K3sComponent, type KinsClusterProps } from '../../lib';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';

const { L3, L4, L5 } = AutonomyLevel;
const files = (props: Partial<KinsClusterProps> = {}, level = L4): Record<string, string> =>
  find(kinsObjects('test', level, props), 'ConfigMap', 'test-config-kins').data as Record<string, string>;
const yaml = (file: string, props: Partial<KinsClusterProps> = {}, level = L4): unknown =>
  parse(files(props, level)[file] ?? '');

const SERVICE_NAMES = [
  'test-svc-kins',
  'test-svc-kins.kins-system',
  'test-svc-kins.kins-system.svc',
  'test-svc-kins.kins-system.svc.cluster.local',
];

test('server.yaml by default', () => {
  expect(yaml('server.yaml')).toEqual({
    'cluster-cidr': '10.214.0.0/16',
    'cluster-dns': '10.215.0.10',
    'disable-agent': true,
    'egress-selector-mode': 'cluster',
    'etcd-arg': ['heartbeat-interval=100', 'election-timeout=1000'],
    'flannel-external-ip': true,
    'https-listen-port': 26443,
    'kube-apiserver-arg': ['token-auth-file=/run/kins-server/tokens.csv', 'kubernetes-service-node-port=32643'],
    'secrets-encryption': true,
    'service-cidr': '10.215.0.0/16',
    'tls-san': SERVICE_NAMES,
    'write-kubeconfig-mode': '0600',
  });
});

test('server.yaml with what a user sets', () => {
  const props = {
    clusterCidr: '10.100.0.0/16',
    serviceCidr: '10.101.16.0/20',
    apiPort: 7443,
    disable: [K3sComponent.TRAEFIK, K3sComponent.SERVICELB],
    nodeAddresses: { edge1: '192.0.2.1', edge2: '192.0.2.2', edge3: '192.0.2.3' },
    tlsSans: ['api.example.com'],
    secretsEncryption: false,
    systemDefaultRegistry: 'registry.example.com',
    serverOptions: { 'kube-apiserver-arg': ['v=2'], 'flannel-backend': ['none'] },
  };
  expect(yaml('server.yaml', props, L5)).toMatchObject({
    'cluster-cidr': '10.100.0.0/16',
    'cluster-dns': '10.101.16.10',
    disable: ['traefik', 'servicelb'],
    'flannel-backend': ['none'],
    'https-listen-port': 7443,
    'kube-apiserver-arg': ['token-auth-file=/run/kins-server/tokens.csv', 'kubernetes-service-node-port=32643', 'v=2'],
    'secrets-encryption': false,
    'service-cidr': '10.101.16.0/20',
    'system-default-registry': 'registry.example.com',
    'tls-san': [...SERVICE_NAMES, 'test-servers-kins', '192.0.2.1', '192.0.2.2', '192.0.2.3', 'api.example.com'],
  });
});

test('servers that vote over a network keep the patience of K3s; what a user sets comes last, and so counts', () => {
  expect(yaml('server.yaml', {}, L5)).not.toHaveProperty('etcd-arg');
  expect(yaml('server.yaml', { serverOptions: { 'etcd-arg': ['election-timeout=3000'] } })).toMatchObject({
    'etcd-arg': ['heartbeat-interval=100', 'election-timeout=1000', 'election-timeout=3000'],
  });
});

test('agent.yaml and the kubelet configuration', () => {
  expect(yaml('agent.yaml', { agentOptions: { 'kubelet-arg': ['v=2'], 'node-label': ['a=b'] } })).toEqual({
    'container-runtime-endpoint': 'unix:///run/kins/test/containerd.sock',
    'data-dir': '/var/lib/kins/test/agent',
    'flannel-conf': '/etc/kins/config/flannel.json',
    'flannel-iface': 'eth0',
    'kubelet-arg': [
      'config=/etc/kins/config/kubelet.yaml',
      'cgroup-root=/kins-test',
      'kubelet-cgroups=',
      'runtime-cgroups=',
      'root-dir=/var/lib/kins/test/kubelet',
      'v=2',
    ],
    'node-label': ['a=b'],
    'pause-image': 'docker.io/rancher/mirrored-pause:3.6',
    'resolv-conf': '/run/kins/test/resolv.conf',
  });
  expect(yaml('kubelet.yaml')).toEqual({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    podLogsDir: '/var/lib/kins/test/log',
  });
});

test.each<[Partial<KinsClusterProps>, string]>([
  [{}, 'docker.io/rancher/mirrored-pause:3.6'],
  [{ systemDefaultRegistry: 'registry.example.com:5000' }, 'registry.example.com:5000/rancher/mirrored-pause:3.6'],
  [{ systemDefaultRegistry: 'registry.example.com', pauseImage: 'pause:1' }, 'pause:1'],
])('kubelet and containerd agree on the pause image: %j', (props, image) => {
  expect(yaml('agent.yaml', props)).toMatchObject({ 'pause-image': image });
  expect(files(props)['containerd.toml']).toContain(`sandbox = "${image}"`);
});

test('containerd counts an image as pulled when it is on the disk', () => {
  expect(files()['containerd.toml']).toMatch(
    /^\[plugins\.'io\.containerd\.cri\.v1\.images'\]\n {2}image_pull_with_sync_fs = true\n\n\[/m,
  );
});

test('containerd has its own folders and socket, and looks for registries where the agent puts them', () => {
  expect(files()['containerd.toml']?.split('\n')).toEqual(
    expect.arrayContaining([
      'version = 3',
      'root = "/var/lib/kins/test/containerd"',
      'state = "/run/kins/test/containerd"',
      '  address = "/run/kins/test/containerd.sock"',
      '  conf_dir = "/run/kins/test/cni"',
    ]),
  );
  expect(files()['containerd.toml']).toMatch(
    /\n\[plugins\.'io\.containerd\.cri\.v1\.images'\.registry\]\n {2}config_path = "\/run\/kins\/test\/registries\/certs\.d"\n$/,
  );
});

/** What is written on the node, not shipped: the environment of a pod. */
const OF_THE_NODE = '. "$kit/environment"';

const scriptsIn = (folder: string): string[] =>
  readdirSync(join(__dirname, '../../lib', folder)).filter((name) => name.endsWith('.sh'));

test('scripts that lie in one folder of a pod have names of their own', () => {
  expect(scriptsIn('shell').filter((name) => scriptsIn('kins/scripts').includes(name))).toEqual([]);
});

test.each(['kins/scripts', 'shell'].flatMap((folder) => scriptsIn(folder).map((name) => `${folder}/${name}`)))(
  'what %s sources is told in the line before, by which it gets into the unit',
  (path) => {
    const lines = readFileSync(join(__dirname, '../../lib', path), 'utf8').split('\n');
    const sources = lines.flatMap((line, at) =>
      /(^|[;&|({]|then|do|else)\s*\. ["$/]/.test(line) && line !== OF_THE_NODE ? [at] : [],
    );
    for (const at of sources) {
      const [told, line] = lines.slice(at - 1, at + 1);
      const file = /^# shellcheck source=lib\/((?:kins\/scripts|shell)\/.+)$/.exec(told ?? '')?.[1] ?? 'nothing';
      expect({ line, told }).toEqual({ line: `. "$scripts/${basename(file)}"`, told });
      expect(existsSync(join(__dirname, '../../lib', file))).toBe(true);
    }
  },
);

test('every script of the library is in the unit that runs it, and every script that a pod runs is there', () => {
  const known = ['kins/scripts', 'shell'].flatMap(scriptsIn);
  const shipped = new Set<string>();
  for (const level of [L3, L4]) {
    for (const { kind, data = {}, spec } of kinsObjects('test', level, { prepull: { version: 'v1.36.1+k3s1' } })) {
      if (kind === 'ConfigMap') Object.keys(data as object).forEach((key) => shipped.add(key));
      for (const [, script] of JSON.stringify(spec ?? {}).matchAll(/\/etc\/kins\/scripts\/([a-z-]+\.sh)/g)) {
        expect(known).toContain(script);
      }
    }
  }
  expect(known.filter((name) => !shipped.has(name))).toEqual([]);
});
