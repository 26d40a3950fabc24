// Runs the suites that cover a mutant in the order of their times.
const { suites } = require('./state.js');

module.exports = class {
  sort(tests) {
    const order = suites() ?? [];
    const place = ({ path }) => order.findIndex((suite) => path.endsWith(suite));
    return [...tests].sort((a, b) => place(a) - place(b));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
};
