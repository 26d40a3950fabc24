import * as pulumi from '@pulumi/pulumi';
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { UnitWait, type UnitReader } from '../../lib/pulumi/unit-wait';
import { Engine } from './mocks';

/** A cluster as far as it is asked. */
class Cluster {
  /** Ready pods by DaemonSet; what is missing does not exist. */
  readonly ready = new Map<string, number>();
  readonly nodes = new Map<string, boolean>();
  readonly pods: { readonly node: string; readonly waiting?: string }[] = [];
  /** Pods as they are told, instead of those. */
  told: object[] | undefined;
  published: Record<string, string> = {};
  /** The generation that the numbers are about. */
  observed = 1;
  asked = 0;
  isBroken = false;
  isSilent = false;

  /** Why there is nobody to ask. */
  unusable: Error | undefined;

  readonly reader = {
    usable: () => (this.unusable === undefined ? Promise.resolve() : Promise.reject(this.unusable)),
    daemonSet: (_: string, name: string) => {
      this.asked++;
      if (this.isSilent) return new Promise(() => undefined);
      if (this.isBroken)
        return Promise.reject(Object.assign(new Error('connect https://user:key@host'), { code: 'ECONNREFUSED' }));
      const numberReady = this.ready.get(name);
      if (numberReady === undefined) return Promise.resolve(undefined);
      return Promise.resolve({
        metadata: { generation: 1 },
        status: { observedGeneration: this.observed, numberReady },
      });
    },
    nodes: () => Promise.resolve(this.nodes),
    pods: () =>
      Promise.resolve(
        this.told ??
          this.pods.map(({ node, waiting }) => ({
            spec: { nodeName: node },
            status: {
              containerStatuses: [
                { name: 'main', ready: false, state: waiting === undefined ? {} : { waiting: { reason: waiting } } },
              ],
            },
          })),
      ),
    secret: () => Promise.resolve(this.published),
  } as unknown as UnitReader;
}

let cluster: Cluster;
let engine: Engine;

async function unit(timeoutSeconds: number, isPreview = false, isSecret = false): Promise<UnitWait> {
  engine = await Engine.start(isPreview);
  jest.spyOn(console, 'log').mockImplementation();
  cluster = new Cluster();
  const kubeconfig = {
    namespace: 'kins-system',
    configMapName: 'shop-cm-kins',
    secretName: 'shop-sec-kins',
    key: 'direct',
    tunnelKey: 'tunnel',
    tunnelProxyUrl: 'http://tunnel.example.org',
  };
  const facts = { unitName: 'shop', nodes: ['a', 'b'], servers: ['a'], kubeconfig };
  return new UnitWait(new pulumi.ComponentResource('a:b:C', 'c'), facts, cluster.reader, { timeoutSeconds, isSecret });
}

afterEach(async () => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  await engine.settle();
});

const ends = (cause: string): string =>
  `Unit shop: gave up after 0 seconds waiting until ${cause}. Nothing is rolled back: fix the cause and run 'pulumi up' again.`;

test.each<[string, () => void, string]>([
  [
    'nothing was applied',
    () => undefined,
    'the servers are ready: DaemonSet kins-system/shop-server-kins does not exist',
  ],
  [
    'a node has not joined',
    () => cluster.ready.set('shop-server-kins', 0),
    'the servers are ready: 0 of 1 ready: node a is not in the cluster',
  ],
  [
    'a node is off',
    () => {
      cluster.ready.set('shop-server-kins', 0);
      cluster.nodes.set('a', false);
    },
    'the servers are ready: 0 of 1 ready: node a is not ready',
  ],
  [
    'there is no pod',
    () => {
      cluster.ready.set('shop-server-kins', 0);
      cluster.nodes.set('a', true);
    },
    'the servers are ready: 0 of 1 ready: no pod on node a yet',
  ],
  [
    'an image cannot be pulled',
    () => {
      cluster.ready.set('shop-server-kins', 0);
      cluster.nodes.set('a', true);
      cluster.pods.push({ node: 'a', waiting: 'ImagePullBackOff' });
    },
    'the servers are ready: 0 of 1 ready: on a container main waits: ImagePullBackOff',
  ],
  [
    'the numbers are those of an older template',
    () => {
      cluster.ready.set('shop-server-kins', 1);
      cluster.observed = 0;
      cluster.nodes.set('a', true);
      cluster.pods.push({ node: 'a' });
    },
    'the servers are ready: 0 of 1 ready: on a container main is not ready',
  ],
  [
    'nothing is known of the pod yet',
    () => {
      cluster.ready.set('shop-server-kins', 0);
      cluster.nodes.set('a', true);
      cluster.told = [{}, { spec: { nodeName: 'a' } }];
    },
    'the servers are ready: 0 of 1 ready',
  ],
  [
    'all containers are ready, and the pod is counted next',
    () => {
      cluster.ready.set('shop-server-kins', 0);
      cluster.nodes.set('a', true);
      cluster.told = [{ spec: { nodeName: 'a' }, status: { containerStatuses: [{ name: 'main', ready: true }] } }];
    },
    'the servers are ready: 0 of 1 ready',
  ],
  [
    'an init container waits, and what comes after it does, too',
    () => {
      cluster.ready.set('shop-server-kins', 0);
      cluster.nodes.set('a', true);
      const waiting = (name: string, reason: string): object => ({ name, state: { waiting: { reason } } });
      const status = {
        initContainerStatuses: [waiting('tokens', 'CrashLoopBackOff')],
        containerStatuses: [waiting('main', 'PodInitializing')],
      };
      cluster.told = [{ spec: { nodeName: 'a' }, status }];
    },
    'the servers are ready: 0 of 1 ready: on a container tokens waits: CrashLoopBackOff',
  ],
  [
    'the second container is not ready, and nobody says why',
    () => {
      cluster.ready.set('shop-server-kins', 0);
      cluster.nodes.set('a', true);
      const containerStatuses = [
        { name: 'first', ready: true },
        { name: 'second', ready: false, state: { waiting: {} } },
      ];
      cluster.told = [{ spec: { nodeName: 'a' }, status: { containerStatuses } }];
    },
    'the servers are ready: 0 of 1 ready: on a container second is not ready',
  ],
  [
    'one of two nodes has not joined',
    () => {
      cluster.ready.set('shop-server-kins', 1).set('shop-agent-kins', 1);
      cluster.nodes.set('a', true);
    },
    'all nodes have joined: 1 of 2 joined: no pod on node a yet; node b is not in the cluster',
  ],
  [
    'no kubeconfig is published',
    () => cluster.ready.set('shop-server-kins', 1).set('shop-agent-kins', 2),
    'the kubeconfigs are published: the first server has not published them yet',
  ],
  [
    'nobody answers',
    () => (cluster.isBroken = true),
    'the servers are ready: the cluster cannot be queried (ECONNREFUSED)',
  ],
])('an update ends in time and tells the cause: %s', async (_, arrange, cause) => {
  const wait = await unit(0);
  arrange();
  jest.spyOn(Date, 'now').mockReturnValueOnce(0);
  await expect(wait.kubeconfigs()).rejects.toThrow(new Error(ends(cause)));
});

test('nobody waits for a cluster that cannot be asked ever', async () => {
  const wait = await unit(60);
  cluster.unusable = new Error('not a kubeconfig');
  await expect(wait.kubeconfigs()).rejects.toThrow(new Error('not a kubeconfig'));
  await expect(wait.clean()).rejects.toThrow(new Error('not a kubeconfig'));
  expect(cluster.asked).toBe(0);
});

test.each([
  [
    'a path',
    '/home/me/.kube/config',
    'cloudKubeconfig names no cluster: its current-context has to be one of its contexts',
  ],
  ['text that is not YAML', '{', 'cloudKubeconfig is not a kubeconfig: give the content of one, not a path'],
  ['an object', { clusters: [] }, 'cloudKubeconfig is not a string: give it as YAML, not as JSON'],
])('%s is no kubeconfig', (_, kubeconfig, message) => {
  // In a process of its own: the client library is an ECMAScript module, which Jest does not load.
  const given = JSON.stringify(kubeconfig);
  const program =
    `const { ClusterReader } = require('./lib/pulumi/cluster-reader.ts');` +
    `const { ClusterObjects } = require('./lib/pulumi/cluster-objects.ts');` +
    `const node = { apiVersion: 'v1', kind: 'Node', name: 'a' };` +
    `const tell = ({ message }) => console.log(message);` +
    `new ClusterReader(${given}, 'cloudKubeconfig').usable().catch(tell)` +
    `.then(() => new ClusterObjects(${given}).get(node)).catch(tell);`;
  const args = ['--require', 'tsx/cjs', '--eval', program];
  expect(execFileSync(process.execPath, args, { cwd: resolve(__dirname, '../..'), encoding: 'utf8' })).toBe(
    `${message}\n${message.replace('cloudKubeconfig', 'kubeconfig')}\n`,
  );
});

test('a connection that broke without a word does not keep an update from ending', async () => {
  const wait = await unit(60);
  cluster.isSilent = true;
  jest.useFakeTimers();
  const ended = wait.kubeconfigs().catch((error: unknown) => (error as Error).message);
  await jest.advanceTimersByTimeAsync(120_000);
  expect(await ended).toBe(
    ends('the servers are ready: the cluster cannot be queried (no answer in 28 seconds)').replace('0 sec', '60 sec'),
  );
});

test('an update goes on when all is there, and tells the kubeconfigs', async () => {
  const wait = await unit(60);
  cluster.ready.set('shop-server-kins', 1).set('shop-agent-kins', 2);
  cluster.published = { direct: 'D', tunnel: 'T' };
  expect(await wait.kubeconfigs()).toEqual({ direct: 'D', tunnel: 'T' });
});

test('a unit that is taken down is waited for until all of its nodes are clean', async () => {
  const wait = await unit(60);
  cluster.ready.set('shop-recycle-kins', 1);
  jest.useFakeTimers();
  let isClean = false;
  const clean = wait.clean().then(() => (isClean = true));
  await jest.advanceTimersByTimeAsync(10_000);
  expect(isClean).toBe(false);
  expect(cluster.asked).toBeGreaterThan(1);
  cluster.ready.set('shop-recycle-kins', 2);
  await jest.advanceTimersByTimeAsync(10_000);
  expect(isClean).toBe(true);
  await clean;
});

test('a node that never gets clean ends the update, which says how to give it up', async () => {
  const wait = await unit(0);
  cluster.ready.set('shop-recycle-kins', 1);
  cluster.nodes.set('b', false).set('a', true);
  jest.spyOn(Date, 'now').mockReturnValueOnce(0);
  await expect(wait.clean()).rejects.toThrow(
    new Error(
      ends('all nodes are clean: 1 of 2 clean: no pod on node a yet; node b is not ready') +
        ' A node that is gone for good never becomes clean: remove the unit from the program to give it up.',
    ),
  );
});

test('one limit is for all that is waited for, and nobody hears nothing for half a minute', async () => {
  const info = jest.spyOn(pulumi.log, 'info').mockResolvedValue();
  const wait = await unit(120);
  cluster.ready.set('shop-server-kins', 0);
  cluster.nodes.set('a', true).set('b', true);
  jest.useFakeTimers();
  const begin = Date.now();
  const told: number[] = [];
  info.mockImplementation(() => {
    told.push((Date.now() - begin) / 1000);
    return Promise.resolve();
  });
  let ended = 0;
  const failure = wait.kubeconfigs().catch((error: unknown) => {
    ended = (Date.now() - begin) / 1000;
    return (error as Error).message;
  });
  await jest.advanceTimersByTimeAsync(100_000);
  cluster.ready.set('shop-server-kins', 1).set('shop-agent-kins', 0);
  await jest.advanceTimersByTimeAsync(100_000);
  expect(await failure).toContain(
    'Unit shop: gave up after 120 seconds waiting until all nodes have joined: 0 of 2 joined',
  );
  expect(ended).toBeGreaterThanOrEqual(120);
  expect(ended).toBeLessThan(125);
  const gaps = [...told, ended].map((at, index) => at - (told[index - 1] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(30);
  const messages = info.mock.calls.map(([message]) => message);
  expect(messages[1]).toBe(`${messages[0]} (26 of 120 seconds)`);
  expect(messages).toContain('the servers are ready');
});

test('names that are secret stand in no message', async () => {
  const info = jest.spyOn(pulumi.log, 'info').mockResolvedValue();
  const wait = await unit(1, false, true);
  cluster.ready.set('shop-server-kins', 1).set('shop-agent-kins', 0);
  cluster.nodes.set('a', false).set('b', true);
  cluster.pods.push({ node: 'b' });
  await expect(wait.kubeconfigs()).rejects.toThrow(
    'waiting until all nodes have joined: 0 of 2 joined: node number 1 is not ready; on number 2 container main is not ready. Nothing',
  );
  expect(info.mock.calls.map(([message]) => message)).toEqual([
    'waiting until all nodes have joined: 0 of 2 joined: node number 1 is not ready; on number 2 container main is not ready',
  ]);
});

test('a preview waits for nothing and tells what is published already', async () => {
  const wait = await unit(60, true);
  cluster.published = { direct: 'D' };
  expect(await wait.kubeconfigs()).toEqual({ direct: 'D', tunnel: undefined });
  await wait.clean();
  expect(cluster.asked).toBe(0);
});
