import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apply } from '../../api/support/apply';
import type { Cluster } from '../../api/support/cluster';
import { ControlPlane } from '../../api/support/control-plane';
import { describeWithCrds, installCrds } from '../../api/support/crds';
import { EdgeClusterDouble } from './edge-cluster-double';
import { Backend, describeWithEngine, PROGRAMS, spellings, testWithRandom, type Stack } from './engine';
import { markAt } from './programs/marks/marks';

jest.setTimeout(1_800_000);

const PROGRAM = join(PROGRAMS, 'marks');
const UP = ['up', '--yes', '--skip-preview', '--diff'] as const;

describeWithEngine('secrets, by pulumi', () => {
  describeWithCrds('with the upstream CRDs', () => {
    let plane: ControlPlane;
    let cluster: Cluster;
    let double: EdgeClusterDouble;
    let backend: Backend;
    const seed = randomBytes(16).toString('hex');

    beforeAll(async () => {
      plane = await ControlPlane.start();
      cluster = plane.cluster;
      await installCrds(cluster);
      await apply(cluster, [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kubermatic' } },
        { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge1' } },
      ]);
      double = new EdgeClusterDouble(cluster, randomBytes(20).toString('hex'));
      double.start();
      backend = new Backend();
    });
    afterAll(async () => {
      backend.dispose();
      await double.stop();
      await plane.stop();
    });

    /** Whatever is found is told by the name of the place that it came from. */
    function found(places: readonly string[]): Record<string, string[]> {
      const all = places.map((place) => [place, backend.search([markAt(seed, place)])] as const);
      return Object.fromEntries(all.filter(([, where]) => where.length > 0));
    }

    async function inCluster(mark: string): Promise<boolean> {
      const kinds =
        'configmaps,secrets,services,deployments,daemonsets,nodes,seeds,clusters,machinedeployments,nodeunits';
      const { stdout } = await cluster.kubectl(['get', kinds, '-A', '-o', 'json', '--show-managed-fields']);
      return spellings(mark).some((form) => stdout.includes(form));
    }

    /** What a team does with a stack, and looks at. */
    async function use(stack: Stack): Promise<void> {
      await stack.run('preview', '--diff');
      await stack.run(...UP);
      await stack.run(...UP);
      await stack.run('refresh', '--yes', '--skip-preview', '--diff');
      await stack.run(...UP);
      for (const look of [['stack', 'export'], ['stack', 'history'], ['stack'], ['stack', 'output', '--json']]) {
        await stack.run(...look);
      }
    }

    testWithRandom('stand in clear nowhere, wherever they were given and whatever is done', async () => {
      const kubeconfig = readFileSync(cluster.access.kubeconfig, 'utf8');
      const stack = await backend.stack(PROGRAM, 'marks', { kubeconfig, seed });
      await use(stack);
      const { places } = (await stack.outputs()) as { places: string[] };
      const given = places.filter((place) => !place.startsWith('wrong: '));
      const wrong = places.filter((place) => place.startsWith('wrong: '));
      expect([given.length > 50, wrong.length > 5]).toEqual([true, true]);
      expect(found(given)).toEqual({});
      // All of them did get to where they were meant for.
      for (const place of given)
        expect({ place, there: await inCluster(markAt(seed, place)) }).toEqual({ place, there: true });

      // Others write to the objects, and repeat what stands in them.
      for (const kind of ['configmaps', 'secrets']) {
        const names = (await cluster.kubectl(['get', kind, '-n', 'default', '-o', 'name'])).stdout.trim().split('\n');
        for (const name of names.filter((each) => each.includes('/own-'))) {
          const { stdout } = await cluster.kubectl(['get', name, '-n', 'default', '-o', 'json']);
          const { data } = JSON.parse(stdout) as { data?: object };
          const note = `example.com/note=${JSON.stringify(data ?? {}).replaceAll(/[^A-Za-z0-9]/g, '')}`;
          await cluster.kubectl(['annotate', name, '-n', 'default', note]);
        }
      }
      await stack.run('refresh', '--yes', '--skip-preview', '--diff');
      await stack.run(...UP);
      expect(found(given)).toEqual({});

      for (const each of wrong) {
        await stack.configure({ wrong: each });
        const { code, text } = await stack.attempt(...UP);
        expect({ each, code: code !== 0 }).toEqual({ each, code: true });
        if (each !== 'wrong: text for a number') expect(text).toContain('given (a secret, not shown)');
        expect(text).not.toContain('unhandled exception');
      }
      await stack.run('stack', 'export');
      expect(found(places)).toEqual({});

      await stack.configure({ wrong: '', level: 'L3' });
      await stack.run(...UP);
      await stack.run('destroy', '--yes', '--skip-preview', '--diff');
      expect(found(places)).toEqual({});
    });

    test('the search finds them in every spelling', () => {
      const mark = markAt(seed, 'printed');
      for (const form of [mark, `x ${mark}`, `xy${mark}`]) {
        for (const text of [form, Buffer.from(form).toString('base64'), Buffer.from(form).toString('hex')]) {
          backend.transcript.push(text);
          expect(backend.search([mark])).toEqual([`output of command ${backend.transcript.length - 1}`]);
          backend.transcript.pop();
        }
      }
    });
  });
});
