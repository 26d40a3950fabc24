import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';
import { AutonomyLevel, KinsCluster, NodeUnit } from '../../lib';
import { OutputTokens } from '../../lib/pulumi';
import { changingInPlace } from '../../lib/pulumi/mutable-objects';
import { plain } from './mocks';
import { startSiteStack, type SiteStack } from './support/site-stack';

const { L3, L4 } = AutonomyLevel;

let engine: SiteStack['engine'];
let provider: SiteStack['provider'];
let apply: SiteStack['apply'];
const begin = async (): Promise<void> => {
  ({ engine, provider, apply } = await startSiteStack());
};
beforeEach(begin);

afterEach(async () => {
  await engine.settle();
});

function emptyChart(): Chart {
  return new Chart(new App(), 'site');
}

test('the policies that 0.1 made for a unit stay under their names, open and without what keeps them from being deleted', async () => {
  const chart = emptyChart();
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L4 });
  new KinsCluster(chart, 'ended', { nodes: ['edge2'], autonomyLevel: L3 });
  await apply(chart);
  for (const part of ['guard', 'namespace']) {
    const { type, inputs } = engine.find(`site/shop/${part}-policy`);
    expect(type).toBe('kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy');
    const { metadata, spec } = plain(inputs) as { metadata: { name: string; finalizers?: unknown }; spec: object };
    expect(metadata).toMatchObject({ name: `shop-${part}-kins` });
    expect(metadata.finalizers).toBeUndefined();
    expect(spec).toMatchObject({ validations: [{ expression: 'true' }] });
    const dependsOn = engine.optionsOf(`shop/${part}-policy`).dependsOn as unknown as { __name: string }[];
    expect(dependsOn.map(({ __name }) => __name)).toContain('site/shop/guard-binding');
    expect(engine.registered.filter(({ name }) => name === `site/ended/${part}-policy`)).toHaveLength(1);
  }
});

test('the scripts that 0.1 made for a unit stay as they are: pods of that version mount them', async () => {
  const chart = emptyChart();
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L4 });
  new KinsCluster(chart, 'ended', { nodes: ['edge2'], autonomyLevel: L3 });
  await apply(chart);
  const { type, inputs } = engine.find('site/shop/scripts');
  expect(type).toBe('kubernetes:core/v1:ConfigMap');
  expect(plain(inputs)).toMatchObject({
    metadata: { name: 'shop-scripts-kins', namespace: 'kins-system', labels: { 'edge-constructs.io/unit': 'shop' } },
  });
  expect(plain(inputs)).not.toHaveProperty('data');
  expect(engine.optionsOf('site/shop/scripts').ignoreChanges).toEqual(['data', 'metadata']);
  expect(engine.optionsOf('site/ended/scripts').ignoreChanges).toBeUndefined();
});

test('what all units share is applied by each that needs it, and stays in the cluster when a stack goes', async () => {
  const chart = emptyChart();
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L4 });
  await apply(chart);
  const scripts = ['server', 'cri', 'agent', 'recycle'].map((of) => `kins-${of}-scripts`);
  for (const id of ['kins-guard-policy', 'kins-namespace-policy', ...scripts]) {
    // No Patch would be refused where another unit's chart has made it.
    expect([id, engine.find(`site/${id}`).type]).toEqual([id, expect.stringMatching(/Patch$/)]);
    expect(engine.optionsOf(`site/${id}`).retainOnDelete).toBe(true);
  }
});

test('a unit is protected at L4 and L5 only, under the same name', async () => {
  const names = [];
  for (const level of [L4, L3]) {
    await begin();
    const chart = emptyChart();
    new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: level });
    await apply(chart);
    const protection = engine.registered.find(({ type }) => type === 'edge-constructs:index:UnitProtection');
    names.push(protection?.name);
    const { protect, dependsOn } = engine.optionsOf(protection!.name);
    expect(protect).toBe(level === L4);
    // Pulumi deletes it before them, and so leaves them alone when it may not.
    expect(dependsOn).toHaveLength(chart.toJson().length);
  }
  expect(new Set(names).size).toBe(1);
  expect(names[0]).toMatch(/unit shop .* set autonomyLevel to L3 and run pulumi up, then delete it/);
});

test('a unit whose name is an Output is protected under the name of its construct', async () => {
  const chart = emptyChart();
  const unitName = OutputTokens.of(chart).asString(pulumi.output('shop'));
  new KinsCluster(chart, 'site1', { name: unitName, nodes: ['edge1'], autonomyLevel: L4 });
  await apply(chart);
  expect(engine.find('set autonomyLevel to L3 and run pulumi up, then delete it').name).toMatch(/^unit site1 has/);
});

test('the pods that clean nodes are waited for', async () => {
  const chart = emptyChart();
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L3 });
  await apply(chart);
  expect(engine.find('shop/recycle').inputs.metadata).not.toMatchObject({
    annotations: { 'pulumi.com/skipAwait': expect.anything() as unknown },
  });
});

describe('a provider that makes ConfigMaps and Secrets anew', () => {
  function answer(args: kubernetes.ProviderArgs, chart: Chart): Promise<unknown> | undefined {
    return changingInPlace(new kubernetes.Provider('asked', args), 'site', chart);
  }
  function chartWithUnit(): Chart {
    const chart = emptyChart();
    new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L3 });
    return chart;
  }
  const line = (kind: string, given: string): string =>
    `  - provider.enable${kind}Mutable: given ${given}; allowed: true, for a chart with a KinsCluster. Set it in the ` +
    `kubernetes.Provider: without it Pulumi deletes and recreates a ${kind} that changes, which the guard of a unit refuses.`;

  test.each<[string, kubernetes.ProviderArgs, string]>([
    [
      'by default',
      {},
      `ChartResources 'site' has 2 problems:\n${line('ConfigMap', 'nothing')}\n${line('Secret', 'nothing')}`,
    ],
    [
      'of one kind',
      { enableConfigMapMutable: true },
      `ChartResources 'site' has 1 problem:\n${line('Secret', 'nothing')}`,
    ],
    [
      'because it is told so',
      { enableConfigMapMutable: pulumi.output(false), enableSecretMutable: true },
      `ChartResources 'site' has 1 problem:\n${line('ConfigMap', "'false'")}`,
    ],
  ])('is refused for a unit: %s', async (_, args, message) => {
    await expect(answer(args, chartWithUnit())).rejects.toThrow(new Error(message));
  });

  test('is good enough for charts without a unit', () => {
    const chart = emptyChart();
    new NodeUnit(chart, 'shop', { nodes: ['edge1'] });
    expect(answer({}, chart)).toBeUndefined();
  });

  test('is the provider itself when it changes both in place, also when the environment says so', async () => {
    const both = { enableConfigMapMutable: true, enableSecretMutable: true };
    expect(await answer(both, chartWithUnit())).toMatchObject({ __name: 'asked' });
    process.env.PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE = process.env.PULUMI_K8S_ENABLE_SECRET_MUTABLE = 'true';
    try {
      expect(await answer({}, chartWithUnit())).toMatchObject({ __name: 'asked' });
    } finally {
      delete process.env.PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE;
      delete process.env.PULUMI_K8S_ENABLE_SECRET_MUTABLE;
    }
  });

  test('is asked before any object of the chart is registered', async () => {
    const chart = chartWithUnit();
    await apply(chart);
    for (const name of ['shop/guard', 'site/kins-namespace', 'shop/recycle']) {
      const asked = (engine.optionsOf(name).dependsOn as unknown[]).filter((each) => each instanceof Promise);
      expect(asked).toHaveLength(1);
      expect(await asked[0]).toBe(provider);
    }
  });
});

test('nobody waits for the Service of a unit that ends', async () => {
  const chart = emptyChart();
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L3 });
  await apply(chart);
  expect(engine.find('shop/service').inputs.metadata).toMatchObject({
    annotations: { 'pulumi.com/skipAwait': 'true' },
  });
});
