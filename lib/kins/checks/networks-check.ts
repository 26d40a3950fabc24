import {
  cidr,
  type Network,
  networkContains,
  networksOverlap,
  parseAddress,
  parseNetwork,
} from '../../core/grammars/networks';
import type { PropsCheck } from '../../core/props-check';
import { listOf, optional, rule } from '../../core/rules';
import type { Rule } from '../../core/rule';
import type { KinsClusterProps } from '../kins-cluster-props';

type NetworkProps = Pick<KinsClusterProps, 'clusterCidr' | 'serviceCidr' | 'surroundingNetworks'>;

/** The networks of an edge cluster, those that have a default included. */
type Networks = NetworkProps & Required<Pick<NetworkProps, 'clusterCidr' | 'serviceCidr'>>;

/** How each of them is written, and its size. Every node takes a /24 of the pods' network. */
export const NETWORK_RULES: Readonly<Record<keyof NetworkProps, Rule>> = {
  clusterCidr: optional(cidr({ minPrefix: 8, maxPrefix: 22 })),
  serviceCidr: optional(cidr({ minPrefix: 12, maxPrefix: 24 })),
  surroundingNetworks: optional(
    listOf(
      rule((value) => parseNetwork(value) !== undefined, 'a network in CIDR notation', 'Write it like 192.168.1.0/24.'),
    ),
  ),
};

/**
 * Checks that the edge cluster's networks keep apart from each other and from what is around them.
 *
 * @param isOwn whether a network was given: of two that overlap it is for that one to give way
 * @param addresses those of the servers
 */
export function checkNetworks(
  check: PropsCheck,
  props: Networks,
  isOwn: (field: 'clusterCidr' | 'serviceCidr') => boolean,
  addresses: ReadonlyMap<string, string>,
): void {
  const own = (['clusterCidr', 'serviceCidr'] as const).flatMap((field) => {
    const network = check.areFine(field) ? parseNetwork(props[field]) : undefined;
    return network === undefined ? [] : [{ field, text: props[field], network }];
  });
  const [pods, services] = own;
  if (pods !== undefined && services !== undefined && networksOverlap(pods.network, services.network)) {
    const [gives, stays] = isOwn('serviceCidr') ? [services, pods] : [pods, services];
    check.add(
      gives.field,
      gives.text,
      `a network that does not overlap ${stays.text}`,
      'Choose networks that do not overlap.',
    );
  }
  const surroundings = check.hasShape('surroundingNetworks') ? (props.surroundingNetworks ?? []) : [];
  for (const each of own) {
    checkSurroundings(check, each, surroundings);
    checkServers(check, each, addresses);
  }
}

interface OwnNetwork {
  readonly field: 'clusterCidr' | 'serviceCidr';
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
