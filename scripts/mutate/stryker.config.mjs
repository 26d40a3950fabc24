// Stryker for one area, named by MUTATE_AREA. Texts that people read are not mutated: tests hold those that matter.

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'scripts/mutate/jest.config.js', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  mutator: { excludedMutations: ['StringLiteral', 'ObjectLiteral', 'ArrayDeclaration', 'Regex'] },
  // What runs when a file is loaded takes all tests of the area, each time.
  ignoreStatic: process.env.MUTATE_STATIC !== 'yes',
  concurrency: 2,
  timeoutMS: 60_000,
  dryRunTimeoutMinutes: 60,
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['build', 'dist', 'docs', '.stryker-tmp'],
  reporters: ['clear-text', 'json'],
  clearTextReporter: { logTests: false, reportTests: false },
  jsonReporter: { fileName: process.env.MUTATE_REPORT },
  allowConsoleColors: false,
};
