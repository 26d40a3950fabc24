import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { AutonomyLevel, Weekday } from '../../lib';
import { KinsCluster, type KinsClusterArgs } from '../../lib/pulumi';
import { Engine, plain, settled } from './mocks';

const { L3, L4 } = AutonomyLevel;

let engine: Engine;
let opts: pulumi.ComponentResourceOptions;
beforeEach(async () => {
  engine = await Engine.start();
  const settings = { enableConfigMapMutable: true, enableSecretMutable: true };
  opts = { ...engine.watched, provider: new kubernetes.Provider('cloud', settings) };
});
afterEach(() => engine.settle());

async function declare(args: KinsClusterArgs): Promise<KinsCluster> {
  const kins = new KinsCluster('site', args, opts);
  await engine.settle();
  return kins;
}

const nodes = ['edge1'];
const unit = { nodes, autonomyLevel: L4 };
test.each<[string, KinsClusterArgs, string]>([
  ['the component', unit, 'site'],
  ['its argument', { ...unit, name: 'shop' }, 'shop'],
  ['its argument, an Output', { ...unit, name: pulumi.output('shop') }, 'shop'],
  ['the NodeUnit', { nodeUnit: { ...unit, name: 'shop' } }, 'shop'],
  ['the NodeUnit, which has that of the component', { nodeUnit: unit }, 'site'],
])('the tokens of a unit are in a Secret that is named as the unit is: by %s', async (_, args, name) => {
  const kins = await declare(args);
  expect((await settled(kins.unitName)).value).toBe(name);
  expect(plain(engine.find('site/tokens').inputs)).toMatchObject({ metadata: { name: `${name}-tokens-kins` } });
  expect(JSON.stringify(engine.find('site/site/server').inputs)).toContain(`"secretName":"${name}-tokens-kins"`);
});

test('tokens are as long as those that servers make, without special characters, and each is another one', async () => {
  await declare(unit);
  const passwords = engine.registered.filter(({ type }) => type.startsWith('random:'));
  expect(passwords.map(({ name }) => name)).toEqual(['site/server-token', 'site/agent-token', 'site/admin-token']);
  for (const { inputs } of passwords) expect(inputs).toMatchObject({ length: 64, special: false });
});

test('the Secret with the tokens comes after what keeps it from being deleted, and before all pods', async () => {
  await declare(unit);
  const before = (name: string): string[] =>
    (engine.optionsOf(name).dependsOn as unknown as { __name: string }[]).map(({ __name }) => __name);
  expect(before('site/tokens')).toContain('site/site/guard-binding');
  for (const part of ['cri', 'server', 'agent']) expect(before(`site/site/${part}`)).toContain('site/tokens');
});

test('only the guard of a unit says whose the unit is: nothing else is asked before it is made', async () => {
  await declare(unit);
  const owned = engine.registered.filter(({ inputs }) => JSON.stringify(inputs).includes('edge-constructs.io/stack"'));
  expect(owned.map(({ name }) => name)).toEqual(['site/site/guard']);
});

test('kubeconfigs for nodes are not told where none is made', async () => {
  const kins = await declare({ ...unit, credentialsInConfigMap: true });
  expect((await settled(kins.nodeKubeconfig)).value).toBeUndefined();
});

test('the level is known while the program runs', async () => {
  expect((await declare({ ...unit, autonomyLevel: L3 })).autonomyLevel).toBe(L3);
});

test('when changes are made may be said by Outputs, as may the release, which is checked once it is known', async () => {
  await declare({
    ...unit,
    version: pulumi.output('v1.34.4+k3s1'),
    hold: pulumi.output('stocktaking'),
    timeZone: pulumi.output('Europe/Berlin'),
    maintenanceWindows: [{ days: [Weekday.MON], start: pulumi.output('02:00'), end: '05:00' }],
    prepull: { version: pulumi.output('v1.35.1+k3s1') },
    previousVersion: 'v1.34.4+k3s1',
  });
  expect(plain(engine.find('site/site/config').inputs)).toMatchObject({
    data: { upgrades: 'hold stocktaking\nzone Europe/Berlin\nwindow 1 02:00 05:00\nsoak 900\n' },
  });
  expect(plain(engine.find('site/site/config').inputs)).toMatchObject({
    metadata: { annotations: { 'edge-constructs.io/k3s-version': 'v1.34.4+k3s1' } },
  });
});
