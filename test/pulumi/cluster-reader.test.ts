import { ClusterReader } from '../../lib/pulumi/cluster-reader';

const notFound = Object.assign(new Error('not found'), { code: 404 });
const forbidden = Object.assign(new Error('forbidden'), { code: 403 });

/** What the cluster has, by name; an error is what it answers instead. */
let live: Record<string, object>;
let selected: unknown[];

// The client of Kubernetes is an ES module, which jest does not load; cluster-clients.test.ts asks with the real one.
jest.mock('../../lib/pulumi/cluster-connection', () => {
  const answer = ({ name }: { readonly name: string }): Promise<unknown> => {
    const object = live[name];
    return object === undefined || object instanceof Error
      ? Promise.reject(object ?? notFound)
      : Promise.resolve(object);
  };
  return {
    ...jest.requireActual<object>('../../lib/pulumi/cluster-connection'),
    connection: () =>
      Promise.resolve({
        apps: { readNamespacedDaemonSet: answer },
        core: {
          readNode: answer,
          readNamespacedSecret: answer,
          listNamespacedPod: (query: unknown) => {
            selected.push(query);
            return Promise.resolve({ items: Object.values(live) });
          },
        },
      }),
  };
});
beforeEach(() => {
  live = {};
  selected = [];
});

const reader = new ClusterReader('', 'kubeconfig');
const node = (...conditions: readonly (readonly [string, string])[]): object => ({
  status: { conditions: conditions.map(([type, status]) => ({ type, status })) },
});

test.each<[string, object, boolean]>([
  ['is ready', node(['MemoryPressure', 'False'], ['Ready', 'True']), true],
  ['is not', node(['MemoryPressure', 'False'], ['Ready', 'False']), false],
  ['is off', node(['Ready', 'Unknown']), false],
  ['has another condition alone', node(['MemoryPressure', 'True']), false],
  ['was declared, and no kubelet has told of it', {}, false],
  ['has a status without conditions', { status: {} }, false],
])('whether a node is ready: one that %s', async (_, edge1, isReady) => {
  live = { edge1 };
  expect([...(await reader.nodes(['edge1']))]).toEqual([['edge1', isReady]]);
});

test('a node that the cluster does not know is left out, not the others', async () => {
  live = { edge2: node(['Ready', 'True']) };
  expect([...(await reader.nodes(['edge1', 'edge2']))]).toEqual([['edge2', true]]);
});

test('what a Secret holds is told as text; one that is missing or empty holds nothing', async () => {
  live = { full: { data: { token: Buffer.from('größer').toString('base64') } }, empty: {} };
  expect(await reader.secret('default', 'full')).toEqual({ token: 'größer' });
  expect(await reader.secret('default', 'empty')).toEqual({});
  expect(await reader.secret('default', 'missing')).toEqual({});
});

test('a DaemonSet is told as it is; one that is missing is none', async () => {
  live = { there: { status: { numberReady: 1 } } };
  expect(await reader.daemonSet('default', 'there')).toBe(live.there);
  expect(await reader.daemonSet('default', 'missing')).toBeUndefined();
});

test('pods are those with the labels, in the namespace', async () => {
  live = { one: { metadata: { name: 'one' } } };
  expect(await reader.pods('kins-system', 'a=b')).toEqual([live.one]);
  expect(selected).toEqual([{ namespace: 'kins-system', labelSelector: 'a=b' }]);
});

test('what may not be read is no missing object', async () => {
  live = { any: forbidden };
  await expect(reader.nodes(['any'])).rejects.toBe(forbidden);
  await expect(reader.secret('default', 'any')).rejects.toBe(forbidden);
  await expect(reader.daemonSet('default', 'any')).rejects.toBe(forbidden);
});
