import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart, YamlOutputType } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import {
  AutonomyLevel,
  EdgeDatacenter,
  EdgeMachine,
  Fleet,
  FleetApp,
  type FleetAppProps,
  type FleetProps,
  KinsCluster,
  OperatingSystem,
  Seed,
  type SiteProps,
} from '../../lib';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

const KEY = `ssh-ed25519 ${Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from('ssh-ed25519'),
  Buffer.from([0, 0, 0, 32]),
  Buffer.alloc(32, 7),
]).toString('base64')}`;
const SITES: readonly SiteProps[] = [
  { name: 'berlin', nodes: [{ name: 'berlin-1' }] },
  { name: 'bonn', nodes: [{ name: 'bonn-1' }] },
];

/** Machines are declared before the Seed that they need. */
function declare(app: FleetApp, fleet: Partial<FleetProps> = {}): EdgeMachine {
  const machines = new Chart(app, 'machines');
  const machine = new EdgeMachine(machines, 'edge1', {
    kubeletVersion: '1.33.0',
    operatingSystem: OperatingSystem.UBUNTU_22_04,
    sshPublicKeys: [KEY],
  });
  const master = new Chart(app, 'master');
  new EdgeDatacenter(master, 'edge', { seed: new Seed(master, 'seed', {}) });
  new Fleet(app, 'sites', {
    sites: SITES,
    build: (scope, { name, nodeNames }) => {
      new KinsCluster(new Chart(scope, 'cloud'), name, { nodes: nodeNames, autonomyLevel: AutonomyLevel.L4 });
    },
    ...fleet,
  });
  return machine;
}

function written(props: FleetAppProps = {}, fleet: Partial<FleetProps> = {}): { outdir: string; text: string } {
  const outdir = props.outdir ?? tempFolder();
  const app = new FleetApp({ outdir, ...props });
  declare(app, fleet);
  asInAnotherProcess(() => {
    app.synth();
  });
  const file = join(outdir, 'README.md');
  return { outdir, text: existsSync(file) ? readFileSync(file, 'utf8') : '' };
}

/** The first columns of the table of files. */
const listed = (text: string): string[] =>
  [...text.matchAll(/^\| `([^`]+)` \| `[^|]*` \|/gm)].map(([, path = '']) => path);

/** Paths that a command applies, those of sites with their names. */
const applied = (text: string): string[] =>
  [...text.matchAll(/^kubectl .*--(?:filename|kustomize) (\S+)$/gm), ...text.matchAll(/^for files in (\S+);/gm)].map(
    ([, path = '']) => path,
  );

const places = (path: string): string[] =>
  path.includes('*') ? SITES.map(({ name }) => path.replace('*', name)) : [path];

describe.each<[string, Partial<FleetProps>]>([
  ['plain files', {}],
  ['kustomizations', { kustomize: true }],
  ['Flux', { flux: { gitRepository: 'fleet' } }],
  ['Argo CD', { argoCd: { repoUrl: 'https://git.example.com/fleet.git' } }],
])('the README of an output folder with %s', (name, fleet) => {
  test('has every file of a cluster in its table, and a command for it', () => {
    const { outdir, text } = written({}, fleet);
    const commands = applied(text).flatMap(places);
    for (const path of commands) expect(existsSync(join(outdir, path))).toBe(true);
    expect(listed(text).map((path) => path.replace('<site>', '*'))).toEqual(applied(text));
    const forClusters = Object.keys(filesIn(outdir)).filter((file) => !/^sites-(flux|argocd)\//.test(file));
    expect(forClusters.filter((file) => !commands.some((path) => file.startsWith(path)))).toEqual([]);
  });

  test('begins with what others need', () => {
    const { text } = written({}, fleet);
    expect(listed(text).slice(0, 2)).toEqual(['master.k8s.yaml', 'machines.k8s.yaml']);
  });

  test('is the same with one site more, and when the sites are kept from the run before', () => {
    const { text } = written({}, fleet);
    expect(written({}, { ...fleet, sites: [...SITES, { name: 'ulm', nodes: [{ name: 'ulm-1' }] }] }).text).toBe(text);
    const outdir = tempFolder();
    const skip = { ...fleet, skipUnchanged: { sources: [__filename] } };
    const build = jest.fn();
    expect(written({ outdir }, skip).text).toBe(text);
    expect(written({ outdir }, { ...skip, build }).text).toBe(text);
    expect(build).not.toHaveBeenCalled();
  });

  test('says what destroys data, and what a controller is given', () => {
    const { text } = written({}, fleet);
    expect(text).toContain('**That destroys its K3s cluster and all its data.**');
    expect(text.includes('`sites-flux/`')).toBe(name === 'Flux');
    expect(text.includes('`sites-argocd/`')).toBe(name === 'Argo CD');
  });
});

test('sites of several clusters are applied each to its own', () => {
  const [berlin, bonn] = SITES as [SiteProps, SiteProps];
  const { text } = written({}, { sites: [berlin, { ...bonn, clusters: { cloudCluster: 'cloud-west' } }] });
  expect(text).toContain('| `sites/<site>/cloud.k8s.yaml` | `cloud-cluster`, `cloud-west` |');
  expect(text).toContain("kubectl --context '<cluster>' apply");
});

describe('charts without sites', () => {
  const textOf = (yamlOutputType: YamlOutputType): { text: string; files: string[] } => {
    const app = new FleetApp({ outdir: tempFolder(), yamlOutputType });
    const [machines, master] = ['machines', 'master'].map((id) => new Chart(app, id)) as [Chart, Chart];
    new EdgeMachine(machines, 'edge1', {
      kubeletVersion: '1.33.0',
      operatingSystem: OperatingSystem.UBUNTU_22_04,
      sshPublicKeys: [KEY],
    });
    new EdgeDatacenter(master, 'edge', { seed: new Seed(master, 'seed', {}) });
    app.synth();
    return { text: readFileSync(join(app.outdir, 'README.md'), 'utf8'), files: Object.keys(filesIn(app.outdir)) };
  };

  test('in a folder each are listed by their folders', () => {
    const { text } = textOf(YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE);
    expect(listed(text)).toEqual(['master/', 'machines/']);
    expect(applied(text)).toEqual(['master/', 'machines/']);
  });

  test('in a file for each object are listed by those', () => {
    const { text, files } = textOf(YamlOutputType.FILE_PER_RESOURCE);
    expect(listed(text)[0]).toMatch(/^Seed\./);
    expect(listed(text).sort()).toEqual(files.sort());
  });

  test('in one file are not applied to one cluster', () => {
    const { text } = textOf(YamlOutputType.FILE_PER_APP);
    expect(listed(text)).toEqual(['app.k8s.yaml']);
    expect(applied(text)).toEqual([]);
    expect(text).toContain(
      '# app.k8s.yaml has objects for kkp-user-cluster, kkp-master: apply each to its own cluster',
    );
  });
});

test('of an app with a name it is a file of its own, and without one there is none if nobody wants it', () => {
  const { outdir, text } = written({ readme: false });
  expect(text).toBe('');
  written({ outdir, name: 'other', readme: true }, {});
  expect(readdirSync(outdir).filter((name) => name.startsWith('README'))).toEqual(['README-other.md']);
});

test('a README of somebody else is kept, and so is all else', () => {
  const outdir = tempFolder();
  writeFileSync(join(outdir, 'README.md'), '# Mine\n');
  expect(() => written({ outdir })).toThrow(
    `${join(outdir, 'README.md')} was not written by this app, and would be overwritten. Move it away, or set readme to false.`,
  );
  expect(readFileSync(join(outdir, 'README.md'), 'utf8')).toBe('# Mine\n');
  expect(filesIn(outdir)).toEqual({});
});

test('an app that renders nothing writes no README', () => {
  const outdir = tempFolder();
  new FleetApp({ outdir }).synth();
  expect(existsSync(join(outdir, 'README.md'))).toBe(false);
});

describe('comments in files', () => {
  test('name the cluster and the construct, and change nothing else', () => {
    const [plain, commented] = [{}, { fileComments: true }].map((props) => filesIn(written(props).outdir));
    for (const [file, content] of Object.entries(commented!)) {
      const [first = '', ...others] = content.split('\n');
      expect(first).toMatch(/^# For (kkp-master|kkp-user-cluster|cloud-cluster), from "[a-z1/]+"\. Written by/);
      expect(others.join('\n')).toBe(plain![file]);
      expect(parseAllDocuments(content).every(({ errors }) => errors.length === 0)).toBe(true);
    }
    expect(commented!['sites/bonn/cloud.k8s.yaml']).toMatch(/^# For cloud-cluster, from "sites\/bonn\/cloud"\./);
  });
});

describe('programs for devices', () => {
  const options = { httpProxy: 'http://proxy.example.com:3128', lockTimeout: '60s' };

  test('are written for each machine, with the options of all', () => {
    const app = new FleetApp({ outdir: tempFolder(), deviceScripts: options });
    const machine = declare(app);
    app.synth();
    const files = filesIn(app.outdir);
    expect(files['devices/kkp-user-cluster/edge1.provision.sh']).toBe(machine.provisioningSupervisor(options));
    expect(files['devices/kkp-user-cluster/edge1.decommission.sh']).toContain("EDGE_LOCK_SECONDS='60'");
    expect(readFileSync(join(app.outdir, 'README.md'), 'utf8')).toContain('`devices/<cluster>/<machine>.provision.sh`');
  });

  test('machines of one name in two clusters have files of their own', () => {
    const sites = SITES.map((site) => ({ ...site, clusters: { kkpUserCluster: `shops-${site.name}` } }));
    const build: FleetProps['build'] = (scope) => {
      new EdgeMachine(new Chart(scope, 'machines'), 'till', {
        kubeletVersion: '1.33.0',
        operatingSystem: OperatingSystem.UBUNTU_22_04,
        sshPublicKeys: [KEY],
      });
    };
    const { outdir } = written({ deviceScripts: {} }, { sites, build });
    expect(Object.keys(filesIn(outdir)).filter((file) => file.endsWith('till.provision.sh'))).toEqual([
      'devices/shops-berlin/till.provision.sh',
      'devices/shops-bonn/till.provision.sh',
    ]);
  });
});

test.each<[string, object]>([
  ['progress', { progress: 'loud' }],
  ['readme', { readme: 'yes' }],
  ['fileComments', { fileComments: 1 }],
  ['deviceScripts', { deviceScripts: true }],
  ['deviceScripts.lockTimeout', { deviceScripts: { lockTimeout: '0s' } }],
  ['deviceScripts.lockTime', { deviceScripts: { lockTime: 5 } }],
])('a wrong %s is refused when the app is made', (field, props) => {
  expect(() => new FleetApp(props)).toThrow(`  - ${field}: given `);
});
