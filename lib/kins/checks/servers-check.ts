import { parseAddress } from '../../core/grammars/networks';
import type { PropsCheck } from '../../core/props-check';
import { AutonomyLevel, serverCount } from '../../superedge/autonomy-level';
import type { KinsClusterProps } from '../kins-cluster-props';
import { ipv4Address } from './kins-rules';

/** At L3 there are no servers, but the props of earlier levels may stay: props about servers are checked and then ignored. */
export function serversOf(
  check: PropsCheck,
  { servers, nodes: given }: KinsClusterProps,
  nodes: readonly string[],
  level: AutonomyLevel | undefined,
): readonly string[] {
  const areNodesFine = check.areFine('nodes', 'nodeUnit');
  const isList = check.hasShape('servers');
  const count = level === undefined ? 0 : serverCount(level);
  // An empty list has been reported already.
  if (nodes.length > 0 && nodes.length < count) {
    const field = given === undefined ? 'nodeUnit' : 'nodes';
    check.add(
      field,
      nodes,
      `at least ${count} nodes at ${String(level)}, one for each server`,
      `Add nodes, or choose ${AutonomyLevel.L4} for a single server.`,
    );
  }
  if (servers === undefined) return nodes.slice(0, count);
  if (!isList) return [];
  if (servers.length !== count && level !== undefined && level !== AutonomyLevel.L3) {
    const why = level === AutonomyLevel.L5 ? ' (an even number loses its majority sooner, not later)' : '';
    check.add('servers', servers, `exactly ${count} at ${level}${why}`, `Name ${count} of the unit's nodes.`);
  }
  servers.forEach((server, index) => {
    if (areNodesFine && check.areFine(`servers[${index}]`) && !nodes.includes(server))
      check.add(`servers[${index}]`, server, `one of the unit's nodes`, 'Add the node to the unit, or name another.');
  });
  return level === AutonomyLevel.L3 ? [] : servers;
}

/** A retired server can't be in `servers`. */
export function checkRetiredServers(
  check: PropsCheck,
  { retiredServers = [] }: KinsClusterProps,
  servers: readonly string[],
): void {
  if (!check.hasShape('retiredServers')) return;
  retiredServers.forEach((retired, index) => {
    if (!servers.includes(retired)) return;
    check.add(
      `retiredServers[${index}]`,
      retired,
      'a node that is no longer a server',
      'Remove it here, or name another in servers.',
    );
  });
}

/**
 * Picks the addresses of the servers. Addresses of other nodes may be given, too, because sites know them all, and because
 * the level decides which nodes are servers.
 */
export function addressesOf(
  check: PropsCheck,
  { nodeAddresses = {} }: KinsClusterProps,
  nodes: readonly string[],
  servers: readonly string[],
): ReadonlyMap<string, string> {
  const given = new Map(check.hasShape('nodeAddresses') ? Object.entries(nodeAddresses) : []);
  const areNodesFine = check.areFine('nodes', 'nodeUnit');
  const areServersFine = areNodesFine && check.areFine('servers', 'autonomyLevel');
  checkEach(check, given, areNodesFine ? nodes : undefined);
  const found = new Map<string, string>();
  for (const server of servers) {
    const address = given.get(server);
    if (address !== undefined) {
      if (!check.areFine(`nodeAddresses.${server}`)) continue;
      check.value(`nodeAddresses.${server}`, address, ipv4Address());
      found.set(server, address);
    } else if (given.size > 0 && areServersFine) {
      check.add(
        `nodeAddresses.${server}`,
        undefined,
        'the addresses of all servers, or of none',
        `Add the address of ${server}.`,
      );
    }
  }
  return found;
}

/** @param nodes the nodes of the unit, if they are known */
function checkEach(check: PropsCheck, given: ReadonlyMap<string, string>, nodes: readonly string[] | undefined): void {
  const owners = new Map<string, string>();
  for (const [node, address] of given) {
    if (!check.areFine(`nodeAddresses.${node}`)) continue;
    if (nodes?.includes(node) === false) {
      check.add(`nodeAddresses.${node}`, address, `addresses of the unit's nodes`, 'Correct the name, or remove it.');
    }
    const normal = parseAddress(address)?.toString() ?? address;
    const other = owners.get(normal);
    if (other !== undefined) {
      check.add(
        `nodeAddresses.${node}`,
        address,
        `an address of its own; ${other} has this one`,
        'Give each node its own.',
      );
    }
    owners.set(normal, node);
  }
}
