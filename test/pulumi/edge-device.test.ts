import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { OperatingSystem } from '../../lib';
import { EdgeDevice, EdgeMachine, type EdgeDeviceArgs } from '../../lib/pulumi';
import type { ClusterReader } from '../../lib/pulumi/cluster-reader';
import { ProvisioningSecretsWait } from '../../lib/pulumi/provisioning-secrets';
import { ED25519 } from '../kkp/ssh-keys';
import { Engine, plain, settled, unwrapped } from './mocks';

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
      return Promise.resolve(SECRETS[name] ?? {});
    }
  },
}));

describe('the wait for the Secrets', () => {
  const without = (...names: string[]): ClusterReader =>
    ({
      secret: (_: string, name: string) => Promise.resolve(names.includes(name) ? {} : SECRETS[name]),
    }) as unknown as ClusterReader;
  const read = async (reader: ClusterReader, isPreview = false): Promise<unknown> => {
    await Engine.start(isPreview);
    const log = new pulumi.ComponentResource('test:index:Log', 'log');
    return new ProvisioningSecretsWait(reader, log, 'edge1', NAMES, 0).read();
  };

  test('gives the script, and the CA that the kubelet will trust', async () => {
    expect(await read(without())).toEqual({ script: SCRIPT, ca: CA });
  });

  test.each([
    [
      'only the script is there',
      ['edge1-kube-system-bootstrap-config', 'edge1-kube-system-provisioning-config'],
      "missing in namespace cloud-init-settings: Secret edge1-kube-system-bootstrap-config, Secret edge1-kube-system-provisioning-config. KKP's operating-system-manager is stuck on the script Secret of an earlier machine or try, which it never replaces. Remove it: kubectl --namespace cloud-init-settings delete secret edge-provider-script-edge1-kube-system Nothing has been done on the device.",
    ],
    [
      'the token is missing',
      ['cloud-init-getter-token'],
      "KKP makes Secret cloud-init-getter-token once for a user cluster: look at the cluster's health.",
    ],
    ['nothing was made', [NAMES.secretName], "KKP's operating-system-manager has made nothing: look at its log"],
  ])('says what is missing and why when %s', async (_, names, message) => {
    await expect(read(without(...names))).rejects.toThrow(message);
  });

  test('does not wait in a preview', async () => {
    expect(await read(without(NAMES.secretName), true)).toBeUndefined();
  });
});

describe('EdgeDevice', () => {
  const kubeconfig = 'the kubeconfig';
  const connection = { host: '192.0.2.7', user: 'ubuntu', privateKey: 'the private key', hostKey: ED25519 };

  async function declare(
    args: Partial<EdgeDeviceArgs> = {},
  ): Promise<{ engine: Engine; nodeName: pulumi.Output<string> }> {
    const engine = await Engine.start();
    const opts = {
      ...engine.watched,
      providers: { kubernetes: new kubernetes.Provider('user-cluster', { kubeconfig }) },
    };
    const machine = new EdgeMachine(
      'edge1',
      { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.4', sshPublicKeys: [ED25519] },
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

  test('an abandoned device is left alone', async () => {
    const { engine } = await declare({ abandon: true });
    expect(engine.optionsOf('device1/device').retainOnDelete).toBe(true);
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
      'a misspelt field that holds a key',
      { ...connection, privateKee: 'the private key' },
      "EdgeDevice 'device1' has 1 problem:\n  - connection.privateKee: given {}; allowed: only host, port, user, privateKey, privateKeyPassword, agentSocketPath, hostKey, insecurelyAcceptAnyHostKey. There is no such field; correct its name.",
    ],
  ])('%s is refused', async (_, wrong, message) => {
    await expect(declare({ connection: wrong })).rejects.toThrow(new Error(message));
  });
});
