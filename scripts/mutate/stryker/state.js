// What the parts that run in Stryker's test process know of the mutant that is tried now.
const { readFileSync } = require('node:fs');

let failed;

/** Its number; `undefined` while no mutant is tried. */
const mutant = () => process.env.__STRYKER_ACTIVE_MUTANT__;

module.exports = {
  mutant,

  /** The suites that cover it, the quickest first; `undefined` when all are to run. */
  suites: () =>
    mutant() === undefined ? undefined : JSON.parse(readFileSync(process.env.MUTATE_SUITES_OF, 'utf8'))[mutant()],

  /** One failed test is enough. */
  fail() {
    failed = mutant();
  },

  hasFailed: () => failed !== undefined && failed === mutant(),
};
