import { ApiObject, Chart, YamlOutputType } from 'cdk8s';
import type { Construct } from 'constructs';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import {
  AutonomyLevel,
  ClusterLevel,
  EdgeMachine,
  Fleet,
  FleetApp,
  type FleetAppProps,
  type FleetProps,
  KinsCluster,
  OperatingSystem,
  setCluster,
  type Site,
} from '../../lib';
import { ED25519 } from '../kkp/ssh-keys';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

const object = (scope: Construct, name: string): ApiObject =>
  new ApiObject(scope, name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'ns' } });

/** A unit, its machine, and what runs at the site. */
function build(scope: Construct, { name }: Site): void {
  new KinsCluster(new Chart(scope, 'cloud'), name, { nodes: [`${name}-1`], autonomyLevel: AutonomyLevel.L4 });
  new EdgeMachine(new Chart(scope, 'machines'), `${name}-1`, {
    operatingSystem: OperatingSystem.UBUNTU_22_04,
    kubeletVersion: '1.33.5',
    sshPublicKeys: [ED25519],
  });
  const pos = new Chart(scope, 'pos');
  setCluster(pos, { level: ClusterLevel.EDGE_CLUSTER });
  object(pos, 'pos');
}

const sites = [{ name: 'berlin' }, { name: 'paris', clusters: { cloudCluster: 'west' } }];

function synth(
  outdir: string,
  app: Partial<FleetAppProps>,
  fleet: Partial<FleetProps> = {},
): ReturnType<FleetApp['synthFiles']> {
  return asInAnotherProcess(() => {
    const own = new FleetApp({ outdir, ...app });
    new Fleet(own, 'sites', { sites, build, ...fleet });
    const chart = new Chart(own, 'base');
    setCluster(chart, { name: 'west' });
    object(chart, 'base');
    return own.synthFiles();
  });
}

let outdir: string;
beforeEach(() => {
  outdir = path.join(tempFolder(), 'dist');
});

const filesOf = (): string[] => Object.keys(filesIn(outdir));
const SIDE_BY_SIDE = [
  'base.k8s.yaml',
  'sites/berlin/cloud.k8s.yaml',
  'sites/berlin/machines.k8s.yaml',
  'sites/berlin/pos.k8s.yaml',
  'sites/paris/cloud.k8s.yaml',
  'sites/paris/machines.k8s.yaml',
  'sites/paris/pos.k8s.yaml',
];
const IN_FOLDERS = [
  'clusters/cloud-cluster/sites/berlin/cloud.k8s.yaml',
  'clusters/edge-berlin/sites/berlin/pos.k8s.yaml',
  'clusters/edge-paris/sites/paris/pos.k8s.yaml',
  'clusters/kkp-user-cluster/sites/berlin/machines.k8s.yaml',
  'clusters/kkp-user-cluster/sites/paris/machines.k8s.yaml',
  'clusters/west/base.k8s.yaml',
  'clusters/west/sites/paris/cloud.k8s.yaml',
];

describe('a folder for each cluster', () => {
  test('has what is for the cluster, of sites and beside them, with the bytes that it had', () => {
    synth(outdir, {});
    const before = filesIn(outdir);
    expect(Object.keys(before)).toEqual(SIDE_BY_SIDE);
    synth(outdir, { clusterFolders: true });
    expect(filesOf()).toEqual(IN_FOLDERS);
    expect(Object.values(filesIn(outdir)).sort()).toEqual(Object.values(before).sort());
  });

  test('may come and go: all files move, none stays behind, and the next run finds nothing to do', () => {
    synth(outdir, {});
    const turnedOn = synth(outdir, { clusterFolders: true });
    expect([...turnedOn.pruned].sort()).toEqual(SIDE_BY_SIDE);
    expect(synth(outdir, { clusterFolders: true })).toMatchObject({ written: [], pruned: [] });
    const turnedOff = synth(outdir, {});
    expect([...turnedOff.pruned].sort()).toEqual(IN_FOLDERS);
    expect(filesOf()).toEqual(SIDE_BY_SIDE);
    expect(fs.existsSync(path.join(outdir, 'clusters'))).toBe(false);
  });

  test.each([[true], [false]])('that is new for a fleet without sites does not lose their files, from %s', (isOn) => {
    synth(outdir, { clusterFolders: isOn });
    const before = filesOf();
    expect(() => synth(outdir, { clusterFolders: !isOn }, { sites: [] })).toThrow(/sites: given no sites; allowed: /);
    expect(filesOf()).toEqual(before);
  });

  test('loses the files of a site that is gone, or that is for another cluster now', () => {
    synth(outdir, { clusterFolders: true });
    const { pruned, written } = synth(outdir, { clusterFolders: true }, { sites: [{ name: 'paris' }] });
    expect([...pruned].sort()).toEqual([
      'clusters/cloud-cluster/sites/berlin/cloud.k8s.yaml',
      'clusters/edge-berlin/sites/berlin/pos.k8s.yaml',
      'clusters/kkp-user-cluster/sites/berlin/machines.k8s.yaml',
      'clusters/west/sites/paris/cloud.k8s.yaml',
    ]);
    expect(written).toContain('clusters/cloud-cluster/sites/paris/cloud.k8s.yaml');
  });

  test('is known to sites that are skipped', () => {
    const source = path.join(tempFolder(), 'program.ts');
    fs.writeFileSync(source, '');
    const built = jest.fn(build);
    const run = (app: Partial<FleetAppProps>): ReturnType<typeof synth> => {
      built.mockClear();
      return synth(outdir, app, { build: built, skipUnchanged: { sources: [source] } });
    };
    run({});
    run({});
    expect(built).not.toHaveBeenCalled();
    run({ clusterFolders: true });
    expect(filesOf()).toEqual(IN_FOLDERS);
    expect(run({ clusterFolders: true })).toMatchObject({ written: [], pruned: [] });
    expect(built).not.toHaveBeenCalled();
    run({});
    expect(filesOf()).toEqual(SIDE_BY_SIDE);
  });

  test.each<[string, YamlOutputType, string[]]>([
    ['one file', YamlOutputType.FILE_PER_APP, ['clusters/east/app.k8s.yaml', 'clusters/west/app.k8s.yaml']],
    [
      'a file for each object',
      YamlOutputType.FILE_PER_RESOURCE,
      [
        'clusters/east/ConfigMap.a.k8s.yaml',
        'clusters/east/ConfigMap.b.k8s.yaml',
        'clusters/west/ConfigMap.a.k8s.yaml',
      ],
    ],
    [
      'a folder for each chart',
      YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE,
      [
        'clusters/east/one/ConfigMap.a.k8s.yaml',
        'clusters/east/two/ConfigMap.b.k8s.yaml',
        'clusters/west/three/ConfigMap.a.k8s.yaml',
      ],
    ],
  ])('has %s, where the app has', (_, yamlOutputType, files) => {
    const app = new FleetApp({ outdir, clusterFolders: true, yamlOutputType });
    for (const [id, cluster, name] of [
      ['one', 'east', 'a'],
      ['two', 'east', 'b'],
      ['three', 'west', 'a'],
    ] as const) {
      const chart = new Chart(app, id);
      setCluster(chart, { name: cluster });
      object(chart, name);
    }
    app.synth();
    expect(filesOf()).toEqual(files);
  });
});

describe('GitOps layouts with a folder for each cluster', () => {
  const argoCd = { repoUrl: 'https://git.example.org/edge.git', path: 'out' };
  const flux = {
    gitRepository: 'edge',
    kubeConfigSecrets: { west: 'west', 'kkp-user-cluster': 'kkp', 'edge-paris': 'k' },
  };
  const documentsOf = (file: string): { metadata: { name: string }; spec?: Partial<Record<string, unknown>> }[] =>
    fs
      .readFileSync(path.join(outdir, file), 'utf8')
      .split(/^---$/m)
      .map((text) => parse(text) as { metadata: { name: string }; spec?: Partial<Record<string, unknown>> });

  test('Argo CD finds the sites of all clusters, and what they share beside them', () => {
    synth(outdir, { clusterFolders: true }, { argoCd });
    const [set] = documentsOf('sites-argocd/applicationset.yaml');
    expect(set?.spec).toMatchObject({
      generators: [{ git: { files: [{ path: 'out/clusters/*/sites/*/*/site.json' }] } }],
    });
    expect(filesOf()).toContain('clusters/west/sites/paris/cloud/site.json');
    const paths = documentsOf('sites-argocd/shared.yaml').map(({ spec }) => (spec?.source as { path: string }).path);
    expect(paths).toEqual(['out/clusters/cloud-cluster/shared', 'out/clusters/west/shared']);
    for (const shared of paths) expect(filesOf()).toContain(shared.replace('out/', '') + '/kustomization.yaml');
  });

  test('every Kustomization of Flux has the folder that is there', () => {
    synth(outdir, { clusterFolders: true }, { flux });
    const files = filesOf();
    const found: string[] = files
      .filter((file) => file.startsWith('sites-flux/'))
      .flatMap(documentsOf)
      .flatMap(({ spec }) => (typeof spec?.path === 'string' ? [spec.path] : []));
    expect(found.sort()).toEqual([
      './dist/clusters/cloud-cluster/shared',
      './dist/clusters/cloud-cluster/sites/berlin/cloud',
      './dist/clusters/edge-berlin/sites/berlin/pos',
      './dist/clusters/edge-paris/sites/paris/pos',
      './dist/clusters/kkp-user-cluster/sites/berlin/machines',
      './dist/clusters/kkp-user-cluster/sites/paris/machines',
      './dist/clusters/west/shared',
      './dist/clusters/west/sites/paris/cloud',
    ]);
    for (const each of found) expect(files).toContain(`${each.replace('./dist/', '')}/kustomization.yaml`);
  });
});

test('the README has the folders, and a command for each', () => {
  synth(outdir, { clusterFolders: true }, { kustomize: true });
  const readme = fs.readFileSync(path.join(outdir, 'README.md'), 'utf8');
  expect(readme).toContain('| `clusters/west/sites/<site>/cloud/` | `west` |');
  expect(readme).toContain('| `clusters/edge-<site>/sites/<site>/pos/` | `edge-<site>` |');
  expect(readme).toContain('| `clusters/west/shared/` | `west` |');
  expect(readme).toContain(
    'for files in clusters/cloud-cluster/sites/*/cloud/; do kubectl --context cloud-cluster apply --server-side',
  );
  expect(readme).toContain("--kustomize 'clusters/edge-<site>/sites/<site>/pos/'");
});

test.each<[string, Partial<FleetAppProps>, string]>([
  ['comments', { fileComments: true }, 'sites/berlin/cloud.k8s.yaml'],
  ['programs for devices', { deviceScripts: {} }, 'devices/kkp-user-cluster/berlin-1.provision.sh'],
  [
    'other options of these',
    { deviceScripts: { readyTimeout: '7s' } },
    'devices/kkp-user-cluster/berlin-1.provision.sh',
  ],
])('sites that are skipped get %s when they are asked for, and lose them again', (_, app, file) => {
  const source = path.join(tempFolder(), 'program.ts');
  fs.writeFileSync(source, '');
  const fleet = { skipUnchanged: { sources: [source] } };
  synth(outdir, {}, fleet);
  const before = filesIn(outdir);
  expect(synth(outdir, app, fleet).written).toContain(file);
  synth(outdir, {}, fleet);
  expect(filesIn(outdir)).toEqual(before);
});
