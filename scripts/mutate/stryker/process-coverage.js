// Loaded by every Node process under the tests (NODE_OPTIONS): leaves what it has covered for the test that started it.
const { renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

process.on('exit', () => {
  const covered = globalThis.__stryker__?.mutantCoverage?.static;
  if (covered === undefined || process.env.__STRYKER_ACTIVE_MUTANT__ !== undefined) return;
  const file = join(process.env.MUTATE_COVERAGE, `${process.pid}-${process.hrtime.bigint()}.json`);
  writeFileSync(`${file}.part`, JSON.stringify(covered));
  renameSync(`${file}.part`, file);
});
