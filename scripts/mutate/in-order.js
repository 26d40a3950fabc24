// Runs suites in the order of MUTATE_SUITES.
module.exports = require('./suite-order.js')(() => process.env.MUTATE_SUITES.split(' '));
