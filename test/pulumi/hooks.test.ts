import * as pulumi from '@pulumi/pulumi';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaintEffect } from '../../lib';
import type { LiveObject, ObjectKey } from '../../lib/pulumi/cluster-objects';
import { emptyMapHook } from '../../lib/pulumi/empty-datacenters';
import { DeviceNode } from '../../lib/pulumi/device-node';
import { machineHook, takeoverHook } from '../../lib/pulumi/node-owner';
import { nodesHook } from '../../lib/pulumi/unit-nodes';
import { levelHook } from '../../lib/pulumi/unit-protection';
import { ownerHook } from '../../lib/pulumi/unit-owner';
import { Engine, settled, unknown } from './mocks';

// The engine of the mocks runs no hooks: here they are called as the real one calls them.
jest.mock('@pulumi/pulumi', () => ({
  ...jest.requireActual<typeof pulumi>('@pulumi/pulumi'),
  ResourceHook: class {
    constructor(
      readonly name: string,
      readonly callback: unknown,
      readonly opts?: unknown,
    ) {}
  },
}));

let engine: Engine;
let live: LiveObject | undefined;
/** What is there besides, by kind and name; what can be listed. */
let others: Record<string, LiveObject> = {};
let listed: LiveObject[] | { readonly code: number } = [];
let asked: string[] = [];
let changed: unknown[] = [];
jest.mock('../../lib/pulumi/cluster-objects', () => ({
  ClusterObjects: class {
    constructor(readonly kubeconfig: string) {}
    get({ kind, namespace = '', name }: ObjectKey): Promise<LiveObject | undefined> {
      asked.push(`${this.kubeconfig}: ${kind} ${namespace}/${name}`);
      return Promise.resolve(others[`${kind}/${name}`] ?? live);
    }
    list({ kind }: ObjectKey, labelSelector: string): Promise<LiveObject[]> {
      asked.push(`${this.kubeconfig}: ${kind}s with ${labelSelector}`);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the client's errors are
      return Array.isArray(listed) ? Promise.resolve(listed) : Promise.reject(listed);
    }
    change({ name }: ObjectKey, change: (object: LiveObject) => object | undefined): Promise<void> {
      changed.push([`${this.kubeconfig}: ${name}`, change(live ?? {})]);
      return Promise.resolve();
    }
  },
}));
beforeEach(async () => {
  engine = await Engine.start();
  [live, asked, changed] = [undefined, [], []];
  [others, listed] = [{}, []];
});

type Change = Pick<pulumi.ResourceHookArgs, 'oldInputs' | 'newInputs'>;
const call = (hook: pulumi.ResourceHook, change: Change): unknown =>
  hook.callback({ ...change, urn: '', id: '', name: '', type: '' });

const KUBECONFIG = 'clusters:\n- name: cloud\n';
const provider = (kubeconfig?: pulumi.Input<string>): pulumi.ProviderResource =>
  ({ kubeconfig }) as unknown as pulumi.ProviderResource;

describe('before a unit is made', () => {
  const newInputs = { metadata: { name: 'shop-guard-kins', namespace: 'kins-system' }, data: { unit: 'shop' } };
  const ofStack = (stack: string): LiveObject => ({ metadata: { annotations: { 'edge-constructs.io/stack': stack } } });
  const make = async (by: pulumi.ProviderResource, inputs: object = newInputs): Promise<void> => {
    await call(ownerHook('shop', by), { newInputs: inputs as Record<string, unknown> });
  };

  test('it is looked for, in previews too', async () => {
    expect([ownerHook('shop', provider()).opts, levelHook('shop').opts]).toEqual([
      { onDryRun: true },
      { onDryRun: true },
    ]);
    await make(provider(KUBECONFIG));
    expect(asked).toEqual([`${KUBECONFIG}: ConfigMap kins-system/shop-guard-kins`]);
  });

  test('one of another stack is refused, and of this one not', async () => {
    live = ofStack('project/other');
    await expect(make(provider(KUBECONFIG))).rejects.toThrow(
      'Unit shop is already in the cluster and belongs to stack project/other; this is project/stack.',
    );
    live = { metadata: {} };
    await expect(make(provider(KUBECONFIG))).rejects.toThrow(
      'Unit shop is already in the cluster and no stack claims it',
    );
    live = ofStack('project/stack');
    await make(provider(KUBECONFIG));
  });

  test('the kubeconfig may be a path, or JSON on one line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    writeFileSync(join(folder, 'config'), KUBECONFIG);
    await make(provider(join(folder, 'config')));
    rmSync(folder, { recursive: true });
    await make(provider(pulumi.secret('{"clusters":[]}')));
    expect(asked.map((each) => each.split(': ConfigMap')[0])).toEqual([KUBECONFIG, '{"clusters":[]}']);
  });

  test.each<[string, pulumi.ProviderResource, object]>([
    ['the cluster', provider(), newInputs],
    ['the kubeconfig', provider(unknown<string>()), newInputs],
    ['the name', provider(KUBECONFIG), { metadata: { name: pulumi.runtime.unknownValue, namespace: 'kins-system' } }],
    ['the namespace', provider(KUBECONFIG), { metadata: { name: 'shop-guard-kins' } }],
  ])('nobody is asked as long as nobody knows %s', async (_, by, inputs) => {
    live = ofStack('project/other');
    await make(by, inputs);
    expect(asked).toEqual([]);
  });
});

describe('before a unit gets nodes', () => {
  const guard = (nodes: unknown, level = 'L4'): Record<string, unknown> => ({
    metadata: { annotations: { 'edge-constructs.io/nodes': nodes } },
    data: { unit: 'shop', level },
  });
  const get = async (inputs: Record<string, unknown>, by = provider(KUBECONFIG)): Promise<void> => {
    await call(nodesHook('shop', by), { newInputs: inputs });
  };
  /** The agents of another unit. */
  const agents = (unit: string, ...nodes: string[]): LiveObject => ({
    metadata: { labels: { 'edge-constructs.io/unit': unit } },
    spec: {
      template: {
        spec: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: nodes.map((node) => ({ matchFields: [{ key: 'metadata.name', values: [node] }] })),
              },
            },
          },
        },
      },
    },
  });
  const ended: LiveObject = {
    metadata: { labels: { 'edge-constructs.io/unit': 'ended' } },
    spec: { template: { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } } } } } },
  }; // prettier-ignore
  const stackOf = (unit: string, stack: string): void => {
    const annotations = { 'edge-constructs.io/stack': stack };
    others[`ConfigMap/${unit}-guard-kins`] = { metadata: { annotations } };
  };

  test('those of other units are looked at, in previews too', async () => {
    expect(nodesHook('shop', provider()).opts).toEqual({ onDryRun: true });
    listed = [agents('shop', 'edge1'), agents('other', 'edge3'), ended];
    await get(guard('edge1,edge2'));
    expect(asked).toEqual([`${KUBECONFIG}: DaemonSets with edge-constructs.io/component=agent`]);
  });

  test('a node of another unit is refused, with whose that is and what to do', async () => {
    listed = [agents('shop', 'edge1'), agents('other', 'edge2', 'edge3')];
    stackOf('other', 'project/b');
    await expect(get(guard('edge1,edge2'))).rejects.toThrow(
      "Unit shop can't have node edge2: unit other runs there, which belongs to stack project/b. A node has one unit: name " +
        'another here, or take it out of that one first ("Remove a node" in docs/kins.md), apply that, and then this. Nothing ' +
        'has been changed.',
    );
    stackOf('other', 'project/stack');
    await expect(get(guard('edge3,edge2'))).rejects.toThrow(
      "Unit shop can't have nodes edge2, edge3: unit other runs there, which also belongs to this stack.",
    );
    for (const guardOfOther of [undefined, {}, { metadata: { annotations: { 'edge-constructs.io/stack': '' } } }]) {
      others = guardOfOther === undefined ? {} : { 'ConfigMap/other-guard-kins': guardOfOther };
      await expect(get(guard('edge2'))).rejects.toThrow(
        'which was applied by GitOps or kubectl, or by an older version',
      );
    }
  });

  test('names of nodes that are secret are not shown', async () => {
    listed = [agents('other', 'edge2')];
    const { metadata, ...rest } = guard('edge2');
    await expect(get({ ...rest, metadata: pulumi.secret(metadata) })).rejects.toThrow(
      "Unit shop can't have 1 of its nodes: unit other runs there",
    );
  });

  test.each<[string, Record<string, unknown>, pulumi.ProviderResource]>([
    ['the unit has ended', guard('edge2', 'L3'), provider(KUBECONFIG)],
    ['nobody knows the nodes', guard(unknown<string>()), provider(KUBECONFIG)],
    ['nobody knows the cluster', guard('edge2'), provider(unknown<string>())],
    [
      'nobody knows the unit',
      { ...guard('edge2'), data: { unit: pulumi.runtime.unknownValue, level: 'L4' } },
      provider(KUBECONFIG),
    ],
    ['the guard names no nodes', { ...guard('edge2'), metadata: {} }, provider(KUBECONFIG)],
  ])('nobody is asked when %s', async (_, inputs, by) => {
    listed = [agents('other', 'edge2')];
    await get(inputs, by);
    expect(asked).toEqual([]);
  });

  test("what has agents but neither labels nor nodes is in nobody's way", async () => {
    listed = [{}, { spec: {} }, { spec: { template: { spec: { affinity: { nodeAffinity: {} } } } } }];
    await get(guard('edge1'));
    expect(asked).toHaveLength(1);
  });

  test('who may not list the other units is told what is not known', async () => {
    const warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
    listed = { code: 403 };
    await get(guard('edge2'));
    expect(warn.mock.calls[0]?.[0]).toContain('is not allowed to list DaemonSets in namespace kins-system');
    warn.mockRestore();
    listed = { code: 500 };
    await expect(get(guard('edge2'))).rejects.toEqual({ code: 500 });
  });
});

describe('before the node of a device is made', () => {
  const take = async (kubeconfig: pulumi.Output<string> = pulumi.secret(KUBECONFIG)): Promise<void> => {
    await call(takeoverHook('device1', kubeconfig), { newInputs: { metadata: { name: 'edge1' } } });
  };
  const held = (stack: string): void => {
    others['ConfigMap/edge-device-edge1'] = { metadata: { annotations: { 'edge-constructs.io/stack': stack } } };
  };

  test('one that has joined is told to be taken over, in previews too', async () => {
    expect(takeoverHook('device1', pulumi.output('')).opts).toEqual({ onDryRun: true });
    const info = jest.spyOn(pulumi.log, 'info').mockResolvedValue();
    await take();
    // Made by an update that was interrupted: no device has joined.
    others['Node/edge1'] = { metadata: {} };
    held('project/stack');
    await take();
    expect(info).not.toHaveBeenCalled();
    others['Node/edge1'] = { status: { nodeInfo: { machineID: 'a' } } };
    await take();
    expect(info.mock.calls).toEqual([
      ['Node edge1 has already joined: this stack takes it over, and destroying device1 takes it off its device.'],
    ]);
    info.mockRestore();
  });

  test('the device of another stack is refused, with what to do', async () => {
    held('project/other');
    await expect(take()).rejects.toThrow(
      'Node edge1 has its device in stack project/other; this is project/stack. Keep it in one of the two: move the ' +
        'EdgeMachine and the EdgeDevice here with their state, with pulumi state move, or remove them here. If that stack no ' +
        'longer exists: kubectl --namespace kube-system annotate configmap edge-device-edge1 --overwrite ' +
        'edge-constructs.io/stack=project/stack',
    );
  });

  test('nobody is asked as long as nobody knows the kubeconfig, or the name', async () => {
    held('project/other');
    await take(unknown<string>());
    const newInputs = { metadata: { name: pulumi.runtime.unknownValue } };
    await call(takeoverHook('device1', pulumi.output(KUBECONFIG)), { newInputs });
    await call(machineHook('edge1', provider(KUBECONFIG)), { newInputs });
    await call(machineHook('edge1', provider(unknown<string>())), { newInputs: { metadata: { name: 'edge1' } } });
    await call(machineHook('edge1', provider(KUBECONFIG)), {});
    expect(asked).toEqual([]);
  });

  test.each<[string, LiveObject]>([
    ['says nothing', {}],
    ['has other annotations', { metadata: { annotations: { a: 'b' } } }],
    ['names no stack', { metadata: { annotations: { 'edge-constructs.io/stack': '' } } }],
  ])("what holds a node and %s is nobody else's", async (_, hold) => {
    others['ConfigMap/edge-device-edge1'] = others['ConfigMap/edge-machine-edge1'] = hold;
    await take();
    await call(machineHook('edge1', provider(KUBECONFIG)), { newInputs: { metadata: { name: 'edge1' } } });
    expect(asked).toHaveLength(3);
  });

  test('the machine of another stack is refused before that, in previews too', async () => {
    const newInputs = { metadata: { name: 'edge1' } };
    expect(machineHook('edge1', provider()).opts).toEqual({ onDryRun: true });
    const annotations = { 'edge-constructs.io/stack': 'project/other' };
    others['ConfigMap/edge-machine-edge1'] = { metadata: { annotations } };
    await expect(call(machineHook('edge1', provider(KUBECONFIG)), { newInputs })).rejects.toThrow(
      /^Node edge1 has its machine in stack project\/other; .* annotate configmap edge-machine-edge1 --overwrite/,
    );
    others = {};
    live = undefined;
    await call(machineHook('edge1', provider(KUBECONFIG)), { newInputs });
  });
});

describe('before a Seed gets its first datacenter', () => {
  const newInputs = { apiVersion: 'kubermatic.k8c.io/v1', metadata: { name: 'kubermatic', namespace: 'kubermatic' } };
  test.each<[string, unknown, unknown]>([
    ['an empty map, out of which no entry could be taken again, goes', {}, { spec: { datacenters: null } }],
    ['a map with entries stays', { cloud: {} }, undefined],
    ['none is nothing to take away', undefined, undefined],
    ['a Seed without a spec has none', 'no spec', undefined],
    ['what is no map is left to who knows it', [], undefined],
  ])('%s', async (_, datacenters, change) => {
    live = datacenters === 'no spec' ? {} : { spec: { datacenters } as object };
    await call(emptyMapHook('edge-eu-de', provider(KUBECONFIG)), { newInputs });
    expect(changed).toEqual([[`${KUBECONFIG}: kubermatic`, change]]);
  });

  test('nobody is asked as long as nobody knows the cluster, and a preview changes nothing', async () => {
    await call(emptyMapHook('edge-eu-de', provider(unknown<string>())), { newInputs });
    for (const nobodyKnows of ['name', 'namespace']) {
      const metadata = { ...newInputs.metadata, [nobodyKnows]: pulumi.runtime.unknownValue };
      await call(emptyMapHook('edge-eu-de', provider(KUBECONFIG)), { newInputs: { ...newInputs, metadata } });
    }
    await call(emptyMapHook('edge-eu-de', provider(KUBECONFIG)), { newInputs: { metadata: newInputs.metadata } });
    await call(emptyMapHook('edge-eu-de', provider(KUBECONFIG)), {});
    expect(changed).toEqual([]);
    expect(emptyMapHook('edge-eu-de', provider()).opts).toBeUndefined();
  });
});

describe('when the taints of a device change', () => {
  /** What is done to the node by an update from some taints, as the annotation has them, to others. */
  async function update(before: string | undefined, after: string | undefined): Promise<void> {
    const monitor = pulumi.runtime.getMonitor() as unknown as { registerResourceHook?: unknown };
    monitor.registerResourceHook = () => undefined;
    let hooks: pulumi.ResourceHookBinding | undefined;
    const transformations = [
      ({ opts }: pulumi.ResourceTransformationArgs): pulumi.ResourceTransformationResult | undefined => {
        hooks = (opts as pulumi.CustomResourceOptions).hooks;
        return { props: {}, opts: { ...opts, hooks: undefined } };
      },
    ];
    const nodeTaints = [{ key: 'kiosk', effect: TaintEffect.NO_EXECUTE }];
    const { isTainted } = new DeviceNode('device1', pulumi.output('edge1'), { nodeTaints }, pulumi.secret(KUBECONFIG), {
      transformations,
    });
    const inputs = (taints?: string): Record<string, unknown> => ({
      metadata: { annotations: taints === undefined ? undefined : { 'edge-constructs.io/taints': taints } },
    });
    // What the update sets is set by then.
    await settled(isTainted);
    await engine.settle();
    changed = [];
    await call(hooks!.afterUpdate![0] as pulumi.ResourceHook, {
      oldInputs: inputs(before),
      newInputs: inputs(after),
    });
  }

  const taint = (key: string, effect: string): { key: string; effect: string } => ({ key, effect });

  test('those that are declared no more are removed, and nothing else', async () => {
    const taints = ['kiosk', 'till', 'other'].map((key) => taint(key, 'NoExecute'));
    live = { spec: { taints } };
    await update('kiosk:NoExecute,till=yes:NoExecute', 'kiosk:NoExecute');
    expect(changed).toEqual([[`${KUBECONFIG}: edge1`, { spec: { taints: [taints[0], taints[2]] } }]]);
  });

  test('an effect that is declared no more is removed', async () => {
    const taints = [taint('kiosk', 'NoExecute'), taint('kiosk', 'NoSchedule')];
    live = { spec: { taints } };
    await update('kiosk:NoExecute,kiosk:NoSchedule', 'kiosk:NoExecute');
    expect(changed).toEqual([[`${KUBECONFIG}: edge1`, { spec: { taints: [taints[0]] } }]]);
  });

  test.each([
    ['one more', 'kiosk:NoExecute', 'kiosk:NoExecute,till:NoExecute'],
    ['another value', 'kiosk=a:NoExecute', 'kiosk=b:NoExecute'],
    ['the first', undefined, 'kiosk:NoExecute'],
  ])('%s is nothing to remove', async (_, before, after) => {
    await update(before, after);
    expect(changed).toEqual([]);
  });
});
