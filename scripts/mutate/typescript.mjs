// Mutation test of an area's TypeScript with Stryker.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { COUNTED, KNOWN, NOT_IN_SAMPLE } from './stryker/plugins.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

/** The half for other languages passes on what it is given: what it is, TypeScript says, and tests of the tool. */
const LEFT_OUT = ['lib/pulumi/plugin/'];

export function mutateTypeScript(area, { count, seed, only = '' }) {
  const folder = mkdtempSync(join(tmpdir(), 'mutate-'));
  const report = join(folder, 'report.json');
  const coverage = join(folder, 'coverage');
  mkdirSync(coverage);
  try {
    const files = filesOf(join('lib', area)).filter(
      (file) => file.includes(only) && !LEFT_OUT.some((left) => file.startsWith(left)),
    );
    const { status } = spawnSync(
      join(ROOT, 'node_modules/.bin/stryker'),
      ['run', 'scripts/mutate/stryker/config.mjs', '--mutate', files.join(',')],
      {
        cwd: ROOT,
        stdio: 'inherit',
        env: {
          ...process.env,
          NODE_OPTIONS: `--require ${join(ROOT, 'scripts/mutate/stryker/process-coverage.js')}`,
          MUTATE_AREA: area,
          MUTATE_COVERAGE: coverage,
          MUTATE_KNOWN: knownResults(area),
          MUTATE_REPORT: report,
          MUTATE_SAMPLE: count === undefined ? '' : String(count),
          MUTATE_SEED: String(seed),
          MUTATE_STATIC: count === undefined ? 'yes' : 'no',
          MUTATE_SUITES_OF: join(folder, 'suites.json'),
          TEST_SAMPLE: 'many',
        },
      },
    );
    if (status !== 0) throw new Error(`Stryker ended with status ${status}`);
    return countsOf(JSON.parse(readFileSync(report, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The file with what earlier runs found for the same code and tests, so that a run that was cut goes on where it was. */
function knownResults(area) {
  const file = join(ROOT, '.mutate', `${area}.jsonl`);
  const state = stateOf(['lib', 'test', 'scripts/mutate', 'package-lock.json', 'jest.config.js']);
  if (!existsSync(file) || readFileSync(file, 'utf8').split('\n')[0] !== state) {
    mkdirSync(join(ROOT, '.mutate'), { recursive: true });
    writeFileSync(file, `${state}\n`);
  }
  return file;
}

function stateOf(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    if (statSync(join(ROOT, path)).isDirectory()) {
      for (const name of readdirSync(join(ROOT, path)).sort()) add(join(path, name));
    } else hash.update(path).update(readFileSync(join(ROOT, path)));
  };
  paths.forEach(add);
  return hash.digest('hex');
}

function filesOf(folder) {
  return readdirSync(join(ROOT, folder))
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(join(ROOT, path)).isDirectory()) return filesOf(path);
      return name.endsWith('.ts') && !['index.ts'].includes(name) ? [path] : [];
    });
}

function countsOf({ files }) {
  const mutants = Object.entries(files).flatMap(([file, { mutants: all }]) =>
    all.map((mutant) => {
      const known = mutant.statusReason?.startsWith(KNOWN) ? mutant.statusReason.slice(KNOWN.length) : undefined;
      return { file, ...mutant, ...(known === undefined ? {} : { status: known, testsCompleted: 1 }) };
    }),
  );
  const counted = mutants.filter(({ status }) => COUNTED.includes(status));
  const untried = mutants.find(({ status, testsCompleted }) => status === 'Survived' && !(testsCompleted > 0));
  if (untried !== undefined) throw new Error(`no test ran for ${JSON.stringify(untried)}`);
  const survivors = counted
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ file, location, mutatorName, replacement, status }) => ({
      script: file,
      line: `${location.start.line}:${location.start.column}`,
      what: `${mutatorName}: ${replacement}${status === 'NoCoverage' ? ' (no test runs it)' : ''}`,
    }));
  const left = mutants.filter(({ statusReason }) => statusReason === NOT_IN_SAMPLE);
  return { total: counted.length, of: counted.length + left.length, survivors };
}
