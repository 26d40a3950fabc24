const { availableParallelism } = require('node:os');

/** Five tiers; CONTRIBUTING.md says what each needs. */
const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  moduleNameMapper: {
    '^edge-constructs$': '<rootDir>/lib/index.ts',
    '^edge-constructs/pulumi$': '<rootDir>/lib/pulumi/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/dist/', '<rootDir>/.stryker-tmp/'],
  ...extra,
});

module.exports = {
  // Only to end what hangs: nothing here is timed, and the machines that run this are slow and shared.
  testTimeout: 600_000,
  // Tests of scripts mostly wait, for a process or for time to pass.
  maxWorkers: 2 * availableParallelism(),
  reporters: ['default', '<rootDir>/test/support/tell-sample.js'],
  projects: [
    // By what it leaves out: a folder that nobody thought of is run.
    project('unit', ['<rootDir>/test/!(api|gitops|e2e|machine)/**/*.test.ts'], {
      setupFilesAfterEnv: ['<rootDir>/test/support/sample-tests.ts'],
    }),
    project('api', ['<rootDir>/test/api/**/*.test.ts'], {
      globalSetup: '<rootDir>/test/api/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/api/support/global-teardown.ts',
    }),
    project('gitops', ['<rootDir>/test/gitops/**/*.test.ts'], {
      globalSetup: '<rootDir>/test/api/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/api/support/global-teardown.ts',
    }),
    project('e2e', ['<rootDir>/test/e2e/**/*.test.ts']),
    project('machine', ['<rootDir>/test/machine/**/*.test.ts']),
  ],
};
