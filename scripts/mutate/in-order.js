// Runs suites in the order of MUTATE_SUITES.
module.exports = class {
  sort(tests) {
    const order = process.env.MUTATE_SUITES.split(' ');
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
