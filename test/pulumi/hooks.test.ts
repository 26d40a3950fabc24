import * as pulumi from '@pulumi/pulumi';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaintEffect } from '../../lib';
import type { LiveObject, ObjectKey } from '../../lib/pulumi/cluster-objects';
import { DeviceNode } from '../../lib/pulumi/device-node';
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
let asked: string[] = [];
let changed: unknown[] = [];
jest.mock('../../lib/pulumi/cluster-objects', () => ({
  ClusterObjects: class {
    constructor(readonly kubeconfig: string) {}
    get({ kind, namespace = '', name }: ObjectKey): Promise<LiveObject | undefined> {
      asked.push(`${this.kubeconfig}: ${kind} ${namespace}/${name}`);
      return Promise.resolve(live);
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
      'Unit shop is in the cluster already and belongs to stack project/other; this is project/stack.',
    );
    live = { metadata: {} };
    await expect(make(provider(KUBECONFIG))).rejects.toThrow('Unit shop is in the cluster already and no stack says');
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
      metadata: { annotations: taints === undefined ? undefined : { 'edge-constructs/taints': taints } },
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
