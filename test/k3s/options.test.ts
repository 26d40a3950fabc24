import { App, Chart } from 'cdk8s';
import { KinsCluster } from '../../lib';
import { k3sAgentOptions, k3sServerOptions } from '../../lib/k3s/options';
import type { Rule } from '../../lib/core/rule';
import { problemLines } from '../support/refusals';

const server = k3sServerOptions();
const agent = k3sAgentOptions();
const lines = (rule: Rule, value: unknown): string[] =>
  rule(value, 'o').map(
    ({ field, given, allowed, remedy }) => `${field}: given ${given}; allowed: ${allowed}. ${remedy}`,
  );
/** Whether an option is taken with any value. */
const isTaken = (rule: Rule, name: string): boolean =>
  [
    '1',
    'true',
    'a=b',
    'a=b:NoSchedule',
    'vxlan',
    '@daily',
    '1h',
    '/x',
    'auto',
    'aescbc',
    '30000-32767',
    '10.0.0.1',
    'http://a.b',
  ].some((value) => rule({ [name]: [value] }, 'o').length === 0);

/** Options of `k3s server`, those that are taken and those that are not. */
const OF_SERVERS =
  `config debug v vmodule log alsologtostderr bind-address https-listen-port advertise-address advertise-port tls-san
  tls-san-security data-dir cluster-cidr service-cidr service-node-port-range cluster-dns cluster-domain
  flannel-backend flannel-ipv6-masq flannel-external-ip egress-selector-mode servicelb-namespace write-kubeconfig
  write-kubeconfig-mode write-kubeconfig-group helm-job-image token token-file agent-token agent-token-file server
  cluster-init cluster-reset cluster-reset-restore-path kube-apiserver-arg etcd-arg kube-controller-manager-arg
  kube-scheduler-arg kube-cloud-controller-manager-arg datastore-endpoint datastore-cafile datastore-certfile
  datastore-keyfile etcd-expose-metrics etcd-disable-snapshots etcd-snapshot-name etcd-snapshot-schedule-cron
  etcd-snapshot-retention etcd-snapshot-dir etcd-snapshot-compress etcd-s3 etcd-s3-endpoint etcd-s3-endpoint-ca
  etcd-s3-skip-ssl-verify etcd-s3-access-key etcd-s3-secret-key etcd-s3-session-token etcd-s3-bucket etcd-s3-region
  etcd-s3-folder etcd-s3-proxy etcd-s3-config-secret etcd-s3-insecure etcd-s3-timeout default-local-storage-path
  disable disable-scheduler disable-cloud-controller disable-kube-proxy disable-network-policy
  disable-helm-controller embedded-registry supervisor-metrics node-name with-node-id docker
  container-runtime-endpoint pause-image snapshotter private-registry system-default-registry node-ip vpn-auth
  secrets-encryption rootless enable-pprof`.split(/\s+/);

/** What would put a credential into a ConfigMap, or switch off its protection. */
const CREDENTIALS = [
  'token',
  'agent-token',
  'vpn-auth',
  'etcd-s3-access-key',
  'etcd-s3-secret-key',
  'etcd-s3-session-token',
];

test.each([
  [
    'cluster-init',
    'Which server founds the cluster, and when, is decided on the nodes: a second one would split the unit.',
  ],
  ['token', 'It would put a credential into a ConfigMap.'],
  ['token-file', 'The layout of the pods depends on it. Name a Secret of your own with tokenSecret.'],
  ['https-listen-port', 'Use apiPort.'],
  ['cluster-cidr', 'Use clusterCidr.'],
  [
    'datastore-endpoint',
    'A unit keeps its data in embedded etcd, so that L4 can grow to L5 and goes on without the cloud.',
  ],
  ['cluster-reset', 'It is a step of a recovery, not a setting: every restart would reset the cluster again.'],
  ['etcd-s3-secret-key', 'It would put a credential into a ConfigMap. Use etcd-s3-config-secret.'],
  ['etcd-s3-skip-ssl-verify', 'TLS is verified: give the CA with etcd-s3-endpoint-ca.'],
  ['disable', 'Use disable of the construct.'],
  ['kubelet-arg', 'It is an option of agents here: use agentOptions.'],
  ['node-label', 'It is an option of agents here: use agentOptions.'],
  ['log', 'The output of K3s goes to the log of its pod.'],
  ['constructor', 'Look it up in the K3s reference; names go without leading dashes.'],
])('%s is refused for servers, with the reason: %s', (name, reason) => {
  expect(server({ [name]: ['hunter2'] }, 'o')).toMatchObject([{ field: `o.${name}`, remedy: reason }]);
  expect(lines(server, { [name]: ['hunter2'] }).join('')).not.toContain('hunter2');
});

test.each([
  ['server', "The layout of the pods depends on it. Declare the servers' addresses with nodeAddresses."],
  ['node-name', 'A node of the edge cluster has the name of the node it runs on.'],
  ['private-registry', 'Use registryMirrors and registries.'],
  ['disable-default-registry-endpoint', 'Set fallback to false in registryMirrors.'],
  ['disable-apiserver-lb', 'Agents find the next server through it when one is lost.'],
  ['pause-image', 'Use systemDefaultRegistry.'],
  ['cluster-init', 'Look it up in the K3s reference; names go without leading dashes.'],
  ['flannel-backend', 'It is an option of servers: use serverOptions.'],
  ['prefer-bundled-bin', 'The pods have only the programs that come with K3s.'],
])('%s is refused for agents, with the reason: %s', (name, reason) => {
  expect(agent({ [name]: ['x'] }, 'o')).toMatchObject([{ field: `o.${name}`, remedy: reason }]);
});

test.each(CREDENTIALS)('%s is shown in no message, however its value is written', (name) => {
  for (const value of ['hunter2', { value: 'hunter2' }, ['hunter2', 5]]) {
    const told = lines(server, { debug: 'on', [name]: value });
    expect(told).toHaveLength(2);
    expect(told[1]).toContain(`o.${name}: given `);
    expect(told.join()).not.toContain('hunter2');
  }
});

test('a refusal that names a prop names one that there is', () => {
  const chart = new Chart(new App(), 'chart');
  const told = problemLines(() => new KinsCluster(chart, 'u', { nonsense: 1 } as never)).join('\n');
  const props = /only ([\w, ]+)\./.exec(told)?.[1]?.split(', ') ?? [];
  const remedies = [...OF_SERVERS, 'server', 'private-registry', 'pause-image'].flatMap((name) =>
    [server, agent].flatMap((rule) => rule({ [name]: ['x'] }, 'o').map(({ remedy }) => remedy)),
  );
  const named = remedies.flatMap((remedy) => {
    const [, one, other] =
      /\b(?:[Uu]se|with|in) ([a-z]+[A-Za-z]*)(?: and ([a-z]+[A-Za-z]*))?(?: of the construct)?\.$/.exec(remedy) ?? [];
    return [one, other].filter((each) => each !== undefined);
  });
  expect(named).toEqual(expect.arrayContaining(['apiPort', 'nodeAddresses', 'registries', 'tokenSecret', 'disable']));
  expect(named.filter((each) => !props.includes(each))).toEqual([]);
});

test.each([
  'kube-apiserver-arg',
  'etcd-arg',
  'flannel-backend',
  'etcd-snapshot-retention',
  'etcd-s3-config-secret',
  'debug',
])('%s is taken for servers', (name) => {
  expect(isTaken(server, name)).toBe(true);
});

test.each(['kubelet-arg', 'kube-proxy-arg', 'node-label', 'node-taint', 'debug'])('%s is taken for agents', (name) => {
  expect(isTaken(agent, name)).toBe(true);
});

test('no option takes a credential', () => {
  for (const name of CREDENTIALS)
    expect([name, isTaken(server, name), isTaken(agent, name)]).toEqual([name, false, false]);
  const secretive = OF_SERVERS.filter((name) => isTaken(server, name) && /token|key|secret|password|auth/.test(name));
  // The name of a Secret, not what is in it.
  expect(secretive).toEqual(['etcd-s3-config-secret']);
});

test('what this library writes itself cannot be given again: the second one would win', () => {
  const written = [
    ...['node-name', 'node-ip', 'advertise-address', 'data-dir', 'write-kubeconfig', 'token-file', 'agent-token-file'],
    ...['cluster-init', 'server', 'cluster-cidr', 'cluster-dns', 'disable', 'disable-agent', 'egress-selector-mode'],
    ...['https-listen-port', 'secrets-encryption', 'service-cidr', 'system-default-registry', 'tls-san'],
    ...['write-kubeconfig-mode', 'flannel-external-ip'],
  ];
  for (const name of written) expect([name, isTaken(server, name)]).toEqual([name, false]);
  for (const name of [
    'container-runtime-endpoint',
    'data-dir',
    'flannel-iface',
    'flannel-conf',
    'node-ip',
    'node-external-ip',
    'pause-image',
    'resolv-conf',
    'node-name',
    'server',
    'token-file',
  ])
    expect([name, isTaken(agent, name)]).toEqual([name, false]);
});

test.each([
  ['--root-dir=/tmp', 'The layout of the pods depends on it.'],
  ['-cgroup-root=/x', 'The layout of the pods depends on it.'],
  ['config=/x', 'This library writes the kubelet configuration.'],
  ['hostname-override=x', 'A node of the edge cluster has the name of the node it runs on.'],
])('kubelet-arg %s is refused: %s', (argument, reason) => {
  expect(lines(agent, { 'kubelet-arg': ['v=2', argument] })).toEqual([
    `o.kubelet-arg[1]: given '${argument}'; allowed: arguments that leave the layout as it is. ${reason}`,
  ]);
});

test('arguments that only begin like a refused one are taken', () => {
  expect(agent({ 'kubelet-arg': ['configuration=/x', 'constructor=1', 'toString=2'] }, 'o')).toEqual([]);
});

test('all problems are told', () => {
  expect(lines(server, { token: ['x'], debug: ['true'], nonsense: ['x'] })).toEqual([
    'o.token: given (a credential, not shown); allowed: options without credentials. It would put a credential into a ConfigMap.',
    "o.nonsense: given 'nonsense'; allowed: an option of k3s server. Look it up in the K3s reference; names go without leading dashes.",
  ]);
  expect(server([], 'o')).toMatchObject([{ allowed: 'a map' }]);
  expect(server({ debug: true }, 'o')).toMatchObject([{ field: 'o.debug', allowed: 'a list' }]);
});

test.each([
  [['edge.local', 'cluster.local'], /^o\.cluster-domain: .*A cluster has one domain\.$/],
  [["it's"], /^o\.cluster-domain\[0\]: given 'it's'; allowed: lower-case letters/],
  [['ü b'], /^o\.cluster-domain\[0\]: given '\\u\{fc\} b'; allowed: lower-case letters/],
])('the domain of a cluster is one name that DNS takes, not %j', (given, message) => {
  expect(lines(server, { 'cluster-domain': given })).toEqual([expect.stringMatching(message)]);
  expect(lines(server, { 'cluster-domain': ['edge.local'] })).toEqual([]);
});

describe('values with which a unit would not form, or its nodes not start', () => {
  const strict = k3sServerOptions(32643);
  it.each([
    [strict, 'service-node-port-range', ['20000-22767', '32643', '32767-30000'], ['32000-32767']],
    [strict, 'kube-apiserver-arg', ['service-node-port-range=20000-22767', 'etcd-servers=http://x:2379'], ['v=2']],
    [strict, 'kube-apiserver-arg', ['bind-address=1.2.3.4', 'tls-cert-file=/x', 'authorization-mode=AlwaysAllow'], []],
    [strict, 'kube-apiserver-arg', ['profiling', 'a b'], ['service-node-port-range=30000-32767', '--profiling=true']],
    [
      strict,
      'etcd-arg',
      ['data-dir=/x', 'listen-metrics-urls=http://x', 'initial-cluster=x'],
      ['quota-backend-bytes=1'],
    ],
    [strict, 'kube-controller-manager-arg', ['cluster-cidr=10.0.0.0/8', 'allocate-node-cidrs=false'], ['v=2']],
    [strict, 'kube-controller-manager-arg', ['service-cluster-ip-range=10.0.0.0/16'], ['node-monitor-period=5s']],
    [strict, 'kube-scheduler-arg', ['kubeconfig=/x', 'secure-port=1'], ['config=/x']],
    [strict, 'flannel-backend', ['wiregaurd', 'ipsec', 'host-gw', 'wireguard-native', ''], ['vxlan', 'none']],
    [strict, 'etcd-expose-metrics', ['yes', '1', 'True'], ['true', 'false']],
    [
      strict,
      'etcd-snapshot-schedule-cron',
      ['every day', '0 0 * *', '60 * * * *', '0 0 * * 7', '0 5-3 * * *'],
      ['@daily'],
    ],
    [strict, 'etcd-snapshot-schedule-cron', ['@every day', '0 0 0 * *'], ['0 */12 * * *', '15,45 1-5/2 1 jan MON-fri']],
    [strict, 'etcd-snapshot-retention', ['many', '-1', '1.5'], ['0', '10']],
    [strict, 'etcd-s3-timeout', ['5', 'soon'], ['5m', '1h30m']],
    [strict, 'etcd-s3-endpoint', ['https://s3.example.com', 's3.example.com:0'], ['s3.example.com:9000']],
    [
      strict,
      'etcd-s3-proxy',
      ['http://me:hunter2@proxy.example.com', 'proxy.example.com'],
      ['http://proxy.example.com:3128'],
    ],
    [strict, 'disable-kube-proxy', ['true', 'false'], []],
    [
      agent,
      'node-label',
      ['node-role.kubernetes.io/edge=true', 'Node Role', 'a', 'k8s.io/a=b', 'a=b=c'],
      ['a=', 'x.io/a=b'],
    ],
    [agent, 'node-label', ['kubernetes.io/role=x'], ['node.kubernetes.io/x=y', 'topology.kubernetes.io/zone=z']],
    [agent, 'node-taint', ['dedicated', 'a=b', 'a=b:Evict', '=b:NoSchedule'], ['a=b:NoSchedule', 'a:NoExecute']],
    [agent, 'kubelet-arg', ['cgroup-driver=systemd', 'config-dir=/x', 'node-ip=1.2.3.4', 'max-pods'], ['max-pods=50']],
    [agent, 'kubelet-arg', ['node-labels=a=b', 'kubeconfig=/x', 'authorization-mode=AlwaysAllow'], ['v=4']],
    [agent, 'kube-proxy-arg', ['cluster-cidr=10.0.0.0/8', 'kubeconfig=/x'], ['proxy-mode=nftables']],
    [agent, 'selinux', ['on'], ['true']],
  ] as const)('%#: %s', (rule, name, refused, taken) => {
    const isFine = (value: string): boolean => rule({ [name]: [value] }, 'o').length === 0;
    expect({ refused: refused.filter((value) => !isFine(value)), taken: taken.filter(isFine) }).toEqual({
      refused,
      taken,
    });
  });

  it('are one where K3s takes one', () => {
    expect(strict({ 'flannel-backend': ['vxlan', 'none'] }, 'o')).toMatchObject([{ field: 'o.flannel-backend' }]);
  });

  it('show no credential', () => {
    expect(lines(strict, { 'etcd-s3-proxy': ['http://me:hunter2@proxy.example.com'] }).join()).not.toContain('hunter2');
  });
});

test.each([
  [
    server,
    'flannel-backend',
    'host-gw',
    "allowed: 'vxlan', 'none'. Leave the option out: the edge cluster's packets cross",
  ],
  [server, 'flannel-backend', 'wireguard-native', "allowed: 'vxlan', 'none'. Leave the option out"],
  [server, 'flannel-backend', 'udp', "allowed: 'vxlan', 'none'. Use one of these."],
  [server, 'flannel-external-ip', 'false', 'It is always on'],
  [server, 'node-external-ip', '192.0.2.1', 'the address by which the cloud cluster knows the node'],
  [agent, 'node-external-ip', '192.0.2.1', 'the address by which the cloud cluster knows the node'],
  [agent, 'node-ip', '192.0.2.1', 'nodeCidr'],
  [agent, 'flannel-iface', 'eth1', 'eth0 of the network that the unit has on each node'],
  [agent, 'flannel-conf', '/etc/flannel.json', 'number and port of the VXLAN'],
  [agent, 'flannel-cni-conf', '/etc/cni.json', 'in folders that no other flannel on the node has'],
])('what the network of the unit needs cannot be changed: %#', (rule, name, value, reason) => {
  expect(lines(rule, { [name]: [value] })).toEqual([expect.stringContaining(reason)]);
});
