// The environment of the tests: skips what comes after a test that noticed the mutant, and learns what processes that a
// test starts have covered.
const { readdirSync, readFileSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { TestEnvironment } = require('jest-environment-node');
const state = require('./state.js');

module.exports = class extends TestEnvironment {
  handleTestEvent({ name, test }) {
    if (name === 'test_start' && state.hasFailed()) test.mode = 'skip';
    // Stryker would have it cover all that is loaded next.
    if (name === 'test_skip') this.#stryker.currentTestId = undefined;
    if (name !== 'test_done') return;
    if (test.errors.length > 0 && state.mutant() !== undefined) state.fail();
    if (state.mutant() === undefined) this.#addCoverageOfProcesses();
  }

  get #stryker() {
    return (this.global.__stryker__ ??= {});
  }

  #addCoverageOfProcesses() {
    const { currentTestId, mutantCoverage } = this.#stryker;
    const folder = process.env.MUTATE_COVERAGE;
    for (const file of readdirSync(folder).map((name) => join(folder, name))) {
      const covered = JSON.parse(readFileSync(file, 'utf8'));
      rmSync(file);
      if (mutantCoverage === undefined) continue;
      const known = (mutantCoverage.perTest[currentTestId] ??= {});
      for (const [id, times] of Object.entries(covered)) known[id] = (known[id] ?? 0) + times;
    }
  }
};
