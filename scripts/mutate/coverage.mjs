// Which lines of the scripts each test runs: found by running the tests once with scripts that tell it, which is also the
// proof that the tests pass as they are.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PASSED, ROOT } from './copy.mjs';
import { hashOf, readJson, writeJson } from './known-results.mjs';
import { marked, markOf } from './marked.mjs';
import { AREAS } from './shell-areas.mjs';

/** Only against a suite that hangs. */
const LIMIT_MS = 1_200_000;

/** Tests that are tried of a suite whose hooks, and not they themselves, run a line. */
const OF_A_HOOK = 3;

export class Coverage {
  constructor(area, scripts) {
    this.area = area;
    this.scripts = scripts;
    this.texts = new Map(scripts.map((script) => [script, readFileSync(join(ROOT, script), 'utf8')]));
    const { suites } = AREAS[area];
    this.suites = readdirSync(join(ROOT, suites))
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `${suites}/${name}`);
    const shared = [
      `lib/${area}`,
      'lib/shell',
      'test/support',
      `${suites}/support`,
      `${suites}/stubs`,
      'scripts/mutate',
    ];
    /** What a result of a suite holds for. */
    this.keys = new Map(this.suites.map((suite) => [suite, hashOf([...shared, suite])]));
    this.file = join(ROOT, '.mutate', `${area}-coverage.json`);
    this.known = readJson(this.file) ?? {};
  }

  /** Finds out what is not known yet; the suites are shared out among the copies. */
  async find(copies, tell) {
    const unknown = this.suites.filter((suite) => this.known[suite]?.key !== this.keys.get(suite));
    await Promise.all(
      copies.map(async (copy) => {
        const marks = copy.at('marks');
        for (const [script, text] of this.texts) {
          writeFileSync(copy.at(script), marked(text, basename(script), marks));
        }
        for (let suite = unknown.shift(); suite !== undefined; suite = unknown.shift()) {
          tell(`${suite}: looking which lines its tests run`);
          await this.look(copy, suite, marks);
        }
        for (const [script, text] of this.texts) writeFileSync(copy.at(script), text);
      }),
    );
    // Those that read scripts as texts, or were upset by what was added to them, have to pass as they are.
    for (const suite of this.suites) {
      const { tests, isSound } = this.known[suite];
      const failed = tests.filter(({ hasFailed }) => hasFailed).map(({ name }) => name);
      if (isSound || failed.length === 0) continue;
      const { outcome, said } = await copies[0].run([suite], {
        limitMs: LIMIT_MS,
        tests: { [basename(suite)]: failed },
      });
      if (outcome !== PASSED) throw new Error(`a test fails as it is; mend it first:\n${said}`);
      this.known[suite].isSound = true;
      writeJson(this.file, this.known);
    }
  }

  async look(copy, suite, marks) {
    writeFileSync(marks, '');
    mkdirSync(copy.at('coverage'), { recursive: true });
    const env = { MUTATE_MARKS: marks, MUTATE_COVERAGE: copy.at('coverage') };
    const { said } = await copy.run([suite], { limitMs: LIMIT_MS, env });
    const found = readJson(join(copy.at('coverage'), `${basename(suite)}.json`));
    if (found === undefined) throw new Error(`${suite} did not run:\n${said}`);
    this.known[suite] = { key: this.keys.get(suite), ...found };
    writeJson(this.file, this.known);
  }

  /** The tests that may notice a change of a line, the quickest first: suite, name and milliseconds. */
  testsOf(script, line) {
    const at = markOf(this.texts.get(script), line);
    const mark = `${basename(script)}:${at}`;
    return this.suites
      .flatMap((suite) => {
        const { hooks, tests } = this.known[suite];
        const reads = hooks.length === 0 && tests.every(({ lines }) => lines.length === 0) && readsScripts(suite);
        const own = tests.filter(({ lines }) => reads || lines.includes(mark));
        // What all tests of a suite begin with, some of them show as well as all.
        const others = hooks.includes(mark) ? tests.filter((test) => !own.includes(test)) : [];
        const some = others.sort((a, b) => a.ms - b.ms).slice(0, OF_A_HOOK);
        return [...own, ...some].map(({ name, ms }) => ({ suite, name, ms }));
      })
      .sort((a, b) => a.ms - b.ms);
  }
}

const readsScripts = (suite) => /readdirSync|_PARTS/.test(readFileSync(join(ROOT, suite), 'utf8'));
