import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';
import { AutonomyLevel, KinsCluster, OperatingSystem, TaintEffect } from '../../lib';
import { ChartResources, EdgeDatacenter, EdgeMachine, Seed } from '../../lib/pulumi';
import type { ObjectKey } from '../../lib/pulumi/cluster-objects';
import { DeviceNode, type NodeSettings } from '../../lib/pulumi/device-node';
import { KEYS } from './keys';
import { Engine, plain, settled } from './mocks';

// The engine of the mocks runs no hooks: here they are named as the real one gets them.
jest.mock('@pulumi/pulumi', () => ({
  ...jest.requireActual<typeof pulumi>('@pulumi/pulumi'),
  ResourceHook: class {
    constructor(readonly name: string) {}
  },
}));

let changed: string[] = [];
jest.mock('../../lib/pulumi/cluster-objects', () => ({
  ClusterObjects: class {
    change({ kind, name }: ObjectKey): Promise<void> {
      changed.push(`${kind}/${name}`);
      return Promise.resolve();
    }
  },
}));

let engine: Engine;
let provider: kubernetes.Provider;
/** Hooks of resources by the name of the resource; the engine of the mocks does not get them. */
let bound: Record<string, Record<string, string[]>>;
let opts: pulumi.ComponentResourceOptions;
async function start(hasHooks: boolean, isPreview = false): Promise<void> {
  engine = await Engine.start(isPreview, true);
  if (hasHooks) {
    const monitor = pulumi.runtime.getMonitor() as unknown as { registerResourceHook?: unknown };
    monitor.registerResourceHook = () => undefined;
  }
  changed = [];
  bound = {};
  provider = new kubernetes.Provider('cluster', { enableConfigMapMutable: true, enableSecretMutable: true });
  const note = ({
    name,
    props,
    opts: options,
  }: pulumi.ResourceTransformationArgs): pulumi.ResourceTransformationResult => {
    const { hooks } = options as pulumi.CustomResourceOptions;
    if (hooks !== undefined)
      bound[name] = Object.fromEntries(
        Object.entries(hooks).map(([when, each]) => [when, (each as pulumi.ResourceHook[]).map((hook) => hook.name)]),
      );
    return { props: props, opts: { ...options, hooks: undefined } };
  };
  opts = { provider, transformations: [note] };
}
beforeEach(() => start(true));
afterEach(() => engine.settle());

async function declareAll(): Promise<void> {
  const chart = new Chart(new App(), 'site');
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4 });
  new ChartResources('site', { chart }, opts);
  new EdgeDatacenter('edge-eu', { seed: new Seed('seed', {}, opts) }, opts);
  new EdgeMachine(
    'edge1',
    { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.5', sshPublicKeys: [KEYS.ed25519] },
    opts,
  );
  await engine.settle();
}

test('whatever a preview can refuse is asked before the one object that it is about, and of no other', async () => {
  await declareAll();
  expect(bound).toEqual({
    'site/shop/guard': {
      beforeCreate: ['owner of site/shop/guard', 'nodes of site/shop/guard'],
      beforeUpdate: ['level of site/shop/guard', 'nodes of site/shop/guard'],
    },
    'edge-eu/Seed/seed': { beforeCreate: ['edge-eu: a Seed without datacenters'] },
    'edge1/edge1/machine': { beforeCreate: ['edge1: a machine that is there already'] },
  });
});

test('an engine without hooks, in which people test their programs, gets none', async () => {
  await start(false);
  await declareAll();
  expect(bound).toEqual({});
});

describe('the node of a device', () => {
  async function declare(settings: NodeSettings): Promise<{ metadata: object; isTainted: unknown }> {
    const component = new pulumi.ComponentResource('a:b:C', 'device1', {}, opts);
    const options = { parent: component };
    const node = new DeviceNode('device1', pulumi.output('edge1'), settings, pulumi.secret('kubeconfig'), options);
    const { value: isTainted } = await settled(node.isTainted);
    await engine.settle();
    const { metadata } = plain(engine.find('device1/node').inputs) as { metadata: object };
    return { metadata, isTainted };
  }
  const nodeTaints = [{ key: 'kiosk', effect: TaintEffect.NO_EXECUTE }];

  test('is looked for before it is made, and loses taints after it was updated', async () => {
    await declare({});
    expect(bound).toEqual({
      'device1/node': {
        beforeCreate: ['device1: a node that is there already'],
        afterUpdate: ['device1: taints that are declared no more'],
      },
    });
  });

  test.each<[string, NodeSettings, object]>([
    ['nothing', {}, {}],
    ['labels', { nodeLabels: { a: 'b' } }, { labels: { a: 'b' } }],
    ['annotations', { nodeAnnotations: { a: 'b' } }, { annotations: { a: 'b' } }],
    ['taints', { nodeTaints }, { annotations: { 'edge-constructs.io/taints': 'kiosk:NoExecute' } }],
    [
      'both',
      { nodeTaints, nodeAnnotations: { a: 'b' } },
      { annotations: { a: 'b', 'edge-constructs.io/taints': 'kiosk:NoExecute' } },
    ],
  ])('says what was declared, and nothing else: %s', async (_, settings, metadata) => {
    expect(await declare(settings)).toEqual({ metadata: { name: 'edge1', ...metadata }, isTainted: true });
    expect(changed).toEqual(settings.nodeTaints === undefined ? [] : ['Node/edge1']);
  });

  test('gets no taints in a preview', async () => {
    await start(true, true);
    expect((await declare({ nodeTaints })).isTainted).toBe(true);
    expect(changed).toEqual([]);
  });

  test('of an engine without hooks is declared all the same', async () => {
    await start(false);
    expect((await declare({})).metadata).toEqual({ name: 'edge1' });
    expect(bound).toEqual({});
  });
});
