import * as cdk8s from 'cdk8s';
import * as path from 'node:path';
import { AutonomyLevel, Fleet, FleetApp, FleetProgress, NodeGroup, NodeUnit, Seed } from '../../lib';
import { filesIn, removeTempFolders, tempFolder } from '../fleet/support';

afterEach(removeTempFolders);

/** cdk8s, loaded once more, as by a program whose version does not fit the library's. */
function otherCopy(): typeof cdk8s {
  let copy: typeof cdk8s | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<typeof cdk8s>('cdk8s');
  });
  return copy!;
}

let other: typeof cdk8s;
beforeEach(() => {
  other = otherCopy();
  expect(other.App).not.toBe(cdk8s.App);
});

/** What this library computes late: units, groups, Seeds. */
function declare(chart: cdk8s.Chart): void {
  const unit = new NodeUnit(chart, 'unit', { nodes: ['n1'], autonomyLevel: AutonomyLevel.L4 });
  new NodeGroup(chart, 'group', { nodeUnits: [unit] });
  new Seed(new other.Chart(cdk8s.App.of(chart), 'master'), 'seed', { country: 'DE' });
}

test("an App of a program's own copy writes what it would write of the library's", () => {
  const written = ([App, Chart]: [typeof cdk8s.App, typeof cdk8s.Chart]): Record<string, string> => {
    const app = new App({ outdir: path.join(tempFolder(), 'dist') });
    declare(new Chart(app, 'site'));
    app.synth();
    return filesIn(app.outdir);
  };
  const files = written([other.App, other.Chart]);
  expect(Object.keys(files)).toHaveLength(2);
  expect(files).toEqual(written([cdk8s.App, cdk8s.Chart]));
});

test("a FleetApp takes a Lazy of the program's own copy, in charts and in sites", () => {
  const app = new FleetApp({ outdir: path.join(tempFolder(), 'dist'), progress: FleetProgress.OFF });
  const late = (chart: cdk8s.Chart, name: string): unknown =>
    new other.ApiObject(chart, 'late', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { a: other.Lazy.any({ produce: () => 'computed' }) as unknown },
    });
  new Fleet(app, 'sites', {
    sites: [{ name: 'a' }],
    build: (scope) => void late(new other.Chart(scope, 'c'), 'of-site'),
  });
  const chart = new other.Chart(app, 'tree');
  declare(chart);
  const apart = new other.Chart(app, 'apart');
  late(apart, 'of-tree');
  app.synth();
  const files = filesIn(app.outdir);
  expect(files['apart.k8s.yaml']).toContain('  a: computed\n');
  expect(files['sites/a/c.k8s.yaml']).toContain('  a: computed\n');
});
