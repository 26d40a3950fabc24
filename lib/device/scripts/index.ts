import { readScript } from '../../shell/read';

// What tells shellcheck to look at a part by itself is of no use in the whole, which is checked as such.
const part = (path: string): string => readScript(`${path}.sh`).replace(/^# shellcheck shell=sh.*\n/, '');
const own = (name: string): string => part(`device/scripts/${name}`);
const shared = (name: string): string => part(`shell/${name}`);

/** The functions of the supervisor, in the order of one program. They are read once, when the library is loaded. */
export const PROVISIONING_PARTS: readonly string[] = [
  ...['answers', 'clock', 'disk', 'tell'].map(shared),
  ...[
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
  ].map(own),
];

/** The functions that take a machine off its device, in the order of one program. */
export const DECOMMISSIONING_PARTS: readonly string[] = [
  ...['answers', 'clock', 'disk', 'mount-table', 'tell', 'text'].map(shared),
  ...[
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
  ].map(own),
];

/** The functions that approve serving certificates, in the order of one program. */
export const APPROVING_PARTS: readonly string[] = ['approve-decide', 'approve'].map(own);
