// Holds every shell script of the project against shellcheck, and those that name no bash against POSIX.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && (file.endsWith('.sh') || file === '.ci/run'));
const isBash = (file) => readFileSync(file, 'utf8').startsWith('#!/usr/bin/env bash');
const groups = { bash: files.filter(isBash), sh: files.filter((file) => !isBash(file)) };

let failed = false;
for (const [shell, group] of Object.entries(groups)) {
  if (group.length === 0) continue;
  const { status, error } = spawnSync('shellcheck', [`--shell=${shell}`, '--external-sources', ...group], {
    stdio: 'inherit',
  });
  if (error !== undefined) {
    console.error(`shellcheck can't be run (${error.message}): install it, for instance with your package manager`);
    process.exit(1);
  }
  failed ||= status !== 0;
}
if (failed) process.exit(1);
console.log(`shellcheck: ${files.length} scripts are clean`);
