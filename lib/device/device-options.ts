import { EdgeConstructsError } from '../core/error';
import { needsValue } from '../core/placeholders/ask';
import { noProxyEntry } from '../core/grammars/hosts';
import { enumOf, firstOf, listOf, optional, pattern, shape, text } from '../core/rules';
import type { Rule } from '../core/rule';
import { duration } from '../core/grammars/durations';
import { bytesWithin } from '../core/grammars/quantities';
import { httpProxyUrl, url } from '../core/grammars/urls';
import { MACHINE_NAME } from './machine-name';
import { OperatingSystem } from './operating-system';

/** What the supervisor needs to know about a device, and how long it waits. */
export interface SupervisorOptions {
  /**
   * Proxy that the device reaches the internet through, as `http://host:port`. Use the datacenter's
   * `node.httpProxy`; credentials in it would be readable in the supervisor's text and are refused.
   * @default - none: the device reaches the internet directly
   */
  readonly httpProxy?: string;

  /** Hosts to reach without the proxy, for instance the API server's. @default - nothing */
  readonly noProxy?: readonly string[];

  /**
   * URLs that packages and binaries come from. Each must answer before anything is changed. If the datacenter has mirrors,
   * list those.
   * @default - download.docker.com, github.com, dl.k8s.io; the first source of the device's apt is always checked, too
   */
  readonly packageUrls?: readonly string[];

  /** Free space that `/` and `/var` must have, `1Mi` to `1Pi`, counted in whole MiB. @default '5Gi' */
  readonly minFreeDisk?: string;

  /**
   * Memory that the device must have, as the kernel reports it: `1Mi` to `1Pi`.
   * @default '900Mi' - suits devices with 1 GiB
   */
  readonly minMemory?: string;

  /** How far the device's clock may differ from the API server's: `1s` to `1h`. @default '60s' */
  readonly maxClockSkew?: string;

  /** How long a run waits for another one on the same device: `1s` to `24h`. @default '1h' */
  readonly lockTimeout?: string;

  /** How long KKP's script may take, `1s` to `24h`: it installs packages from the internet. @default '30m' */
  readonly scriptTimeout?: string;

  /** How long the node may take after that to become Ready, `1s` to `24h`: it pulls images. @default '15m' */
  readonly readyTimeout?: string;

  /** How long a device that has been provisioned before may take to become Ready: `1s` to `24h`. @default '5m' */
  readonly repeatTimeout?: string;

  /** How long draining may take when the device is decommissioned: `1s` to `24h`. @default '10m' */
  readonly drainTimeout?: string;

  /**
   * Provisions a device again that has been provisioned before, once for each new value: a date, a ticket.
   * Pods on it lose their data. Without it a provisioned device is never provisioned again.
   * @default - never
   */
  readonly rebuild?: string;
}

/** The device that a supervisor is for. */
export interface SupervisorProps extends SupervisorOptions {
  /** Name of the machine: of its MachineDeployment, its node and its device. */
  readonly name: string;

  /** What the device must run. @default - Ubuntu 20.04 or 22.04 */
  readonly operatingSystem?: OperatingSystem;
}

const upTo = (max: string): Rule => optional(duration({ min: '1s', max }));
/** At least one MiB, the unit that the scripts compare in; so a number without a unit, which means bytes, is refused. */
const bytes = optional(needsValue(bytesWithin({ min: '1Mi', max: '1Pi' })));

/** A URL that packages come from. It must not contain credentials, because the text of the supervisor is not secret. */
const packageUrl = url({
  schemes: ['http', 'https'],
  rest: () => true,
  allowed: 'an http:// or https:// URL without user and password',
  remedy: 'Write it like https://mirror.example.com/ubuntu.',
  withoutCredentials: 'The text of the supervisor is not secret: let the mirror admit the devices by their addresses.',
});

const OPTION_FIELDS: Readonly<Record<keyof SupervisorOptions, Rule>> = {
  httpProxy: optional(httpProxyUrl()),
  noProxy: optional(listOf(noProxyEntry())),
  packageUrls: optional(listOf(packageUrl)),
  minFreeDisk: bytes,
  minMemory: bytes,
  maxClockSkew: upTo('1h'),
  lockTimeout: upTo('24h'),
  scriptTimeout: upTo('24h'),
  readyTimeout: upTo('24h'),
  repeatTimeout: upTo('24h'),
  drainTimeout: upTo('24h'),
  rebuild: optional(
    firstOf(
      text({ maxLength: 63 }),
      pattern(/^[A-Za-z0-9._:-]+$/, 'letters, digits, dots, colons, hyphens and underscores', 'Give a date or ticket.'),
    ),
  ),
};

/** Rule for the options that devices of a site usually share. */
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

/** Checks options that are given for a machine. Not after spreading them, which would turn null into no options. */
export function checkSupervisorOptions(machine: string, options: unknown): void {
  const problems = supervisorOptions()(options, '');
  if (problems.length > 0) throw new EdgeConstructsError(machine, 'Supervisor of device', problems);
}

function subjectOf(props: Partial<SupervisorProps> | null | undefined): string {
  const name = props?.name;
  return MACHINE_NAME(name, '').length === 0 ? String(name) : '(unnamed)';
}
