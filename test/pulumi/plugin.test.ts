import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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
