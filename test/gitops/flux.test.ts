import { AutonomyLevel } from '../../lib';
import { apply } from '../api/support/apply';
import { connect } from '../api/support/connect';
import { describeWithFlux } from './support/engines';
import { Repository } from './support/fleet';
import { Flux, parentKustomization } from './support/flux';

const { L4 } = AutonomyLevel;
const cluster = connect();
afterAll(() => {
  cluster.close();
});

describeWithFlux('a fleet in Flux', (engine) => {
  const repository = new Repository();
  let flux: Flux;
  beforeAll(async () => {
    flux = await Flux.start(cluster, engine);
  });
  afterAll(async () => {
    await flux.stop();
    repository.remove();
  });

  test('is applied', async () => {
    repository.render({ berlin: L4, ulm: L4 });
    const revision = await flux.push(repository.folder);
    await apply(cluster, [parentKustomization('sites')]);
    for (const name of ['sites', 'shared-cloud-cluster', 'berlin-cloud', 'ulm-cloud'])
      expect(await flux.settled(name, revision)).toMatchObject({ ready: 'True' });
  });
});
