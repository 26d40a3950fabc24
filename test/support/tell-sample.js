/** Says with a failure which sample was tried: with other values the same tests may pass. */
module.exports = class {
  onRunComplete(_, { numFailedTests }) {
    const { TEST_SAMPLE = 'some', TEST_SEED = '1' } = process.env;
    if (numFailedTests > 0)
      process.stderr.write(`To run the same sample again: TEST_SAMPLE=${TEST_SAMPLE} TEST_SEED=${TEST_SEED}\n`);
  }
};
