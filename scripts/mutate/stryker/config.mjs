// Stryker for one area, named by MUTATE_AREA. Texts that people read are not mutated: tests hold those that matter.

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'scripts/mutate/stryker/jest.config.js', enableFindRelatedTests: false },
  plugins: ['@stryker-mutator/jest-runner', './scripts/mutate/stryker/plugins.mjs'],
  checkers: ['sample'],
  coverageAnalysis: 'perTest',
  mutator: { excludedMutations: ['StringLiteral', 'ObjectLiteral', 'ArrayDeclaration', 'Regex'] },
  // What runs when a file is loaded takes all tests of the area, each time.
  ignoreStatic: process.env.MUTATE_STATIC !== 'yes',
  // The tests start processes themselves.
  concurrency: 1,
  // Only to end what hangs, on machines that have much else to do.
  timeoutMS: 60_000,
  timeoutFactor: 4,
  dryRunTimeoutMinutes: 60,
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['build', 'dist', 'docs', '.stryker-tmp', '.mutate'],
  reporters: ['covering-suites', 'kept-results', 'progress-append-only', 'json'],
  jsonReporter: { fileName: process.env.MUTATE_REPORT },
  allowConsoleColors: false,
};
