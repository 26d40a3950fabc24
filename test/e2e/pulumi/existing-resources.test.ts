import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { eventually } from '../../api/support/poll';
import { describeWithEngine, PROGRAMS } from './engine';
import { withCloud } from './support/cloud';

jest.setTimeout(1_800_000);

const program = (name: string): string => join(PROGRAMS, name);

describeWithEngine('resources that are in the state already, by pulumi', () => {
  const cloud = withCloud();

  test('the engine killed in the middle of an update: the next one ends it', async () => {
    const secret = randomBytes(20).toString('hex');
    cloud.secrets.push(secret);
    const stack = await cloud.backend.stack(program('many'), 'many', { cloudKubeconfig: cloud.kubeconfig, secret });
    const count = async (): Promise<number> => {
      const { body } = await cloud.cluster.request('GET', '/api/v1/namespaces/default/configmaps', {
        query: { labelSelector: 'edge-constructs.io/test=many' },
      });
      return (body as { items: unknown[] }).items.length;
    };
    const running = stack.start('up', '--yes', '--skip-preview');
    await eventually('some objects are there', async () => (await count()) >= 20, 300_000);
    running.kill();
    await running.outcome;
    expect(await count()).toBeLessThan(120);
    await stack.run('cancel', '--yes');
    await stack.run('up', '--yes', '--skip-preview');
    expect(await count()).toBe(120);
    await stack.run('preview', '--expect-no-changes');
    await stack.run('destroy', '--yes', '--skip-preview');
    expect(await count()).toBe(0);
  });

  test.each(['config-group-v1', 'config-group-v2'])(
    'moving from %s, then renaming a construct, replaces nothing',
    async (from) => {
      const stack = await cloud.backend.stack(program('config-group'), from, {
        cloudKubeconfig: cloud.kubeconfig,
        step: from,
      });
      const uids = async (): Promise<unknown[]> =>
        Promise.all(
          [
            { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'moved', namespace: 'default' } },
            { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'moved' } },
          ].map(async (object) => (await cloud.cluster.get(object))?.metadata.uid),
        );
      await stack.run('up', '--yes', '--skip-preview');
      const before = await uids();
      expect(before.every((uid) => typeof uid === 'string')).toBe(true);
      for (const step of ['chart', 'renamed']) {
        await stack.configure({ step });
        const text = await stack.run('up', '--yes', '--skip-preview');
        expect(text).not.toMatch(/replac|deleting.*(ConfigMap|ClusterRole)/);
        expect(await uids()).toEqual(before);
      }
      await stack.run('destroy', '--yes', '--skip-preview');
    },
  );
});
