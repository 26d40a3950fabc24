import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, ApiObject, Chart } from 'cdk8s';
import { EdgeConstructsError, NodeUnit, writeKustomizations } from '../../lib';

let base: string;
let outdir: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'edge-constructs-'));
  outdir = join(base, 'dist');
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

/** Writes an app with these charts, each with ConfigMaps of these names. */
function write(charts: Readonly<Record<string, readonly string[]>>): void {
  const app = new App({ outdir });
  for (const [id, names] of Object.entries(charts)) addConfigMaps(new Chart(app, id), names);
  writeKustomizations(app);
}

function addConfigMaps(chart: Chart, names: readonly string[]): void {
  for (const name of names)
    new ApiObject(chart, name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'n' } });
}

const tree = (): readonly string[] =>
  (readdirSync(outdir, { recursive: true }) as string[]).filter((each) => statSync(join(outdir, each)).isFile()).sort();
const read = (...path: readonly string[]): string => readFileSync(join(outdir, ...path), 'utf8');

test('every chart gets a folder beside the output of the app', () => {
  const app = new App({ outdir });
  new NodeUnit(new Chart(app, 'hamburg'), 'test', { nodes: ['edge1'] });
  const munich = new Chart(app, 'munich');
  addConfigMaps(munich, ['a']);
  addConfigMaps(new Chart(munich, 'inner'), ['b']);
  app.synth();
  writeKustomizations(app);
  expect(tree().filter((each) => each.includes('/'))).toEqual([
    'hamburg/kustomization.yaml',
    'hamburg/nodeunit.site.superedge.io_test.yaml',
    'munich/configmap_n_a.yaml',
    'munich/inner/configmap_n_b.yaml',
    'munich/inner/kustomization.yaml',
    'munich/kustomization.yaml',
  ]);
  expect(tree().filter((each) => !each.includes('/'))).toHaveLength(3);
});

test('files that stay the same are not touched, and nothing else is left behind', () => {
  write({ site: ['a', 'b'] });
  const files = tree().map((each) => join(outdir, each));
  for (const file of files) utimesSync(file, 1, 1);
  write({ site: ['a', 'b', 'c'] });
  expect(files.map((file) => [file, statSync(file).mtimeMs === 1000])).toEqual(
    files.map((file) => [file, !file.endsWith('kustomization.yaml')]),
  );
  expect(readdirSync(outdir)).toEqual(['site']);
});

test('files of objects that are gone go; files of others stay', () => {
  write({ site: ['a', 'b'] });
  writeFileSync(join(outdir, 'site', 'README.md'), 'mine');
  writeFileSync(join(outdir, 'site', 'configmap_n_mine.yaml'), 'kind: ConfigMap');
  write({ site: ['b', 'c'] });
  expect(tree()).toEqual([
    'site/README.md',
    'site/configmap_n_b.yaml',
    'site/configmap_n_c.yaml',
    'site/configmap_n_mine.yaml',
    'site/kustomization.yaml',
  ]);
});

test('a list that someone changed removes nothing outside the folder and no file of others', () => {
  write({ site: ['a'] });
  for (const file of ['outside.yaml', 'site/mine.yaml', 'site/sub/x.yaml']) {
    mkdirSync(join(outdir, 'site/sub'), { recursive: true });
    writeFileSync(join(outdir, file), file.endsWith('mine.yaml') ? 'mine' : read('site', 'configmap_n_a.yaml'));
  }
  const list = join(outdir, 'site', 'kustomization.yaml');
  writeFileSync(
    list,
    `${readFileSync(list, 'utf8')}  - ../outside.yaml\n  - ${outdir}/outside.yaml\n  - sub/x.yaml\n  - mine.yaml\n  - gone.yaml\n  - ..\n`,
  );
  write({ site: ['b'] });
  expect(tree()).toEqual([
    'outside.yaml',
    'site/configmap_n_b.yaml',
    'site/kustomization.yaml',
    'site/mine.yaml',
    'site/sub/x.yaml',
  ]);
});

test('the folder of a chart that is gone stays', () => {
  write({ a: ['x'], b: ['x'] });
  write({ a: ['x'] });
  expect(tree()).toContain('b/configmap_n_x.yaml');
});

test.each(['kustomization.yaml', 'configmap_n_a.yaml'])(
  "somebody else's %s is not overwritten, and nothing is written",
  (name) => {
    mkdirSync(join(outdir, 'site'), { recursive: true });
    writeFileSync(join(outdir, 'site', name), 'resources: []\n');
    expect(() => {
      write({ before: ['x'], site: ['a'] });
    }).toThrow(
      `Chart 'site' has 1 problem:\n  - outdir: given '${join(outdir, 'site', name)}'; allowed: a file that an earlier run wrote, or none. Move it away, or choose another output directory.`,
    );
    expect(tree()).toEqual([`site/${name}`]);
    expect(read('site', name)).toBe('resources: []\n');
  },
);

test('a link is not followed', () => {
  mkdirSync(join(outdir, 'site'), { recursive: true });
  const target = join(base, 'target');
  symlinkSync(target, join(outdir, 'site', 'configmap_n_a.yaml'));
  expect(() => {
    write({ site: ['a'] });
  }).toThrow(EdgeConstructsError);
  expect(existsSync(target)).toBe(false);
});

test('a file where the folder should be is an error', () => {
  mkdirSync(outdir);
  writeFileSync(join(outdir, 'site'), '');
  expect(() => {
    write({ site: ['a'] });
  }).toThrow(`given '${join(outdir, 'site')}'; allowed: a directory, or nothing yet.`);
});

test('lines that a checkout ended with CR LF are still ours', () => {
  write({ site: ['a', 'b'] });
  for (const file of tree()) writeFileSync(join(outdir, file), read(file).replaceAll('\n', '\r\n'));
  write({ site: ['a'] });
  expect(tree()).toEqual(['site/configmap_n_a.yaml', 'site/kustomization.yaml']);
  expect(read('site/configmap_n_a.yaml')).not.toContain('\r');
});

test('ids of charts cannot lead out of the output, hide, or look like our files', () => {
  write({ '..': ['a'], '.git': ['a'], 'a.yaml': ['a'], 'a b': ['a'], 'Shop_1.x': ['a'] });
  expect(readdirSync(outdir).sort()).toEqual(['%2e%2e', '%2egit', 'Shop_1.x', 'a%20b', 'a%2eyaml'].sort());
  expect(readdirSync(base)).toEqual(['dist']);
});

test('charts whose ids differ in capitals only cannot both have a folder', () => {
  expect(() => {
    write({ shop: ['a'], Shop: ['a'] });
  }).toThrow(
    "Chart 'Shop' has 1 problem:\n  - id: given 'Shop'; allowed: a folder of its own; chart 'shop' has this one. Rename one of the two charts: names must differ in more than capitals.",
  );
  expect(existsSync(outdir)).toBe(false);
});

test('after a run that was cut short the next one makes everything complete', () => {
  write({ site: ['a', 'b'] });
  // As if the next run, which replaces a by c, had written the new object and no list yet.
  writeFileSync(join(outdir, 'site', 'configmap_n_c.yaml'), read('site', 'configmap_n_b.yaml'));
  mkdirSync(join(outdir, '.edge-constructs-abandoned'));
  write({ site: ['b', 'c'] });
  expect(tree()).toEqual(['site/configmap_n_b.yaml', 'site/configmap_n_c.yaml', 'site/kustomization.yaml']);
  expect(read('site', 'configmap_n_c.yaml')).toContain('name: c');
});
