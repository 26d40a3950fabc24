import { join } from 'node:path';
import { apply } from '../../api/support/apply';
import { describeWithCrds } from '../../api/support/crds';
import type { KubeObject } from '../../api/support/objects';
import { describeWithEngine, PROGRAMS, type Stack } from './engine';
import { isSettled, withCloud } from './support/cloud';
import { datacenters, installKkp, SEED } from './support/seed';

jest.setTimeout(1_800_000);

const program = (name: string): string => join(PROGRAMS, name);

describeWithEngine('stacks that share a cluster, by pulumi', () => {
  const cloud = withCloud();

  describeWithCrds('with the upstream CRDs', () => {
    beforeAll(() => installKkp(cloud.cluster));

    test('two stacks have a datacenter each in one Seed and a label each on one node; a conflict names the other', async () => {
      const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge1', labels: { own: 'label' } } };
      const other = { ...node, metadata: { name: 'edge2' } };
      const make = (name: string, datacenter: string, country: string, on = 'edge1'): Promise<Stack> =>
        cloud.backend.stack(program('two-stacks'), name, {
          kubeconfig: cloud.kubeconfig,
          datacenter,
          country,
          node: on,
        });
      const a = await make('first', 'a', 'DE');
      const missing = await a.attempt('preview');
      expect(missing.code).not.toBe(0);
      expect(missing.text).toMatch(/kubermatic\/kubermatic' does not exist/);
      await apply(cloud.cluster, [SEED, node, other]);

      await a.run('up', '--yes', '--skip-preview');
      const b = await make('second', 'b', 'US');
      await b.run('up', '--yes', '--skip-preview');
      await isSettled(a);
      expect(await datacenters(cloud.cluster)).toMatchObject({ a: { country: 'DE' }, b: { country: 'US' }, cloud: {} });
      const labels = async (): Promise<unknown> => (await cloud.cluster.get(node))?.metadata.labels;
      expect(await labels()).toEqual({ own: 'label', 'example.com/a': 'DE', 'example.com/b': 'US' });

      // On another node: Pulumi stops at the first conflict, whichever it is.
      const third = await make('third', 'a', 'US', 'edge2');
      const conflict = await third.attempt('up', '--yes', '--skip-preview');
      expect(conflict.code).not.toBe(0);
      expect(conflict.text).toMatch(/conflict/);
      expect(conflict.text).toMatch(/\.spec\.datacenters\.a\.country/);
      await third.attempt('destroy', '--yes', '--skip-preview');

      await a.run('destroy', '--yes', '--skip-preview');
      expect(await datacenters(cloud.cluster)).toEqual({
        b: expect.anything() as unknown,
        cloud: expect.anything() as unknown,
      });
      expect(await labels()).toEqual({ own: 'label', 'example.com/b': 'US' });
      await b.run('destroy', '--yes', '--skip-preview');
      expect(await cloud.cluster.get(SEED)).toBeDefined();
      expect(await labels()).toEqual({ own: 'label' });
    });

    test('what a unit of another stack stands on stays, whatever is destroyed and in which order, until the unit is at L3', async () => {
      const edge5 = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge5' } };
      await apply(cloud.cluster, [edge5]);
      const ground = await cloud.backend.stack(program('ground'), 'ground', {
        kubeconfig: cloud.kubeconfig,
        node: 'edge5',
      });
      await ground.run('up', '--yes', '--skip-preview');
      const unit = await cloud.backend.stack(program('unit'), 'standing', {
        cloudKubeconfig: cloud.kubeconfig,
        unit: 'standing',
        nodes: 'edge5',
        level: 'L4',
        tokenSecret: 'filled-by-others',
      });
      await unit.run('up', '--yes', '--skip-preview');
      const state = async (): Promise<unknown> => {
        const kinds = 'clusters.kubermatic.k8c.io/ground nodes/edge5'.split(' ');
        const others = ['machinedeployments.cluster.k8s.io/edge5', 'configmaps/edge-machine-edge5'];
        const { stdout } = await cloud.cluster.kubectl(['get', ...kinds, '-o', 'json']);
        const inNamespace = await cloud.cluster.kubectl(['get', ...others, '-n', 'kube-system', '-o', 'json']);
        return [stdout, inNamespace.stdout].flatMap((text) =>
          (JSON.parse(text) as { items: KubeObject[] }).items.map(({ metadata: { name, uid, labels } }) => ({
            name,
            uid,
            labels,
          })),
        );
      };
      const before = await state();
      expect(before).toHaveLength(4);
      const ways = [
        ['--skip-preview'],
        ['--skip-preview', '--parallel', '1'],
        ['--run-program'],
        ['--skip-preview', '--target', '**NodePatch**', '--target-dependents'],
        ['--skip-preview', '--target', '**MachineDeployment**', '--target-dependents'],
        ['--skip-preview', '--target', '**kubermatic.k8c.io/v1:Cluster**', '--target-dependents'],
      ];
      for (const way of ways) {
        const { code, text } = await ground.attempt('destroy', '--yes', ...way);
        expect({ way, code: code !== 0 }).toEqual({ way, code: true });
        expect(text).toMatch(
          /binding 'standing-(namespace|metadata)-kins' denied request: .*downgrade it to L3 before deleting/,
        );
        expect(await state()).toEqual(before);
      }
      const alone = await ground.attempt('destroy', '--yes', '--skip-preview', '--target', '**MachineDeployment**');
      expect(alone.text).toMatch(/edge5\/hold' will be destroyed but was not specified in --target list/);
      await ground.configure({ labelled: 'false' });
      expect((await ground.attempt('up', '--yes', '--skip-preview')).code).not.toBe(0);
      expect(await state()).toEqual(before);

      await unit.configure({ level: 'L3' });
      await unit.run('up', '--yes', '--skip-preview');
      await ground.run('destroy', '--yes', '--skip-preview');
      expect(await cloud.exists('kubermatic.k8c.io/v1', 'Cluster', 'ground')).toBe(false);
      await unit.run('destroy', '--yes', '--skip-preview');
    });
  });
});
