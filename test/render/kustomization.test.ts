import { App, ApiObject, Chart, Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { kustomizationFiles, NodeGroup, NodeUnit } from '../../lib';

interface Kustomization {
  readonly resources: readonly string[];
}

function chartWith(
  ...objects: readonly (readonly [apiVersion: string, kind: string, name: string, namespace?: string])[]
): Chart {
  const chart = new Chart(new App(), 'site');
  objects.forEach(([apiVersion, kind, name, namespace], index) => {
    new ApiObject(chart, `o${index}`, { apiVersion, kind, metadata: { name, namespace } });
  });
  return chart;
}

const pathsOf = (chart: Chart): readonly string[] => kustomizationFiles(chart).map((file) => file.path);

test("a chart gives one file per object, and a list in the chart's order", () => {
  const chart = new Chart(new App(), 'site');
  const unit = new NodeUnit(chart, 'test', { nodes: ['edge1'] });
  new NodeGroup(chart, 'all', { nodeUnits: [unit] });
  const files = kustomizationFiles(chart);
  expect(files.map((file) => file.path)).toEqual([
    'nodeunit.site.superedge.io_test.yaml',
    'nodegroup.site.superedge.io_all.yaml',
    'kustomization.yaml',
  ]);
  expect(parse(files[2]!.content)).toEqual({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['nodeunit.site.superedge.io_test.yaml', 'nodegroup.site.superedge.io_all.yaml'],
    sortOptions: { order: 'fifo' },
  });
  expect(files.slice(0, 2).map((file) => parse(file.content) as unknown)).toEqual(chart.toJson());
  expect(files[0]!.content).toBe(
    '# Written by edge-constructs, which overwrites changes.\n' + Yaml.stringify((chart.toJson() as unknown[])[0]),
  );
});

test('the order is that of the dependencies, as in the output of the app', () => {
  const chart = chartWith(['v1', 'ConfigMap', 'first', 'a'], ['v1', 'Namespace', 'a']);
  const [config, namespace] = chart.apiObjects;
  config!.addDependency(namespace!);
  expect(pathsOf(chart)).toEqual(['namespace_a.yaml', 'configmap_a_first.yaml', 'kustomization.yaml']);
});

const listOf = (...items: readonly unknown[]): Chart => {
  const chart = new Chart(new App(), 'site');
  new ApiObject(chart, 'list', { apiVersion: 'v1', kind: 'List', items });
  return chart;
};
const config = (name: string): unknown => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { a: '1' },
});

test('a List becomes its items, and those of the lists in it, in their order', () => {
  const inner = { apiVersion: 'v1', kind: 'ConfigMapList', items: [config('c'), config('b')] };
  const files = kustomizationFiles(listOf(config('d'), inner, config('a')));
  expect(files.map((file) => file.path)).toEqual([
    'configmap_d.yaml',
    'configmap_c.yaml',
    'configmap_b.yaml',
    'configmap_a.yaml',
    'kustomization.yaml',
  ]);
  expect(parse(files[1]!.content)).toEqual(config('c'));
});

test('an item that is there already, and one that is no object, are refused', () => {
  expect(() => kustomizationFiles(listOf(config('a'), config('a')))).toThrow('each object only once in a chart');
  for (const item of [null, 'text', { apiVersion: 'v1', kind: 'ConfigMap' }, { metadata: { name: 'a' } }]) {
    expect(() => kustomizationFiles(listOf(config('a'), item))).toThrow(
      'items with apiVersion, kind and metadata.name, which their files are named after. Correct the list.',
    );
  }
});

test('an object more renames no other file', () => {
  const objects = [
    ['v1', 'ConfigMap', 'b', 'n'],
    ['apps/v1', 'Deployment', 'b', 'n'],
  ] as const;
  const before = pathsOf(chartWith(...objects));
  const after = pathsOf(chartWith(['v1', 'ConfigMap', 'a', 'n'], ...objects));
  expect(after).toEqual(['configmap_n_a.yaml', ...before]);
});

test.each([
  [
    'capitals and colons, which RBAC allows',
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'system:Node'],
    'clusterrole.rbac.authorization.k8s.io_system%3a%4eode.yaml',
  ],
  [
    'slashes and dots',
    ['rbac.authorization.k8s.io/v1', 'Role', '../a_b%2f', 'n'],
    'role.rbac.authorization.k8s.io_n_..%2fa%5fb%252f.yaml',
  ],
  ['other scripts', ['rbac.authorization.k8s.io/v1', 'Role', 'é', 'n'], 'role.rbac.authorization.k8s.io_n_%c3%a9.yaml'],
] as const)('file names for %s', (_, object, path) => {
  expect(pathsOf(chartWith(object as readonly [string, string, string, string?]))[0]).toBe(path);
});

test('kinds of one name in two groups do not meet', () => {
  expect(
    pathsOf(chartWith(['kubermatic.k8c.io/v1', 'Cluster', 'a'], ['cluster.x-k8s.io/v1beta1', 'Cluster', 'a'])),
  ).toEqual(['cluster.kubermatic.k8c.io_a.yaml', 'cluster.cluster.x-k8s.io_a.yaml', 'kustomization.yaml']);
});

test('an object twice in a chart is an error that names it', () => {
  const chart = chartWith(
    ['apps/v1', 'Deployment', 'web', 'n'],
    ['v1', 'ConfigMap', 'web', 'n'],
    ['apps/v1', 'Deployment', 'web', 'n'],
  );
  expect(() => kustomizationFiles(chart)).toThrow(
    "Chart 'site' has 1 problem:\n" +
      "  - objects: given 'Deployment (apps/v1) web in namespace n'; allowed: each object only once in a chart. Remove or rename one of the two.",
  );
});

test('an object in the default namespace and one without a namespace are the same one, as kustomize sees them', () => {
  for (const order of [
    ['default', undefined],
    [undefined, 'default'],
  ] as const) {
    const [a, b] = order.map((namespace) => ['v1', 'ConfigMap', 'a', namespace] as const);
    expect(() => kustomizationFiles(chartWith(a!, b!))).toThrow('allowed: each object only once in a chart');
  }
  expect(pathsOf(chartWith(['v1', 'ConfigMap', 'a', 'default'], ['v1', 'ConfigMap', 'a', 'other']))).toHaveLength(3);
});

test('an empty chart gives an empty list', () => {
  const files = kustomizationFiles(new Chart(new App(), 'site'));
  expect(files).toHaveLength(1);
  expect((parse(files[0]!.content) as Kustomization).resources).toEqual([]);
});

test('names are different for different objects on any file system, short enough and plain', () => {
  const part = fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9.:_-]{1,12}$/),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    fc.stringMatching(/^[a-c]{240,253}$/),
  );
  const object = fc.tuple(
    fc.constantFrom('v1', 'a.b/v1'),
    fc.constantFrom('Role', 'ConfigMap'),
    part,
    fc.option(part, { nil: undefined }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(object, { selector: (each) => JSON.stringify(each), maxLength: 12 }), (objects) => {
      const paths = pathsOf(chartWith(...objects));
      expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(objects.length + 1);
      for (const path of paths) expect(path).toMatch(/^[a-z0-9][a-z0-9._%-]{0,210}\.yaml$/);
    }),
  );
});
