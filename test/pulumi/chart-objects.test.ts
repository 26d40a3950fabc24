import * as kubernetes from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { version } from '@pulumi/kubernetes/package.json';
import { ApiObject, App, Chart } from 'cdk8s';
import { AutonomyLevel, EdgeDatacenter, KinsCluster, NodeUnit, Seed } from '../../lib';
import { ChartResources } from '../../lib/pulumi';
import { Engine, plain } from './mocks';

const { L3, L4 } = AutonomyLevel;

let engine: Engine;
let chart: Chart;
let opts: pulumi.ComponentResourceOptions;
beforeEach(async () => {
  engine = await Engine.start();
  const settings = { enableConfigMapMutable: true, enableSecretMutable: true };
  opts = { ...engine.watched, provider: new kubernetes.Provider('cloud', settings) };
  chart = new Chart(new App(), 'site');
});
afterEach(() => engine.settle());

interface Metadata {
  readonly annotations?: Readonly<Record<string, string>>;
}

function object(id: string, annotations?: Record<string, string>, more: object = {}): ApiObject {
  const metadata = { name: id, namespace: 'default', annotations };
  return new ApiObject(chart, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...more });
}

async function apply(): Promise<ChartResources> {
  const resources = new ChartResources('site', { chart }, opts);
  await engine.settle();
  return resources;
}

const annotationsOf = (name: string): unknown => (plain(engine.find(name).inputs.metadata) as Metadata).annotations;

test('an object has the resource that was made of it, and none before or in another component', async () => {
  const settings = object('settings');
  const resources = await apply();
  expect(resources.resourceOf(settings)).toMatchObject({ __name: 'site/settings' });
  const missing = "Object 'site/late' is not among those that were applied";
  expect(() => resources.resourceOf(object('late'))).toThrow(new Error(missing));

  chart = new Chart(new App(), 'other');
  object('b');
  const others = new ChartResources('other', { chart }, opts);
  expect(() => others.resourceOf(settings)).toThrow(
    new Error("Object 'site/settings' is not among those that were applied"),
  );
  await engine.settle();
});

test('resources take the version of the provider that is installed', async () => {
  object('settings');
  new Seed(chart, 'seed', { kubeconfig: { name: 'k' } });
  await apply();
  expect(engine.optionsOf('site/settings').version).toBe(version);
  expect(engine.optionsOf('seed/seed').version).toBe(version);
});

test.each([
  ['Delete=false', true],
  ['Prune=false,Delete=false', true],
  ['Prune=false', false],
  ['Delete=falsely', false],
])('an object of which Argo CD is told %s', async (options, isRetained) => {
  object('settings', { 'argocd.argoproj.io/sync-options': options });
  await apply();
  expect(engine.optionsOf('site/settings').retainOnDelete).toBe(isRetained);
});

test('what others own is told nothing that is for GitOps, and all the rest', async () => {
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L4 });
  const namespace = ApiObject.of(chart.node.findChild('kins-namespace'));
  object('settings', { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' });
  namespace.metadata.addAnnotation('kustomize.toolkit.fluxcd.io/ssa', 'Merge');
  namespace.metadata.addAnnotation('argocd.argoproj.io/compare-options', 'IgnoreExtraneous');
  namespace.metadata.addAnnotation('example.org/argocd.argoproj.io', 'mine');
  await apply();
  expect(annotationsOf('site/kins-namespace')).toEqual({ 'example.org/argocd.argoproj.io': 'mine' });
  // What is the chart's own is told everything.
  expect(annotationsOf('site/settings')).toEqual({ 'kustomize.toolkit.fluxcd.io/prune': 'disabled' });
});

describe('Pulumi waits until a Service leads to pods', () => {
  const service = (id: string, more: object = {}): ApiObject => object(id, { a: 'b' }, { kind: 'Service', ...more });
  const waits = (name: string): boolean =>
    (annotationsOf(name) as Record<string, string> | undefined)?.['pulumi.com/skipAwait'] === undefined;

  test('of its own, unless others come after it', async () => {
    const [needed] = [
      service('needed'),
      service('alone'),
      service('labelled', { metadata: { name: 'labelled', labels: { a: 'b' } } }),
    ];
    object('after').addDependency(needed);
    await apply();
    expect(['needed', 'alone', 'labelled', 'after'].map((name) => waits(`site/${name}`))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(annotationsOf('site/needed')).toEqual({ a: 'b', 'pulumi.com/skipAwait': 'true' });
  });

  test('and for all that is no Service of Kubernetes as ever', async () => {
    const [knative, deployment] = [
      service('knative', { apiVersion: 'serving.knative.dev/v1' }),
      object('deployment', undefined, { apiVersion: 'apps/v1', kind: 'Deployment' }),
    ];
    object('after').addDependency(knative, deployment);
    await apply();
    expect([waits('site/knative'), waits('site/deployment')]).toEqual([true, true]);
  });

  test('but not that of a unit, which may have ended', async () => {
    new NodeUnit(chart, 'unit', { nodes: ['edge2'], autonomyLevel: L3 });
    new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L3 });
    await apply();
    expect(waits('shop/service')).toBe(false);
    expect(waits('shop/guard')).toBe(true);
  });
});

test('what 0.1 made for the units of a chart within a chart is the affair of the inner one', async () => {
  const inner = new Chart(chart, 'inner');
  new KinsCluster(inner, 'shop', { nodes: ['edge1'], autonomyLevel: L4 });
  object('settings');
  await apply();
  expect(engine.registered.map(({ name }) => name)).not.toContain('site/inner/shop/scripts');
  new ChartResources('inner', { chart: inner }, opts);
  await engine.settle();
  const before = (engine.optionsOf('inner/shop/guard-policy').dependsOn as unknown as { __name: string }[]).map(
    ({ __name }) => __name,
  );
  expect(before).toContain('inner/shop/guard-binding');
  // A policy does not wait for pods.
  expect(before).not.toContain('inner/shop/server');
});

test('a unit is protected by whatever of a chart has a cluster of its own', async () => {
  const nodeUnit = new NodeUnit(chart, 'unit', { name: 'shop', nodes: ['edge1'], autonomyLevel: L4 });
  new KinsCluster(chart, 'shop', { nodeUnit });
  new NodeUnit(chart, 'plain', { nodes: ['edge2'], autonomyLevel: L3 });
  object('settings');
  await apply();
  const protections = engine.registered.filter(({ type }) => type === 'edge-constructs:index:UnitProtection');
  expect(protections.map(({ name }) => [/^unit (\S+) /.exec(name)?.[1], engine.optionsOf(name).protect])).toEqual([
    ['shop', true],
    ['plain', false],
  ]);
});

test('what an EdgeDatacenter owns of a Seed is found again by the name that it had', async () => {
  const seed = new Seed(chart, 'seed');
  new EdgeDatacenter(chart, 'edge', { seed });
  new ChartResources('site', { chart, aliases: { renamed: { seed: 'old' } } }, opts);
  await engine.settle();
  expect(engine.optionsOf('seed/seed').aliases).toEqual([{ name: 'site/old/seed' }]);
});
