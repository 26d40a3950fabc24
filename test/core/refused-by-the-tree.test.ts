import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AutonomyLevel,
  clusterLevelOf,
  EdgeCluster,
  EdgeDatacenter,
  EdgeMachine,
  Fleet,
  FleetApp,
  KinsCluster,
  NodeGroup,
  NodeUnit,
  OperatingSystem,
  Seed,
  ServingCertificateApprover,
} from '../../lib';
import { lateChecksOf } from '../../lib/core/placeholders/late-checks';
import { PlaceholderSpace } from '../../lib/core/placeholders/placeholder';
import { ED25519 } from '../kkp/ssh-keys';

let app: App;
let chart: Chart;
beforeEach(() => {
  app = new App();
  chart = new Chart(app, 'site');
});

const seedOf = (scope: Construct): Seed => new Seed(new Chart(App.of(scope), 'master'), 'seed', { country: 'DE' });
const machine = {
  operatingSystem: OperatingSystem.UBUNTU_22_04,
  kubeletVersion: '1.33.4',
  sshPublicKeys: [ED25519],
};

/** The constructs, each by its name, whatever its id is. */
const CONSTRUCTS: Readonly<Record<string, (chart: Chart, id: string, name: string) => unknown>> = {
  Seed: (scope, id, name) => new Seed(scope, id, { name, country: 'DE' }),
  EdgeCluster: (scope, id, name) => new EdgeCluster(scope, id, { name, datacenter: 'plant7', version: '1.33.4' }),
  EdgeMachine: (scope, id, name) => new EdgeMachine(scope, id, { name, ...machine }),
  ServingCertificateApprover: (scope, id, name) => new ServingCertificateApprover(scope, id, { name }),
  NodeUnit: (scope, id, name) => new NodeUnit(scope, id, { name, nodes: [`${name}-1`] }),
  NodeGroup: (scope, id, name) => new NodeGroup(scope, id, { name, nodeUnitNames: ['x'] }),
  KinsCluster: (scope, id, name) =>
    new KinsCluster(scope, id, { name: name, nodes: [`${name}-1`], autonomyLevel: AutonomyLevel.L4 }),
};

describe.each(Object.entries(CONSTRUCTS))('a %s that the tree does not take', (_, declare) => {
  test('because of an id that is taken leaves its name, its nodes and the level of the chart to others', () => {
    new Construct(chart, 'taken');
    expect(() => declare(chart, 'taken', 'shop')).toThrow("There is already a Construct with name 'taken'");
    expect(clusterLevelOf(chart)).toBeUndefined();
    expect(() => declare(chart, 'free', 'shop')).not.toThrow();
  });

  test('and one that it takes does not', () => {
    declare(chart, 'first', 'shop');
    expect(() => declare(chart, 'second', 'shop')).toThrow("'site/first' ha");
  });
});

test('an EdgeDatacenter that the tree does not take leaves its name to others', () => {
  const seed = seedOf(chart);
  new Construct(chart, 'taken');
  const declare = (id: string): EdgeDatacenter => new EdgeDatacenter(chart, id, { seed, name: 'plant7' });
  expect(() => declare('taken')).toThrow("There is already a Construct with name 'taken'");
  expect(() => declare('free')).not.toThrow();
});

test('what waits for the value of an Output is not asked for a construct that the tree does not take', () => {
  const version = new PlaceholderSpace('abcdefghij', 'klmnop').text(0);
  const declare = (id: string): EdgeMachine =>
    new EdgeMachine(chart, id, { ...machine, kubeletVersion: version, name: 'edge1' });
  new Construct(chart, 'taken');
  expect(() => declare('taken')).toThrow("There is already a Construct with name 'taken'");
  expect(lateChecksOf(app)).toEqual([]);
  declare('free');
  expect(lateChecksOf(app)).toMatchObject([{ path: 'site/free' }]);
});

test('a Fleet that the tree does not take is not rendered', () => {
  const fleetApp = new FleetApp();
  new Construct(fleetApp, 'sites');
  const build = jest.fn();
  expect(() => new Fleet(fleetApp, 'sites', { sites: [{ name: 'berlin' }], build })).toThrow('There is already');
  fleetApp.synthYaml();
  expect(build).not.toHaveBeenCalled();
});
