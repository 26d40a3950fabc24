import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apply } from '../../api/support/apply';
import type { Cluster } from '../../api/support/cluster';
import { ControlPlane } from '../../api/support/control-plane';
import { describeWithCrds, installCrds } from '../../api/support/crds';
import type { KubeObject } from '../../api/support/objects';
import { eventually } from '../../api/support/poll';
import { EdgeClusterDouble } from './edge-cluster-double';
import { Backend, describeWithEngine, PROGRAMS, type Stack } from './engine';
import { Relay } from './relay';

jest.setTimeout(1_800_000);

const UP = ['up', '--yes', '--skip-preview'] as const;
const program = (name: string): string => join(PROGRAMS, name);

describeWithEngine('what changes around a stack', () => {
  let plane: ControlPlane;
  let cluster: Cluster;
  let double: EdgeClusterDouble;
  let backend: Backend;
  let kubeconfig: string;

  beforeAll(async () => {
    plane = await ControlPlane.start();
    cluster = plane.cluster;
    kubeconfig = readFileSync(cluster.access.kubeconfig, 'utf8');
    double = new EdgeClusterDouble(cluster, randomBytes(20).toString('hex'));
    double.start();
    backend = new Backend();
  });
  afterAll(async () => {
    backend.dispose();
    await double.stop();
    await plane.stop();
  });

  const unitStack = (name: string, config: Readonly<Record<string, string>>): Promise<Stack> =>
    backend.stack(program('unit'), name, {
      cloudKubeconfig: kubeconfig,
      level: 'L4',
      tokenSecret: 'filled-by-others',
      ...config,
    });
  const end = async (stack: Stack): Promise<void> => {
    await stack.configure({ level: 'L3' });
    await stack.run(...UP);
    await stack.run('destroy', '--yes', '--skip-preview');
  };
  const uids = async (unit: string): Promise<string[]> => {
    const kinds = 'configmaps,secrets,services,serviceaccounts,daemonsets,roles,rolebindings';
    const { stdout } = await cluster.kubectl([
      'get',
      kinds,
      '-A',
      '-l',
      `edge-constructs.io/unit=${unit}`,
      '-o',
      'json',
    ]);
    return (JSON.parse(stdout) as { items: KubeObject[] }).items
      .map(({ kind, metadata }) => `${kind} ${metadata.name} ${String(metadata.uid)}`)
      .sort();
  };

  test("a node of another stack's unit is refused first, until that stack gives it up", async () => {
    const first = await unitStack('north', { unit: 'north', nodes: 'a,b' });
    await first.run(...UP);
    const second = await unitStack('south', { unit: 'south', nodes: 'b,c' });
    for (const command of [['preview'], UP]) {
      const { code, text } = await second.attempt(...command);
      expect(code).not.toBe(0);
      expect(text).toContain("Unit south can't have node b: unit north runs there, which belongs to stack unit/north.");
    }
    expect(await uids('south')).toEqual([]);
    await second.configure({ nodes: 'c' });
    await second.run(...UP);
    const before = await uids('south');
    await second.configure({ nodes: 'c,b' });
    expect((await second.attempt(...UP)).text).toContain("Unit south can't have node b");
    await first.configure({ nodes: 'a' });
    await first.run(...UP);
    await second.run(...UP);
    expect(await uids('south')).toEqual(before);
    await end(first);
    await end(second);
  });

  test('a renamed component and another provider for the same cluster replace nothing', async () => {
    const stack = await unitStack('renamed', { unit: 'depot', nodes: 'a' });
    await stack.run(...UP);
    const before = await uids('depot');
    await stack.configure({ component: 'warehouse' });
    expect(await stack.run('preview')).not.toMatch(/ (create|delete|replace)/);
    await stack.run(...UP);
    await stack.configure({ provider: 'other' });
    expect(await stack.run('preview')).not.toMatch(/replace/);
    await stack.run(...UP);
    await stack.run(...UP, '--expect-no-changes');
    expect(await uids('depot')).toEqual(before);
    await end(stack);
  });

  test('an API server that is away for half a minute in the middle: the update fails in words, and the next one ends it', async () => {
    const relay = await Relay.open(new URL(cluster.access.url).port);
    try {
      const through = kubeconfig.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${relay.port}`);
      const stack = await backend.stack(program('many'), 'away', { cloudKubeconfig: through, secret: 'none' });
      const count = async (): Promise<number> => {
        const { body } = await cluster.request('GET', '/api/v1/namespaces/default/configmaps', {
          query: { labelSelector: 'edge-constructs.io/test=many' },
        });
        return (body as { items: unknown[] }).items.length;
      };
      const running = stack.start(...UP);
      await eventually('some objects are there', async () => (await count()) >= 20, 300_000);
      relay.cut();
      await new Promise((resolve) => setTimeout(resolve, 30_000));
      await relay.mend();
      const { code, text } = await running.outcome;
      expect({ code, text }).toEqual({ code, text: expect.stringMatching(code === 0 ? /./ : /connection refused|EOF/) as unknown }); // prettier-ignore
      await stack.run(...UP);
      expect(await count()).toBe(120);
      await stack.run('preview', '--expect-no-changes');
      await stack.run('destroy', '--yes', '--skip-preview');
    } finally {
      await relay.close();
    }
  });

  test('a wait for a unit outlives an API server that is away', async () => {
    const relay = await Relay.open(new URL(cluster.access.url).port);
    try {
      const through = kubeconfig.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${relay.port}`);
      const stack = await unitStack('waiting', { unit: 'kiosk', nodes: 'a', cloudKubeconfig: through });
      double.stuck.add('server');
      const running = stack.start(...UP);
      await eventually(
        'it waits',
        () => Promise.resolve(running.said().includes('waiting until the servers')),
        300_000,
      );
      relay.cut();
      await eventually('it says why', () => Promise.resolve(running.said().includes('cannot be queried')), 120_000);
      await relay.mend();
      double.stuck.delete('server');
      const { code, text } = await running.outcome;
      expect({ code, text }).toMatchObject({ code: 0 });
      await end(stack);
    } finally {
      await relay.close();
    }
  });

  describeWithCrds('with the upstream CRDs', () => {
    test('the only datacenter of a Seed can be destroyed', async () => {
      await installCrds(cluster);
      const seed: KubeObject = {
        apiVersion: 'kubermatic.k8c.io/v1',
        kind: 'Seed',
        metadata: { name: 'kubermatic', namespace: 'kubermatic' },
        spec: { kubeconfig: { name: 'seed', namespace: 'kubermatic' }, datacenters: {} },
      };
      const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge9' } };
      await apply(cluster, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kubermatic' } }, seed, node]);
      const stack = await backend.stack(program('two-stacks'), 'only', { kubeconfig, datacenter: 'a', country: 'DE', node: 'edge9' }); // prettier-ignore
      await stack.run(...UP);
      await stack.run('preview', '--expect-no-changes');
      await stack.run('destroy', '--yes', '--skip-preview');
      expect((await cluster.get(seed))?.spec).not.toHaveProperty('datacenters.a');
    });
  });
});
