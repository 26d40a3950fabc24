// Mutation test of an area's shell scripts. Each mutant is tried in a copy of the checkout.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sample } from './sample.mjs';
import { isReadable, mutantsOf } from './shell-mutants.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

/** The tests of each area, and how to have them in one shell only. */
const AREAS = {
  kins: { tests: 'test/kins/scripts/', only: '^in dash ' },
  device: { tests: 'test/device/', only: undefined },
};

/** Longer than any suite takes on a machine with other work. */
const LIMIT_MS = 600_000;

export function mutateShell(area, { count, seed }) {
  const { tests, only } = AREAS[area];
  const copy = mkdtempSync(join(tmpdir(), 'mutate-'));
  try {
    for (const name of ['lib', 'test', 'scripts', 'examples', 'package.json', 'jest.config.js', 'tsconfig.json'])
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const suites = readdirSync(join(copy, tests)).filter((name) => name.endsWith('.test.ts'));
    const all = scriptsOf(area).flatMap((script) => {
      const text = readFileSync(join(ROOT, script), 'utf8');
      return mutantsOf(text)
        .filter((mutant) => isReadable(mutant.text))
        .map((mutant) => ({ script, ...mutant }));
    });
    const chosen = sample(all, count, seed);
    const survivors = [];
    chosen.forEach((mutant, i) => {
      const { script, line, what, text } = mutant;
      const file = join(copy, script);
      const original = readFileSync(file, 'utf8');
      writeFileSync(file, text);
      const killed = !ordered(suites, script).every((suite) => passes(copy, join(tests, suite), only));
      writeFileSync(file, original);
      process.stdout.write(`${i + 1}/${chosen.length} ${killed ? 'caught  ' : 'SURVIVED'} ${script}:${line} ${what}\n`);
      if (!killed) survivors.push({ script, line, what });
    });
    return { total: chosen.length, of: all.length, survivors };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function scriptsOf(area) {
  const folder = `lib/${area}/scripts`;
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.sh'))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** The suite that is named after a script first: it is the likeliest to notice. Those that cut the power last longest. */
function ordered(suites, script) {
  const stem = script.slice(script.lastIndexOf('/') + 1, -'.sh'.length);
  const rank = (suite) => (suite.startsWith(`${stem}.`) ? 0 : suite.includes('power-cut') ? 2 : 1);
  return [...suites].sort((a, b) => rank(a) - rank(b));
}

function passes(folder, suite, only) {
  const args = ['--selectProjects', 'unit', '--bail', '--runInBand', '--silent', '--testPathPatterns', `${suite}$`];
  const { status } = spawnSync(
    join(folder, 'node_modules/.bin/jest'),
    [...args, ...(only === undefined ? [] : ['--testNamePattern', only])],
    { cwd: folder, stdio: 'ignore', timeout: LIMIT_MS, killSignal: 'SIGKILL' },
  );
  return status === 0;
}
