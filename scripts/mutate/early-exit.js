// One failed test is enough: the process ends there, with what the tests keep in a folder that its starter removes.
const { writeSync } = require('node:fs');
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  handleTestEvent({ name, test }) {
    if (name !== 'test_done' || test.errors.length === 0) return;
    const [error] = test.errors.flat();
    writeSync(2, `failed: ${test.name}: ${String(error?.message ?? error).slice(0, 500)}\n`);
    process.exit(1);
  }
};
