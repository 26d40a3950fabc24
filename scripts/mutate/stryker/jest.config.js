// The unit tests that can notice a change of an area's TypeScript, as a project of its own: Stryker takes one. Suites that
// run the scripts are what the other half of the mutation tests is about.
const { join } = require('node:path');
const { projects } = require('../../../jest.config.js');

const SUITES = {
  // What units share is noticed where it is shared, and what a preview refuses where previews are.
  kins: [
    'kins/*.test.ts',
    'kins/bad-input/*.test.ts',
    'pulumi/{components,unit-protection}.test.ts',
    'fleet/gitops-units.test.ts',
  ],
  device: ['device/{approver-rights,device-input,serving-certificates,supervisor}.test.ts', 'kkp/*.test.ts'],
  // Without those that read what TypeScript says of the sources.
  pulumi: ['pulumi/!(plugin|require-graph).test.ts'],
  core: [
    'core/*.test.ts',
    '{kkp,superedge}/**/*.test.ts',
    'kins/bad-input/*.test.ts',
    'pulumi/{changed,output}-tokens.test.ts',
  ],
  // Without those that cut the power.
  fleet: ['fleet/!(power-cut|lazy-disk).test.ts'],
  render: ['{fleet,render}/!(power-cut|lazy-disk).test.ts'],
};

const unit = projects.find(({ displayName }) => displayName === 'unit');

module.exports = {
  ...unit,
  rootDir: process.cwd(),
  testTimeout: 120_000,
  testMatch: SUITES[process.env.MUTATE_AREA].map((suites) => `<rootDir>/test/${suites}`),
  testEnvironment: join(__dirname, 'environment.js'),
  testSequencer: join(__dirname, 'quickest-first.js'),
  testRunner: join(__dirname, 'jest-circus-until-failure.js'),
};
