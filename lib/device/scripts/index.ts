import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// What tells shellcheck to look at a part by itself is of no use in the whole, which is checked as such.
const read = (name: string): string =>
  readFileSync(join(__dirname, `${name}.sh`), 'utf8').replace(/^# shellcheck shell=sh.*\n/, '');

/** The functions of the supervisor, in the order of one program. They are read once, when the library is loaded. */
export const PROVISIONING_PARTS: readonly string[] = [
  'files',
  'say',
  'lock',
  'receive',
  'api',
  'packages',
  'remember',
  'leftovers',
  'preflight',
  'preflight-network',
  'run-script',
  'join',
  'provision',
].map(read);

/** The functions that take a machine off its device, in the order of one program. */
export const DECOMMISSIONING_PARTS: readonly string[] = [
  'files',
  'say',
  'lock',
  'packages',
  'remember',
  'mounts',
  'decommission-drain',
  'decommission-packages',
  'decommission-restore',
  'decommission',
].map(read);

/** The functions that approve serving certificates, in the order of one program. */
export const APPROVING_PARTS: readonly string[] = ['approve-decide', 'approve'].map(read);
