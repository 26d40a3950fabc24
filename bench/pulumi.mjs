/**
 * Preview (the median of three) and up of 1,000 resources: through the bridge, against resources written by hand with @pulumi/kubernetes, in one
 * run against a real API server.
 *
 *   npm run bench:pulumi [-- <resources> [<rounds>]]
 *
 * Needs pulumi, its nodejs language host and the kubernetes provider on PATH, as the e2e tests do. Ends with 1 when the
 * bridge takes more than 1.2 times the processor time or memory; wall time, which depends on what else the machine does,
 * is shown beside them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/cjs/api';

register();
const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const { ControlPlane } = require('../test/api/support/control-plane.ts');

const LIMIT = 1.2;
const count = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 1);

for (const program of ['pulumi', 'pulumi-language-nodejs', 'pulumi-resource-kubernetes']) {
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) {
    console.log(`bench:pulumi: not run: ${program} not found on PATH`);
    process.exit(0);
  }
}

const TICKS_PER_SECOND = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout);

/**
 * Memory in MiB of a process and all below it: proportional set size, so that shared pages count once. Notes the processor
 * time that each has taken so far.
 */
function look(root, ticks) {
  const children = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = readProc(pid, 'stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const parent = Number(fields[1]);
    const child = { pid: Number(pid), ticks: Number(fields[11]) + Number(fields[12]) };
    children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  let kilobytes = 0;
  const processes = (children.get(process.pid) ?? []).filter(({ pid }) => pid === root);
  for (const each of processes) {
    ticks.set(each.pid, each.ticks);
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readProc(each.pid, 'smaps_rollup'))?.[1] ?? 0);
    processes.push(...(children.get(each.pid) ?? []));
  }
  return kilobytes / 1024;
}

/** Empty when the process has ended meanwhile. */
function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

const build = spawnSync(process.execPath, [join(here, '../scripts/build.mjs')], { stdio: 'inherit' });
if (build.status !== 0) throw new Error('the package does not compile');
const plane = await ControlPlane.start();
const folder = mkdtempSync(join(tmpdir(), 'edge-constructs-bench-pulumi-'));

async function pulumi(program, args, input = '') {
  const home = join(folder, program);
  mkdirSync(home, { recursive: true });
  const started = process.hrtime.bigint();
  const child = spawn(
    'pulumi',
    ['--non-interactive', '--color=never', '--cwd', join(here, 'pulumi', program), ...args],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: home,
        // Without the paths of the repository's own: the compiled package is used, as its users do.
        TSX_TSCONFIG_PATH: join(here, 'pulumi', 'tsconfig.run.json'),
        PULUMI_HOME: join(home, 'home'),
        PULUMI_BACKEND_URL: `file://${home}`,
        PULUMI_CONFIG_PASSPHRASE: 'bench',
        PULUMI_SKIP_UPDATE_CHECK: 'true',
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      },
    },
  );
  let text = '';
  let peak = 0;
  const ticks = new Map();
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (text += piece));
  const sampler = setInterval(() => (peak = Math.max(peak, look(child.pid, ticks))), 250);
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(sampler);
  if (code !== 0) throw new Error(`pulumi ${args.join(' ')} of ${program} failed:\n${text.slice(-3000)}`);
  return {
    'processor s': [...ticks.values()].reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND,
    'peak MiB': peak,
    'wall s': Number(process.hrtime.bigint() - started) / 1e9,
  };
}

const programs = ['by-hand', 'bridge'];
const results = { preview: { 'by-hand': [], bridge: [] }, up: { 'by-hand': [], bridge: [] } };
try {
  const kubeconfig = readFileSync(plane.cluster.access.kubeconfig, 'utf8');
  const config = (program) => ['--stack', 'bench', '--config-file', join(folder, program, 'Pulumi.bench.yaml')];
  for (const program of programs) {
    await pulumi(program, ['stack', 'init', 'bench']);
    // The only command that writes its settings into the project's folder whatever it is told.
    rmSync(join(here, 'pulumi', program, 'Pulumi.bench.yaml'), { force: true });
    await pulumi(program, ['config', 'set', '--secret', 'kubeconfig', ...config(program)], kubeconfig);
    await pulumi(program, ['config', 'set', 'count', String(count), ...config(program)]);
  }
  for (let round = 0; round < rounds; round++) {
    // The order changes, so that neither always has the warmer caches.
    const order = round % 2 === 0 ? programs : [...programs].reverse();
    for (const program of [...order, ...order, ...order]) {
      results.preview[program].push(await pulumi(program, ['preview', ...config(program)]));
    }
    for (const program of order) {
      results.up[program].push(await pulumi(program, ['up', '--yes', '--skip-preview', ...config(program)]));
      // After the last round the whole API server goes.
      if (round + 1 < rounds) await pulumi(program, ['destroy', '--yes', '--skip-preview', ...config(program)]);
    }
  }
} finally {
  await plane.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
let tooMuch = false;
console.log(`| ${count} resources | by hand | bridge | ratio |\n| --- | --- | --- | --- |`);
for (const [step, of] of Object.entries(results)) {
  for (const figure of ['processor s', 'peak MiB', 'wall s']) {
    const [hand, bridge] = programs.map((program) => median(of[program].map((each) => each[figure])));
    const ratio = bridge / hand;
    tooMuch ||= figure !== 'wall s' && ratio > LIMIT;
    console.log(`| ${step}, ${figure} | ${hand.toFixed(1)} | ${bridge.toFixed(1)} | ${ratio.toFixed(2)} |`);
  }
}
if (tooMuch) console.log(`more than ${LIMIT} times`);
process.exitCode = tooMuch ? 1 : 0;
