// One failed test is enough: the process ends there, with what the tests keep in a folder that its starter removes.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  handleTestEvent({ name, test }) {
    if (name === 'test_done' && test.errors.length > 0) process.exit(1);
  }
};
