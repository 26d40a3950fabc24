import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DECOMMISSIONING_PARTS } from '../../lib/device/scripts';
import { apply, createNamespace, remove, removeNamespace } from './support/apply';
import { connect } from './support/connect';
import type { KubeObject } from './support/objects';
import { eventually } from './support/poll';
import { run } from './support/process';

const cluster = connect();
afterAll(() => {
  cluster.close();
});

const NODE = 'drained1';
const IMAGE = 'registry.example.com/none:1';

describe('a device that is decommissioned', () => {
  let namespace: string;
  let root: string;
  let kubelet: Promise<void>;
  let isOver = false;
  const nodes: KubeObject[] = [
    { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'drained2' } },
    // KKP's API server asks its Node authorizer, which the one of these tests does not have.
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'test-drained-node' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: `system:node:${NODE}` }],
    },
  ];

  beforeAll(async () => {
    namespace = await createNamespace(cluster);
    await apply(cluster, nodes);
    root = await mkdtemp(join(tmpdir(), 'drain-'));
    for (const folder of ['opt/bin', 'var/lib/kubelet', 'run/edge-constructs', 'var/lib/edge-constructs']) {
      await mkdir(join(root, folder), { recursive: true });
    }
    await symlink(cluster.access.kubectl, join(root, 'opt/bin/kubectl'));
    // The clock that time limits go by.
    await symlink('/proc', join(root, 'proc'));
    kubelet = endPods();
  });
  afterAll(async () => {
    isOver = true;
    await kubelet;
    await removeNamespace(cluster, namespace);
    await remove(cluster, nodes);
    await rm(root, { recursive: true, force: true });
  });

  const podsPath = (): string => `/api/v1/namespaces/${namespace}/pods`;
  async function pods(): Promise<readonly KubeObject[]> {
    return ((await cluster.request('GET', podsPath())).body as { items: KubeObject[] }).items;
  }
  const names = async (): Promise<string[]> => (await pods()).map(({ metadata }) => metadata.name).sort();

  /** The kubelet's part: pods that are to go have ended. */
  async function endPods(): Promise<void> {
    while (!isOver) {
      for (const { metadata } of await pods()) {
        if (metadata.deletionTimestamp === undefined) continue;
        await cluster.request('DELETE', `${podsPath()}/${metadata.name}`, { query: { gracePeriodSeconds: '0' } });
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async function pod(name: string, options: { owner?: KubeObject; node?: string; phase?: string } = {}): Promise<void> {
    const { owner, node = NODE, phase } = options;
    const ownerReferences =
      owner === undefined
        ? []
        : [{ apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid }];
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: name }, ownerReferences },
      spec: { nodeName: node, containers: [{ name: 'main', image: IMAGE }] },
    };
    const { status } = await cluster.request('POST', podsPath(), { body });
    expect(status).toBe(201);
    if (phase === undefined) return;
    await cluster.request('PATCH', `${podsPath()}/${name}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: { phase } },
    });
  }

  async function drain(server = cluster.access.url): Promise<{ code: number; said: string }> {
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'node',
      contexts: [{ name: 'node', context: { cluster: 'node', user: 'node' } }],
      clusters: [{ name: 'node', cluster: { server, 'certificate-authority': cluster.access.caFile } }],
      users: [{ name: 'node', user: { token: cluster.access.token, as: `system:node:${NODE}`, 'as-groups': ['system:nodes'] } }],
    }; // prettier-ignore
    await writeFile(join(root, 'var/lib/kubelet/kubeconfig'), JSON.stringify(kubeconfig));
    const program = [`EDGE_NAME=${NODE}`, 'EDGE_DRAIN_SECONDS=4', 'set -u', ...DECOMMISSIONING_PARTS, 'drain_node', ''];
    const { code, stdout, stderr } = await run('dash', ['-s'], {
      input: program.join('\n'),
      env: { PATH: process.env.PATH, EDGE_ROOT: root, HOME: root },
    });
    expect(stderr).toBe('');
    return { code, said: stdout };
  }

  test('moves its pods away with the rights of its kubelet, for a bounded time, and leaves all others', async () => {
    const [daemonSet] = await apply(cluster, [
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'agent', namespace },
        spec: {
          selector: { matchLabels: { app: 'agent' } },
          template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'main', image: IMAGE }] } },
        },
      },
    ]);
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'protected', namespace },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'protected' } } },
    };
    await apply(cluster, [budget]);
    await pod('web');
    await pod('protected', { phase: 'Running' });
    await pod('agent', { owner: daemonSet });
    await pod('static', { owner: await cluster.get(nodes[0]!) });
    await pod('finished', { phase: 'Succeeded' });
    await pod('elsewhere', { node: 'drained2' });

    const said = `${NODE}: not moved within 4 s: ${namespace}/protected\n`;
    expect(await drain()).toEqual({ code: 0, said });
    expect(await names()).toEqual(['agent', 'elsewhere', 'finished', 'protected', 'static']);
    expect((await cluster.get(nodes[0]!))?.spec).toMatchObject({ unschedulable: true });
    expect((await cluster.get(nodes[1]!))?.spec).not.toHaveProperty('unschedulable');

    await remove(cluster, [budget]);
    await eventually('the pod is protected no more', async () => {
      const { said: again } = await drain();
      return again === `${NODE}: no pods are left on node ${NODE} except those of DaemonSets\n`;
    });
    expect(await names()).toEqual(['agent', 'elsewhere', 'finished', 'static']);
  });

  test('goes on without the cluster when that does not answer', async () => {
    expect(await drain('https://127.0.0.1:1')).toEqual({
      code: 0,
      said: `${NODE}: the cluster cannot be asked to move the pods away: they stop with the device\n`,
    });
    expect(readFileSync(join(root, 'var/lib/edge-constructs/log'), 'utf8')).toContain('the cluster cannot be asked');
  });
});
