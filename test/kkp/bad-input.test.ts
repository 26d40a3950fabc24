import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  clusterLevelOf,
  CniPluginType,
  EdgeConstructsError,
  EdgeCluster,
  EdgeDatacenter,
  EdgeMachine,
  ExposeStrategy,
  IpFamily,
  OperatingSystem,
  ProxyMode,
  Seed,
} from '../../lib';
import * as clusters from './bad-input-messages/cluster';
import * as datacenters from './bad-input-messages/datacenter';
import * as machines from './bad-input-messages/machine';
import * as seeds from './bad-input-messages/seed';
import * as keys from './ssh-keys';

/** What is wrong, and a construct that is. Props are of any type: callers may come from JavaScript. */
type BadInput = readonly [what: string, declare: (chart: Chart) => Construct];

const seedNamed = (chart: Chart): Seed => new Seed(chart, 'seed');
const seed =
  (props: unknown) =>
  (chart: Chart): Construct =>
    new Seed(chart, 'seed', props as never);
const datacenter =
  (props: object, id = 'plant7') =>
  (chart: Chart): Construct =>
    new EdgeDatacenter(chart, id, { seed: seedNamed(chart), ...props });
const node = (settings: object): ((chart: Chart) => Construct) => datacenter({ node: settings });
const cluster =
  (props: object, id = 'shop') =>
  (chart: Chart): Construct =>
    new EdgeCluster(chart, id, { datacenter: 'plant7', version: '1.33.4', ...props });
const network = (clusterNetwork: object): ((chart: Chart) => Construct) => cluster({ clusterNetwork });
const machine =
  (props: object, id = 'edge1') =>
  (chart: Chart): Construct =>
    new EdgeMachine(chart, id, {
      operatingSystem: OperatingSystem.UBUNTU_22_04,
      kubeletVersion: '1.33.4',
      sshPublicKeys: [keys.ED25519],
      ...props,
    });
const inNewChart = (chart: Chart, id: string): Chart => new Chart(App.of(chart), id);
const shop = (chart: Chart, version = '1.33.4'): EdgeCluster =>
  new EdgeCluster(inNewChart(chart, 'kkp-seed'), 'shop', { datacenter: 'plant7', version });

const BAD_SEEDS: readonly BadInput[] = [
  ['props that are a text', seed('kubermatic')],
  ['props that are null', seed(null)],
  ['a misspelt prop', seed({ contry: 'US' })],
  ['an empty name', seed({ name: '' })],
  ['a name in capitals', seed({ name: 'Kubermatic' })],
  ['a namespace with a dot', seed({ namespace: 'kkp.master' })],
  ['a country in small letters', seed({ country: 'us' })],
  ['a country of three letters', seed({ country: 'USA' })],
  ['the United Kingdom under another code', seed({ country: 'UK' })],
  ['a country that does not exist', seed({ country: 'QX' })],
  ['a country as its number', seed({ country: 840 })],
  ['a kubeconfig as a text', seed({ kubeconfig: 'kubeconfig-kubermatic' })],
  ['a kubeconfig itself', seed({ kubeconfig: { name: 'k', token: 'x' } })],
  ['a kubeconfig without a name', seed({ kubeconfig: { namespace: 'kubermatic' } })],
  ['a location for a partial Seed', seed({ location: 'Hamburg' })],
  ['an expose strategy for a partial Seed', seed({ exposeStrategy: ExposeStrategy.TUNNELING })],
  ['a DNS name and a proxy for a partial Seed', seed({ seedDnsOverwrite: 'hh', proxySettings: {} })],
  ['an unknown expose strategy', seed({ kubeconfig: { name: 'k' }, exposeStrategy: 'tunneling' })],
  ['the same Seed twice', (chart) => [seedNamed(chart), new Seed(inNewChart(chart, 'other'), 'again')][1]!],
  ['a Seed in a chart for the seed cluster', (chart) => [cluster({})(chart), seedNamed(chart)][1]!],
];

const BAD_DATACENTERS: readonly BadInput[] = [
  ['no seed', (chart) => new EdgeDatacenter(chart, 'plant7', {} as never)],
  ['no props', (chart) => new EdgeDatacenter(chart, 'plant7', undefined as never)],
  ['the name of a seed', datacenter({ seed: 'kubermatic' })],
  ['a seed of another app', datacenter({ seed: new Seed(new Chart(new App(), 'other'), 'seed') })],
  ['an id that is no name', datacenter({}, 'Plant_7')],
  ['a name with umlauts', datacenter({ name: 'münchen' })],
  ['a name that is too long', datacenter({ name: 'x'.repeat(64) })],
  [
    'the name of another datacenter of the same seed',
    (chart) => {
      const one = seedNamed(chart);
      new EdgeDatacenter(chart, 'plant7', { seed: one });
      return new EdgeDatacenter(chart, 'again', { seed: one, name: 'plant7' });
    },
  ],
  [
    'the name of a datacenter of another seed',
    (chart) => {
      new EdgeDatacenter(chart, 'plant7', { seed: seedNamed(chart) });
      const two = new Seed(chart, 'two', { name: 'two' });
      return new EdgeDatacenter(chart, 'again', { seed: two, name: 'plant7' });
    },
  ],
  ['a wrong country and a padded location', datacenter({ country: 'Germany', location: ' LA ' })],
  ['an emoji for a country', datacenter({ country: '🇺🇸' })],
  ['a setting that does nothing for edge', datacenter({ providerReconciliationInterval: '10m' })],
  ['another provider', datacenter({ hetzner: { datacenter: 'nbg1' } })],
  ['a proxy without a scheme', node({ httpProxy: 'proxy.example.com:3128' })],
  ['a proxy with credentials', node({ httpProxy: 'http://user:hunter2@proxy.example.com:3128' })],
  ['a SOCKS proxy', node({ httpProxy: 'socks5://proxy.example.com:1080' })],
  ['a proxy with a path', node({ httpProxy: 'http://proxy.example.com/pac' })],
  ['a proxy with a port that does not exist', node({ httpProxy: 'http://proxy.example.com:99999' })],
  ['a proxy with an address that does not exist', node({ httpProxy: 'http://10.0.0.256:3128' })],
  ['exceptions in one text', node({ noProxy: 'localhost,.svc' })],
  ['exceptions in one item', node({ noProxy: ['localhost,.svc'] })],
  ['a registry as a URL', node({ insecureRegistries: ['https://registry.example.com'] })],
  ['a registry twice', node({ insecureRegistries: ['r.example.com', 'r.example.com'] })],
  ['a registry with a path', node({ insecureRegistries: ['registry.example.com/team'] })],
  ['a registry at a port that no host has', node({ insecureRegistries: ['registry.example.com:65536', '10.0.0.1:0'] })],
  ['no registries', node({ insecureRegistries: [] })],
  [
    'a mirror with credentials',
    node({ registryMirrors: { 'docker.io': ['https://user:hunter2@mirror.example.com'] } }),
  ],
  ['a mirror that is no URL', node({ registryMirrors: { 'docker.io': ['https://mirror example com'] } })],
  [
    'mirrors with a query and a comma',
    node({ registryMirrors: { 'docker.io': ['https://m.local/a?b=c', 'https://m.local/a,b'] } }),
  ],
  [
    'a mirror twice, once with a slash',
    node({ registryMirrors: { 'docker.io': ['https://m.local/a', 'https://m.local/a/'] } }),
  ],
  ['mirrors that are no map', node({ registryMirrors: ['https://mirror.example.com'] })],
  [
    'what only a KinsCluster has for mirrors',
    node({
      registryMirrors: {
        'docker.io': { endpoints: ['https://m.example.com'], rewrites: { '^a/(.*)': 'b/$1' } },
        'quay.io': { endpoints: ['https://m.example.com'], fallback: true },
        '*': ['https://m.example.com'],
      },
    }),
  ],
  ['mirrors without endpoints', node({ registryMirrors: { 'docker.io': { mirrors: ['https://m.example.com'] } } })],
  ['mirrors by a name of before', node({ containerdRegistryMirrors: { 'ghcr.io': ['https://m.example.com'] } })],
  ['mirrors for a URL', node({ registryMirrors: { 'https://docker.io': ['https://m.example.com'] } })],
  ['no mirrors for a registry', node({ registryMirrors: { 'docker.io': [] } })],
  ['a pause image without a tag', node({ pauseImage: 'registry.k8s.io/pause' })],
  ['a pause image in capitals', node({ pauseImage: 'registry.k8s.io/Pause:3.10' })],
  ['a text for a boolean', node({ enableNonRootDeviceOwnership: 'true' })],
  ['a mail address', datacenter({ requiredEmails: ['ops@example.com'] })],
  ['a mail domain twice', datacenter({ requiredEmails: ['example.com', 'example.com'] })],
  ['a mail domain without a dot', datacenter({ requiredEmails: ['localhost'] })],
  [
    'an audit webhook without audit logging',
    datacenter({ enforcedAuditWebhookSettings: { auditWebhookConfig: { name: 'a', namespace: 'b' } } }),
  ],
  [
    'an audit webhook with a wrong duration and no namespace',
    datacenter({
      enforceAuditLogging: true,
      enforcedAuditWebhookSettings: { auditWebhookConfig: { name: 'a' }, auditWebhookInitialBackoff: '10' },
    }),
  ],
  ['an authentication configuration without a key', datacenter({ authenticationConfiguration: { secretName: 'a' } })],
  ['a profile for another operating system', datacenter({ operatingSystemProfiles: { flatcar: 'osp-flatcar' } })],
  ['a service type that KKP does not know', datacenter({ apiServerServiceType: 'ExternalName' })],
];

const BAD_CLUSTERS: readonly BadInput[] = [
  ['no props', (chart) => new EdgeCluster(chart, 'shop', undefined as never)],
  ['no version and no datacenter', (chart) => new EdgeCluster(chart, 'shop', {} as never)],
  [
    'a datacenter that is a construct',
    (chart) => {
      const own = new EdgeDatacenter(chart, 'plant7', { seed: new Seed(inNewChart(chart, 'kkp-master'), 'seed') });
      return cluster({ datacenter: own })(chart);
    },
  ],
  ['a version with a v', cluster({ version: 'v1.33.4' })],
  ['a minor version', cluster({ version: '1.33' })],
  ['a version as a number', cluster({ version: 1.33 })],
  ['a version that KKP has dropped', cluster({ version: '1.30.14' })],
  ['a version that KKP does not have yet', cluster({ version: '1.37.0' })],
  ['a K3s version', cluster({ version: 'v1.33.4+k3s1' })],
  ['a name that is too long for KKP', cluster({ name: 'a'.repeat(37) })],
  ['an id that is no name', cluster({}, 'my shop')],
  ['an empty name for people', cluster({ humanReadableName: '' })],
  ['a name for people on two lines', cluster({ humanReadableName: 'a\nb' })],
  ['the name of a project', cluster({ projectId: 'My Project' })],
  ['an unknown expose strategy', cluster({ exposeStrategy: 'nodeport' })],
  ['IP ranges without a load balancer', cluster({ apiServerAllowedIpRanges: ['192.0.2.0/24'] })],
  [
    'an IP range that is no network',
    cluster({ exposeStrategy: ExposeStrategy.LOAD_BALANCER, apiServerAllowedIpRanges: ['192.0.2.1/24', 'all'] }),
  ],
  ['pods and services that overlap', network({ pods: ['10.96.0.0/12'], services: ['10.100.0.0/16'] })],
  ['services in the default network for pods', network({ services: ['172.25.16.0/20'] })],
  ['two IPv4 networks', network({ pods: ['10.1.0.0/16', '10.2.0.0/16'] })],
  ['IPv6 first', network({ pods: ['fd12::/48', '10.1.0.0/16'] })],
  ['IPv6 alone', network({ pods: ['fd12::/48'] })],
  ['two networks for IPv4', network({ ipFamily: IpFamily.IPV4, pods: ['10.1.0.0/16', 'fd12::/48'] })],
  ['an address that is not the network', network({ pods: ['10.1.2.3/16'] })],
  ['a network as a text', network({ pods: '10.1.0.0/16' })],
  ['no networks', network({ services: [] })],
  ['a network for pods that is too small', network({ pods: ['10.1.0.0/24'] })],
  ['a network for pods that is too large', network({ pods: ['10.0.0.0/7'] })],
  ['a network for services that is too small', network({ services: ['10.1.0.0/30'] })],
  ['part of a node that is larger than all', network({ nodeCidrMaskSizeIpv4: 16 })],
  ['an IPv6 part of a node without IPv6', network({ nodeCidrMaskSizeIpv6: 64 })],
  ['eBPF', network({ proxyMode: 'ebpf' })],
  ['an agent address without tunneling', network({ tunnelingAgentIp: '100.64.30.10' })],
  [
    'an agent address in the network for pods',
    cluster({ exposeStrategy: ExposeStrategy.TUNNELING, clusterNetwork: { tunnelingAgentIp: '172.25.0.1' } }),
  ],
  ['an unknown setting of the network', network({ dnsDomain: 'edge.local', proxyMode: ProxyMode.IPVS })],
  ['Cilium', cluster({ cniPlugin: { type: 'cilium', version: '1.19.4' } })],
  ['Calico', cluster({ cniPlugin: { type: 'calico' } })],
  ['Canal without a version', cluster({ cniPlugin: { type: CniPluginType.CANAL } })],
  ['Canal with a patch version', cluster({ cniPlugin: { type: CniPluginType.CANAL, version: '3.31.1' } })],
  ['a Canal that KKP has no more', cluster({ cniPlugin: { type: CniPluginType.CANAL, version: 'v3.20' } })],
  ['a Canal that KKP does not have yet', cluster({ cniPlugin: { type: CniPluginType.CANAL, version: 'v3.32' } })],
  ['a version of no plugin', cluster({ cniPlugin: { type: CniPluginType.NONE, version: 'v3.31' } })],
  [
    'dual stack on an old Canal',
    cluster({
      clusterNetwork: { ipFamily: IpFamily.DUAL_STACK },
      cniPlugin: { type: CniPluginType.CANAL, version: 'v3.21' },
    }),
  ],
  ['Docker', cluster({ containerRuntime: 'docker' })],
  ['a label of KKP', cluster({ labels: { 'project-id': 'x' } })],
  ['a label that is none', cluster({ labels: { 'a b': 'c', d: 'e f' } })],
  ['the same name twice in a chart', (chart) => [cluster({})(chart), cluster({ name: 'shop' }, 'again')(chart)][1]!],
  ['a cluster in a chart for the master cluster', (chart) => [seedNamed(chart), cluster({})(chart)][1]!],
];

const BAD_MACHINES: readonly BadInput[] = [
  ['no props', (chart) => new EdgeMachine(chart, 'edge1', undefined as never)],
  ['nothing in the props', (chart) => new EdgeMachine(chart, 'edge1', {} as never)],
  ['Ubuntu 24.04', machine({ operatingSystem: 'ubuntu-24.04' })],
  ['replicas', machine({ replicas: 3 })],
  ['a name that is too long for KKP', machine({ name: 'e'.repeat(51) })],
  ['a host name with a domain', machine({ name: 'edge1.example.com' })],
  ['an id that is no name', machine({}, 'Edge 1')],
  ['a kubelet version with a v', machine({ kubeletVersion: 'v1.33.4' })],
  ['a kubelet version that is too old for KKP', machine({ kubeletVersion: '1.27.9' })],
  ['a kubelet newer than its control plane', machine({ kubeletVersion: '1.34.0', controlPlaneVersion: '1.33.9' })],
  ['a kubelet too old for its control plane', machine({ kubeletVersion: '1.31.0', controlPlaneVersion: '1.35.1' })],
  ['a kubelet newer than its cluster', (chart) => machine({ kubeletVersion: '1.34.0', cluster: shop(chart) })(chart)],
  ['a cluster and a version of it', (chart) => machine({ cluster: shop(chart), controlPlaneVersion: '1.33.4' })(chart)],
  ['a cluster by its name', machine({ cluster: 'shop' })],
  ['dual stack in an IPv4 cluster', (chart) => machine({ cluster: shop(chart), ipFamily: IpFamily.DUAL_STACK })(chart)],
  ['IPv6 alone', machine({ ipFamily: 'IPv6' })],
  [
    'a new kubelet on Ubuntu 20.04',
    machine({ operatingSystem: OperatingSystem.UBUNTU_20_04, kubeletVersion: '1.35.0' }),
  ],
  ['no keys', machine({ sshPublicKeys: [] })],
  ['a key that is not in a list', machine({ sshPublicKeys: keys.ED25519 })],
  ['a key that is a number', machine({ sshPublicKeys: [22] })],
  ['a key twice, with two comments', machine({ sshPublicKeys: [keys.ED25519, `${keys.ED25519}-2`] })],
  [
    'a private key',
    machine({ sshPublicKeys: ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n'] }),
  ],
  ['a DSA key', machine({ sshPublicKeys: ['ssh-dss AAAAB3NzaC1kc3MAAACB'] })],
  ['a weak RSA key', machine({ sshPublicKeys: [keys.ED25519, keys.RSA_1024] })],
  ['options before a key', machine({ sshPublicKeys: [`restrict ${keys.ED25519}`] })],
  ['a certificate', machine({ sshPublicKeys: [keys.CERTIFICATE] })],
  ['a key cut off', machine({ sshPublicKeys: [keys.ED25519.slice(0, 50)] })],
  ['a file name', machine({ sshPublicKeys: ['~/.ssh/id_ed25519.pub'] })],
  ['a text for a boolean', machine({ distUpgradeOnBoot: 'yes' })],
  ['a profile that is no name', machine({ operatingSystemProfile: 'OSP Ubuntu' })],
  ['taints', machine({ taints: [] })],
  ['a static address', machine({ network: { cidr: '10.0.0.5/24' } })],
  ['no pods at all', machine({ kubelet: { maxPods: 0 } })],
  ['a log size without a unit that exists', machine({ kubelet: { containerLogMaxSize: '10MB' } })],
  ['one log file', machine({ kubelet: { containerLogMaxFiles: 1 } })],
  ['images removed to above where it starts', machine({ kubelet: { imageGcHighThresholdPercent: 70 } })],
  ['images removed to just where it starts', machine({ kubelet: { imageGcHighThresholdPercent: 80 } })],
  ['a resource that cannot be reserved', machine({ kubelet: { kubeReserved: { gpu: '1' } } })],
  ['a reservation as a number', machine({ kubelet: { systemReserved: { memory: 100 } } })],
  ['nothing reserved', machine({ kubelet: { systemReserved: {} } })],
  ['an eviction signal that is misspelt', machine({ kubelet: { evictionHard: { 'memory.free': '5%' } } })],
  ['a threshold of 100 percent', machine({ kubelet: { evictionHard: { 'memory.available': '100%' } } })],
  ['a label of this library', machine({ labels: { 'edge-constructs.io/operating-system-version': '24.04' } })],
  ['a label with a value that is none', machine({ labels: { site: 'plant 7' } })],
  ['the same name twice in a chart', (chart) => [machine({})(chart), machine({ name: 'edge1' }, 'again')(chart)][1]!],
  ['a machine in a chart for the seed cluster', (chart) => [cluster({})(chart), machine({})(chart)][1]!],
  [
    'everything at once',
    machine({ operatingSystem: 'debian', kubeletVersion: 'latest', sshPublicKeys: ['x'], name: '-', labels: [] }),
  ],
];

function errorOf(declare: BadInput[1]): { readonly error: EdgeConstructsError; readonly paths: string[] } {
  const app = new App();
  try {
    declare(new Chart(app, 'chart'));
  } catch (error) {
    if (error instanceof EdgeConstructsError) return { error, paths: app.node.findAll().map(({ node }) => node.path) };
    throw error;
  }
  throw new Error('it was taken');
}

describe.each([
  ['Seed', BAD_SEEDS, seeds.BAD_SEEDS],
  ['EdgeDatacenter', BAD_DATACENTERS, datacenters.BAD_DATACENTERS],
  ['EdgeCluster', BAD_CLUSTERS, clusters.BAD_CLUSTERS],
  ['EdgeMachine', BAD_MACHINES, machines.BAD_MACHINES],
])('%s refuses', (_, rows, expected) => {
  test.each(rows)('%s', (what, declare) => {
    const { error, paths } = errorOf(declare);
    expect(error.message.split('\n')).toEqual(expected[what]);
    // A refused construct leaves nothing behind.
    expect(paths).not.toContain(error.path);
  });

  test('nothing that is not listed', () => {
    expect(rows.map(([what]) => what)).toEqual(Object.keys(expected));
  });
});

test('a refused construct has claimed nothing: once the mistake is mended, its name is free', () => {
  const chart = new Chart(new App(), 'chart');
  const good = {
    operatingSystem: OperatingSystem.UBUNTU_22_04,
    kubeletVersion: '1.33.4',
    sshPublicKeys: [keys.ED25519],
  };
  expect(() => new EdgeMachine(chart, 'edge1', { ...good, kubeletVersion: '1.99.0' })).toThrow(EdgeConstructsError);
  expect(() => new EdgeMachine(chart, 'edge1', good)).not.toThrow();
  // The second of two Seeds is refused after everything else about it was found right.
  const app = new App();
  new Seed(new Chart(app, 'one'), 'seed');
  const two = new Chart(app, 'two');
  expect(() => new Seed(two, 'seed')).toThrow(EdgeConstructsError);
  expect(clusterLevelOf(two)).toBeUndefined();
});

test('no secret that was given by mistake is told', () => {
  const all = [...BAD_DATACENTERS, ...BAD_MACHINES].map(([, declare]) => errorOf(declare).error.message);
  expect(all.join('\n')).not.toMatch(/hunter2|b3BlbnNzaC1rZXktdjE/);
});
