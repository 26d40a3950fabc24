import { readScript } from '../../shell/read';

// The directive for checking a part by itself is left out: shellcheck also checks the whole program.
const part = (path: string): string => readScript(`${path}.sh`).replace(/^# shellcheck shell=sh.*\n/, '');
const own = (name: string): string => part(`device/scripts/${name}`);
const shared = (name: string): string => part(`shell/${name}`);

/** The parts of the supervisor, in the order in which they form one program. */
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

/** The parts of the program that removes a machine from its device, in order. */
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

/** The parts of the program that approves serving certificates, in order. */
export const APPROVING_PARTS: readonly string[] = ['approve-decide', 'approve'].map(own);
