import {
  AutonomyLevel,
  K3sComponent,
  KinsCluster,
  type KinsClusterProps,
  NodeUnit,
  type NodeUnitProps,
  TaintEffect,
  Weekday,
} from '../../lib';
import { problemLines } from '../support/refusals';
import { render } from '../support/render';
import { kinsObjects } from '../support/units';

const { L3, L4, L5 } = AutonomyLevel;
const nodes = ['edge1', 'edge2', 'edge3', 'edge4'];
const addresses = { edge1: '192.0.2.1', edge2: '192.0.2.2', edge3: '192.0.2.3', edge4: '192.0.2.4' };

/** Everything that can be said of a unit beside its level. */
const EVERYTHING: Required<Omit<KinsClusterProps, 'autonomyLevel' | 'nodeUnit' | 'previousLevel' | 'version'>> = {
  previousVersion: 'v1.34.4+k3s1',
  allowUnsupportedVersion: true,
  hold: 'stocktaking',
  maintenanceWindows: [{ days: [Weekday.SUN], start: '02:00', end: '05:00' }],
  timeZone: 'Europe/Berlin',
  upgradeSoak: '1h',
  prepull: { version: 'v1.36.2+k3s1', image: 'registry.example.com/rancher/k3s:v1.36.2-k3s1' },
  name: 'shop',
  nodes,
  servers: ['edge3', 'edge1', 'edge4'],
  retiredServers: ['edge9'],
  image: 'registry.example.com/rancher/k3s:v1.35.1-k3s1',
  pauseImage: 'registry.example.com/pause:3.6',
  bootWhileDark: false,
  nodeAddresses: addresses,
  hostPorts: [443],
  clusterCidr: '10.100.0.0/16',
  serviceCidr: '10.101.0.0/16',
  nodeCidr: '10.102.0.0/16',
  surroundingNetworks: ['192.0.2.0/24'],
  apiPort: 7443,
  tunnelProxyUrl: 'http://proxy.example.com:8080',
  tokenSecret: 'shop-tokens',
  credentialsInConfigMap: true,
  imagePullSecrets: ['pull'],
  registryMirrors: { 'docker.io': ['https://mirror.example.com'] },
  registries: { 'mirror.example.com': { auth: { secretName: 'mirror' } } },
  systemDefaultRegistry: 'registry.example.com',
  disable: [K3sComponent.TRAEFIK],
  tlsSans: ['api.example.com'],
  secretsEncryption: false,
  serverOptions: { 'flannel-backend': ['none'] },
  agentOptions: { 'node-label': ['a=b'] },
  resources: { server: { memoryLimit: '2Gi' } },
  tolerations: [{ key: 'edge', effect: TaintEffect.NO_SCHEDULE }],
};

test.each([
  [L5, EVERYTHING],
  [L4, { ...EVERYTHING, servers: ['edge2'] }],
])('a unit of %s ends with all the props it had', (level, props) => {
  expect(problemLines(() => kinsObjects('shop', level, props))).toEqual([]);
  const ended = kinsObjects('shop', L3, { ...props, previousLevel: level });
  expect(ended.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toContain('DaemonSet shop-recycle-kins');
  // What servers and agents would need is not there any more.
  expect(JSON.stringify(ended)).not.toMatch(/192\.0\.2\.|api\.example\.com|mirror\.example\.com|shop-tokens/);
});

test('a unit goes from L5 by L3 to L4 with addresses of all its nodes; only that of the server counts then', () => {
  for (const level of [L5, L3])
    expect(problemLines(() => kinsObjects('shop', level, { nodes, nodeAddresses: addresses }))).toEqual([]);
  const single = kinsObjects('shop', L4, { nodes, nodeAddresses: addresses });
  expect(single).toEqual(kinsObjects('shop', L4, { nodes, nodeAddresses: { edge1: '192.0.2.1' } }));
  expect(JSON.stringify(single)).not.toMatch(/192\.0\.2\.[234]/);
});

test('addresses of none are the same as no addresses', () => {
  expect(kinsObjects('shop', L4, { nodeAddresses: {} })).toEqual(kinsObjects('shop', L4));
});

test('the unit of a KinsCluster and a unit of SuperEdge end with all the props they had', () => {
  const props: NodeUnitProps = {
    name: 'shop',
    nodes,
    setNode: { labels: { rack: '7' }, annotations: { note: 'hall' } },
    labels: { site: 'hamburg' },
    annotations: { note: 'hall' },
  };
  const kins = (level: AutonomyLevel): unknown =>
    render((chart) => {
      const nodeUnit = new NodeUnit(chart, 'unit', { ...props, autonomyLevel: level });
      new KinsCluster(chart, 'kins', {
        nodeUnit,
        nodeAddresses: addresses,
        servers: level === L5 ? ['edge2', 'edge3', 'edge4'] : undefined,
      });
    });
  const superEdge = (level: AutonomyLevel): unknown =>
    render((chart) => {
      const unitCluster = { nodePortRange: '40000-41000', k3sImage: 'registry.example.com/k3s:v1.22.6' };
      new NodeUnit(chart, 'unit', { ...props, unitCluster, autonomyLevel: level });
    });
  for (const level of [L4, L5, L3]) {
    expect(problemLines(() => kins(level))).toEqual([]);
    expect(problemLines(() => superEdge(level))).toEqual([]);
  }
  expect(JSON.stringify(superEdge(L4))).toContain('unitClusterInfo');
  expect(JSON.stringify(superEdge(L3))).not.toContain('unitClusterInfo');
});
