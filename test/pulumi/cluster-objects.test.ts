import { ClusterObjects, type LiveObject } from '../../lib/pulumi/cluster-objects';

const NODE = { apiVersion: 'v1', kind: 'Node', name: 'edge1' };
const SECRET = { apiVersion: 'v1', kind: 'Secret', name: 'token', namespace: 'default' };
const failure = (code: number): Error => Object.assign(new Error(`status ${code}`), { code });

let live: LiveObject | undefined;
/** What the next patches are answered. */
let answers: Error[];
let asked: unknown[][];
// The client of Kubernetes is an ES module, which jest does not load; cluster-clients.test.ts asks with the real one.
jest.mock('@kubernetes/client-node', () => ({ PatchStrategy: { MergePatch: 'merge patch' } }));
jest.mock('../../lib/pulumi/cluster-connection', () => {
  const noting =
    (what: string, answer: () => Promise<unknown>) =>
    (...with_: unknown[]): Promise<unknown> => {
      asked.push([what, ...with_]);
      return answer();
    };
  const refused = (): Error | undefined => answers.shift();
  const answered = (): Promise<unknown> => {
    const error = refused();
    return error === undefined ? Promise.resolve({}) : Promise.reject(error);
  };
  return {
    ...jest.requireActual<object>('../../lib/pulumi/cluster-connection'),
    connection: () =>
      Promise.resolve({
        read: noting('read', () => (live === undefined ? Promise.reject(failure(404)) : Promise.resolve(live))),
        list: noting('list', () => Promise.resolve({ items: [live] })),
        delete: noting('delete', answered),
        patch: noting('patch', answered),
      }),
  };
});
beforeEach(() => {
  live = { metadata: { name: 'edge1', uid: 'uid-1', resourceVersion: '7', labels: { a: 'b' } } };
  [answers, asked] = [[], []];
});

const objects = new ClusterObjects('');
const count = (what: string): number => asked.filter(([each]) => each === what).length;
const change = (): Promise<void> => objects.change(NODE, () => ({ metadata: { labels: { c: 'd' } } }));

test('an object is read by its name, and by its namespace if it has one', async () => {
  expect(await objects.get(NODE)).toBe(live);
  await objects.get(SECRET);
  live = undefined;
  expect(await objects.get(NODE)).toBeUndefined();
  expect(asked.slice(0, 2)).toEqual([
    ['read', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge1' } }],
    ['read', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token', namespace: 'default' } }],
  ]);
});

test('a change is of the very object that was read', async () => {
  await change();
  expect(asked.at(-1)).toEqual([
    'patch',
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge1', labels: { c: 'd' }, resourceVersion: '7' } },
    undefined,
    undefined,
    'edge-constructs',
    undefined,
    'merge patch',
  ]);
});

test('a change is tried again when somebody was faster, up to five times in all', async () => {
  answers = [failure(409), failure(409), failure(409), failure(409)];
  await change();
  expect([count('read'), count('patch')]).toEqual([5, 5]);
  asked = [];
  answers = Array.from({ length: 9 }, () => failure(409));
  await expect(change()).rejects.toMatchObject({ code: 409 });
  expect([count('read'), count('patch')]).toEqual([5, 5]);
});

test('a change that is refused is not tried again', async () => {
  answers = [failure(422)];
  await expect(change()).rejects.toMatchObject({ code: 422 });
  expect(count('patch')).toBe(1);
});

test('nothing is written when the object is missing or as it should be', async () => {
  await objects.change(NODE, () => undefined);
  live = undefined;
  await change();
  expect([count('read'), count('patch')]).toEqual([2, 0]);
});

test('an object that says nothing about itself is changed as it is', async () => {
  live = {};
  await change();
  expect(asked.at(-1)?.[1]).toEqual({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'edge1', labels: { c: 'd' } },
  });
});

test('only the object that was read is deleted; one that has gone meanwhile is none to be told of', async () => {
  await objects.delete(SECRET, live!);
  expect(asked.at(-1)?.at(-1)).toEqual({ preconditions: { uid: 'uid-1' } });
  answers = [failure(404)];
  await objects.delete(SECRET, live!);
  answers = [failure(409)];
  await expect(objects.delete(SECRET, live!)).rejects.toMatchObject({ code: 409 });
});

test('objects are listed by kind, namespace and label', async () => {
  expect(await objects.list(SECRET, 'a=b')).toEqual([live]);
  expect(asked).toEqual([['list', 'v1', 'Secret', 'default', undefined, undefined, undefined, undefined, 'a=b']]);
});
