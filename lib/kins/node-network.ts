import { derive } from '../core/placeholders/placeholder';
import { addressAt, type Network, parseNetwork } from '../core/grammars/networks';
import { shortHashOf, sha256Of } from './hashes';
import type { KinsModel } from './model';

/**
 * The network of the edge cluster on a node: a network namespace that belongs to no pod, so it outlives all of them. A pair
 * of interfaces connects it to the node. Between nodes, flannel encapsulates packets once and sends them over the LAN.
 */
export interface NodeNetwork {
  /** Name of the interface of the pair that is on the node, also the prefix of the names of chains. */
  readonly link: string;
  /** Addresses of the pair, first that of the node's end. They are link-local, so they are never routed. */
  readonly linkAddresses: readonly [string, string];
  /** Number of the VXLAN, which separates units whose nodes share a LAN. */
  readonly vni: string;
}

/** Name of the interface to the node, within the network of the unit. */
export const UPLINK = 'eth0';

/** The names and numbers of a unit's network, the same on every node. */
export function nodeNetwork(unit: string): NodeNetwork {
  return {
    link: `kins-${shortHashOf(unit)}`,
    linkAddresses: [
      derive("address of the node's end", unit, (known) => linkAddress(known, 1)),
      derive("address of the unit's end", unit, (known) => linkAddress(known, 2)),
    ],
    vni: derive('number of the VXLAN', unit, (known) => String(vniOf(known))),
  };
}

/** A number below 2^24 that is derived from the unit's name. */
function numberOf(unit: string): number {
  return parseInt(sha256Of([unit]).slice(0, 6), 16);
}

/** From 169.254.64.0 to 169.254.191.255, in steps of four. */
function linkAddress(unit: string, end: 1 | 2): string {
  const block = numberOf(unit) % (128 * 64);
  return `169.254.${64 + Math.floor(block / 64)}.${(block % 64) * 4 + end}`;
}

/** At most seven digits, so that the name of flannel's interface is not too long. Not 1, which is flannel's default. */
function vniOf(unit: string): number {
  return 2 + (numberOf(unit) % 0x7f_ff_f0);
}

/** UDP port on which the nodes of a unit talk to each other. */
export function overlayPort({ apiPort }: Pick<KinsModel, 'apiPort'>): number {
  return apiPort + 3;
}

/**
 * Addresses of the nodes within the edge cluster, a line `NAME ADDRESS` each. They are derived from the names, not from the
 * order of the list, so adding or removing a node does not change the others, except when two names get the same number.
 */
export function nodeAddressTable({ nodes, nodeCidr }: Pick<KinsModel, 'nodes' | 'nodeCidr'>): string {
  return derive('addresses of nodes', { nodes, nodeCidr }, ({ nodes: names, nodeCidr: text }) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new Error(`${text} was checked to be a network`);
    const size = roomIn(network);
    // Already checked, unless the network was a placeholder until now.
    if (names.length > size)
      throw new Error(`nodeCidr: ${text} has no room for ${names.length} nodes: choose a larger network`);
    const taken = new Set<number>();
    const lines = [...names]
      .map((name) => ({ name, number: parseInt(sha256Of([name]).slice(0, 12), 16) % size }))
      .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1))
      .map(({ name, number }) => {
        while (taken.has(number)) number = (number + 1) % size;
        taken.add(number);
        return `${name} ${addressAt(network, number + 1)}\n`;
      });
    return lines.sort().join('');
  });
}

/** How many nodes fit into a `nodeCidr`. */
export function roomIn(network: Network): number {
  return 2 ** (32 - network.prefixLength) - 2;
}

/** The configuration of flannel. With another backend, K3s does not read it. */
export function flannelConfig(model: KinsModel): string {
  const { unit, clusterCidr } = model;
  return derive('flannel configuration', { unit, clusterCidr, port: overlayPort(model) }, (known) =>
    JSON.stringify({
      Network: known.clusterCidr,
      EnableIPv4: true,
      EnableIPv6: false,
      Backend: { Type: 'vxlan', VNI: vniOf(known.unit), Port: known.port },
    }),
  );
}
