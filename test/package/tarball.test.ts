import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oneOf } from '../support/sample';
import {
  dependencyNames,
  firstStack,
  installOffline,
  installPackage,
  link,
  MODULES,
  packageJson,
  packInto,
  ROOT,
} from './user-project';

let packed: string;
let unpacked: string;
/** A project of a user, with the package installed from its tarball and its dependencies from ours. */
let project: string;

beforeAll(() => {
  packed = mkdtempSync(join(tmpdir(), 'edge-constructs-packed-'));
  unpacked = packInto(packed);
  project = mkdtempSync(join(tmpdir(), 'edge-constructs-user-'));
  installPackage(unpacked, project);
  for (const name of dependencyNames(MODULES)) link(name, project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'user', private: true }));
});

afterAll(() => {
  for (const folder of [project, packed]) rmSync(folder, { recursive: true, force: true });
});

const PROGRAM = `
const app = new App();
const chart = new Chart(app, 'site');
const cluster = new KinsCluster(chart, 'test', { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4 });
const unit = new NodeUnit(chart, 'other', { nodes: ['edge2'], autonomyLevel: AutonomyLevel.L3 });
new NodeGroup(chart, 'group', { nodeUnits: [unit] });
const master = new Chart(app, 'master');
const seed = new Seed(master, 'seed', { country: 'US' });
new EdgeDatacenter(master, 'edge-eu-de', { seed, country: 'US', location: 'LA' });
new EdgeCluster(new Chart(app, 'seed'), 'shop', { datacenter: 'edge-eu-de', version: '1.33.4' });
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHSmGRm7NCNbZzK1o3OBgZWWUo07/mcVJeLxA6UqfFPg';
new EdgeMachine(new Chart(app, 'user'), 'edge1', { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.4', sshPublicKeys: [key] });
console.log(cluster.name, app.charts.flatMap((each) => each.toJson()).length > 20);
`;
const NAMES =
  'Seed, EdgeDatacenter, EdgeCluster, EdgeMachine, OperatingSystem, NodeUnit, NodeGroup, AutonomyLevel, KinsCluster';

test('compiles in a strict TypeScript project, and runs', () => {
  writeFileSync(
    join(project, 'main.ts'),
    `import { App, Chart } from 'cdk8s';\nimport { ${NAMES} } from 'edge-constructs';\n${PROGRAM}`,
  );
  expect(compile('main.ts', ['--module', 'node16', '--skipLibCheck', 'false'])).toBe('');
  expect(node('main.js')).toBe('test true\n');
});

test('compiles where undefined is not the same as nothing', () => {
  writeFileSync(
    join(project, 'exact.ts'),
    `import { Chart } from 'cdk8s';
import { EdgeDatacenter, Fleet, FleetApp, KinsCluster, Seed, type SupervisorOptions } from 'edge-constructs';
import type { EdgeDeviceArgs } from 'edge-constructs/pulumi';
const unknown: { level?: string; list?: string[] } = {};
new Fleet(new FleetApp({ name: unknown.level }), 'sites', {
  files: unknown.list,
  build: (scope, { name, nodeNames, autonomyLevel, podCidr, nodeAddresses }) => {
    const chart = new Chart(scope, 'cloud');
    new KinsCluster(chart, name, { nodes: nodeNames, autonomyLevel, clusterCidr: podCidr, nodeAddresses });
    const seed = new Seed(chart, 'seed', { country: unknown.level });
    new EdgeDatacenter(chart, 'd', { seed, country: 'DE', location: 'HH', node: { httpProxy: unknown.level } });
  },
});
export const options: SupervisorOptions = { readyTimeout: unknown.level };
export const part: Pick<EdgeDeviceArgs, 'supervisor'> = { supervisor: undefined };
`,
  );
  expect(compile('exact.ts', ['--module', 'node16', '--exactOptionalPropertyTypes'])).toBe('');
});

const COMPILERS: readonly (readonly [string, readonly string[]])[] = [
  ['as cdk8s and Pulumi made projects for years', ['--module', 'commonjs', '--moduleResolution', 'node10']],
  ['as Node does', ['--module', 'nodenext']],
  ['as bundlers do', ['--module', 'esnext', '--moduleResolution', 'bundler']],
];
test.each(oneOf(COMPILERS))('the part for Pulumi is found by a compiler that looks for modules %s', (_, options) => {
  writeFileSync(
    join(project, 'stack.ts'),
    "import { AutonomyLevel } from 'edge-constructs';\nimport { KinsCluster } from 'edge-constructs/pulumi';\nexport const name: string = KinsCluster.name + AutonomyLevel.L4;\n",
  );
  expect(compile('stack.ts', options)).toBe('');
});

describe("the guide's first stack, in an empty folder with what it says to install", () => {
  const { commands, packages, program } = firstStack();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'edge-constructs-first-stack-'));
    for (const command of commands) {
      if (command.startsWith('npm install')) installOffline(unpacked, folder, packages);
      else if (!command.startsWith('pulumi ')) execFileSync('sh', ['-ec', command], { cwd: folder, stdio: 'ignore' });
    }
    writeFileSync(join(folder, 'index.ts'), program);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('makes the files that pulumi needs', () => {
    expect(commands.filter((command) => command.startsWith('pulumi ')).map((command) => command.split(' ')[1])).toEqual(
      ['stack', 'config'],
    );
    expect(readFileSync(join(folder, 'Pulumi.yaml'), 'utf8')).toBe('name: shop\nruntime: nodejs\n');
    expect(packageJson(folder)).toMatchObject({ name: expect.any(String) as unknown });
  });

  test('installs what the package needs, but for devices', () => {
    const names = packages.map((each) => each.replace(/(.)@.*/, '$1'));
    const { peerDependencies = {} } = packageJson(ROOT);
    expect(Object.keys(peerDependencies).filter((each) => !names.includes(each))).toEqual(['@pulumi/command']);
  });

  test('compiles as Pulumi compiles it, and makes the unit', () => {
    const compiler = join(folder, 'node_modules/typescript/bin/tsc');
    // What Pulumi takes where there is no tsconfig.json; TypeScript 5 is not strict unless it is told.
    const options = ['--target', 'ES2020', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--strict'];
    const { stdout } = spawnSync(process.execPath, [compiler, ...options, 'index.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    writeFileSync(
      join(folder, 'mocked.cjs'),
      `const { runtime } = require('@pulumi/pulumi');
const made = [];
const mocks = {
  call: ({ inputs }) => inputs,
  newResource: ({ type, name, inputs }) => {
    made.push(type);
    return { id: undefined, state: { ...inputs, ...(type.endsWith(':RandomPassword') ? { result: 'x' } : {}) } };
  },
};
runtime.setAllConfig({ 'shop:cloudKubeconfig': 'current-context: none' }, ['shop:cloudKubeconfig']);
runtime
  .setMocks(mocks, 'shop', 'site', true)
  .then(() => require('./index.js'))
  .then(() => runtime.waitForRPCs())
  .then(() => console.log(made.filter((type) => type.endsWith(':DaemonSet')).length, made.length > 20));
`,
    );
    expect(execFileSync(process.execPath, ['mocked.cjs'], { cwd: folder, encoding: 'utf8' })).toBe('3 true\n');
  });
});

test('a program runs that was bundled into one file, where nothing is installed', () => {
  writeFileSync(
    join(project, 'bundled.ts'),
    `import { App, Chart } from 'cdk8s';
import { ${NAMES}, Fleet, FleetApp, provisioningSupervisor } from 'edge-constructs';
${PROGRAM}
const sites = new FleetApp({ outdir: process.argv[2] });
const build = (scope, site) => new KinsCluster(new Chart(scope, 'c'), site.name, { nodes: ['n'], autonomyLevel: AutonomyLevel.L4 });
new Fleet(sites, 'sites', { files: [process.argv[3]], skipUnchanged: { sources: [process.argv[1]] }, build: (...all) => void build(...all) });
sites.synth();
console.log(/^uptime_seconds\\(\\) [^]*^edge_provision\\(\\) /m.test(provisioningSupervisor({ name: 'edge1' })));
`,
  );
  const elsewhere = mkdtempSync(join(tmpdir(), 'edge-constructs-bundle-'));
  try {
    const bundle = join(elsewhere, 'program.cjs');
    const options = ['--bundle', '--platform=node', `--outfile=${bundle}`, '--log-level=error'];
    execFileSync(join(MODULES, '.bin', 'esbuild'), ['bundled.ts', ...options], { cwd: project });
    writeFileSync(join(elsewhere, 'sites.csv'), 'name\nberlin\n');
    const args = [bundle, join(elsewhere, 'dist'), join(elsewhere, 'sites.csv')];
    expect(execFileSync(process.execPath, args, { cwd: elsewhere, encoding: 'utf8' })).toBe('test true\ntrue\n');
    expect(readFileSync(join(elsewhere, 'dist/sites/berlin/c.k8s.yaml'), 'utf8')).toContain('agent.sh: |');
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

test('no script is read when the library is loaded: all of them are in its modules', () => {
  writeFileSync(
    join(project, 'reads.cjs'),
    `const fs = require('fs');
const read = [];
for (const name of ['readFileSync', 'openSync', 'readFile', 'open', 'createReadStream']) {
  const real = fs[name];
  fs[name] = (path, ...more) => {
    read.push(String(path));
    return real(path, ...more);
  };
}
const library = require('edge-constructs');
for (const name of Object.keys(library)) void library[name];
console.log(JSON.stringify([read.length > 0, read.filter((path) => !/\\.([cm]?js|json)$/.test(path) && path.includes('edge-constructs/'))]));
`,
  );
  expect(node('reads.cjs')).toBe('[true,[]]\n');
});

test('a checkout with carriage returns, as Git makes them on Windows, still has scripts that run', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'edge-constructs-checkout-'));
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'core.autocrlf=true', ...args], { cwd: checkout, stdio: 'ignore' });
  };
  try {
    cpSync(join(ROOT, '.gitattributes'), join(checkout, '.gitattributes'));
    cpSync(join(ROOT, 'lib/kins/scripts/join.sh'), join(checkout, 'join.sh'));
    git('init');
    git('add', '.');
    rmSync(join(checkout, 'join.sh'));
    git('checkout', '--', 'join.sh');
    expect(readFileSync(join(checkout, 'join.sh'), 'utf8')).not.toContain('\r');
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
});

test('runs from CommonJS', () => {
  writeFileSync(
    join(project, 'main.cjs'),
    `const { App, Chart } = require('cdk8s');\nconst { ${NAMES} } = require('edge-constructs');\n${PROGRAM}`,
  );
  expect(node('main.cjs')).toBe('test true\n');
});

test('runs from an ECMAScript module', () => {
  writeFileSync(
    join(project, 'main.mjs'),
    `import { App, Chart } from 'cdk8s';\nimport { ${NAMES} } from 'edge-constructs';\n${PROGRAM}`,
  );
  expect(node('main.mjs')).toBe('test true\n');
});

/** What the compiler says of a file that it compiles, strictly. */
function compile(file: string, options: readonly string[]): string {
  const compiler = join(MODULES, 'typescript', 'bin', 'tsc');
  const all = ['--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck', ...options, file];
  return spawnSync(process.execPath, [compiler, ...all], { cwd: project, encoding: 'utf8' }).stdout;
}

function node(file: string): string {
  return execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
}
