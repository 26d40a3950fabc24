import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { OperatingSystem, TaintEffect } from '../../lib';
import { EdgeDevice, EdgeMachine, type EdgeDeviceArgs } from '../../lib/pulumi';
import type { ClusterReader } from '../../lib/pulumi/cluster-reader';
import { ClusterObjects, type LiveObject, type ObjectKey } from '../../lib/pulumi/cluster-objects';
import { MachineObjects } from '../../lib/pulumi/machine-objects';
import { ProvisioningSecretsWait, type WaitOptions } from '../../lib/pulumi/provisioning-secrets';
import { ED25519 } from '../kkp/ssh-keys';
import { Engine, plain, settled, unknown, unwrapped } from './mocks';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnZXR0ZXIifQ.c2lnbmF0dXJl';
const SCRIPT = `curl --header 'Authorization: Bearer ${TOKEN}' https://api.example.com:6443/api/v1/namespaces/cloud-init-settings/secrets/edge1-kube-system-bootstrap-config\n`;
const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const NAMES = {
  secretName: 'edge-provider-script-edge1-kube-system',
  namespace: 'cloud-init-settings',
  key: 'fetch-bootstrap-script',
  requiredSecrets: {
    bootstrapConfig: 'edge1-kube-system-bootstrap-config',
    provisioningConfig: 'edge1-kube-system-provisioning-config',
    kubeletBootstrapConfig: 'kube-system-edge1-kubelet-bootstrap-config',
    getterToken: 'cloud-init-getter-token',
  },
  kubectlCommand: '',
};
const SECRETS: Record<string, Record<string, string>> = {
  [NAMES.secretName]: { 'fetch-bootstrap-script': SCRIPT },
  'edge1-kube-system-bootstrap-config': { 'cloud-config': '#cloud-config' },
  'edge1-kube-system-provisioning-config': { 'cloud-config': '#cloud-config' },
  'kube-system-edge1-kubelet-bootstrap-config': {
    kubeconfig: `clusters:\n- cluster:\n    certificate-authority-data: ${Buffer.from(CA).toString('base64')}\n`,
  },
  'cloud-init-getter-token': { token: TOKEN },
};

// The client of Kubernetes is an ES module, which jest does not load; the test API server proves the reader itself.
jest.mock('../../lib/pulumi/cluster-reader', () => ({
  ClusterReader: class {
    secret(_: string, name: string): Promise<Record<string, string>> {
      return Promise.resolve(SECRETS[name.replace('edge2', 'edge1')] ?? {});
    }
  },
}));

// What the cluster has besides Secrets, and what was changed in it.
let live: Record<string, LiveObject> = {};
let changes: string[] = [];
jest.mock('../../lib/pulumi/cluster-objects', () => ({
  ClusterObjects: class {
    get({ kind, name }: ObjectKey): Promise<LiveObject | undefined> {
      return Promise.resolve(live[`${kind}/${name}`]);
    }
    list(): Promise<LiveObject[]> {
      return Promise.resolve([]);
    }
    delete({ kind, name }: ObjectKey): Promise<void> {
      changes.push(`delete ${kind}/${name}`);
      return Promise.resolve();
    }
    change({ kind, name }: ObjectKey, change: (object: LiveObject) => object | undefined): Promise<void> {
      const object = live[`${kind}/${name}`];
      const patch = object === undefined ? undefined : change(object);
      if (patch !== undefined) changes.push(`${kind}/${name} ${JSON.stringify(patch)}`);
      return Promise.resolve();
    }
  },
}));
beforeEach(() => {
  live = {};
  changes = [];
});

describe('the wait for the Secrets', () => {
  const without = (...names: string[]): ClusterReader =>
    ({
      secret: (_: string, name: string) => Promise.resolve(names.includes(name) ? {} : SECRETS[name]),
    }) as unknown as ClusterReader;
  const read = async (
    reader: ClusterReader,
    { isPreview = false, ...options }: Partial<WaitOptions> & { isPreview?: boolean } = {},
  ): Promise<unknown> => {
    const engine = await Engine.start(isPreview);
    const log = new pulumi.ComponentResource('test:index:Log', 'log');
    await engine.settle();
    const objects = new MachineObjects(new ClusterObjects(''), 'edge1', NAMES);
    const all = { timeoutSeconds: 0, removeLeftoverScript: false, joinsAgain: false, ...options };
    return new ProvisioningSecretsWait(reader, objects, log, 'edge1', NAMES, all).read();
  };
  const at = (seconds: number, more: object = {}): LiveObject => ({
    metadata: { name: NAMES.secretName, creationTimestamp: new Date(seconds * 1000), ...more },
  });
  const kubeletConfig = NAMES.requiredSecrets.kubeletBootstrapConfig;

  test('gives the script, and the CA that the kubelet will trust', async () => {
    expect(await read(without())).toEqual({ script: SCRIPT, ca: CA });
  });

  test.each([
    [
      'only the script is there',
      ['edge1-kube-system-bootstrap-config', 'edge1-kube-system-provisioning-config'],
      "missing in namespace cloud-init-settings: Secret edge1-kube-system-bootstrap-config, Secret edge1-kube-system-provisioning-config. KKP's operating-system-manager is stuck on the script Secret of an earlier machine or attempt, which it never replaces. Remove it: kubectl --namespace cloud-init-settings delete secret edge-provider-script-edge1-kube-system Nothing has been done on the device.",
    ],
    [
      'the token is missing',
      ['cloud-init-getter-token'],
      "KKP creates Secret cloud-init-getter-token once per user cluster: check the cluster's health.",
    ],
    ['nothing was made', [NAMES.secretName], "KKP's operating-system-manager has created nothing: check its log"],
  ])('says what is missing and why when %s', async (_, names, message) => {
    await expect(read(without(...names))).rejects.toThrow(message);
    expect(changes).toEqual([]);
  });

  const cloudConfig = (token: string): string => {
    const file = `curl --header 'Authorization: Bearer ${token}'\thttps://api.example.com\n`;
    return `#cloud-config\nwrite_files:\n- path: '/opt/bin/bootstrap'\n  content: |-\n    ${Buffer.from(file).toString('base64')}\n`;
  };
  test.each([
    ['the script', NAMES.secretName, 'fetch-bootstrap-script', SCRIPT.replace(TOKEN, 'an-old-one')],
    ['the first cloud-config', NAMES.requiredSecrets.bootstrapConfig, 'cloud-config', cloudConfig('an-old-one')],
    ['the second', NAMES.requiredSecrets.provisioningConfig, 'cloud-config', cloudConfig('an-old-one')],
  ])('an old token in %s is told at once, unless the device has joined', async (_, stale, key, content) => {
    const reader = (value: string): ClusterReader =>
      ({
        secret: (__: string, name: string) => Promise.resolve(name === stale ? { [key]: value } : SECRETS[name]),
      }) as unknown as ClusterReader;
    await expect(read(reader(content), { timeoutSeconds: 3600 })).rejects.toThrow(
      `Machine edge1: an old token is in Secret ${stale} in namespace cloud-init-settings: it has been rotated since KKP created that. Let KKP recreate all of them, in this order: kubectl --namespace kube-system delete operatingsystemconfig edge1-kube-system-config; kubectl --namespace cloud-init-settings delete secret edge1-kube-system-bootstrap-config edge1-kube-system-provisioning-config; kubectl --namespace cloud-init-settings delete secret edge-provider-script-edge1-kube-system; then change a label of MachineDeployment edge1, and run this again.`,
    );
    live = { 'Node/edge1': { status: { nodeInfo: { machineID: 'a' } } } };
    expect(await read(reader(content))).toMatchObject({ ca: CA });
    live = {};
    expect(await read(reader(content.replace('an-old-one', TOKEN).replace(/^ {4}\S+$/m, cloudConfig(TOKEN).split('\n')[4]!)))).toMatchObject({ ca: CA }); // prettier-ignore
  });

  test('does not wait in a preview', async () => {
    expect(await read(without(NAMES.secretName), { isPreview: true })).toBeUndefined();
  });

  test('a script that is older than the machine is told at once, and removed only when that was allowed', async () => {
    live = { [`Secret/${NAMES.secretName}`]: at(1), 'MachineDeployment/edge1': at(2, { uid: 'new' }) };
    const stuck = without(NAMES.requiredSecrets.bootstrapConfig);
    await expect(read(stuck, { timeoutSeconds: 3600 })).rejects.toThrow(
      'Secret edge-provider-script-edge1-kube-system, which is older than the machine and which it never replaces. Set removeLeftoverScript: true, or remove it: kubectl --namespace cloud-init-settings delete secret edge-provider-script-edge1-kube-system. Nothing has been done on the device.',
    );
    expect(changes).toEqual([]);
    await expect(read(stuck, { removeLeftoverScript: true })).rejects.toThrow('waited 0 seconds');
    expect(changes).toEqual([`delete Secret/${NAMES.secretName}`]);
  });

  test('a script that was made for an earlier machine of this library goes without asking', async () => {
    const stuck = without(NAMES.requiredSecrets.bootstrapConfig);
    live = {
      [`Secret/${NAMES.secretName}`]: at(1, { labels: { 'edge-constructs.io/machine-uid': 'old' } }),
      'MachineDeployment/edge1': at(2, { uid: 'new' }),
    };
    await expect(read(stuck)).rejects.toThrow('waited 0 seconds');
    expect(changes).toEqual([`delete Secret/${NAMES.secretName}`]);
  });

  test('the script of this very machine stays', async () => {
    const stuck = without(NAMES.requiredSecrets.bootstrapConfig);
    live = { [`Secret/${NAMES.secretName}`]: at(3), 'MachineDeployment/edge1': at(2, { uid: 'new' }) };
    await expect(read(stuck, { removeLeftoverScript: true })).rejects.toThrow('waited 0 seconds');
    expect(changes).toEqual([]);
  });

  const withToken = (minutesLeft: number): LiveObject => {
    const expiration = new Date(Date.now() + minutesLeft * 60_000).toISOString();
    return { data: { expiration: Buffer.from(expiration).toString('base64') } };
  };
  const kubeconfig = 'users:\n- user:\n    token: abcdef.0123456789abcdef\n';
  const joining = (): ClusterReader => {
    const complete = SECRETS[kubeletConfig]!.kubeconfig!;
    return {
      secret: (_: string, name: string) =>
        Promise.resolve(name === kubeletConfig ? { kubeconfig: complete + kubeconfig } : SECRETS[name]),
    } as unknown as ClusterReader;
  };
  test.each([
    ['is renewed when it has expired', 'Secret/bootstrap-token-other', -5, {}, true],
    ['is renewed when it expires soon', 'Secret/bootstrap-token-abcdef', 20, {}, true],
    ['is left when it is fresh', 'Secret/bootstrap-token-abcdef', 40, {}, false],
    ['is left when the device has joined', 'Secret/bootstrap-token-abcdef', -5, { joined: true }, false],
    ['is renewed for a rebuild', 'Secret/bootstrap-token-abcdef', -5, { joined: true, joinsAgain: true }, true],
  ])(
    'the token to join with %s',
    async (
      _,
      token,
      minutesLeft,
      { joined = false, joinsAgain = false }: { joined?: boolean; joinsAgain?: boolean },
      isRenewed,
    ) => {
      live = {
        [token]: withToken(minutesLeft),
        'MachineDeployment/edge1': at(1),
        'Node/edge1': { status: { nodeInfo: { machineID: joined ? 'a' : '' } } },
      };
      const reading = read(joining(), { joinsAgain });
      if (isRenewed)
        await expect(reading).rejects.toThrow(
          'waited 0 seconds for KKP; not renewed in namespace cloud-init-settings: a new join token',
        );
      else expect(await reading).toMatchObject({ ca: CA });
      expect(changes.map((change) => change.replace(/\d{10}/, 'NOW'))).toEqual(
        isRenewed ? ['MachineDeployment/edge1 {"metadata":{"labels":{"edge-constructs.io/token-renewed":"NOW"}}}'] : [],
      );
    },
  );
});

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
    expect(changes).toEqual([]);
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
    live = { 'Node/edge1': { spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] } } };
    const nodeTaints = [{ key: 'example.com/kiosk', value: 'yes', effect: TaintEffect.NO_EXECUTE }];
    const { engine } = await declare({ nodeTaints });
    expect(plain(engine.find('device1/node').inputs)).toMatchObject({
      metadata: { annotations: { 'edge-constructs.io/taints': 'example.com/kiosk=yes:NoExecute' } },
    });
    expect(changes).toEqual([
      `Node/edge1 ${JSON.stringify({ spec: { taints: [live['Node/edge1']!.spec!.taints![0], nodeTaints[0]] } })}`,
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
