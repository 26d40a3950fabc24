import { AutonomyLevel } from '../../lib';
import { exampleNames, runExample } from '../support/examples';
import { kinsObjects } from '../support/units';
import { apply, applyServerSide, remove, tryDelete, unchanged } from './support/apply';
import { connect } from './support/connect';
import { describeWithCrds, installCrds } from './support/crds';
import { toObjects, type KubeObject } from './support/objects';
import { isShared } from './support/end-unit';
import { eventually } from './support/poll';

const cluster = connect();
afterAll(() => {
  cluster.close();
});

/** A chart's file; those of a kustomization hold the same objects again. */
const isChart = (file: string): boolean => file.endsWith('.k8s.yaml') && !file.includes('/');

/** What the examples find where they are applied: a namespace, and a Seed that somebody else owns. */
const SURROUNDINGS: readonly KubeObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kubermatic' } },
  {
    apiVersion: 'kubermatic.k8c.io/v1',
    kind: 'Seed',
    metadata: { name: 'kubermatic', namespace: 'kubermatic' },
    spec: { kubeconfig: { name: 'kubeconfig-kubermatic', namespace: 'kubermatic' }, datacenters: {} },
  },
];

describeWithCrds('examples on a real API server', () => {
  beforeAll(async () => {
    await installCrds(cluster);
    await apply(cluster, SURROUNDINGS, { fieldManager: 'administrator' });
  });
  afterAll(async () => {
    await remove(cluster, SURROUNDINGS);
  });

  const charts = exampleNames().flatMap((example) =>
    [...runExample(example)].filter(([file]) => isChart(file)).map(([file, yaml]) => [example, file, yaml] as const),
  );
  test.each(charts)(
    '%s: %s is accepted with strict validation, and a second apply changes nothing',
    async (_, file, yaml) => {
      const objects = toObjects(yaml);
      try {
        const results = await applyServerSide(cluster, objects);
        expect(results.filter(({ outcome, warnings }) => outcome === 'error' || warnings.length > 0)).toEqual([]);
        await unchanged(cluster, objects);
      } finally {
        await takeDown(objects);
      }
      expect(file).toMatch(/^[a-z0-9-]+\.k8s\.yaml$/);
    },
  );
});

/** As a user would: units with a cluster of their own go to L3 first. What others own stays. */
async function takeDown(objects: readonly KubeObject[]): Promise<void> {
  const own = objects.filter((object) => object.kind !== 'Seed' && !isShared(object));
  const units = own.filter(({ kind, metadata }) => kind === 'ConfigMap' && /-guard-kins$/.test(metadata.name));
  for (const guard of units) {
    const unit = guard.metadata.name.replace('-guard-kins', '');
    const policies = kinsObjects(unit, AutonomyLevel.L3).filter(({ kind }) => kind.startsWith('Validating'));
    await apply(cluster, policies);
    await eventually('the guard steps aside', async () => (await tryDelete(cluster, guard)).status === 200);
  }
  await remove(cluster, own);
}
