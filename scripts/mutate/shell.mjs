// Mutation test of an area's shell scripts. Each mutant is tried in a copy of the checkout, with one shell.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suitesOf } from './covering.mjs';
import { KnownResults } from './known-results.mjs';
import { sample } from './sample.mjs';
import { isReadable, mutantsOf } from './shell-mutants.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = ['lib', 'test', 'scripts', 'examples', 'docs', 'package.json', 'jest.config.js', 'tsconfig.json'];

/** Mutants that are tried at the same time. */
const AT_ONCE = 2;

/** Longer than the suites of a script take on a machine with other work. */
const LIMIT_MS = 900_000;

export async function mutateShell(area, { count, seed, only = '' }) {
  const all = scriptsOf(area)
    .filter((script) => script.includes(only))
    .flatMap((script) =>
      mutantsOf(readFileSync(join(ROOT, script), 'utf8'))
        .filter((mutant) => isReadable(mutant.text))
        .map((mutant) => ({ script, ...mutant })),
    );
  const chosen = sample(all, count, seed);
  const known = new KnownResults(ROOT, area);
  const results = chosen.filter((mutant) => known.of(mutant) !== undefined);
  const waiting = chosen.filter((mutant) => known.of(mutant) === undefined);
  const folder = mkdtempSync(join(tmpdir(), 'mutate-'));
  const tell = (mutant, caught) => {
    results.push(mutant);
    known.add(mutant, caught);
    process.stdout.write(
      `${results.length}/${chosen.length} ${caught ? 'caught  ' : 'SURVIVED'} ${mutant.script}:${mutant.line} ${mutant.what}\n`,
    );
  };
  try {
    const copies = Array.from({ length: Math.min(AT_ONCE, waiting.length) }, (_, i) => copyOf(join(folder, String(i))));
    // What fails without any change would make every mutant look caught.
    const suites = [...new Set(waiting.flatMap(({ script }) => suitesOf(ROOT, area, script)))];
    if (suites.length > 0 && !(await passes(copies[0], suites, 'inherit')))
      throw new Error('the tests of these scripts fail as they are; mend them first');
    await Promise.all(
      copies.map(async (copy) => {
        for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
          const file = join(copy, mutant.script);
          const original = readFileSync(file, 'utf8');
          writeFileSync(file, mutant.text);
          tell(mutant, !(await passes(copy, suitesOf(ROOT, area, mutant.script), 'ignore')));
          writeFileSync(file, original);
        }
      }),
    );
    return { total: chosen.length, of: all.length, survivors: chosen.filter((mutant) => known.of(mutant) === false) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function scriptsOf(area) {
  const folder = `lib/${area}/scripts`;
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.sh'))
    .sort()
    .map((name) => `${folder}/${name}`);
}

function copyOf(folder) {
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'tmp'));
  return folder;
}

/** Whether suites pass, in dash only where a test says its shell. What tests leave behind goes with the copy. */
function passes(copy, suites, stderr) {
  const args = ['-c', 'scripts/mutate/shell-jest.config.js', '--bail', '--runInBand'];
  const child = spawn(join(copy, 'node_modules/.bin/jest'), [...args, '-t', '^(?!.*busybox ash)'], {
    cwd: copy,
    env: { ...process.env, MUTATE_SUITES: suites.join(' '), TMPDIR: join(copy, 'tmp') },
    stdio: ['ignore', 'ignore', stderr],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  return new Promise((done, failed) => {
    child.on('error', failed).on('close', (code) => done(code === 0));
  });
}
