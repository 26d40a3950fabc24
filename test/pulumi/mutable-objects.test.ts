import * as pulumi from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';
import { AutonomyLevel, KinsCluster } from '../../lib';
import { changingInPlace } from '../../lib/pulumi/mutable-objects';
import { Engine } from './mocks';

/** A provider of the program, with the settings that its version of `@pulumi/kubernetes` knows. */
class Provider extends pulumi.ProviderResource {
  constructor(settings: object) {
    super('kubernetes', 'asked', {});
    Object.assign(this, settings);
  }
}

let engine: Engine;
let warn: jest.SpyInstance;
beforeEach(async () => {
  engine = await Engine.start();
  warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
});
afterEach(async () => {
  warn.mockRestore();
  await engine.settle();
});

function answer(settings: object): Promise<unknown> | undefined {
  const chart = new Chart(new App(), 'site');
  new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4 });
  return changingInPlace(new Provider(settings), 'site', chart);
}

test.each([
  ['Secret', { enableConfigMapMutable: 'true' }],
  ['ConfigMap', { enableSecretMutable: true }],
])('a provider that knows no setting for a %s replaces it, and is refused for a unit', async (kind, settings) => {
  await expect(answer(settings)).rejects.toThrow(
    `ChartResources 'site' has 1 problem:\n  - provider.enable${kind}Mutable: given nothing; allowed: true`,
  );
  expect(warn).not.toHaveBeenCalled();
});

test('settings may be texts, as they travel, and Outputs', async () => {
  expect(await answer({ enableConfigMapMutable: pulumi.output(true), enableSecretMutable: 'true' })).toMatchObject({
    __name: 'asked',
  });
});

test('of a provider that tells nothing about itself it is told what it should have', () => {
  expect(answer({})).toBeUndefined();
  expect(warn.mock.calls).toEqual([
    [
      "Set enableConfigMapMutable and enableSecretMutable in the provider of site: this process can't see whether they are set.",
    ],
  ]);
});

describe('a setting that nobody knows yet', () => {
  // In previews the engine sends what it does not know as this text.
  const unknown = { enableConfigMapMutable: pulumi.runtime.unknownValue, enableSecretMutable: true };

  test('counts as set for an engine that has no cluster, in which people test their programs', async () => {
    expect(await answer(unknown)).toMatchObject({ __name: 'asked' });
  });

  test('counts as left out for one that has', async () => {
    const monitor = pulumi.runtime.getMonitor() as unknown as { registerResourceHook?: unknown };
    monitor.registerResourceHook = () => undefined;
    await expect(answer(unknown)).rejects.toThrow('provider.enableConfigMapMutable: given nothing');
  });
});
