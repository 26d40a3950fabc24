import { ApiObject, App, Chart, YamlOutputType } from 'cdk8s';
import { Construct } from 'constructs';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { AutonomyLevel, EdgeDatacenter, Fleet, FleetApp, Seed, type Site, type SiteProps } from '../../lib';
import { build, fleetApp, site } from './sites';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

describe('a fleet', () => {
  it('writes for each site what a chart in an app of cdk8s gives', () => {
    const app = fleetApp();
    new Fleet(app, 'sites', { sites: [site('berlin'), site('paris')], build });
    app.synth();
    expect(Object.keys(filesIn(app.outdir))).toEqual([
      'sites/berlin/cloud.k8s.yaml',
      'sites/berlin/machines.k8s.yaml',
      'sites/paris/cloud.k8s.yaml',
      'sites/paris/machines.k8s.yaml',
    ]);

    const alone = new App({ outdir: path.join(tempFolder(), 'dist') });
    const scope = new Construct(new Construct(alone, 'sites'), 'paris');
    build(scope, { name: 'paris', nodeNames: ['paris-a', 'paris-b', 'paris-c'] } as unknown as Site);
    alone.synth();
    const expected = Object.values(filesIn(alone.outdir));
    expect(expected.map((content) => content.length)).not.toContain(0);
    expect(expected).toEqual(
      ['cloud', 'machines'].map((chart) => filesIn(app.outdir)[`sites/paris/${chart}.k8s.yaml`]),
    );
  });

  it('can be synthesized again: the second run finds nothing to do', () => {
    const app = fleetApp();
    new Fleet(app, 'sites', { sites: [site('berlin')], build });
    app.synth();
    expect(app.synthFiles()).toEqual({ written: [], unchanged: 3, pruned: [] });
  });

  it('touches one site when one site changes, and removes the files of a site that is gone', () => {
    const { outdir } = fleetApp();
    const run = (sites: SiteProps[]): unknown => {
      const app = new FleetApp({ outdir });
      new Fleet(app, 'sites', { sites, build });
      return asInAnotherProcess(() => app.synthFiles());
    };
    run([site('berlin'), site('paris'), site('rome')]);
    expect(
      run([site('berlin'), site('paris', { nodes: [{ name: 'p1' }, { name: 'p2' }, { name: 'p3' }] }), site('rome')]),
    ).toEqual({
      written: ['sites/paris/cloud.k8s.yaml', 'sites/paris/machines.k8s.yaml'],
      unchanged: 5,
      pruned: [],
    });
    expect(run([site('berlin')])).toMatchObject({
      written: [],
      pruned: expect.arrayContaining(['sites/rome/cloud.k8s.yaml']) as unknown,
    });
    expect(fs.readdirSync(path.join(outdir, 'sites'))).toEqual(['berlin']);
  });

  it('merges defaults, template, region and ring into a site, later ones over earlier ones', () => {
    const seen: Site[] = [];
    const app = fleetApp();
    new Fleet(app, 'sites', {
      defaults: {
        autonomyLevel: AutonomyLevel.L3,
        values: { a: 'defaults', b: { x: 1, y: [1, 2] } },
        labels: { tier: 'edge' },
      },
      templates: {
        shop: { autonomyLevel: AutonomyLevel.L4, values: { a: 'template', b: { y: [3] } }, nodes: [{ name: 'till' }] },
      },
      regions: { eu: { network: 'wan', clusters: { cloudCluster: 'eu-cloud' }, values: { a: 'region' } } },
      rings: { canary: { values: { a: 'ring', canary: true } } },
      sites: [
        { name: 'one', template: 'shop', region: 'eu', ring: 'canary' },
        { name: 'two', values: { a: 'site' }, nodes: [{ name: 'n', address: '10.0.0.1' }] },
      ],
      build: (scope, each) => {
        seen.push(each);
        new Chart(scope, 'cloud');
      },
    });
    app.synth();
    expect(seen).toEqual([
      {
        ...{ name: 'one', region: 'eu', ring: 'canary', network: 'wan', autonomyLevel: 'L4' },
        ...{ nodes: [{ name: 'till' }], nodeNames: ['till'], labels: { tier: 'edge' } },
        clusters: {
          kkpMaster: 'kkp-master',
          kkpSeed: 'kkp-seed',
          kkpUserCluster: 'kkp-user-cluster',
          cloudCluster: 'eu-cloud',
          edgeCluster: 'edge-one',
        },
        values: { a: 'ring', b: { x: 1, y: [3] }, canary: true },
      },
      expect.objectContaining({
        ...{ name: 'two', network: 'two', autonomyLevel: 'L3', nodeNames: ['n'], nodeAddresses: { n: '10.0.0.1' } },
        values: { a: 'site', b: { x: 1, y: [1, 2] } },
      }),
    ]);
  });

  it('gives its sites to charts outside, which sites may depend on', () => {
    const app = fleetApp();
    const base = new Chart(app, 'base');
    const fleet = new Fleet(app, 'sites', {
      sites: [{ name: 'berlin' }, { name: 'paris' }],
      build: (scope) => {
        new Chart(scope, 'cloud').addDependency(base);
      },
    });
    const master = new Chart(app, 'master');
    const seed = new Seed(master, 'seed', { country: 'DE' });
    for (const { name } of fleet.sites) new EdgeDatacenter(master, name, { seed, country: 'DE', location: name });
    app.synth();
    expect(filesIn(app.outdir)['master.k8s.yaml']).toMatch(/ {4}berlin:\n[^]* {4}paris:\n/);
    expect(Object.keys(filesIn(app.outdir))).toHaveLength(4);
  });

  it('passes context and resolvers of the app on to sites', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const resolve = (context: { value: unknown; replaceValue: (value: unknown) => void }): void => {
      if (context.value === 'token') context.replaceValue('value');
    };
    const app = new FleetApp({ outdir, resolvers: [{ resolve }] });
    app.node.setContext('stage', 'prod');
    new Fleet(app, 'sites', {
      sites: [{ name: 'one' }],
      build: (scope) => {
        const stage: unknown = scope.node.getContext('stage');
        new ApiObject(new Chart(scope, 'c'), 'x', { apiVersion: 'v1', kind: 'X', spec: { a: 'token', stage } });
      },
    });
    app.synth();
    expect(filesIn(outdir)['sites/one/c.k8s.yaml']).toContain('spec:\n  a: value\n  stage: prod\n');
  });

  it('writes a folder for each chart when the app asks for one', () => {
    const app = new FleetApp({
      outdir: path.join(tempFolder(), 'dist'),
      yamlOutputType: YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE,
    });
    new Fleet(app, 'sites', { sites: [site('rome')], build });
    app.synth();
    expect(Object.keys(filesIn(app.outdir))).toContain('sites/rome/machines/MachineDeployment.rome-a.k8s.yaml');
  });
});
