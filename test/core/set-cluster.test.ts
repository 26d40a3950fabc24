import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AutonomyLevel,
  ClusterLevel,
  clusterLevelOf,
  EdgeDatacenter,
  Fleet,
  FleetApp,
  FleetProgress,
  KinsCluster,
  NodeGroup,
  NodeUnit,
  Seed,
  setCluster,
} from '../../lib';
import { problemLines } from '../support/refusals';
import { removeTempFolders, tempFolder } from '../fleet/support';

afterEach(removeTempFolders);

let app: App;
beforeEach(() => {
  app = new App();
});

/** Charts for two clusters of a kind, as one program for development and production has them. */
const two = (): Chart[] =>
  ['dev', 'prod'].map((name) => {
    const chart = new Chart(app, name);
    setCluster(chart, { name });
    return chart;
  });

describe('charts for two clusters of a kind', () => {
  test.each<[string, (chart: Chart) => unknown]>([
    ['a KinsCluster', (chart) => new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4 })],
    ['a NodeUnit', (chart) => new NodeUnit(chart, 'shop', { nodes: ['edge1'] })],
    ['a NodeGroup', (chart) => new NodeGroup(chart, 'shops', { nodeUnitNames: ['shop'] })],
    [
      'a Seed with its datacenters',
      (chart) => {
        const seed = new Seed(chart, 'seed', { country: 'DE' });
        new EdgeDatacenter(chart, 'plant', { seed, country: 'DE', location: 'Hamburg' });
      },
    ],
  ])('each have %s of one name; in one cluster it is refused', (_, make) => {
    for (const chart of two()) make(chart);
    const again = new Chart(app, 'again');
    setCluster(again, { name: 'prod' });
    expect(problemLines(() => make(again)).join('\n')).toMatch(/'prod\/(shop|shops|seed)' has/);
  });

  test('a group has the units of its own cluster only', () => {
    const [dev, prod] = two() as [Chart, Chart];
    const props = { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4, labels: { kind: 'shop' } };
    const unit = new NodeUnit(dev, 'shop', props);
    new NodeUnit(prod, 'till', props);
    new NodeGroup(prod, 'shops', { selector: { matchLabels: { kind: 'shop' } } });
    const labelsOf = (chart: Chart): unknown => (chart.toJson() as { spec: { setNode: unknown } }[])[0]?.spec.setNode;
    expect(labelsOf(dev)).not.toHaveProperty('labels.shops');
    expect(labelsOf(prod)).toHaveProperty('labels.shops', 'till');
    expect(problemLines(() => new NodeGroup(prod, 'more', { nodeUnits: [unit] }))).toEqual([
      "nodeUnits[0]: given 'shop'; allowed: a NodeUnit of cluster 'prod'; it is for cluster 'dev'. Declare both for one cluster.",
    ]);
  });

  test('a KinsCluster takes no NodeUnit of another cluster', () => {
    const [dev, prod] = two() as [Chart, Chart];
    const nodeUnit = new NodeUnit(dev, 'shop', { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4 });
    expect(problemLines(() => new KinsCluster(prod, 'shop', { nodeUnit }))).toEqual([
      "nodeUnit: given 'dev/shop'; allowed: a unit of cluster 'prod', which the chart is for; this one is for cluster 'dev'. Declare both for one cluster.",
    ]);
    expect(() => new KinsCluster(dev, 'kins', { nodeUnit })).not.toThrow();
  });

  test('may be said of what they are in; the nearest counts, as a whole', () => {
    const north = new Construct(app, 'north');
    setCluster(north, { name: 'north' });
    const [near, far] = [new Chart(north, 'near'), new Chart(north, 'far')];
    setCluster(far, { level: ClusterLevel.CLOUD_CLUSTER });
    const props = { nodes: ['edge1'] };
    new NodeUnit(near, 'shop', props);
    new NodeUnit(far, 'shop', props);
    expect(problemLines(() => new NodeUnit(new Chart(app, 'other'), 'shop', props))[0]).toContain(
      "cluster 'cloud-cluster'",
    );
  });

  test('that a fleet compares with its sites are compared within their own cluster', () => {
    const fleetApp = new FleetApp({ outdir: tempFolder(), progress: FleetProgress.OFF });
    for (const name of ['dev', 'prod']) {
      const chart = new Chart(fleetApp, name);
      setCluster(chart, { name });
      new ApiObject(chart, 'pos', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'pos', namespace: 'shop' },
      });
    }
    new Fleet(fleetApp, 'sites', {
      sites: [{ name: 'berlin', clusters: { cloudCluster: 'dev' } }],
      build: (scope) => {
        new ApiObject(new Chart(scope, 'apps'), 'pos', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'pos', namespace: 'shop' },
        });
      },
    });
    const lines = problemLines(() => {
      fleetApp.synth();
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("objects that nothing else declares in cluster 'dev'");
  });
});

describe('setCluster', () => {
  test('says the level of a chart that holds nothing of this library, and keeps other levels out', () => {
    const chart = new Chart(app, 'apps');
    setCluster(chart, { level: ClusterLevel.EDGE_CLUSTER });
    expect(clusterLevelOf(chart)).toBe('edge-cluster');
    expect(problemLines(() => new NodeUnit(chart, 'shop', { nodes: ['edge1'] }))).toEqual([
      "scope: given 'chart 'apps''; allowed: a chart for the cloud-cluster; setCluster says that it is for the edge-cluster. Declare it in another chart: the two are applied to different clusters.",
    ]);
  });

  test('refuses what is no cluster', () => {
    const chart = new Chart(app, 'apps');
    const lines = (cluster: object): readonly string[] =>
      problemLines(() => {
        setCluster(chart, cluster);
      });
    expect(lines({})).toEqual(['level: given nothing; allowed: a level, a name, or both. Say which cluster it is.']);
    expect(lines({ level: 'edge', name: 'Big' }).map((line) => line.slice(0, 24))).toEqual([
      "level: given 'edge'; all",
      "name: given 'Big'; allow",
    ]);
    expect(lines({ cluster: 'x' })[0]).toContain('allowed: only level, name');
  });

  test('refuses to say it twice, too late, and of a part of a chart', () => {
    const chart = new Chart(app, 'a');
    setCluster(chart, { name: 'a' });
    expect(
      problemLines(() => {
        setCluster(chart, { name: 'b' });
      })[0],
    ).toContain('a construct that has no cluster yet');
    const late = new Chart(app, 'late');
    new NodeUnit(late, 'shop', { nodes: ['edge1'] });
    for (const scope of [late, app]) {
      expect(
        problemLines(() => {
          setCluster(scope, { name: 'b' });
        })[0],
      ).toContain("nothing in it yet; NodeUnit 'late/shop' is");
    }
    const part = new Construct(new Chart(app, 'whole'), 'part');
    expect(
      problemLines(() => {
        setCluster(part, { name: 'b' });
      })[0],
    ).toContain("the chart itself, which is 'whole'");
  });

  test('is not for what a fleet is in: sites name their own', () => {
    const fleetApp = new FleetApp({ outdir: tempFolder(), progress: FleetProgress.OFF });
    setCluster(fleetApp, { name: 'north' });
    const lines = problemLines(() => new Fleet(fleetApp, 'sites', { sites: [{ name: 'a' }], build: () => undefined }));
    expect(lines[0]).toContain("Name them with 'clusters' of the sites");
  });
});
