import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Chart } from 'cdk8s';

import {
  appliedLevel,
  AutonomyLevel,
  EdgeConstructsError,
  KinsCluster,
  NodeUnit,
  type KinsClusterProps,
} from '../../lib';

const { L3, L4, L5 } = AutonomyLevel;
const nodes = ['edge1', 'edge2', 'edge3'];

function render(units: Readonly<Record<string, AutonomyLevel>>): string {
  const outdir = mkdtempSync(join(tmpdir(), 'applied-level-'));
  try {
    const app = new App({ outdir });
    const chart = new Chart(app, 'site');
    for (const [unit, autonomyLevel] of Object.entries(units)) {
      new KinsCluster(chart, unit, { nodes: nodes.map((node) => `${unit}-${node}`), autonomyLevel });
    }
    app.synth();
    return readFileSync(join(outdir, 'site.k8s.yaml'), 'utf8');
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const refusal = (props: KinsClusterProps, id = 'test'): string => {
  try {
    new KinsCluster(new Chart(new App(), 'site'), id, props);
    return '';
  } catch (error) {
    if (!(error instanceof EdgeConstructsError)) throw error;
    return error.message;
  }
};

test('the level of each unit is read from what was rendered before', () => {
  const before = render({ one: L3, two: L4, three: L5 });
  expect(['one', 'two', 'three', 'four'].map((unit) => appliedLevel(before, unit))).toEqual([L3, L4, L5, undefined]);
});

test('the level is read from what kubectl prints of the guard', () => {
  const printed = [
    'apiVersion: v1',
    'data:',
    '  level: L5',
    '  unit: test',
    'kind: ConfigMap',
    'metadata:',
    '  name: test-guard-kins',
    '  namespace: kins-system',
    '',
  ].join('\n');
  expect(appliedLevel(printed, 'test')).toBe(L5);
  expect(appliedLevel(printed, 'est')).toBeUndefined();
  expect(appliedLevel('', 'test')).toBeUndefined();
});

test('a step from L5 to L4 is refused with the way round it', () => {
  expect(refusal({ nodes, autonomyLevel: L4, previousLevel: L5 })).toContain(
    "autonomyLevel: given 'L4'; allowed: L5 or L3, since the unit is at L5. Keep L5, or save what you need from the " +
      'edge cluster, set it to L3 and then to L4.',
  );
});

test('and is told of the NodeUnit, where the level comes from that', () => {
  const refusedOf = (props: object): string => {
    const chart = new Chart(new App(), 'site');
    const nodeUnit = new NodeUnit(chart, 'unit', { nodes, autonomyLevel: L4 });
    try {
      new KinsCluster(chart, 'test', { nodeUnit, previousLevel: L5, ...props });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refusedOf({})).toContain("\n  - nodeUnit: given 'L4'; allowed: L5 or L3, since the unit is at L5.");
  expect(refusedOf({})).not.toContain('autonomyLevel: given');
});

test.each([
  [L4, L3],
  [L4, L4],
  [L5, L4],
  [L5, L5],
  [L3, L5],
  [L3, L4],
])('a step to %s from %s is not', (autonomyLevel, previousLevel) => {
  expect(refusal({ nodes, autonomyLevel, previousLevel })).toBe('');
});

test('no unit has the name of the folder with archives of images', () => {
  expect(refusal({ nodes, autonomyLevel: L4 }, 'images')).toContain(
    "id: given 'images'; allowed: any other name: /var/lib/kins/images on the nodes holds image archives. " +
      'Choose another name.',
  );
});

test.each<[string, string]>([
  ['JSON', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"test-guard-kins"},"data":{"level":"L4"}}'],
  [
    'a list, as kubectl prints several objects',
    'kind: List\napiVersion: v1\nitems:\n- kind: ConfigMap\n  apiVersion: v1\n  metadata:\n    name: test-guard-kins\n  data: {level: L4}\n',
  ],
  [
    'keys in another order, and comments',
    "# before\ndata:\n  'level': 'L4' # now\nmetadata: {name: test-guard-kins}\nkind: ConfigMap\n",
  ],
])('the level is read from %s', (_, manifests) => {
  expect(appliedLevel(manifests, 'test')).toBe(L4);
});

test('what is no YAML is refused: no level would be taken for a unit that was never applied', () => {
  expect(() => appliedLevel('kind: [ConfigMap', 'test')).toThrow(
    'manifests: given a string that is not YAML; allowed: YAML of one or more documents. Pass what was rendered, unchanged.',
  );
});
