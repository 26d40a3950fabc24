// Mutation test of an area's shell scripts. Each mutant is tried in a copy of the checkout, with one shell.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Copy, FAILED, PASSED, ROOT, TIMED_OUT } from './copy.mjs';
import { Coverage } from './coverage.mjs';
import { AREAS } from './shell-areas.mjs';
import { hashOf, KnownResults } from './known-results.mjs';
import { sample } from './sample.mjs';
import { isReadable, mutantsOf } from './shell-mutants.mjs';

/** Copies in which mutants are tried at the same time. */
const AT_ONCE = 2;

/** Milliseconds of tests that are tried first: most mutants are caught by the quickest. */
const QUICK_MS = 3_000;

/** A run of tests may take so many times what it took when each line was noted, and so much more. */
const PATIENCE = 8;
const START_MS = 40_000;

export async function mutateShell(area, { count, seed, only = '' }) {
  const scripts = scriptsIn(AREAS[area].scripts);
  const all = scripts
    .filter((script) => script.includes(only))
    .flatMap((script) => mutantsOf(readFileSync(join(ROOT, script), 'utf8')).map((mutant) => ({ script, ...mutant })));
  const chosen = sample(all, count, seed).filter(({ text }) => isReadable(text));
  const known = new KnownResults(area);
  const folder = mkdtempSync(join(tmpdir(), 'mutate-'));
  const tell = (line) => process.stdout.write(`${line}\n`);
  const copies = Array.from({ length: AT_ONCE }, (_, i) => new Copy(join(folder, String(i))));
  const end = () => {
    for (const copy of copies) copy.end();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      end();
      process.exit(1);
    });
  }
  try {
    const coverage = new Coverage(area, scripts);
    await coverage.find(copies, tell);
    for (const mutant of chosen) {
      mutant.tests = coverage.testsOf(mutant.script, mutant.line);
      const suites = [...new Set(mutant.tests.map(({ suite }) => coverage.keys.get(suite)))].sort();
      mutant.key = `${hashOf(AREAS[area].runs)} ${suites.join(' ')}`;
      mutant.result = known.of(mutant, mutant.key);
    }
    const waiting = chosen.filter(({ result }) => result === undefined);
    let done = chosen.length - waiting.length;
    await Promise.all(
      copies.map(async (copy) => {
        for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
          const by = await catcherOf(mutant, copy, coverage.texts.get(mutant.script), known.lastCatcher(mutant));
          mutant.result = { key: mutant.key, caught: by !== undefined, by };
          known.add(mutant, mutant.result);
          done += 1;
          const { script, line, what, result } = mutant;
          tell(`${done}/${chosen.length} ${result.caught ? 'caught  ' : 'SURVIVED'} ${script}:${line} ${what}`);
        }
      }),
    );
    tellScores(chosen, tell);
    const survivors = chosen
      .filter(({ result }) => !result.caught)
      .map(({ script, line, what, tests }) => ({
        script,
        line,
        what: tests.length === 0 ? `${what} (no test runs this line)` : what,
      }));
    return { total: chosen.length, of: all.length, survivors };
  } finally {
    end();
  }
}

function tellScores(mutants, tell) {
  tell('\n caught   of  score');
  for (const script of [...new Set(mutants.map((mutant) => mutant.script))].sort()) {
    const own = mutants.filter((mutant) => mutant.script === script);
    const caught = own.filter(({ result }) => result.caught).length;
    const cells = [
      String(caught).padStart(7),
      String(own.length).padStart(4),
      `${((caught / own.length) * 100).toFixed(0)} %`.padStart(6),
    ];
    tell(`${cells.join(' ')}  ${script}`);
  }
}

/** What notices a mutant: the line that names the test, or that it takes too long; `undefined` when nothing does. */
async function catcherOf({ script, text, tests }, copy, original, last) {
  for (const batch of batchesOf(tests, last)) {
    const by = await tried(batch, copy, (isChanged) => {
      writeFileSync(copy.at(script), isChanged ? text : original);
    });
    if (by !== undefined) return by;
  }
  return undefined;
}

/** The test that caught a mutant before, then quick ones, then the rest. */
function batchesOf(tests, last = '') {
  let ms = 0;
  const rank = (test) => (last.includes(`failed: ${test.name}: `) ? 0 : (ms += test.ms) <= QUICK_MS ? 1 : 2);
  const ranked = tests.map((test) => ({ ...test, rank: rank(test) }));
  return [0, 1, 2].map((wanted) => ranked.filter((test) => test.rank === wanted)).filter(({ length }) => length > 0);
}

async function tried(batch, copy, put) {
  const suites = [...new Set(batch.map(({ suite }) => suite))];
  const tests = Object.fromEntries(
    suites.map((suite) => [basename(suite), batch.filter((test) => test.suite === suite).map(({ name }) => name)]),
  );
  let limitMs = START_MS + PATIENCE * batch.reduce((sum, { ms }) => sum + ms, 0);
  for (;;) {
    put(true);
    const { outcome, said } = await copy.run(suites, { tests, limitMs });
    put(false);
    if (outcome === PASSED) return undefined;
    if (outcome === FAILED) return /^failed: .*/m.exec(said)?.[0] ?? 'a suite did not run';
    // A machine with other work may be what takes so long.
    const calm = await copy.run(suites, { tests, limitMs });
    if (calm.outcome === PASSED) return 'it takes too long';
    if (calm.outcome !== TIMED_OUT) throw new Error(`a test fails as it is; mend it first:\n${calm.said}`);
    limitMs *= 2;
  }
}

function scriptsIn(folder) {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.sh'))
    .sort()
    .map((name) => `${folder}/${name}`);
}
