// Fails when docs/api is not what the TSDoc of lib/ gives.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const fresh = mkdtempSync(join(tmpdir(), 'api-docs-'));
try {
  execFileSync(process.execPath, ['node_modules/typedoc/bin/typedoc', '--out', fresh], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { status } = spawnSync('diff', ['--recursive', '--brief', fresh, 'docs/api'], { stdio: 'inherit' });
  if (status !== 0) {
    console.error('docs/api is out of date: run `npm run docs` and commit what it writes');
    process.exit(1);
  }
  console.log('docs/api is up to date');
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
