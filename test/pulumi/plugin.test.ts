import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App, Chart } from 'cdk8s';
import {
  EdgeCluster,
  EdgeDatacenter,
  EdgeMachine,
  EdgeConstructsError,
  KinsCluster,
  NodeGroup,
  NodeUnit,
  Seed,
} from '../../lib';
import { Analyzer } from '@pulumi/pulumi/provider/experimental/analyzer';

const PLUGIN = resolve(__dirname, '../../lib/pulumi/plugin');
const COMPONENTS = ['EdgeCluster', 'EdgeDatacenter', 'EdgeMachine', 'KinsCluster', 'NodeGroup', 'NodeUnit', 'Seed'];

interface Property {
  readonly type?: string;
  readonly optional?: boolean;
}

interface Analysis {
  readonly components: Readonly<
    Record<string, { readonly inputs: Record<string, Property>; readonly outputs: Record<string, Property> }>
  >;
}

test('the component package for other languages is analysed without an error, as pulumi package add does', () => {
  const packageJson = JSON.parse(readFileSync(join(PLUGIN, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { version } = JSON.parse(readFileSync(resolve(PLUGIN, '../../../package.json'), 'utf8')) as { version: string };
  expect(packageJson.version).toBe(version);
  const { components } = new Analyzer(
    PLUGIN,
    'edge-constructs',
    packageJson as never,
    new Set(COMPONENTS),
  ).analyze() as unknown as Analysis;
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
    KinsCluster: ['autonomyLevel', 'nodes'],
    NodeGroup: ['nodeUnitNames'],
    NodeUnit: ['nodes'],
    Seed: [],
  });
  expect(Object.keys(components.KinsCluster!.outputs).sort()).toEqual([
    'deletionAdvice',
    'directKubeconfig',
    'tunnelKubeconfig',
    'unitName',
  ]);
}, 120_000);

/** The props of a construct: it tells them whoever gives it another. */
function propsOf(Kind: new (scope: Chart, id: string, props: never) => unknown): string[] {
  try {
    new Kind(new Chart(new App(), 'chart'), 'id', { unheardOf: true } as never);
  } catch (error) {
    const problems = error instanceof EdgeConstructsError ? error.problems : [];
    const told = problems.find(({ field }) => field === 'unheardOf')?.allowed;
    if (told !== undefined) return told.replace('only ', '').split(', ');
  }
  throw new Error(`${Kind.name} told no props`);
}

/** What a prop is called where its name would be that of the resource, or of one it belongs to. */
const RENAMED: Readonly<Record<string, readonly string[]>> = {
  name: ['clusterName', 'datacenterName', 'groupName', 'machineName', 'seedName', 'unitName'],
  seed: ['seedName'],
};

test('the package has the props of the constructs; what it does not have is in the guide', () => {
  const constructs = { EdgeCluster, EdgeDatacenter, EdgeMachine, KinsCluster, NodeGroup, NodeUnit, Seed };
  const packageJson = JSON.parse(readFileSync(join(PLUGIN, 'package.json'), 'utf8')) as never;
  const { components } = new Analyzer(PLUGIN, 'edge-constructs', packageJson, new Set(COMPONENTS)).analyze() as unknown as Analysis; // prettier-ignore
  const missing = Object.entries(constructs).map(([name, Kind]) => {
    const inputs = Object.keys(components[name]!.inputs);
    const lacks = propsOf(Kind).filter(
      (prop) => ![prop, ...(RENAMED[prop] ?? [])].some((each) => inputs.includes(each)),
    );
    return `| \`${name}\` | ${lacks.sort().map((prop) => `\`${prop}\``).join(', ')} |`; // prettier-ignore
  });
  const guide = readFileSync(resolve(__dirname, '../../docs/pulumi.md'), 'utf8').replaceAll(/ +/g, ' ');
  for (const line of missing) expect(guide).toContain(line);
}, 120_000);
