import { parseAddress, parseNetwork } from './networks';
import { rule } from '../rules';
import type { Rule } from '../rule';

/** A host, and its port if there is one. */
export interface HostAndPort {
  /** A DNS name, an IPv4 address, or an IPv6 address in brackets; as it was written. */
  readonly host: string;
  readonly port: number | undefined;
}

const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i;

/** Reads `registry.example.com`, `10.0.0.1:5000` or `[fd00::1]:5000`; `undefined` for anything else. */
export function parseHostAndPort(text: unknown): HostAndPort | undefined {
  const match = typeof text === 'string' ? /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text) : null;
  const [, host = '', digits] = match ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65535)) return undefined;
  return isHost(host) ? { host, port } : undefined;
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return parseAddress(host.slice(1, -1))?.kind() === 'ipv6';
  // Digits with dots are meant to be an address, so they must be a valid one.
  return /^[\d.]+$/.test(host) ? parseAddress(host) !== undefined : isDnsName(host);
}

/** Whether a text is the name of a host: labels with dots between them, in small letters or capitals. */
export function isDnsName(text: string): boolean {
  return DNS_NAME.test(text);
}

/** Whether a text names a registry: container runtimes compare names literally, so there is only one way to write it. */
export function isRegistry(text: unknown): text is string {
  return typeof text === 'string' && text === text.toLowerCase() && parseHostAndPort(text) !== undefined;
}

/** A registry as images name it. */
export function registryHost(): Rule {
  return rule(
    isRegistry,
    'a registry as host or host:port, without https:// and without a path, in lower case',
    'Write it like registry.example.com or 192.168.1.10:5000.',
  );
}

/** A destination to reach without the proxy. */
export function noProxyEntry(): Rule {
  return rule(
    (value) => {
      if (typeof value !== 'string') return false;
      const name = value.replace(/^(\*\.|\.)/, '');
      return (
        parseHostAndPort(name) !== undefined || parseNetwork(value) !== undefined || parseAddress(value) !== undefined
      );
    },
    'a host, a domain (.example.com or *.example.com), an IP address or a network',
    'Make each destination a separate item.',
  );
}
