import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const MODULES = join(ROOT, 'node_modules');

jest.setTimeout(120_000);

/** A project of a user, with the package installed from its tarball and its dependencies from ours. */
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'edge-constructs-user-'));
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', `--pack-destination=${project}`], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).replace(/^[^[]*/, ''),
  ) as [{ filename: string }];
  const installed = join(project, 'node_modules', 'edge-constructs');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', [
    '--extract',
    '--strip-components=1',
    `--directory=${installed}`,
    '--file',
    join(project, filename),
  ]);
  for (const name of dependencyNames(MODULES)) {
    const link = join(project, 'node_modules', name);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(MODULES, name), link);
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'user', private: true }));
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
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
console.log(cluster.unitName, app.charts.flatMap((each) => each.toJson()).length > 20);
`;
const NAMES =
  'Seed, EdgeDatacenter, EdgeCluster, EdgeMachine, OperatingSystem, NodeUnit, NodeGroup, AutonomyLevel, KinsCluster';

test('compiles in a strict TypeScript project, and runs', () => {
  writeFileSync(
    join(project, 'main.ts'),
    `import { App, Chart } from 'cdk8s';\nimport { ${NAMES} } from 'edge-constructs';\n${PROGRAM}`,
  );
  const options = [
    '--strict',
    '--module',
    'node16',
    '--target',
    'es2022',
    '--skipLibCheck',
    'false',
    '--types',
    'node',
  ];
  const compiler = join(MODULES, 'typescript', 'bin', 'tsc');
  expect(
    spawnSync(process.execPath, [compiler, ...options, 'main.ts'], { cwd: project, encoding: 'utf8' }),
  ).toMatchObject({
    status: 0,
    stdout: '',
  });
  expect(node('main.js')).toBe('test true\n');
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

function node(file: string): string {
  return execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
}

/** Names of installed packages, with their scopes. */
function dependencyNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
    );
}
