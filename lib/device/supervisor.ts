import { anyText, checkArguments } from '../core/check-arguments';
import { secondsOf } from '../core/grammars/durations';
import { parseQuantity } from '../core/grammars/quantities';
import { shape } from '../core/rules';
import type { Rule } from '../core/rule';
import { versionOf } from './operating-system';
import { checkSupervisorProps, type SupervisorProps } from './device-options';
import { DECOMMISSIONING_PARTS, PROVISIONING_PARTS } from './scripts';

const PACKAGE_URLS = ['https://download.docker.com', 'https://github.com', 'https://dl.k8s.io'];

/** Secrets that are sent to a device together with the supervisor. */
export interface ProvisioningSecretsInput {
  /** Value of the script Secret's key, as text. */
  readonly script: string;

  /** CA certificates of the user cluster's API server, in PEM. */
  readonly ca: string;
}

/**
 * The program that provisions a device: it checks the device, runs KKP's script unchanged, and succeeds only when the node
 * is Ready. It is POSIX sh, has no secrets in it, and is the same for the same props.
 *
 * The program is written to the standard input of a shell on the device, and reads its own input from there, too. These
 * lines follow it: `script BASE64`, `ca BASE64`, `end`, `edge_provision`. {@link provisioningInput} puts them together.
 *
 * @throws {@link EdgeConstructsError} when a prop is wrong
 */
export function provisioningSupervisor(props: SupervisorProps): string {
  checkSupervisorProps(props);
  const version = props.operatingSystem === undefined ? '' : versionOf(props.operatingSystem);
  return [
    `# Makes a device node ${props.name}. Input lines follow: script BASE64, ca BASE64, end, edge_provision.`,
    'set -u',
    ...settings({
      NAME: props.name,
      OS_VERSION: version,
      PROXY: props.httpProxy ?? '',
      NO_PROXY: (props.noProxy ?? []).join(','),
      PACKAGE_URLS: (props.packageUrls ?? PACKAGE_URLS).join('\n'),
      MIN_DISK_MIB: mebibytesOf(props.minFreeDisk ?? '5Gi'),
      MIN_MEMORY_MIB: mebibytesOf(props.minMemory ?? '900Mi'),
      MAX_CLOCK_SKEW: secondsOf(props.maxClockSkew ?? '60s'),
      LOCK_SECONDS: secondsOf(props.lockTimeout ?? '1h'),
      SCRIPT_SECONDS: secondsOf(props.scriptTimeout ?? '30m'),
      READY_SECONDS: secondsOf(props.readyTimeout ?? '15m'),
      REPEAT_SECONDS: secondsOf(props.repeatTimeout ?? '5m'),
      REBUILD: props.rebuild ?? '',
    }),
    ...PROVISIONING_PARTS,
    "edge_receive <<'end'",
    '',
  ].join('\n');
}

const SECRET_FIELDS = shape({
  script: anyText("the value of the script Secret's key", { min: 1 }),
  ca: anyText('CA certificates in PEM', { min: 1 }),
});

/** Errors must not show any part of a secret, whatever was given. */
const SECRETS: Rule = (value, field) =>
  SECRET_FIELDS(value, field).map((found) =>
    ['nothing', "''", '{}'].includes(found.given) ? found : { ...found, given: '(not shown)' },
  );

/**
 * The complete standard input for `sudo -n sh` on a device: the supervisor with its secrets. If the end is missing, as
 * after a lost connection, nothing is done.
 *
 * @throws {@link EdgeConstructsError} when an argument is wrong; the message contains no secrets
 */
export function provisioningInput(supervisor: string, secrets: ProvisioningSecretsInput): string {
  checkArguments('provisioningInput', {
    supervisor: [supervisor, anyText('what provisioningSupervisor returns', { min: 1 })],
    secrets: [secrets, SECRETS],
  });
  const encode = (value: string): string => Buffer.from(value, 'utf8').toString('base64');
  return `${supervisor}script ${encode(secrets.script)}\nca ${encode(secrets.ca)}\nend\nedge_provision\n`;
}

/** The device that a decommissioning program is for. */
export type DecommissioningProps = Pick<SupervisorProps, 'name' | 'lockTimeout' | 'drainTimeout'>;

/**
 * The program that removes a machine from its device, for the standard input of `sudo -n sh`. It stops the kubelet, removes
 * what provisioning has installed, reverts what it has changed, and leaves everything else. It can be interrupted and run
 * again.
 *
 * It drains the node with the kubelet's own rights, for at most `drainTimeout`. Run it before the node's object is deleted.
 *
 * @throws {@link EdgeConstructsError} when a prop is wrong
 */
export function decommissioningScript(props: DecommissioningProps): string {
  checkSupervisorProps(props);
  return [
    `# Takes machine ${props.name} off its device.`,
    'set -u',
    ...settings({
      NAME: props.name,
      LOCK_SECONDS: secondsOf(props.lockTimeout ?? '1h'),
      DRAIN_SECONDS: secondsOf(props.drainTimeout ?? '10m'),
    }),
    ...DECOMMISSIONING_PARTS,
    'edge_decommission',
    '',
  ].join('\n');
}

/**
 * Standard input for both directions, for tools that keep one: `sh -s provision` and `sh -s decommission`.
 *
 * @throws {@link EdgeConstructsError} when a prop is wrong
 */
export function deviceInput(props: SupervisorProps, secrets: ProvisioningSecretsInput): string {
  const { name, lockTimeout, drainTimeout } = props;
  return [
    'if [ "${1-}" = decommission ]; then',
    decommissioningScript({ name, lockTimeout, drainTimeout }),
    'fi',
    '[ "${1-}" = provision ] || exit 64',
    provisioningInput(provisioningSupervisor(props), secrets),
  ].join('\n');
}

/** The quantity in MiB, rounded up. */
function mebibytesOf(quantity: string): number {
  return Math.ceil((parseQuantity(quantity) ?? Number.NaN) / 2 ** 20);
}

function settings(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).map(([name, value]) => `EDGE_${name}='${String(value).replaceAll("'", `'\\''`)}'`);
}
