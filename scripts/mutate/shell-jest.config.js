// The suites that MUTATE_SUITES lists, up to the first failure.
const { projects } = require('../../jest.config.js');

const unit = projects.find(({ displayName }) => displayName === 'unit');

module.exports = {
  ...unit,
  rootDir: process.cwd(),
  testTimeout: 120_000,
  testMatch: process.env.MUTATE_SUITES.split(' ').map((suite) => `<rootDir>/${suite}`),
  testEnvironment: `${__dirname}/environment.js`,
  testSequencer: `${__dirname}/in-order.js`,
};
