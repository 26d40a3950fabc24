import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { AutonomyLevel, EdgeDatacenter, KinsCluster, NodeUnit, Seed } from '../../lib';
import { ChartResources, OutputTokens } from '../../lib/pulumi';
import { shownAsId, shownInSecret } from '../../lib/pulumi/secret-fields';
import { objectGraph } from '../../lib/pulumi/object-graph';
import { plain, unwrapped, withoutPulumi } from './mocks';
import { startSiteStack, type SiteStack } from './support/site-stack';

const { L4 } = AutonomyLevel;

let engine: SiteStack['engine'];
let provider: SiteStack['provider'];
let apply: SiteStack['apply'];
beforeEach(async () => {
  ({ engine, provider, apply } = await startSiteStack());
});

afterEach(async () => {
  await engine.settle();
});

function emptyChart(): Chart {
  return new Chart(new App(), 'site');
}

function configMap(chart: Chart, id: string): ApiObject {
  return new ApiObject(chart, id, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: id, namespace: 'default' },
  });
}

test('every object becomes a resource of the type that @pulumi/kubernetes has for it, named by its construct', async () => {
  new kubernetes.core.v1.ConfigMap('typed', {}, { provider });
  const chart = emptyChart();
  new kplus.Deployment(chart, 'web', { containers: [{ image: 'nginx:1.27' }] });
  new kplus.ConfigMap(chart, 'settings');
  new NodeUnit(chart, 'shop', { nodes: ['edge1'] });
  await apply(chart);
  const types = Object.fromEntries(engine.registered.map(({ name, type }) => [name, type]));
  expect(types).toMatchObject({
    'site/web/Resource': 'kubernetes:apps/v1:Deployment',
    'site/settings/Resource': engine.find('typed').type,
    'site/shop/Resource': 'kubernetes:site.superedge.io/v1alpha2:NodeUnit',
  });
});

test('names do not change with the id of the chart', async () => {
  const chart = new Chart(new Chart(new App(), 'outer'), 'inner');
  configMap(chart, 'settings');
  await apply(chart);
  expect(engine.find('settings').name).toBe('site/settings');
});

/** What 0.1 made for a unit at L4 or L5, of which charts know nothing any more. */
const isRetired = (name: string): boolean => /^site\/shop\/(guard-policy|namespace-policy|scripts)$/.test(name);

test('inputs are the manifest', async () => {
  const chart = emptyChart();
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L4 });
  const objects = chart.toJson() as { kind: string; metadata: { name: string } }[];
  await apply(chart);
  const inputs = engine.registered
    .filter(({ type, name }) => type.startsWith('kubernetes:') && !isRetired(name))
    .map((each) => withoutPulumi(plain(each.inputs)));
  expect(inputs).toHaveLength(objects.length);
  // What GitOps controllers are told about the namespace is not for Pulumi to say.
  const [namespace] = objects.filter(({ kind }) => kind === 'Namespace');
  expect(inputs).toEqual(expect.arrayContaining(objects.filter((each) => each !== namespace)));
  expect(inputs).toContainEqual({ ...namespace, metadata: { ...namespace!.metadata, annotations: undefined } });
});

test('dependencies of constructs, charts and sync waves are kept', async () => {
  const chart = emptyChart();
  const before = configMap(chart, 'before');
  const after = configMap(chart, 'after');
  after.addDependency(before);
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L4 });
  const other = new Chart(App.of(chart), 'other');
  configMap(other, 'elsewhere');
  other.addDependency(chart);
  await apply(chart);
  new ChartResources('other', { chart: other }, { ...engine.watched, provider });
  await engine.settle();
  const names = (suffix: string): string[] =>
    (engine.optionsOf(suffix).dependsOn as unknown as { __name: string }[])
      .filter((each) => pulumi.Resource.isInstance(each))
      .map(({ __name }) => __name);
  expect(names('site/after')).toContain('site/before');
  expect(names('site/before')).not.toContain('site/after');
  expect(names('shop/guard')).toEqual([
    'site/kins-namespace',
    'site/kins-guard-policy',
    'site/kins-namespace-policy',
    'site/kins-server-scripts',
    'site/kins-cri-scripts',
    'site/kins-agent-scripts',
    'site/kins-recycle-scripts',
  ]);
  expect(names('shop/secret')).toContain('site/shop/guard-binding');
  expect(names('shop/server')).toContain('site/shop/secret');
  // Both wait for pods; neither for the other.
  expect(names('shop/server')).not.toContain('site/shop/agent');
  expect(names('shop/agent')).not.toContain('site/shop/server');
  expect(names('other/elsewhere')).toHaveLength(chart.toJson().length);
});

test('a chart that another one depends on must be applied first', () => {
  const app = new App();
  const [first, second] = [new Chart(app, 'first'), new Chart(app, 'second')];
  configMap(second, 'b').addDependency(configMap(first, 'a'));
  expect(() => new ChartResources('second', { chart: second }, { provider })).toThrow(
    "ConfigMap 'second/b' has 1 problem:\n  - dependencies: given 'first/a'; allowed: objects that have already been applied. " +
      "Create the ChartResources of chart 'first' first.",
  );
});

test('dependencies that lead back to where they start are an error that names them', () => {
  const chart = emptyChart();
  const [a, b] = [configMap(chart, 'a'), configMap(chart, 'b')];
  a.node.addDependency(b);
  b.node.addDependency(a);
  expect(() => new ChartResources('site', { chart }, { provider })).toThrow(
    /dependencies: given site\/a => site\/b => site\/a/,
  );
});

test('a chain of 5,000 objects is no deeper than the stack', () => {
  const chart = emptyChart();
  let before: ApiObject | undefined;
  for (let i = 0; i < 5000; i++) {
    const each = configMap(chart, `c${i}`);
    if (before !== undefined) each.addDependency(before);
    before = each;
  }
  expect(objectGraph(chart).map(({ object }) => object.node.id)).toEqual(
    Array.from({ length: 5000 }, (_, i) => `c${i}`),
  );
});

test('without a provider nothing is applied to whatever cluster kubectl points to', () => {
  const chart = emptyChart();
  configMap(chart, 'a');
  expect(() => new ChartResources('site', { chart }, {})).toThrow(
    "ChartResources 'site' has 1 problem:\n  - provider: given nothing; allowed: a kubernetes.Provider for the cluster that " +
      "chart 'site' is for. Give { provider } as the last argument, or the component a parent that has one.",
  );
});

test('a construct that finds itself invalid is refused, as by cdk8s synth', () => {
  const chart = emptyChart();
  new Seed(chart, 'seed');
  expect(() => new ChartResources('site', { chart }, { provider })).toThrow(
    /Validation failed[^]*\[site\/seed\][^]*at least one EdgeDatacenter/,
  );
});

test('a Secret may have data, which is secret even if it was given in clear', async () => {
  const chart = emptyChart();
  new NodeUnit(chart, 'shop', { nodes: ['edge1'] });
  new ApiObject(chart, 'secret', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'default' },
    stringData: { a: 'geheim' },
    data: { b: 'Z2VoZWlt' },
  });
  await apply(chart);
  const { inputs } = engine.find('site/secret');
  expect(unwrapped(inputs.stringData)).toEqual({ isSecret: true, value: { a: 'geheim' } });
  expect(unwrapped(inputs.data)).toEqual({ isSecret: true, value: { b: 'Z2VoZWlt' } });
  expect(engine.optionsOf('site/secret').additionalSecretOutputs).toEqual(['data', 'stringData', 'metadata', 'status']);
  // To files it stays refused.
  expect(() => {
    App.of(chart).synthYaml();
  }).toThrow(/Secret 'site\/secret' has data/);
});

test('an object with other owners is patched; one that GitOps never deletes is retained', async () => {
  const partial = emptyChart();
  const seed = new Seed(partial, 'seed');
  new EdgeDatacenter(partial, 'edge', { seed, country: 'DE' });
  await apply(partial);
  expect(engine.find('seed/seed').type).toBe('kubernetes:kubermatic.k8c.io/v1:SeedPatch');
  // To whoever owns it, it says nothing about GitOps: they may say something else, and then the two conflict.
  expect(engine.find('seed/seed').inputs.metadata).toEqual({ name: 'kubermatic', namespace: 'kubermatic' });
  // What a Patch owns goes with it.
  expect(engine.optionsOf('seed/seed').retainOnDelete).toBe(false);

  const whole = emptyChart();
  new Seed(whole, 'whole', { kubeconfig: { name: 'seed-kubeconfig' } });
  configMap(whole, 'other');
  await apply(whole);
  expect(engine.find('whole/seed').type).toBe('kubernetes:kubermatic.k8c.io/v1:Seed');
  expect(engine.optionsOf('whole/seed').retainOnDelete).toBe(true);
  expect(engine.optionsOf('site/other').retainOnDelete).toBe(false);
});

test('nobody waits for a Service to lead to pods when the pods come after it', async () => {
  const chart = emptyChart();
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L4 });
  const service = { apiVersion: 'v1', kind: 'Service', spec: { selector: { app: 'web' } } };
  new ApiObject(chart, 'web', { ...service, metadata: { name: 'web', namespace: 'default' } });
  await apply(chart);
  const skipped = { annotations: { 'pulumi.com/skipAwait': 'true' } };
  expect(engine.find('shop/service').inputs.metadata).toMatchObject(skipped);
  expect(engine.find('site/web').inputs.metadata).not.toMatchObject(skipped);
});

test.each<[string, () => unknown, string]>([
  ['no arguments', () => undefined, 'args: given nothing; allowed: an object. Give an object literal.'],
  ['no chart', () => ({}), 'chart: given nothing; allowed: a cdk8s Chart. Pass the chart itself'],
  ['an app', () => ({ chart: new App() }), 'chart: given nothing; allowed: a cdk8s Chart. Pass the chart itself'],
  [
    'aliases of the wrong type',
    () => ({ chart: emptyChart(), aliases: { configGroup: 5 } }),
    'aliases.configGroup: given 5; allowed: a string',
  ],
  [
    'an alias for a construct that is not there',
    () => ({ chart: emptyChart(), aliases: { renamed: { 'gone/now': 'before' } } }),
    "aliases.renamed key: given 'gone/now'; allowed: a path of chart 'site', without the chart's own. " +
      'The new path comes first, then the old one: { new: old }.',
  ],
])('refuses %s', (_, args, message) => {
  expect(() => new ChartResources('site', args() as never, { provider })).toThrow(
    `ChartResources 'site' has 1 problem:\n  - ${message}`,
  );
});

test('a chart is applied once', async () => {
  const chart = emptyChart();
  configMap(chart, 'settings');
  await apply(chart);
  expect(() => new ChartResources('again', { chart }, { provider })).toThrow(
    "ChartResources 'again' has 1 problem:\n  - chart: given 'site'; allowed: a chart that 'site' has not applied.",
  );
});

test('a list of objects is refused: no API server has such an object', () => {
  const chart = emptyChart();
  const item = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  new ApiObject(chart, 'x', { apiVersion: 'v1', kind: 'List', items: [item, item] });
  expect(() => new ChartResources('site', { chart }, { provider })).toThrow(
    "List 'site/x' has 1 problem:\n  - kind: given a List of 2 objects; allowed: one object for each construct, because each becomes a resource. Split it",
  );
});

test('a kind of its own whose name ends in List is an object as any other', async () => {
  const chart = emptyChart();
  new ApiObject(chart, 'x', { apiVersion: 'example.org/v1', kind: 'AllowList', metadata: { name: 'a' }, items: ['b'] });
  await apply(chart);
  expect(engine.find('site/x').type).toBe('kubernetes:example.org/v1:AllowList');
});

test('the state hides whole fields with Outputs, and all of what others write to', async () => {
  const chart = emptyChart();
  const object = (id: string, fields: object): ApiObject =>
    new ApiObject(chart, id, { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: id }, ...fields });
  object('plain', { spec: { a: 'b' } });
  object('output', { spec: { list: [{ a: pulumi.secret('geheim') }] }, other: 'c' });
  object('labelled', { metadata: { name: 'l', annotations: { a: pulumi.secret('geheim') } } });
  new EdgeDatacenter(chart, 'edge', { seed: new Seed(chart, 'seed', {}) });
  await apply(chart);
  const hidden = (name: string): unknown => engine.optionsOf(name).additionalSecretOutputs;
  expect(hidden('site/plain')).toEqual([]);
  // Managed fields name keys and items of lists, and a status repeats what controllers were given.
  expect(hidden('site/output')).toEqual(['spec', 'metadata', 'status']);
  expect(hidden('site/labelled')).toEqual(['metadata', 'status']);
  expect(hidden('seed/seed')).toEqual(expect.arrayContaining(['metadata', 'spec', 'status']));
});

test('a name that is a secret is refused, without showing it: ids of resources are shown', () => {
  const { message } = shownAsId('site/x')('metadata.name');
  expect(message).toBe(
    "ManifestResource 'site/x' has 1 problem:\n  - metadata.name: given (a secret, not shown); allowed: a name that is not " +
      'secret. Pulumi shows it in its state and its messages: use pulumi.unsecret if it is not secret.',
  );
});

test('a secret in a Secret outside of its data is refused, because Pulumi shows it', () => {
  const { message } = shownInSecret('site/x')('metadata.annotations.a');
  expect(message).toBe(
    "ManifestResource 'site/x' has 1 problem:\n  - metadata.annotations.a: given (a secret, not shown); allowed: what is not " +
      "secret: in a Secret, Pulumi's state hides only data and stringData. Put it there, or use pulumi.unsecret if it is not secret.",
  );
});

test('an object that does not say what it is, is refused', () => {
  const chart = emptyChart();
  new ApiObject(chart, 'x', { apiVersion: 'v1', kind: '' });
  expect(() => new ChartResources('site', { chart }, { provider })).toThrow(
    "ApiObject 'site/x' has 1 problem:\n  - kind: given ''; allowed: the string that says what it is.",
  );
});

test.each<[string, (token: string) => string]>([
  ['as it is', (token) => token],
  ['with something before it', (token) => `host-${token}`],
  ['cut off', (token) => token.slice(0, -3)],
])('a construct whose id is an Output, %s, is refused: resources are named by ids', (_, idOf) => {
  const chart = emptyChart();
  configMap(chart, idOf(OutputTokens.of(chart).asString(pulumi.secret('geheim'))));
  expect(() => new ChartResources('site', { chart }, { provider })).toThrow(
    "ConfigMap 'site/(a Pulumi Output)' has 1 problem:\n  - id: given a Pulumi Output; allowed: a string that is known " +
      'while the program runs. Give the construct an id of its own, and the Output as a prop, for instance metadata.name.',
  );
});

test('aliases: objects of a ConfigGroup and of renamed constructs are found again', async () => {
  const chart = emptyChart();
  configMap(chart, 'now');
  new NodeUnit(chart, 'unit', { nodes: ['edge1'] });
  new ChartResources(
    'site',
    { chart, aliases: { configGroup: 'old', renamed: { now: 'before' } } },
    { ...engine.watched, provider },
  );
  await engine.settle();
  const parent = (type: string): string => `urn:pulumi:stack::project::kubernetes:${type}:ConfigGroup::old`;
  expect(engine.optionsOf('site/now').aliases).toEqual([
    { name: 'site/before' },
    { name: 'old:default/now', parent: parent('yaml/v2') },
    { name: 'default/now', parent: parent('yaml') },
  ]);
  expect(engine.optionsOf('unit/Resource').aliases).toEqual([
    { name: 'old:unit', parent: parent('yaml/v2') },
    { name: 'unit', parent: parent('yaml') },
  ]);
});
