import { read } from './read';

// What tells shellcheck to look at a part by itself is of no use in the whole, which is checked as such.
const part = (name: string): string => read(`${name}.sh`).replace(/^# shellcheck shell=sh.*\n/, '');

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
].map(part);

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
].map(part);

/** The functions that approve serving certificates, in the order of one program. */
export const APPROVING_PARTS: readonly string[] = ['approve-decide', 'approve'].map(part);
