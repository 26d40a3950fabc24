// What Stryker lacks: samples, and which suites cover a mutant.
import { writeFileSync } from 'node:fs';
import { sample } from '../sample.mjs';

/** Why a mutant was not tried. */
export const NOT_IN_SAMPLE = 'not in the sample';

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
    return Object.fromEntries(
      mutants.map(({ id }) => [
        id,
        chosen.has(id) ? { status: 'passed' } : { status: 'compileError', reason: NOT_IN_SAMPLE },
      ]),
    );
  },
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
  { kind: 'Reporter', name: 'covering-suites', factory: coveringSuites },
];
