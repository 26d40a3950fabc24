import { EdgeConstructsError } from '../core/error';
import { noProxyEntry } from '../core/grammars/hosts';
import { enumOf, firstOf, integer, listOf, optional, pattern, shape, text } from '../core/rules';
import type { Rule } from '../core/rule';
import { httpProxyUrl, url } from '../core/grammars/urls';
import { MACHINE_NAME } from './machine-name';
import { OperatingSystem } from './operating-system';

/** What the supervisor is told about a device and how patient it is. */
export interface SupervisorOptions {
  /**
   * Proxy that the device reaches the internet through, as `http://host:port`. Give the one of the datacenter's
   * `node.httpProxy`; credentials in it would be readable in the supervisor's text and are refused.
   * @default - none: the device reaches the internet by itself
   */
  readonly httpProxy?: string;

  /** What is reached without the proxy: the API server's host, for instance. @default - nothing */
  readonly noProxy?: readonly string[];

  /**
   * Where packages and binaries come from; each must answer before anything is changed. Give your mirrors if the
   * datacenter has some.
   * @default - download.docker.com, github.com, dl.k8s.io; the first source of the device's apt is always asked
   */
  readonly packageUrls?: readonly string[];

  /** Free space that `/` and `/var` must have, in MiB. @default 5120 */
  readonly minFreeDisk?: number;

  /** Memory that the device must have, in MiB as the kernel counts it. @default 900 - what a device of 1 GiB has */
  readonly minMemory?: number;

  /** How far the device's clock may be off the API server's, in seconds. @default 60 */
  readonly maxClockSkew?: number;

  /** How long a run waits for another one on the same device, in seconds. @default 3600 */
  readonly lockTimeout?: number;

  /** How long KKP's script may take, in seconds: it installs packages from the internet. @default 1800 */
  readonly scriptTimeout?: number;

  /** How long the node may take from then on to be Ready, in seconds: it pulls images. @default 900 */
  readonly readyTimeout?: number;

  /** How long a device that has been provisioned before may take to be Ready, in seconds. @default 300 */
  readonly repeatTimeout?: number;

  /** How long pods may take to move away when the device is decommissioned, in seconds. @default 600 */
  readonly drainTimeout?: number;

  /**
   * Provisions a device once more that has been provisioned before, once for each new value: a date, a ticket.
   * Pods on it lose their data. Without it a provisioned device is never provisioned again.
   * @default - never
   */
  readonly rebuild?: string;
}

/** What the supervisor is for. */
export interface SupervisorProps extends SupervisorOptions {
  /** Name of the machine: of its MachineDeployment, its node and its device. */
  readonly name: string;

  /** What the device must run. @default - Ubuntu 20.04 or 22.04 */
  readonly operatingSystem?: OperatingSystem;
}

const seconds = (max: number): Rule => optional(integer({ min: 1, max, unit: 'seconds' }));
const mebibytes = optional(integer({ min: 1, max: 1024 * 1024 * 1024, unit: 'MiB' }));

/** Where packages come from: the supervisor, whose text is no secret, asks it before it changes anything. */
const packageUrl = url({
  schemes: ['http', 'https'],
  rest: () => true,
  allowed: 'an http:// or https:// URL without user and password',
  remedy: 'Write it like https://mirror.example.com/ubuntu.',
  withoutCredentials: 'The text of the supervisor is no secret: let the mirror admit the devices by their addresses.',
});

const OPTION_FIELDS: Readonly<Record<keyof SupervisorOptions, Rule>> = {
  httpProxy: optional(httpProxyUrl()),
  noProxy: optional(listOf(noProxyEntry())),
  packageUrls: optional(listOf(packageUrl)),
  minFreeDisk: mebibytes,
  minMemory: mebibytes,
  maxClockSkew: seconds(3600),
  lockTimeout: seconds(86_400),
  scriptTimeout: seconds(86_400),
  readyTimeout: seconds(86_400),
  repeatTimeout: seconds(86_400),
  drainTimeout: seconds(86_400),
  rebuild: optional(
    firstOf(
      text({ maxLength: 63 }),
      pattern(/^[A-Za-z0-9._:-]+$/, 'letters, digits, dots, colons, hyphens and underscores', 'Give a date or ticket.'),
    ),
  ),
};

/** Rule for options that are the same for many devices. */
export function supervisorOptions(): Rule {
  return shape(OPTION_FIELDS);
}

const PROPS_FIELDS: Readonly<Record<keyof SupervisorProps, Rule>> = {
  name: MACHINE_NAME,
  operatingSystem: optional(enumOf(OperatingSystem, 'OperatingSystem')),
  ...OPTION_FIELDS,
};

/**
 * @throws {@link EdgeConstructsError} with everything that is wrong with the props
 */
export function checkSupervisorProps(props: SupervisorProps): void {
  const problems = shape(PROPS_FIELDS)(props, '');
  if (problems.length > 0) throw new EdgeConstructsError(subjectOf(props), 'Supervisor of device', problems);
}

function subjectOf(props: Partial<SupervisorProps> | null | undefined): string {
  const name = props?.name;
  return MACHINE_NAME(name, '').length === 0 ? String(name) : '(unnamed)';
}
