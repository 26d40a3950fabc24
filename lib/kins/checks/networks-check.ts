import {
  cidr,
  type Network,
  networkContains,
  networksOverlap,
  parseAddress,
  parseNetwork,
} from '../../core/grammars/networks';
import type { PropsCheck } from '../../core/props-check';
import { firstOf, listOf, optional, rule } from '../../core/rules';
import type { Rule } from '../../core/rule';
import type { KinsClusterProps } from '../kins-cluster-props';
import { roomIn } from '../node-network';

type NetworkProps = Pick<KinsClusterProps, 'clusterCidr' | 'serviceCidr' | 'nodeCidr' | 'surroundingNetworks'>;

/** If two of these overlap, the error is about the later one, unless only the earlier one was given. */
const OWN_FIELDS = ['clusterCidr', 'serviceCidr', 'nodeCidr'] as const;

type OwnField = (typeof OWN_FIELDS)[number];

/** The networks of an edge cluster, with defaults filled in. */
type Networks = NetworkProps & Required<Pick<NetworkProps, OwnField>>;

/** Link-local addresses are reserved for the interfaces between a node and the network of its unit. */
function notLinkLocal(): Rule {
  const linkLocal = parseNetwork('169.254.0.0/16');
  return rule(
    (value) => {
      const network = parseNetwork(value);
      return network === undefined || linkLocal === undefined || !networksOverlap(network, linkLocal);
    },
    'a network that does not overlap 169.254.0.0/16',
    'Choose another one: K3s takes no link-local address for a node.',
  );
}

/** The notation and size of each network. Every node takes a /24 of the pods' network. */
export const NETWORK_RULES: Readonly<Record<keyof NetworkProps, Rule>> = {
  clusterCidr: optional(cidr({ minPrefix: 8, maxPrefix: 22 })),
  serviceCidr: optional(cidr({ minPrefix: 12, maxPrefix: 24 })),
  nodeCidr: optional(firstOf(cidr({ minPrefix: 8, maxPrefix: 24 }), notLinkLocal())),
  surroundingNetworks: optional(
    listOf(
      rule((value) => parseNetwork(value) !== undefined, 'a network in CIDR notation', 'Write it like 192.168.1.0/24.'),
    ),
  ),
};

/**
 * Checks that the edge cluster's networks overlap neither each other nor the networks around them.
 *
 * @param isOwn whether a network was given, and is not a default: if two overlap, the given one has to change
 * @param addresses those of the servers
 */
export function checkNetworks(
  check: PropsCheck,
  props: Networks,
  isOwn: (field: OwnField) => boolean,
  addresses: ReadonlyMap<string, string>,
): void {
  const own = OWN_FIELDS.flatMap((field) => {
    const network = check.areFine(field) ? parseNetwork(props[field]) : undefined;
    return network === undefined ? [] : [{ field, text: props[field], network }];
  });
  own.forEach((later, index) => {
    for (const earlier of own.slice(0, index)) {
      if (!networksOverlap(later.network, earlier.network)) continue;
      const [gives, stays] = isOwn(earlier.field) && !isOwn(later.field) ? [earlier, later] : [later, earlier];
      check.add(
        gives.field,
        gives.text,
        `a network that does not overlap ${stays.field}, ${stays.text}`,
        isOwn(stays.field)
          ? 'Choose networks that do not overlap.'
          : `Choose another one, or set ${stays.field}, which is this by default.`,
      );
    }
  });
  const surroundings = check.hasShape('surroundingNetworks') ? (props.surroundingNetworks ?? []) : [];
  for (const each of own) {
    checkSurroundings(check, each, surroundings);
    checkServers(check, each, addresses);
  }
}

interface OwnNetwork {
  readonly field: OwnField;
  readonly text: string;
  readonly network: Network;
}

function checkSurroundings(check: PropsCheck, { field, text, network }: OwnNetwork, others: readonly string[]): void {
  others.forEach((each, index) => {
    const other = parseNetwork(each);
    if (other === undefined || !networksOverlap(network, other)) return;
    check.add(
      field,
      text,
      `a network that does not overlap surroundingNetworks[${index}], ${each}`,
      `Choose another ${field}: the nodes could no longer reach ${each}.`,
    );
  });
}

function checkServers(
  check: PropsCheck,
  { field, text, network }: OwnNetwork,
  addresses: ReadonlyMap<string, string>,
): void {
  for (const [node, address] of addresses) {
    const parsed = parseAddress(address);
    if (parsed === undefined || !networkContains(network, parsed)) continue;
    check.add(
      field,
      text,
      `a network that does not contain the address of ${node}, ${address}`,
      `Choose another ${field}: the server could no longer be reached.`,
    );
  }
}

/** Checks that there are enough addresses for all nodes. */
export function checkRoom(check: PropsCheck, nodeCidr: string, nodes: readonly string[]): void {
  const network = check.areFine('nodeCidr') ? parseNetwork(nodeCidr) : undefined;
  if (network === undefined || nodes.length <= roomIn(network)) return;
  check.add(
    'nodeCidr',
    nodeCidr,
    `a network with room for ${nodes.length} nodes`,
    'Choose a larger one: a smaller number after the slash.',
  );
}
