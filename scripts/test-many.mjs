// The unit tests with all that `npm test` takes a sample of; arguments are for Jest.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status } = spawnSync(process.execPath, [jest, '--selectProjects', 'unit', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TEST_SAMPLE: 'many' },
});
process.exit(status ?? 1);
