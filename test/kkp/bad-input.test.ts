import { App, Chart } from 'cdk8s';
import { clusterLevelOf, EdgeConstructsError, EdgeMachine, OperatingSystem, Seed } from '../../lib';
import * as inputs from './bad-input';
import * as messages from './bad-input-messages';
import { ED25519 } from './ssh-keys';

function errorOf(declare: inputs.BadInput[1]): { readonly error: EdgeConstructsError; readonly paths: string[] } {
  const app = new App();
  try {
    declare(new Chart(app, 'chart'));
  } catch (error) {
    if (error instanceof EdgeConstructsError) return { error, paths: app.node.findAll().map(({ node }) => node.path) };
    throw error;
  }
  throw new Error('it was taken');
}

describe.each([
  ['Seed', inputs.BAD_SEEDS, messages.BAD_SEEDS],
  ['EdgeDatacenter', inputs.BAD_DATACENTERS, messages.BAD_DATACENTERS],
  ['EdgeCluster', inputs.BAD_CLUSTERS, messages.BAD_CLUSTERS],
  ['EdgeMachine', inputs.BAD_MACHINES, messages.BAD_MACHINES],
])('%s refuses', (_, rows, expected) => {
  test.each(rows)('%s', (what, declare) => {
    const { error, paths } = errorOf(declare);
    expect(error.message.split('\n')).toEqual(expected[what]);
    // A refused construct leaves nothing behind.
    expect(paths).not.toContain(error.path);
  });

  test('nothing that is not listed', () => {
    expect(rows.map(([what]) => what)).toEqual(Object.keys(expected));
  });
});

test('a refused construct has claimed nothing: once the mistake is mended, its name is free', () => {
  const chart = new Chart(new App(), 'chart');
  const good = { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.4', sshPublicKeys: [ED25519] };
  expect(() => new EdgeMachine(chart, 'edge1', { ...good, kubeletVersion: '1.99.0' })).toThrow(EdgeConstructsError);
  expect(() => new EdgeMachine(chart, 'edge1', good)).not.toThrow();
  // The second of two Seeds is refused after everything else about it was found right.
  const app = new App();
  new Seed(new Chart(app, 'one'), 'seed');
  const two = new Chart(app, 'two');
  expect(() => new Seed(two, 'seed')).toThrow(EdgeConstructsError);
  expect(clusterLevelOf(two)).toBeUndefined();
});

test('no secret that was given by mistake is told', () => {
  const all = [...inputs.BAD_DATACENTERS, ...inputs.BAD_MACHINES].map(([, declare]) => errorOf(declare).error.message);
  expect(all.join('\n')).not.toMatch(/hunter2|b3BlbnNzaC1rZXktdjE/);
});
