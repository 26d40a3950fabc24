// Runs the suites that cover a mutant in the order of their times.
const { suites } = require('./state.js');

module.exports = require('../suite-order.js')(() => suites() ?? []);
