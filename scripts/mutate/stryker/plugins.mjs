// What Stryker lacks: samples, results of a run that was cut, and which suites cover a mutant.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { sample } from '../sample.mjs';

/** Why a mutant was not tried. */
export const NOT_IN_SAMPLE = 'not in the sample';
/** Why a mutant of the sample was not tried once more: what follows is what became of it. */
export const KNOWN = 'known: ';

export const COUNTED = ['Killed', 'Timeout', 'Survived', 'NoCoverage'];

const placeOf = ({ fileName, location: { start, end }, mutatorName, replacement }) =>
  [fileName, ...[start.line, start.column, end.line, end.column].map((at) => String(at).padStart(6, '0'))]
    .concat(mutatorName, replacement)
    .join('\n');

const sampling = {
  async init() {},

  // All at once, or there is nothing to choose from.
  async group(mutants) {
    return [mutants.map(({ id }) => id)];
  },

  async check(mutants) {
    const { MUTATE_SAMPLE, MUTATE_SEED } = process.env;
    // What runs when a file is loaded may run in tests too, which load it.
    const triable = mutants.filter((mutant) => MUTATE_SAMPLE === '' || mutant.static !== true);
    const inOrder = triable
      .map((mutant) => [placeOf(mutant), mutant.id])
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, id]) => id);
    const chosen = new Set(
      sample(inOrder, MUTATE_SAMPLE === '' ? undefined : Number(MUTATE_SAMPLE), Number(MUTATE_SEED)),
    );
    const known = knownResults();
    const checked = (mutant) => {
      if (!chosen.has(mutant.id)) return { status: 'compileError', reason: NOT_IN_SAMPLE };
      const status = known.get(placeOf(mutant));
      return status === undefined ? { status: 'passed' } : { status: 'compileError', reason: KNOWN + status };
    };
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, checked(mutant)]));
  },
};

/** What became of mutants in earlier runs, by their places. */
function knownResults() {
  const lines = readFileSync(process.env.MUTATE_KNOWN, 'utf8').split('\n').slice(1);
  // The last line may have been cut.
  return new Map(lines.filter((line) => line.endsWith(']')).map((line) => JSON.parse(line)));
}

/** Keeps what became of each mutant at once. */
const keptResults = () => {
  let placeById;
  return {
    onMutationTestingPlanReady({ mutantPlans }) {
      placeById = new Map(mutantPlans.map(({ mutant }) => [mutant.id, placeOf(mutant)]));
    },
    onMutantTested({ id, status }) {
      if (!COUNTED.includes(status)) return;
      appendFileSync(process.env.MUTATE_KNOWN, `${JSON.stringify([placeById.get(id), status])}\n`);
    },
  };
};

/**
 * Writes for each mutant which suites cover it, the quickest first: Stryker tells Jest names of tests only, and Jest would
 * load all suites.
 */
const coveringSuites = () => {
  const suiteOf = new Map();
  const times = new Map();
  const quickestFirst = (a, b) => times.get(a) - times.get(b);
  return {
    onDryRunCompleted({ result }) {
      for (const { id, fileName, timeSpentMs } of result.tests) {
        const suite = fileName.slice(fileName.lastIndexOf('/test/'));
        suiteOf.set(id, suite);
        times.set(suite, (times.get(suite) ?? 0) + timeSpentMs);
      }
    },
    onMutationTestingPlanReady({ mutantPlans }) {
      const suites = mutantPlans
        .filter(({ runOptions }) => runOptions?.testFilter !== undefined)
        .map(({ mutant, runOptions }) => [
          mutant.id,
          [...new Set(runOptions.testFilter.map((id) => suiteOf.get(id)))].sort(quickestFirst),
        ]);
      writeFileSync(process.env.MUTATE_SUITES_OF, JSON.stringify(Object.fromEntries(suites)));
    },
  };
};

export const strykerPlugins = [
  { kind: 'Checker', name: 'sample', value: sampling },
  { kind: 'Reporter', name: 'kept-results', factory: keptResults },
  { kind: 'Reporter', name: 'covering-suites', factory: coveringSuites },
];
