import { App, Chart, Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { AutonomyLevel, K3sComponent, KinsCluster, type KinsClusterProps } from '../../lib';
import { isRefused } from '../support/refusals';

const { L3, L4, L5 } = AutonomyLevel;
const RUNS = { numRuns: 12 };
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
const level = fc.constantFrom(L3, L4, L5);
const props: fc.Arbitrary<KinsClusterProps> = fc.record(
  {
    autonomyLevel: level,
    nodes: fc.uniqueArray(name, { minLength: 3, maxLength: 5 }),
    hostPorts: fc.uniqueArray(fc.integer({ min: 8_000, max: 9_000 }), { maxLength: 3 }),
    apiPort: fc.integer({ min: 20_000, max: 25_000 }),
    disable: fc.uniqueArray(fc.constantFrom(...Object.values(K3sComponent)), { maxLength: 3 }),
    registryMirrors: fc.dictionary(name, fc.constant(['https://mirror.example.com']), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    agentOptions: fc.dictionary(
      fc.constantFrom('node-label', 'kubelet-arg', 'kube-proxy-arg'),
      fc.array(
        name.map((each) => `${each}=${each}`),
        { minLength: 1 },
      ),
      {
        noNullPrototype: true,
      },
    ),
    credentialsInConfigMap: fc.boolean(),
    tokenSecret: name,
  },
  { requiredKeys: ['autonomyLevel', 'nodes'], noNullPrototype: true },
);

function synth(given: KinsClusterProps): string {
  const chart = new Chart(new App(), 'c');
  new KinsCluster(chart, 'unit', given);
  return Yaml.stringify(...(chart.toJson() as unknown[]));
}

test('same props, same bytes, in whatever order the props and the registries stand', () => {
  fc.assert(
    fc.property(props, (given) => {
      const turned = Object.fromEntries(Object.entries(given).reverse()) as unknown as KinsClusterProps;
      const mirrors = given.registryMirrors;
      const registryMirrors = mirrors && Object.fromEntries(Object.entries(mirrors).reverse());
      expect(synth({ ...turned, registryMirrors })).toBe(synth(given));
    }),
    RUNS,
  );
});

test('whatever valid props say, no two objects have one name, and all are in order', () => {
  fc.assert(
    fc.property(props, (given) => {
      const chart = new Chart(new App(), 'c');
      new KinsCluster(chart, 'unit', given);
      const objects = chart.toJson() as {
        kind: string;
        metadata: { name: string; annotations?: Record<string, string> };
      }[];
      expect(new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(objects.length);
      const waves = objects.map(({ metadata }) => Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0));
      expect(waves).toEqual([...waves].sort((a, b) => a - b));
    }),
    RUNS,
  );
});

test('a unit name is taken exactly when its Service can have it and SuperEdge could', () => {
  fc.assert(
    fc.property(fc.oneof(fc.stringMatching(/^[-a-z0-9.A-Z]{0,40}$/), fc.string({ unit: 'binary' })), (unitName) => {
      const isValid = /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(unitName) && unitName.length <= 35;
      const chart = new Chart(new App(), 'c');
      const declare = (): unknown => new KinsCluster(chart, 'u', { name: unitName, nodes: ['a'], autonomyLevel: L4 });
      expect(isRefused(declare)).toBe(!isValid);
    }),
  );
});

test('whatever is given, the answer is a unit or an error with all its problems, and a refused one leaves nothing', () => {
  const junk = fc.anything({ withNullPrototype: true });
  const fields = ['name', 'nodes', 'nodeUnit', 'servers', 'version', 'image', 'addresses', 'hostPorts', 'clusterCidr']
    .concat(['surroundingNetworks', 'apiPort', 'tunnelProxyUrl', 'imagePullSecrets', 'registryMirrors', 'disable'])
    .concat(['previousVersion', 'prepull', 'hold', 'maintenanceWindows', 'timeZone', 'upgradeSoak'])
    .concat(['tlsSans', 'serverOptions', 'agentOptions', 'resources', 'tolerations', 'autonomyLevel']);
  const given = fc.record(Object.fromEntries(fields.map((field) => [field, junk])), { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(given, junk), (value) => {
      const chart = new Chart(new App(), 'c');
      const refused = isRefused(() => new KinsCluster(chart, 'u', value as never));
      expect(chart.node.children).toHaveLength(refused ? 0 : 2);
    }),
  );
});

test('later changes of the props change nothing', () => {
  const nodes = ['edge1'];
  const hostPorts = [80];
  const agentOptions: Record<string, string[]> = { 'node-label': ['a=b'] };
  const registryMirrors: Record<string, string[]> = { 'docker.io': ['https://m.example.com'] };
  const chart = new Chart(new App(), 'c');
  new KinsCluster(chart, 'unit', { nodes, autonomyLevel: L4, hostPorts, agentOptions, registryMirrors });
  const before = Yaml.stringify(...(chart.toJson() as unknown[]));
  nodes.push('edge2');
  hostPorts.push(443);
  agentOptions['node-label']?.push('c=d');
  registryMirrors['ghcr.io'] = ['https://m.example.com'];
  expect(Yaml.stringify(...(chart.toJson() as unknown[]))).toBe(before);
});
