import { App, Chart } from 'cdk8s';
import { clusterLevelOf, CniPluginType, EdgeCluster, ExposeStrategy, IpFamily, ProxyMode } from '../../lib';
import type { EdgeClusterProps } from '../../lib';

interface ClusterObject {
  readonly metadata: Record<string, unknown>;
  readonly spec: { readonly clusterNetwork: Record<string, unknown> } & Record<string, unknown>;
}

const required = { datacenter: 'edge-eu-de', version: '1.33.4' };

function render(props: Partial<EdgeClusterProps> = {}, chart = new Chart(new App(), 'kkp-seed')): ClusterObject {
  new EdgeCluster(chart, 'shop', { ...required, ...props });
  return (chart.toJson() as ClusterObject[])[0]!;
}

test('a cluster with its datacenter and version only is complete', () => {
  const chart = new Chart(new App(), 'kkp-seed', { namespace: 'elsewhere' });
  expect(render({}, chart)).toEqual({
    apiVersion: 'kubermatic.k8c.io/v1',
    kind: 'Cluster',
    metadata: { name: 'shop', annotations: { 'argocd.argoproj.io/sync-options': 'ServerSideApply=true' } },
    spec: {
      humanReadableName: 'shop',
      version: '1.33.4',
      cloud: { dc: 'edge-eu-de', providerName: 'edge', edge: {} },
      clusterNetwork: {
        ipFamily: 'IPv4',
        pods: { cidrBlocks: ['172.25.0.0/16'] },
        services: { cidrBlocks: ['10.240.16.0/20'] },
        dnsDomain: 'cluster.local',
        proxyMode: 'iptables',
      },
      containerRuntime: 'containerd',
      exposeStrategy: 'NodePort',
    },
  });
  expect(clusterLevelOf(chart)).toBe('kkp-seed');
});

test('all that can be said about a cluster', () => {
  const { metadata, spec } = render({
    name: 'shop-1',
    humanReadableName: 'Shop of Größe',
    projectId: 'x4b9zk2lq7',
    labels: { 'team/owner': 'retail', a: '' },
    exposeStrategy: ExposeStrategy.LOAD_BALANCER,
    apiServerAllowedIpRanges: ['192.0.2.0/24', '2001:db8::/32'],
    clusterNetwork: {
      pods: ['10.100.0.0/14', 'fd12:3456::/48'],
      services: ['10.96.0.0/16', 'fd12:3457::/112'],
      nodeCidrMaskSizeIpv4: 25,
      nodeCidrMaskSizeIpv6: 60,
      proxyMode: ProxyMode.IPVS,
      nodeLocalDnsCacheEnabled: false,
    },
    cniPlugin: { type: CniPluginType.CANAL, version: 'v3.30' },
    enableUserSshKeyAgent: false,
  });
  expect(metadata).toMatchObject({
    name: 'shop-1',
    labels: { a: '', 'project-id': 'x4b9zk2lq7', 'team/owner': 'retail' },
  });
  expect(spec).toEqual({
    humanReadableName: 'Shop of Größe',
    version: '1.33.4',
    cloud: { dc: 'edge-eu-de', providerName: 'edge', edge: {} },
    clusterNetwork: {
      ipFamily: 'IPv4+IPv6',
      pods: { cidrBlocks: ['10.100.0.0/14', 'fd12:3456::/48'] },
      services: { cidrBlocks: ['10.96.0.0/16', 'fd12:3457::/112'] },
      nodeCidrMaskSizeIPv4: 25,
      nodeCidrMaskSizeIPv6: 60,
      dnsDomain: 'cluster.local',
      proxyMode: 'ipvs',
      nodeLocalDNSCacheEnabled: false,
    },
    cniPlugin: { type: 'canal', version: 'v3.30' },
    containerRuntime: 'containerd',
    exposeStrategy: 'LoadBalancer',
    apiServerAllowedIPRanges: { cidrBlocks: ['192.0.2.0/24', '2001:db8::/32'] },
    enableUserSSHKeyAgent: false,
  });
});

test('dual stack takes its default networks from the IP family alone', () => {
  expect(render({ clusterNetwork: { ipFamily: IpFamily.DUAL_STACK } }).spec.clusterNetwork).toMatchObject({
    ipFamily: 'IPv4+IPv6',
    pods: { cidrBlocks: ['172.25.0.0/16', 'fd01::/48'] },
    services: { cidrBlocks: ['10.240.16.0/20', 'fd02::/108'] },
  });
});

test('dual stack is understood from one list with two networks', () => {
  const { clusterNetwork } = render({ clusterNetwork: { pods: ['10.100.0.0/16', 'fd12::/48'] } }).spec;
  expect(clusterNetwork).toMatchObject({
    ipFamily: 'IPv4+IPv6',
    services: { cidrBlocks: ['10.240.16.0/20', 'fd02::/108'] },
  });
});

test('a tunneling agent address goes with tunneling', () => {
  const { spec } = render({
    exposeStrategy: ExposeStrategy.TUNNELING,
    clusterNetwork: { tunnelingAgentIp: '100.64.30.20' },
  });
  expect(spec.clusterNetwork).toMatchObject({ tunnelingAgentIP: '100.64.30.20' });
});

test('a cluster without a CNI plugin of KKP says so', () => {
  expect(render({ cniPlugin: { type: CniPluginType.NONE } }).spec).toMatchObject({
    cniPlugin: { type: 'none', version: '' },
  });
});

test('clusters of one name may be in two charts, which go to two seeds', () => {
  const app = new App();
  new EdgeCluster(new Chart(app, 'one'), 'shop', required);
  expect(() => new EdgeCluster(new Chart(app, 'two'), 'shop', required)).not.toThrow();
});

test.each(['4711-shop', '0', '-shop', 'shop-'])('the name %s, which KKP would refuse, is refused', (id) => {
  expect(() => new EdgeCluster(new Chart(new App(), 'c'), id, { datacenter: 'plant7', version: '1.33.4' })).toThrow(
    `id: given '${id}'; allowed: lower-case letters a-z, digits and hyphens, starting with a letter`,
  );
});

test.each([['v3.21'], ['v3.31']])('%s of Canal, which KKP has, needs no other word', (version) => {
  expect(render({ cniPlugin: { type: CniPluginType.CANAL, version } }).spec.cniPlugin).toEqual({
    type: 'canal',
    version,
  });
});

test('a Canal that is later than this library can be had when somebody says so', () => {
  const cniPlugin = { type: CniPluginType.CANAL, version: 'v3.32', allowLaterVersion: true };
  expect(render({ cniPlugin }).spec.cniPlugin).toEqual({ type: 'canal', version: 'v3.32' });
});
