import * as kubernetes from '@pulumi/kubernetes';
import type * as pulumi from '@pulumi/pulumi';
import { OperatingSystem } from '../../lib';
import { EdgeCluster, EdgeMachine } from '../../lib/pulumi';
import { KEYS } from './keys';
import { Engine, plain, settled } from './mocks';

let engine: Engine;
let opts: pulumi.ComponentResourceOptions;
beforeEach(async () => {
  engine = await Engine.start();
  opts = { ...engine.watched, provider: new kubernetes.Provider('cluster', {}) };
});
afterEach(() => engine.settle());

const args = {
  operatingSystem: OperatingSystem.UBUNTU_22_04,
  kubeletVersion: '1.33.5',
  sshPublicKeys: [KEYS.ed25519],
  approveServingCertificates: true,
};

test('a machine that is changed is deleted and made anew, but for its labels; nothing else is', async () => {
  new EdgeMachine('edge1', args, opts);
  await engine.settle();
  expect(engine.optionsOf('edge1/edge1/machine')).toMatchObject({
    replaceOnChanges: ['spec', 'metadata.annotations'],
    deleteBeforeReplace: true,
  });
  for (const { name, type } of engine.registered.filter((each) => each.type.startsWith('kubernetes:'))) {
    const { replaceOnChanges, deleteBeforeReplace } = engine.optionsOf(name);
    const isMachine = type.endsWith(':MachineDeployment');
    expect([name, deleteBeforeReplace, replaceOnChanges?.length]).toEqual(
      isMachine ? [name, true, 2] : [name, undefined, undefined],
    );
  }
});

test('what holds the node depends on its machine, and on its cluster where that is known', async () => {
  const cluster = new EdgeCluster('shop', { datacenter: 'edge', version: '1.33.5' }, opts);
  new EdgeMachine('edge1', { ...args, cluster }, opts);
  new EdgeMachine('edge2', args, opts);
  await engine.settle();
  const before = (name: string): string[] =>
    (engine.optionsOf(name).dependsOn as unknown as { __name: string }[]).map(({ __name }) => __name);
  expect(before('edge1/hold')).toEqual(['edge1/edge1/machine', 'shop']);
  expect(before('edge2/hold')).toEqual(['edge2/edge2/machine']);
});

test('the name of the node and the command for its script follow the name that was given', async () => {
  const machine = new EdgeMachine('first', { ...args, name: 'edge1' }, opts);
  await engine.settle();
  expect((await settled(machine.nodeName)).value).toBe('edge1');
  expect((await settled(machine.kubectlCommand)).value).toContain('edge-provider-script-edge1-kube-system');
  expect(plain(engine.find('first/first/machine').inputs)).toMatchObject({ metadata: { name: 'edge1' } });
});
