import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type * as pulumi from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';
import {
  AutonomyLevel,
  OperatingSystem,
  EdgeCluster,
  EdgeDatacenter,
  EdgeMachine,
  EdgeConstructsError,
  KinsCluster,
  NodeGroup,
  NodeUnit,
  Seed,
} from '../../lib';
import * as pulumiHalf from '../../lib/pulumi';
import { EdgeCluster as EdgeClusterPlugin } from '../../lib/pulumi/plugin/edge-cluster';
import { EdgeDatacenter as EdgeDatacenterPlugin } from '../../lib/pulumi/plugin/edge-datacenter';
import { EdgeMachine as EdgeMachinePlugin } from '../../lib/pulumi/plugin/edge-machine';
import { KinsCluster as KinsClusterPlugin } from '../../lib/pulumi/plugin/kins-cluster';
import { NodeGroup as NodeGroupPlugin } from '../../lib/pulumi/plugin/node-group';
import { NodeUnit as NodeUnitPlugin } from '../../lib/pulumi/plugin/node-unit';
import { CONSTRUCTS } from '../support/constructs';
import { KEYS } from './keys';
import { Engine, plain } from './mocks';
import { changingProvider } from './support/site-stack';
import { Analyzer } from '@pulumi/pulumi/provider/experimental/analyzer';

const PLUGIN = resolve(__dirname, '../../lib/pulumi/plugin');
const COMPONENTS = ['EdgeCluster', 'EdgeDatacenter', 'EdgeMachine', 'KinsCluster', 'NodeGroup', 'NodeUnit', 'Seed'];

interface Property {
  readonly $ref?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly type?: string;
  readonly optional?: boolean;
}

interface Analysis {
  readonly typeDefinitions: Readonly<Record<string, { readonly properties?: Record<string, Property> }>>;
  readonly components: Readonly<
    Record<string, { readonly inputs: Record<string, Property>; readonly outputs: Record<string, Property> }>
  >;
}

function analysed(): Analysis {
  const packageJson = JSON.parse(readFileSync(join(PLUGIN, 'package.json'), 'utf8')) as never;
  return new Analyzer(PLUGIN, 'edge-constructs', packageJson, new Set(COMPONENTS)).analyze();
}

test('the component package for other languages is analysed without an error, as pulumi package add does', () => {
  const packageJson = JSON.parse(readFileSync(join(PLUGIN, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { version } = JSON.parse(readFileSync(resolve(PLUGIN, '../../../package.json'), 'utf8')) as { version: string };
  expect(packageJson.version).toBe(version);
  const { components } = analysed();
  expect(Object.keys(components).sort()).toEqual(COMPONENTS);
  const required = Object.fromEntries(
    Object.entries(components).map(([name, { inputs }]) => [
      name,
      Object.keys(inputs)
        .filter((input) => inputs[input]?.optional !== true)
        .sort(),
    ]),
  );
  expect(required).toEqual({
    EdgeCluster: ['datacenter', 'version'],
    EdgeDatacenter: [],
    EdgeMachine: ['kubeletVersion', 'operatingSystem', 'sshPublicKeys'],
    KinsCluster: [],
    NodeGroup: [],
    NodeUnit: [],
    Seed: [],
  });
  expect(Object.keys(components.KinsCluster!.outputs).sort()).toEqual([
    'deletionAdvice',
    'directKubeconfig',
    'tunnelKubeconfig',
    'unitName',
  ]);
});

/** Fleets write files; EdgeDevice has the approver of its cluster by itself. */
const NO_COMPONENTS = ['Fleet', 'FleetApp', 'ServingCertificateApprover'];

test('every construct is a component, in TypeScript and in the package, but for those that Pulumi has no use for', () => {
  const constructs = CONSTRUCTS.filter((name) => !NO_COMPONENTS.includes(name));
  expect(Object.keys(pulumiHalf)).toEqual(expect.arrayContaining(constructs));
  const host = jest.fn<unknown, [{ readonly components: readonly { readonly name: string }[] }]>();
  jest.isolateModules(() => {
    jest.doMock('@pulumi/pulumi/provider/experimental', () => ({ componentProviderHost: host }));
    // By its file: the folder stands for the compiled form, where there is one.
    jest.requireActual('../../lib/pulumi/plugin/index');
  });
  jest.dontMock('@pulumi/pulumi/provider/experimental');
  const offered = host.mock.calls.flatMap(([{ components }]) => components.map(({ name }) => name));
  expect(offered.sort()).toEqual([...constructs].sort());
});

/** What a prop is called where its name would be that of the resource, or of one it belongs to. */
const RENAMED: Readonly<Record<string, readonly string[]>> = {
  name: ['clusterName', 'datacenterName', 'groupName', 'machineName', 'seedName', 'unitName'],
  seed: ['seedName'],
};
/** Arguments that only the package has: the name of the Seed's namespace, what only Pulumi can do, and what it can't type. */
const OWN = ['cloudKubeconfig', 'registryMirrorSettings', 'seedName', 'seedNamespace', 'timeout'];
const ANYTHING = 'unheardOf';

type Construct = new (scope: Chart, id: string, props: never) => unknown;

/** A field of props, and how what it holds is packed, as the schema has it. */
interface Step {
  readonly field: string;
  readonly property: Property;
}

/** Props with a field that nobody knows at the end of a path. */
function strange([step, ...rest]: readonly Step[]): object {
  if (step === undefined) return { [ANYTHING]: true };
  const { field, property } = step;
  const inner = strange(rest);
  return { [field]: property.items !== undefined ? [inner] : property.additionalProperties ? { a: inner } : inner };
}

/** The fields of the props of a construct, or of what stands in them at a path: it tells them whoever gives it another. */
function fieldsOf(Kind: Construct, path: readonly Step[]): readonly string[] {
  try {
    new Kind(new Chart(new App(), 'chart'), 'id', strange(path) as never);
  } catch (error) {
    const problems = error instanceof EdgeConstructsError ? error.problems : [];
    const told = problems.find(({ field, allowed }) => field.endsWith(ANYTHING) && allowed.startsWith('only '));
    if (told !== undefined) return told.allowed.replace('only ', '').split(', ');
  }
  throw new Error(`${Kind.name} tells no fields of ${path.map(({ field }) => field).join('.')}`);
}

/** Arguments and fields of them that the package does not have, and those that no construct has. */
function difference(name: string, Kind: Construct, { components, typeDefinitions }: Analysis): string[] {
  const found: string[] = [];
  const compare = (path: readonly Step[], has: Readonly<Record<string, Property>>): void => {
    const [first, ...below] = path;
    // A component makes that itself: what it takes are the props of the construct.
    const fields = first?.field === 'nodeUnit' ? fieldsOf(NodeUnit, below) : fieldsOf(Kind, path);
    const at = (field: string): string => [...path, { field }].map((each) => each.field).join('.');
    const called = (field: string): readonly string[] => [field, ...(path.length === 0 ? (RENAMED[field] ?? []) : [])];
    for (const field of fields) {
      if (!called(field).some((each) => each in has)) found.push(at(field));
    }
    for (const [field, property] of Object.entries(has)) {
      const isKnown = fields.some((each) => called(each).includes(field)) || (path.length === 0 && OWN.includes(field));
      if (!isKnown) found.push(`no ${at(field)}`);
      const type = typeDefinitions[referredBy(property)?.split(':').at(-1) ?? ''];
      if (type?.properties !== undefined && fields.includes(field))
        compare([...path, { field, property }], type.properties);
    }
  };
  compare([], components[name]!.inputs);
  return found.sort();
}

/** The type that a property is of, or its items are. */
function referredBy({ $ref, items, additionalProperties }: Property): string | undefined {
  return $ref ?? (items === undefined ? undefined : referredBy(items)) ?? (additionalProperties && referredBy(additionalProperties)); // prettier-ignore
}

test('the package has the props of the constructs, whole; what it does not have is in the guide', () => {
  const constructs = { EdgeCluster, EdgeDatacenter, EdgeMachine, KinsCluster, NodeGroup, NodeUnit, Seed };
  const analysis = analysed();
  const missing = Object.entries(constructs).flatMap(([name, Kind]) =>
    difference(name, Kind, analysis).map((field) => `${name}: ${field}`),
  );
  // Pulumi's schema has types of other packages and its own, and none for one of two types.
  expect(missing).toEqual(['EdgeMachine: cluster', 'NodeGroup: nodeUnits']);
  const guide = readFileSync(resolve(__dirname, '../../docs/pulumi.md'), 'utf8').replaceAll(/\s+/g, ' ');
  expect(guide).toContain('`cluster` of `EdgeMachine` (give `controlPlaneVersion`) and `nodeUnits` of `NodeGroup` (give `nodeUnitNames`)'); // prettier-ignore
  const { registryMirrors, registryMirrorSettings } = analysis.components.KinsCluster!.inputs;
  expect([registryMirrors?.additionalProperties?.type, referredBy(registryMirrorSettings!)]).toEqual([
    'array',
    '#/types/edge-constructs:index:KinsRegistryMirror',
  ]);
  expect(Object.keys(analysis.typeDefinitions.KinsRegistryMirror!.properties!).sort()).toEqual(
    [...fieldsOf(KinsCluster, [{ field: 'registryMirrors', property: registryMirrors! }])].sort(),
  );
});

describe('arguments of the package get to the constructs', () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await Engine.start();
  });
  // A refused component has registered others, which must not reach the next test's engine.
  afterEach(() => engine.settle());
  const opts = (): pulumi.ComponentResourceOptions => ({
    provider: changingProvider('cluster'),
  });

  test('mirrors, registries and a NodeUnit', async () => {
    new KinsClusterPlugin(
      'site',
      {
        nodeUnit: { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4, setNode: { annotations: { site: 'la' } } },
        registryMirrors: { 'docker.io': ['https://one.example.com'] },
        registryMirrorSettings: {
          'quay.io': { endpoints: ['https://two.example.com'], rewrites: { '^a/(.*)': 'b/$1' }, fallback: false },
        },
        registries: { 'two.example.com': { auth: { secretName: 'pull' } } },
      },
      opts(),
    );
    await engine.settle();
    const config = JSON.stringify(plain(engine.registered.map(({ inputs }) => inputs)));
    const parts = ['one.example.com', 'two.example.com', 'b/$1', '"name":"pull"', '"site":"la"'];
    expect(parts.filter((each) => !config.includes(each))).toEqual([]);
  });

  test('a registry in both is refused', () => {
    const args = {
      nodes: ['edge1'],
      autonomyLevel: AutonomyLevel.L4,
      registryMirrors: { 'docker.io': ['https://one.example.com'] },
      registryMirrorSettings: { 'docker.io': { endpoints: ['https://two.example.com'] } },
    };
    expect(() => new KinsClusterPlugin('site', args, opts())).toThrow(
      "KinsCluster 'site' has 1 problem:\n  - registryMirrors key: given 'docker.io'; allowed: a registry that is not also in registryMirrorSettings. Put its endpoints into registryMirrorSettings.",
    );
  });

  test('of devices and of groups', async () => {
    const given = opts();
    new EdgeMachinePlugin('edge1', { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.5', sshPublicKeys: [KEYS.ed25519], kubelet: { maxPods: 30 }, addresses: ['192.0.2.7'] }, given); // prettier-ignore
    new EdgeClusterPlugin('shop', { datacenter: 'dc', version: '1.33.5', clusterNetwork: { pods: ['10.1.0.0/16'] } }, given); // prettier-ignore
    new EdgeDatacenterPlugin('dc', { node: { httpProxy: 'http://proxy.example.com:3128' } }, given);
    new NodeUnitPlugin('pool', { selector: { matchLabels: { a: 'b' } } }, given);
    new NodeGroupPlugin('group', { autoFindNodeKeys: ['site'], labels: { c: 'd' } }, given);
    await engine.settle();
    const all = JSON.stringify(plain(engine.registered.map(({ inputs }) => inputs)));
    const parts = ['192.0.2.7', 'MaxPods":"30"', '10.1.0.0/16', 'http://proxy.example.com:3128', '"matchLabels":{"a":"b"}', '"autoFindNodeKeys":["site"]', '"c":"d"']; // prettier-ignore
    expect(parts.filter((each) => !all.includes(each))).toEqual([]);
  });
});
