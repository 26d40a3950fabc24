// The unit tests of one area as a project of its own: Stryker takes one.
const { projects } = require('../../jest.config.js');

const unit = projects.find(({ displayName }) => displayName === 'unit');
const area = process.env.MUTATE_AREA;

module.exports = {
  ...unit,
  rootDir: process.cwd(),
  testTimeout: 120_000,
  testMatch: [`<rootDir>/test/${area}/**/*.test.ts`],
  // Scripts are what the other half of the mutation tests is about.
  testPathIgnorePatterns: ['/scripts/', 'power-cut'],
};
