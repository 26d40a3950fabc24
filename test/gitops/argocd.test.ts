import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutonomyLevel } from '../../lib';
import { apply, applyServerSide } from '../api/support/apply';
import { connect } from '../api/support/connect';
import { eventually } from '../api/support/poll';
import { describeWithArgoCdCrds } from './support/engines';
import { Repository } from './support/fleet';

const cluster = connect();
afterAll(() => {
  cluster.close();
});

/** Apart from where a controller of Argo CD may be at work on the same. */
const NAMESPACE = 'argocd-validated';

describeWithArgoCdCrds('what a fleet writes for Argo CD', (folder) => {
  const repository = new Repository();
  beforeAll(async () => {
    for (const name of ['application', 'applicationset']) {
      const args = ['apply', '--server-side', `--filename=${join(folder, `${name}-crd.yaml`)}`];
      const { code, stderr } = await cluster.kubectl(args);
      if (code !== 0) throw new Error(stderr);
    }
    for (const kind of ['Application', 'ApplicationSet']) {
      await eventually(
        `${kind} is served`,
        async () => (await cluster.resourceOf('argoproj.io/v1alpha1', kind)).kind === kind,
      );
    }
    await apply(cluster, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }]);
  });
  afterAll(() => {
    repository.remove();
  });

  test.each(['applicationset.yaml', 'shared.yaml'])('%s is accepted with strict validation', async (file) => {
    repository.render({ berlin: { autonomyLevel: AutonomyLevel.L4 } }, 'argocd');
    const written = readFileSync(join(repository.dist, 'sites-argocd', file), 'utf8');
    const text = written.replaceAll(/^( +namespace:) argocd$/gm, `$1 ${NAMESPACE}`);
    const [result] = await applyServerSide(cluster, text);
    expect(result).toMatchObject({ outcome: 'serverside-applied', warnings: [] });
    const [wrong] = await applyServerSide(cluster, text.replace(/^spec:$/m, 'spec:\n  noSuchField: 1'));
    expect(wrong).toMatchObject({ outcome: 'error' });
  });
});
