import type { ClusterObjects, LiveObject, ObjectKey } from '../../lib/pulumi/cluster-objects';
import { MachineObjects } from '../../lib/pulumi/machine-objects';

const SCRIPT = {
  secretName: 'script-of-edge1',
  namespace: 'cloud-init-settings',
  key: 'script',
  requiredSecrets: { bootstrapConfig: '', provisioningConfig: '', kubeletBootstrapConfig: '', getterToken: '' },
  kubectlCommand: '',
};
const pathOf = ({ kind, name, namespace = '' }: ObjectKey): string => `${kind} ${namespace}/${name}`;
const DEPLOYMENT = 'MachineDeployment kube-system/edge1';
const SECRET = 'Secret cloud-init-settings/script-of-edge1';

/** A cluster with these objects by kind, namespace and name; it notes what it is asked for and told. */
class Cluster {
  readonly asked: string[] = [];
  readonly changes: unknown[] = [];
  readonly machine: MachineObjects;

  constructor(objects: Readonly<Record<string, LiveObject>>) {
    const client: Pick<ClusterObjects, 'get' | 'list' | 'delete' | 'change'> = {
      get: (key) => {
        this.asked.push(pathOf(key));
        return Promise.resolve(objects[pathOf(key)]);
      },
      list: ({ kind, namespace = '' }, selector) => {
        this.asked.push(`${kind} ${namespace} ${selector}`);
        return Promise.resolve(
          Object.entries(objects).flatMap(([path, each]) => (path.startsWith(`${kind} ${namespace}/`) ? [each] : [])),
        );
      },
      delete: (key, read) => {
        this.changes.push([`delete ${pathOf(key)}`, read]);
        return Promise.resolve();
      },
      change: (key, make) => {
        const patch = make(objects[pathOf(key)] ?? {});
        if (patch !== undefined) this.changes.push([pathOf(key), patch]);
        return Promise.resolve();
      },
    };
    this.machine = new MachineObjects(client as ClusterObjects, 'edge1', SCRIPT);
  }
}

const object = (name: string, metadata: LiveObject['metadata'] = {}): LiveObject => ({
  metadata: { name, ...metadata },
});

describe('tokens to join with', () => {
  const owner = { apiVersion: 'cluster.k8s.io/v1alpha1', kind: 'MachineDeployment', name: 'edge1', uid: 'uid-1' };
  const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'any', uid: 'uid-0' };

  test('go when their machine goes, and still when others go that own them', async () => {
    const cluster = new Cluster({
      [DEPLOYMENT]: object('edge1', { uid: 'uid-1' }),
      'Secret kube-system/bootstrap-token-aaaaaa': object('bootstrap-token-aaaaaa'),
      'Secret kube-system/bootstrap-token-bbbbbb': object('bootstrap-token-bbbbbb', { ownerReferences: [other] }),
      'Secret kube-system/bootstrap-token-cccccc': object('bootstrap-token-cccccc', {
        ownerReferences: [other, owner],
      }),
    });
    await cluster.machine.joinTokens.own();
    expect(cluster.asked).toContain('Secret kube-system machinedeployment.k8s.io/name=kube-system-edge1');
    expect(cluster.changes).toEqual([
      ['Secret kube-system/bootstrap-token-aaaaaa', { metadata: { ownerReferences: [owner] } }],
      ['Secret kube-system/bootstrap-token-bbbbbb', { metadata: { ownerReferences: [other, owner] } }],
    ]);
  });

  test('are left alone without a machine', async () => {
    const cluster = new Cluster({ 'Secret kube-system/bootstrap-token-aaaaaa': object('bootstrap-token-aaaaaa') });
    await cluster.machine.joinTokens.own();
    expect(cluster.changes).toEqual([]);
  });

  const expiring = (minutes: number): LiveObject => ({
    data: { expiration: Buffer.from(new Date(Date.now() + minutes * 60_000).toISOString()).toString('base64') },
  });
  const kubeconfig = 'users:\n- user:\n    token: "abcdef.0123456789abcdef"\n';
  test.each<[string, string, Readonly<Record<string, LiveObject>>, boolean]>([
    ['with half an hour and more left are fresh', kubeconfig, { abcdef: expiring(31) }, false],
    ['with less left are old', kubeconfig, { abcdef: expiring(29) }, true],
    ['that are gone are old', kubeconfig, {}, true],
    ['that say no time are old', kubeconfig, { abcdef: {} }, true],
    ['in a kubeconfig without any are none', 'users: []\n', {}, false],
  ])('%s', async (_, text, tokens, isOld) => {
    const cluster = new Cluster(
      Object.fromEntries(
        Object.entries(tokens).map(([id, each]) => [`Secret kube-system/bootstrap-token-${id}`, each]),
      ),
    );
    expect(await cluster.machine.joinTokens.isOld(text)).toBe(isOld);
    if (text !== kubeconfig) expect(cluster.asked).toEqual([]);
  });
});

describe('the script Secret of an earlier machine', () => {
  const at = (seconds: number, metadata: LiveObject['metadata'] = {}): LiveObject =>
    object('any', { creationTimestamp: new Date(seconds * 1000), ...metadata });
  const label = (uid: string): LiveObject['metadata'] => ({ labels: { 'edge-constructs.io/machine-uid': uid } });

  test.each<[string, Readonly<Record<string, LiveObject>>, boolean | undefined]>([
    ['is not there without a script', { [DEPLOYMENT]: at(9) }, undefined],
    ['is none that anything is known of without a machine', { [SECRET]: at(1) }, undefined],
    ['is none that is as old as the machine', { [SECRET]: at(9), [DEPLOYMENT]: at(9) }, undefined],
    ['is older than the machine', { [SECRET]: at(8), [DEPLOYMENT]: at(9, { uid: 'new' }) }, false],
    [
      'may have its time as a text',
      { [SECRET]: at(8, { creationTimestamp: '1970-01-01T00:00:08Z' }), [DEPLOYMENT]: at(9) },
      false,
    ],
    ['is known by its label', { [SECRET]: at(8, label('old')), [DEPLOYMENT]: at(9, { uid: 'new' }) }, true],
    [
      'is not known by the label of this machine',
      { [SECRET]: at(8, label('new')), [DEPLOYMENT]: at(9, { uid: 'new' }) },
      false,
    ],
  ])('%s', async (_, objects, isOwn) => {
    const cluster = new Cluster(objects);
    const found = await cluster.machine.leftoverScript();
    expect(found?.isOwn).toBe(isOwn);
    await found?.remove();
    expect(cluster.changes).toEqual(found === undefined ? [] : [[`delete ${SECRET}`, objects[SECRET]]]);
  });
});

test.each<[string, LiveObject | undefined, boolean]>([
  ['no node', undefined, false],
  ['a node that was declared', {}, false],
  ['a node that no kubelet has told of', { status: { nodeInfo: { machineID: '' } } }, false],
  ['a node of a device', { status: { nodeInfo: { machineID: '0123' } } }, true],
])('%s: whether a device has joined', async (_, node, hasJoined) => {
  const cluster = new Cluster(node === undefined ? {} : { 'Node /edge1': node });
  expect(await cluster.machine.hasJoined()).toBe(hasJoined);
});
