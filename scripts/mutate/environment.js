// Runs the tests that MUTATE_TESTS lists, up to the first failure. With MUTATE_MARKS it notes instead which lines of the
// scripts each test runs.
const { readFileSync, writeFileSync, writeSync } = require('node:fs');
const { basename, join } = require('node:path');
const { TestEnvironment } = require('jest-environment-node');

const { MUTATE_TESTS: chosen, MUTATE_MARKS: marks, MUTATE_COVERAGE: coverage } = process.env;

function nameOf(test) {
  const names = [];
  for (let at = test; at.parent !== undefined; at = at.parent) names.unshift(at.name);
  return names.join(' ');
}

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.suite = basename(context.testPath);
    this.chosen = chosen === undefined ? undefined : new Set(JSON.parse(readFileSync(chosen, 'utf8'))[this.suite]);
    this.found = { hooks: [], tests: [] };
  }

  handleTestEvent({ name, test }, { rootDescribeBlock }) {
    if (name === 'run_start') this.skipOthers(rootDescribeBlock);
    else if (marks !== undefined) this.note(name, test);
    else if (name === 'test_done' && test.errors.length > 0) {
      const [error] = test.errors.flat();
      // One failed test is enough: the process ends there, with what the tests keep in a folder that its starter removes.
      writeSync(2, `failed: ${nameOf(test)}: ${String(error?.message ?? error).slice(0, 500)}\n`);
      process.exit(1);
    }
  }

  skipOthers({ children }) {
    for (const child of children) {
      if (child.type === 'describeBlock') this.skipOthers(child);
      else if (this.chosen?.has(nameOf(child)) === false || nameOf(child).includes('busybox ash')) child.mode = 'skip';
    }
  }

  note(name, test) {
    if (name === 'test_start') this.found.hooks.push(...this.takeMarks());
    if (name === 'test_done') {
      const { duration: ms, errors } = test;
      this.found.tests.push({ name: nameOf(test), ms, hasFailed: errors.length > 0, lines: this.takeMarks() });
    }
    if (name === 'run_finish') {
      this.found.hooks.push(...this.takeMarks());
      writeFileSync(join(coverage, `${this.suite}.json`), JSON.stringify(this.found));
    }
  }

  takeMarks() {
    const lines = [...new Set(readFileSync(marks, 'utf8').split('\n'))].filter((line) => line !== '').sort();
    writeFileSync(marks, '');
    return lines;
  }
};
