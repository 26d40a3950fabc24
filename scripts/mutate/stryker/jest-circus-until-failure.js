// Jest's runner of a suite, but for suites that can't say more about a mutant: those that don't cover it, and those that
// come when a test has failed. Stryker wants `jest-circus` in its name.
const circus = require('jest-circus/runner').default ?? require('jest-circus/runner');
const { hasFailed, suites } = require('./state.js');

module.exports = async (globalConfig, config, environment, runtime, testPath, ...others) =>
  saysMore(testPath) ? circus(globalConfig, config, environment, runtime, testPath, ...others) : nothing(testPath);

function saysMore(testPath) {
  if (hasFailed()) return false;
  const covering = suites();
  return covering === undefined || covering.some((suite) => testPath.endsWith(suite));
}

function nothing(testFilePath) {
  const snapshot = {
    added: 0,
    fileDeleted: false,
    matched: 0,
    unchecked: 0,
    uncheckedKeys: [],
    unmatched: 0,
    updated: 0,
  };
  const now = Date.now();
  return {
    leaks: false,
    numFailingTests: 0,
    numPassingTests: 0,
    numPendingTests: 1,
    numTodoTests: 0,
    openHandles: [],
    perfStats: {
      end: now,
      loadTestEnvironmentEnd: now,
      loadTestEnvironmentStart: now,
      runtime: 0,
      setupAfterEnvEnd: now,
      setupAfterEnvStart: now,
      setupFilesEnd: now,
      setupFilesStart: now,
      slow: false,
      start: now,
    },
    skipped: true,
    snapshot,
    testFilePath,
    // Jest takes a suite without a test for a mistake.
    testResults: [
      {
        ancestorTitles: [],
        failureDetails: [],
        failureMessages: [],
        fullName: 'left out',
        numPassingAsserts: 0,
        status: 'pending',
        title: 'left out',
      },
    ],
  };
}
