// The unit tests, or a sample of them: `test-sample.mjs few|some|many|all`; further arguments are for Jest.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const [sample, ...others] = process.argv.slice(2);
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status } = spawnSync(process.execPath, [jest, '--selectProjects', 'unit', ...others], {
  stdio: 'inherit',
  env: { ...process.env, TEST_SAMPLE: process.env.TEST_SAMPLE ?? sample },
});
process.exit(status ?? 1);
