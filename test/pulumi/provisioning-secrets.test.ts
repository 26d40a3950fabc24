import * as pulumi from '@pulumi/pulumi';
import type { ClusterReader } from '../../lib/pulumi/cluster-reader';
import { ClusterObjects, type LiveObject } from '../../lib/pulumi/cluster-objects';
import { MachineObjects } from '../../lib/pulumi/machine-objects';
import { ProvisioningSecretsWait, type WaitOptions } from '../../lib/pulumi/provisioning-secrets';
import { Engine } from './mocks';
import { CA, cluster, emptyCluster, NAMES, SCRIPT, SECRETS, TOKEN } from './support/kkp-cluster';

jest.mock('../../lib/pulumi/cluster-reader', () => jest.requireActual<object>('./support/kkp-cluster'));
jest.mock('../../lib/pulumi/cluster-objects', () => jest.requireActual<object>('./support/kkp-cluster'));
beforeEach(emptyCluster);

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
    expect(cluster.changes).toEqual([]);
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
    cluster.live = { 'Node/edge1': { status: { nodeInfo: { machineID: 'a' } } } };
    expect(await read(reader(content))).toMatchObject({ ca: CA });
    cluster.live = {};
    expect(await read(reader(content.replace('an-old-one', TOKEN).replace(/^ {4}\S+$/m, cloudConfig(TOKEN).split('\n')[4]!)))).toMatchObject({ ca: CA }); // prettier-ignore
  });

  test('does not wait in a preview', async () => {
    expect(await read(without(NAMES.secretName), { isPreview: true })).toBeUndefined();
  });

  test('a script that is older than the machine is told at once, and removed only when that was allowed', async () => {
    cluster.live = { [`Secret/${NAMES.secretName}`]: at(1), 'MachineDeployment/edge1': at(2, { uid: 'new' }) };
    const stuck = without(NAMES.requiredSecrets.bootstrapConfig);
    await expect(read(stuck, { timeoutSeconds: 3600 })).rejects.toThrow(
      'Secret edge-provider-script-edge1-kube-system, which is older than the machine and which it never replaces. Set removeLeftoverScript: true, or remove it: kubectl --namespace cloud-init-settings delete secret edge-provider-script-edge1-kube-system. Nothing has been done on the device.',
    );
    expect(cluster.changes).toEqual([]);
    await expect(read(stuck, { removeLeftoverScript: true })).rejects.toThrow('waited 0 seconds');
    expect(cluster.changes).toEqual([`delete Secret/${NAMES.secretName}`]);
  });

  test('a script that was made for an earlier machine of this library goes without asking', async () => {
    const stuck = without(NAMES.requiredSecrets.bootstrapConfig);
    cluster.live = {
      [`Secret/${NAMES.secretName}`]: at(1, { labels: { 'edge-constructs.io/machine-uid': 'old' } }),
      'MachineDeployment/edge1': at(2, { uid: 'new' }),
    };
    await expect(read(stuck)).rejects.toThrow('waited 0 seconds');
    expect(cluster.changes).toEqual([`delete Secret/${NAMES.secretName}`]);
  });

  test('the script of this very machine stays', async () => {
    const stuck = without(NAMES.requiredSecrets.bootstrapConfig);
    cluster.live = { [`Secret/${NAMES.secretName}`]: at(3), 'MachineDeployment/edge1': at(2, { uid: 'new' }) };
    await expect(read(stuck, { removeLeftoverScript: true })).rejects.toThrow('waited 0 seconds');
    expect(cluster.changes).toEqual([]);
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
      cluster.live = {
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
      expect(cluster.changes.map((change) => change.replace(/\d{10}/, 'NOW'))).toEqual(
        isRenewed ? ['MachineDeployment/edge1 {"metadata":{"labels":{"edge-constructs.io/token-renewed":"NOW"}}}'] : [],
      );
    },
  );
});
