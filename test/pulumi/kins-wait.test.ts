import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { AutonomyLevel } from '../../lib';
import { KinsCluster, type KinsClusterArgs } from '../../lib/pulumi';
import type { UnitFacts, UnitKubeconfigs, UnitWaitOptions } from '../../lib/pulumi/unit-wait';
import { Engine, plain, settled } from './mocks';

const { L3, L4 } = AutonomyLevel;

let waits: unknown[] = [];
// The client of Kubernetes is an ES module, which jest does not load.
jest.mock('../../lib/pulumi/cluster-reader', () => ({
  ClusterReader: class {
    constructor(
      readonly kubeconfig: string,
      readonly field: string,
    ) {}
  },
}));
jest.mock('../../lib/pulumi/unit-wait', () => ({
  UnitWait: class {
    constructor(
      _: unknown,
      readonly facts: UnitFacts,
      readonly reader: object,
      readonly options: UnitWaitOptions,
    ) {}
    note(until: string): void {
      const { facts, reader, options } = this;
      waits.push({ until, facts, reader, options });
    }
    kubeconfigs(): Promise<UnitKubeconfigs> {
      this.note('it works');
      return Promise.resolve({ direct: 'the direct one', tunnel: 'the one for the tunnel' });
    }
    clean(): Promise<void> {
      this.note('all is clean');
      return Promise.resolve();
    }
  },
}));
beforeEach(() => (waits = []));

async function declare(
  args: Partial<KinsClusterArgs>,
  { isPreview = false, isThere = true } = {},
): Promise<{ engine: Engine; kins: KinsCluster }> {
  const engine = await Engine.start(isPreview, isThere);
  const provider = new kubernetes.Provider('cluster', { enableConfigMapMutable: true, enableSecretMutable: true });
  const kins = new KinsCluster('shop', { nodes: ['edge1'], autonomyLevel: L4, ...args }, { provider });
  await engine.settle();
  return { engine, kins };
}

const cloudKubeconfig = 'the kubeconfig';
const reader = { kubeconfig: cloudKubeconfig, field: 'cloudKubeconfig' };

test('with a kubeconfig of the cloud cluster the unit is waited for, and tells its kubeconfigs as secrets', async () => {
  const { kins } = await declare({ cloudKubeconfig });
  expect(await settled(kins.directKubeconfig)).toMatchObject({ value: 'the direct one', isSecret: true });
  expect(await settled(kins.tunnelKubeconfig)).toMatchObject({ value: 'the one for the tunnel', isSecret: true });
  expect(waits).toMatchObject([
    {
      until: 'it works',
      facts: { unitName: 'shop', nodes: ['edge1'], servers: ['edge1'] },
      reader,
      options: { timeoutSeconds: 900, isSecret: false },
    },
  ]);
});

test('it is waited for as long as is said, and names that are secret are not shown', async () => {
  const { kins } = await declare({ cloudKubeconfig, timeout: '60s', nodes: ['edge1', pulumi.secret('edge2')] });
  await settled(kins.directKubeconfig);
  expect(waits).toMatchObject([{ options: { timeoutSeconds: 60, isSecret: true } }]);
});

test('at L3 it is waited for until its nodes are clean, and there are no kubeconfigs any more', async () => {
  const { kins } = await declare({ cloudKubeconfig, autonomyLevel: L3 });
  expect((await settled(kins.directKubeconfig)).value).toBeUndefined();
  expect((await settled(kins.tunnelKubeconfig)).value).toBeUndefined();
  expect(waits).toMatchObject([{ until: 'all is clean', reader }]);
});

test.each([
  ['that is there tells what is published already', true, 'the direct one'],
  ['that is not there yet asks nobody', false, undefined],
])('a preview of a unit %s', async (_, isThere, value) => {
  const { kins } = await declare({ cloudKubeconfig }, { isPreview: true, isThere });
  expect(await settled(kins.directKubeconfig)).toMatchObject({ value, isKnown: isThere, isSecret: true });
  expect(waits).toHaveLength(isThere ? 1 : 0);
});

test('without one, nobody is asked, and there are no kubeconfigs', async () => {
  const { kins } = await declare({});
  expect((await settled(kins.directKubeconfig)).value).toBeUndefined();
  expect(waits).toEqual([]);
});

test.each<[string, Partial<KinsClusterArgs>, string[]]>([
  ['with a kubeconfig', { cloudKubeconfig }, ['agent', 'cri', 'server']],
  [
    'with a kubeconfig, at L3',
    { cloudKubeconfig, autonomyLevel: L3 },
    ['agent', 'cri', 'prepull', 'recycle', 'server'],
  ],
  ['without one', {}, []],
])('%s Pulumi does not wait for these pods, too: %s', async (_, args, unawaited) => {
  const { engine } = await declare(args);
  const left = engine.registered.filter(
    ({ type, inputs }) =>
      type.endsWith(':DaemonSet') && JSON.stringify(plain(inputs.metadata)).includes('"pulumi.com/skipAwait":"true"'),
  );
  expect(left.map(({ name }) => name.replace('shop/shop/', '')).sort()).toEqual(unawaited);
});
