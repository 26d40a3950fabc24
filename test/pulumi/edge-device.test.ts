import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { OperatingSystem, TaintEffect } from '../../lib';
import { EdgeDevice, EdgeMachine, type EdgeDeviceArgs } from '../../lib/pulumi';
import { ED25519 } from '../kkp/ssh-keys';
import { Engine, plain, settled, unknown, unwrapped } from './mocks';
import { cluster, emptyCluster, NAMES, SCRIPT, TOKEN } from './support/kkp-cluster';

jest.mock('../../lib/pulumi/cluster-reader', () => jest.requireActual<object>('./support/kkp-cluster'));
jest.mock('../../lib/pulumi/cluster-objects', () => jest.requireActual<object>('./support/kkp-cluster'));
beforeEach(emptyCluster);

describe('EdgeDevice', () => {
  const kubeconfig = 'the kubeconfig';
  const connection = { host: '192.0.2.7', user: 'ubuntu', privateKey: 'the private key', hostKey: ED25519 };

  async function declare(
    args: Partial<EdgeDeviceArgs> = {},
    { isPreview = false, name = undefined as pulumi.Input<string> | undefined } = {},
  ): Promise<{ engine: Engine; nodeName: pulumi.Output<string> }> {
    const engine = await Engine.start(isPreview, true);
    const opts = {
      ...engine.watched,
      providers: { kubernetes: new kubernetes.Provider('user-cluster', { kubeconfig }) },
    };
    const machine = new EdgeMachine(
      'edge1',
      { name, operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.4', sshPublicKeys: [ED25519] },
      opts,
    );
    try {
      const { nodeName } = new EdgeDevice('device1', { machine, connection, kubeconfig, ...args }, opts);
      return { engine, nodeName };
    } finally {
      // A refused device has registered others, which must not reach the next test's engine.
      await engine.settle();
    }
  }

  test('one command provisions and decommissions; everything secret is marked so, and nothing secret stands in text', async () => {
    const { engine, nodeName } = await declare({ nodeLabels: { site: 'la' } });
    const { inputs } = engine.find('device1/device');
    expect(plain(inputs.create)).toBe('sudo -n sh -s provision');
    expect(plain(inputs.update)).toBe('sudo -n sh -s provision');
    expect(plain(inputs.delete)).toBe('sudo -n sh -s decommission');
    expect(inputs.triggers).toBeUndefined();
    expect(unwrapped(inputs.stdin).isSecret).toBe(true);
    expect(plain(inputs.stdin)).toContain(`script ${Buffer.from(SCRIPT).toString('base64')}\n`);
    expect(plain(inputs.stdin)).toContain("EDGE_OS_VERSION='22.04'");
    expect(unwrapped(inputs.connection).isSecret).toBe(true);
    expect(plain(inputs.connection)).toEqual({
      host: '192.0.2.7', port: 22, user: 'ubuntu', privateKey: 'the private key', hostKey: ED25519, dialErrorLimit: 4, perDialTimeout: 15,
    }); // prettier-ignore
    expect(JSON.stringify([inputs.create, inputs.update, inputs.delete])).not.toContain(TOKEN);
    expect(plain(engine.find('device1/node').inputs)).toMatchObject({
      metadata: { name: 'edge1', labels: { site: 'la' } },
    });
    expect(engine.optionsOf('device1/device').retainOnDelete).toBe(false);
    expect(await settled(nodeName)).toMatchObject({ value: 'edge1' });
  });

  test('what the guard of a unit can keep goes first: it depends on the device, the node, the machine and the Secrets', async () => {
    const { engine } = await declare({ rotateTokenOnDestroy: true });
    const hold = (part: string): object => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `edge-${part}-edge1`, namespace: 'kube-system' },
      data: { node: 'edge1' },
    });
    const { metadata } = engine.find('device1/hold').inputs;
    expect(metadata).toMatchObject({ annotations: { 'edge-constructs.io/stack': 'project/stack' } });
    const before = (name: string): string[] =>
      (engine.optionsOf(name).dependsOn as unknown as { __name: string }[]).map(({ __name }) => __name).sort();
    expect(plain(engine.find('device1/hold').inputs)).toMatchObject(hold('device'));
    expect(before('device1/hold')).toEqual(['device1/device', 'device1/node', 'device1/script', 'device1/token', 'edge1/edge1/machine']); // prettier-ignore
    expect(plain(engine.find('edge1/hold').inputs)).toMatchObject(hold('machine'));
    expect(before('edge1/hold')).toEqual(['edge1/edge1/machine']);
  });

  test('a node that is there already is taken over, but only with the machine that it is the node of', async () => {
    const { engine } = await declare();
    const providerOf = (name: string): string =>
      (engine.optionsOf(name).provider as unknown as { __name: string }).__name;
    expect([providerOf('device1/node'), providerOf('device1/hold')]).toEqual(Array(2).fill('user-cluster-adopting'));
    const before = engine.optionsOf('device1/node').dependsOn as unknown as { __name: string }[];
    expect(before.map(({ __name }) => __name)).toEqual(['edge1/edge1/machine']);
  });

  test('a machine has one device', async () => {
    const engine = await Engine.start();
    const opts = { providers: { kubernetes: new kubernetes.Provider('user-cluster', { kubeconfig }) } };
    const machine = new EdgeMachine(
      'edge1',
      { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.4', sshPublicKeys: [ED25519] },
      opts,
    );
    new EdgeDevice('device1', { machine, connection, kubeconfig }, opts);
    expect(() => new EdgeDevice('device2', { machine, connection, kubeconfig }, opts)).toThrow(
      "EdgeDevice 'device2' has 1 problem:\n  - machine: given an EdgeMachine; allowed: a machine that no other device has; 'device1' has this one. Declare an EdgeMachine for each device.",
    );
    await engine.settle();
  });

  test('a name that only Pulumi knows gets to the node, the Secrets and the device', async () => {
    const { engine, nodeName } = await declare({}, { name: pulumi.output('edge2') });
    expect(plain(engine.find('device1/node').inputs)).toMatchObject({ metadata: { name: 'edge2' } });
    expect(plain(engine.find('device1/script').inputs)).toMatchObject({
      metadata: { name: 'edge-provider-script-edge2-kube-system' },
    });
    expect(plain(engine.find('device1/device').inputs.stdin)).toContain("EDGE_NAME='edge2'");
    expect(await settled(nodeName)).toMatchObject({ value: 'edge2' });
  });

  test.each<[string, Partial<EdgeDeviceArgs>, pulumi.Input<string> | undefined]>([
    ['the kubeconfig', { kubeconfig: unknown<string>() }, undefined],
    ['the name of the machine', {}, unknown<string>()],
  ])('a preview ends without knowing %s', async (_, args, name) => {
    const nodeTaints = [{ key: 'example.com/kiosk', effect: TaintEffect.NO_EXECUTE }];
    const { engine } = await declare({ nodeTaints, ...args }, { isPreview: true, name });
    expect(engine.find('device1/device').inputs.stdin).toEqual({ __pulumiUnknown: true });
    expect(cluster.changes).toEqual([]);
  });

  test('an abandoned device is left alone, and what stays where is told', async () => {
    const warn = jest.spyOn(pulumi.log, 'warn').mockResolvedValue();
    const { engine } = await declare({ abandon: true });
    expect(engine.optionsOf('device1/device').retainOnDelete).toBe(true);
    expect(warn.mock.calls[0]?.[0]).toMatch(
      /^edge1 is abandoned: .* These stay on the device: .* In the cluster that token stays valid, with ServiceAccount cloud-init-getter/,
    );
    warn.mockRestore();
  });

  test('what KKP leaves behind is taken over, without what is in it', async () => {
    const { engine } = await declare({ rotateTokenOnDestroy: true });
    const taken = (kind: string, name: string): object => ({
      apiVersion: 'v1',
      kind,
      metadata: { name, namespace: 'cloud-init-settings', labels: { 'edge-constructs.io/machine-uid': 'undefined' } },
    });
    expect(plain(engine.find('device1/script').inputs)).toEqual(taken('Secret', NAMES.secretName));
    // A token Secret alone comes back with the same token.
    expect(plain(engine.find('device1/token').inputs)).toEqual(taken('ServiceAccount', 'cloud-init-getter'));
    expect((await declare()).engine.registered.map(({ name }) => name)).not.toContain('device1/token');
  });

  test('taints are set before the device joins, beside those of others, and shown as an annotation', async () => {
    cluster.live = {
      'Node/edge1': { spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] } },
    };
    const nodeTaints = [{ key: 'example.com/kiosk', value: 'yes', effect: TaintEffect.NO_EXECUTE }];
    const { engine } = await declare({ nodeTaints });
    expect(plain(engine.find('device1/node').inputs)).toMatchObject({
      metadata: { annotations: { 'edge-constructs.io/taints': 'example.com/kiosk=yes:NoExecute' } },
    });
    expect(cluster.changes).toEqual([
      `Node/edge1 ${JSON.stringify({ spec: { taints: [cluster.live['Node/edge1']!.spec!.taints![0], nodeTaints[0]] } })}`,
    ]);
  });

  test('one approver of serving certificates, and one more provider, for all devices of a cluster', async () => {
    const engine = await Engine.start();
    const opts = { providers: { kubernetes: new kubernetes.Provider('user-cluster', { kubeconfig }) } };
    for (const name of ['edge1', 'edge2']) {
      const machine = new EdgeMachine(
        name,
        { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.4', sshPublicKeys: [ED25519] },
        opts,
      );
      new EdgeDevice(`${name}-device`, { machine, connection, kubeconfig }, opts);
    }
    await engine.settle();
    const ofType = (end: string): string[] =>
      engine.registered
        .filter(({ type }) => type.endsWith(end))
        .map(({ name }) => name)
        .sort();
    expect(ofType(':CronJob')).toHaveLength(1);
    expect(ofType('pulumi:providers:kubernetes')).toEqual(['user-cluster', 'user-cluster-adopting']);
  });

  test('no approver where none is wanted', async () => {
    const { engine } = await declare({ servingCertificateApprover: false });
    expect(engine.registered.filter(({ type }) => type.endsWith(':CronJob'))).toEqual([]);
  });

  test.each([
    [
      'a taint without effect',
      { nodeTaints: [{ key: 'a' } as never] },
      "EdgeDevice 'device1' has 1 problem:\n  - nodeTaints[0].effect: given nothing; allowed: 'NoSchedule', 'PreferNoSchedule', 'NoExecute'. Use a member of TaintEffect.",
    ],
    [
      'a taint twice',
      { nodeTaints: ['x', 'y'].map((value) => ({ key: 'a', value, effect: TaintEffect.NO_SCHEDULE })) },
      "EdgeDevice 'device1' has 1 problem:\n  - nodeTaints[1]: given an object with key, value, effect; allowed: each item only once; it is already at nodeTaints[0]. Remove one of the two.",
    ],
    [
      'a label that is none',
      { nodeLabels: { site: 'a b' } },
      "EdgeDevice 'device1' has 1 problem:\n  - nodeLabels.site: given 'a b'; allowed: at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, or an empty string. Give a valid label value.",
    ],
  ])('%s is refused', async (_, wrong, message) => {
    await expect(declare(wrong)).rejects.toThrow(message);
  });

  test.each([
    [
      'no host key',
      { host: 'a' },
      "EdgeDevice 'device1' has 1 problem:\n  - connection.hostKey: given nothing; allowed: the public key of the host. Give the line of the host's /etc/ssh/ssh_host_ed25519_key.pub, read on the host itself.",
    ],
    [
      'no host key of the bastion',
      { ...connection, bastion: { host: 'b' } },
      "EdgeDevice 'device1' has 1 problem:\n  - connection.bastion.hostKey: given nothing; allowed: the public key of the host. Give the line of the host's /etc/ssh/ssh_host_ed25519_key.pub, read on the host itself.",
    ],
    [
      'no connection',
      undefined,
      "EdgeDevice 'device1' has 1 problem:\n  - connection: given nothing; allowed: an object: host, hostKey and how to log in. Give an object literal.",
    ],
    [
      'a URL as connection, which is not shown',
      'ssh://ubuntu:password@192.0.2.7',
      "EdgeDevice 'device1' has 1 problem:\n  - connection: given (not shown); allowed: an object: host, hostKey and how to log in. Give an object literal.",
    ],
    [
      'a bastion that is null',
      { ...connection, bastion: null },
      "EdgeDevice 'device1' has 1 problem:\n  - connection.bastion: given null; allowed: an object: host, hostKey and how to log in. Give an object literal.",
    ],
    [
      'a misspelt field that holds a key',
      { ...connection, privateKee: 'the private key' },
      "EdgeDevice 'device1' has 1 problem:\n  - connection.privateKee: given (not shown); allowed: only host, port, user, privateKey, privateKeyPassword, agentSocketPath, hostKey, insecurelyAcceptAnyHostKey. There is no such argument; correct its name.",
    ],
  ])('%s is refused', async (_, wrong, message) => {
    await expect(declare({ connection: wrong as never })).rejects.toThrow(new Error(message));
  });

  test.each([
    [null, 'given null'],
    [{ name: 'edge2' }, "name: given 'edge2'; allowed: only httpProxy"],
  ])('options of the supervisor that are %p are refused, and not taken for none', async (supervisor, told) => {
    await expect(declare({ supervisor: supervisor as never })).rejects.toThrow(told);
  });

  test('a misspelt argument is refused, and what it holds is not shown', async () => {
    await expect(declare({ kubeConfig: 'the kubeconfig' } as never)).rejects.toThrow(
      /1 problem:\n {2}- kubeConfig: given \(not shown\); allowed: only machine, kubeconfig, .*connection, supervisor\./,
    );
  });
});
