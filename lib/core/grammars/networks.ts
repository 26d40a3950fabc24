import ipaddr from 'ipaddr.js';
import { problem } from '../rules';
import type { Rule } from '../rule';

/** An IP network, or an address as the network of one. */
export interface Network {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  readonly prefixLength: number;
}

/** Reads `10.0.0.0/16` or `fd00::/108`; `undefined` for anything that is not exactly a network's own address. */
export function parseNetwork(text: unknown): Network | undefined {
  if (typeof text !== 'string' || !ipaddr.isValidCIDR(text)) return undefined;
  const [address, prefixLength] = ipaddr.parseCIDR(text);
  return isPlainlyWritten(text) && networkAddress({ address, prefixLength }) === address.toString()
    ? { address, prefixLength }
    : undefined;
}

/** Reads an IP address: four decimal parts, or IPv6. */
export function parseAddress(text: unknown): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (typeof text !== 'string') return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  // A zone (fe80::1%eth0) means something else on every host, so such an address can't be declared.
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

/** An address as it is always written: IPv6 may be in capitals, with zeros, or an IPv4 address in IPv6 form. */
export function plainAddress(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) return text;
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()
    ? address.toIPv4Address().toString()
    : address.toString();
}

/** Whether two networks share an address. Networks of different families never do. */
export function networksOverlap(a: Network, b: Network): boolean {
  if (a.address.kind() !== b.address.kind()) return false;
  const [wide, narrow] = a.prefixLength <= b.prefixLength ? [a, b] : [b, a];
  return networkAddress({ address: narrow.address, prefixLength: wide.prefixLength }) === networkAddress(wide);
}

/** Whether an address lies in a network. */
export function networkContains(network: Network, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return networksOverlap(network, { address, prefixLength: address.kind() === 'ipv4' ? 32 : 128 });
}

/** The address `offset` places after the network's own. */
export function addressAt(network: Network, offset: number): string {
  const bytes = network.address.toByteArray();
  let carry = offset;
  for (let i = bytes.length - 1; i >= 0 && carry > 0; i--) {
    carry += bytes[i] ?? 0;
    bytes[i] = carry % 256;
    carry = Math.floor(carry / 256);
  }
  return ipaddr.fromByteArray(bytes).toString();
}

/** A network in CIDR notation whose prefix length is within bounds. */
export function cidr(bounds: { readonly minPrefix: number; readonly maxPrefix: number }): Rule {
  return (value, field) => {
    const allowed = `an IPv4 network in CIDR notation with a prefix from /${bounds.minPrefix} to /${bounds.maxPrefix}`;
    const network = parseNetwork(value);
    if (network === undefined) {
      const own =
        typeof value === 'string' && ipaddr.isValidCIDR(value) && isPlainlyWritten(value)
          ? ownNetworkOf(value)
          : undefined;
      return [
        problem(field, value, allowed, own === undefined ? 'Write it like 10.40.0.0/16.' : `The network is ${own}.`),
      ];
    }
    const fits =
      network.address.kind() === 'ipv4' &&
      network.prefixLength >= bounds.minPrefix &&
      network.prefixLength <= bounds.maxPrefix;
    return fits ? [] : [problem(field, value, allowed, 'Choose a network of this size.')];
  };
}

/** An IP address that a node can have. */
export function ipAddress(): Rule {
  return (value, field) => {
    const address = parseAddress(value);
    const usable =
      address !== undefined && !['unspecified', 'loopback', 'multicast', 'broadcast'].includes(address.range());
    return usable
      ? []
      : [problem(field, value, 'an IP address that other hosts can reach', 'Write it like 192.168.1.10.')];
  };
}

/** Refuses spellings that programs interpret differently: octal or missing parts, a prefix with leading zeros. */
function isPlainlyWritten(text: string): boolean {
  const [address = '', prefix = ''] = text.split('/');
  return parseAddress(address) !== undefined && /^(?:0|[1-9]\d*)$/.test(prefix);
}

function ownNetworkOf(text: string): string {
  const [address, prefixLength] = ipaddr.parseCIDR(text);
  return `${networkAddress({ address, prefixLength })}/${prefixLength}`;
}

function networkAddress({ address, prefixLength }: Network): string {
  const bytes = address.toByteArray().map((byte, i) => {
    const kept = Math.min(8, Math.max(0, prefixLength - i * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return ipaddr.fromByteArray(bytes).toString();
}
