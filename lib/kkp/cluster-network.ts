import { needsValue } from '../core/placeholders/ask';
import type { Problem } from '../core/problem';
import { networksOverlap, parseAddress, parseNetwork } from '../core/grammars/networks';
import type { PropsCheck } from '../core/props-check';
import { bool, enumOf, integer, listOf, optional, problem, rule, shape } from '../core/rules';
import type { Rule } from '../core/rule';
import { ExposeStrategy } from './expose-strategy';
import { IpFamily } from './ip-family';

/** Networks of a user cluster. KKP does not let any of this be changed once the cluster exists. */
export interface ClusterNetwork {
  /**
   * Networks for pods: an IPv4 network, for dual stack followed by an IPv6 network. They must not overlap with
   * networks that devices or their users are in.
   * @default - 172.25.0.0/16, for dual stack also fd01::/48
   */
  readonly pods?: readonly string[];

  /**
   * Networks for services: an IPv4 network, for dual stack followed by an IPv6 network.
   * @default - 10.240.16.0/20, for dual stack also fd02::/108
   */
  readonly services?: readonly string[];

  /** IP versions. @default - dual stack when `pods` or `services` has two networks, otherwise IPv4 */
  readonly ipFamily?: IpFamily;

  /** Prefix length of each node's part of the IPv4 network for pods: 24 gives 254 pod addresses. @default 24 */
  readonly nodeCidrMaskSizeIpv4?: number;

  /** Prefix length of each node's part of the IPv6 network for pods. Dual stack only. @default 64 */
  readonly nodeCidrMaskSizeIpv6?: number;

  /**
   * How kube-proxy directs traffic to services.
   * @default ProxyMode.IPTABLES - works with every kernel and every Kubernetes version; IPVS is deprecated since 1.35,
   * and nftables needs kernel 5.13, which is newer than Ubuntu 20.04's
   */
  readonly proxyMode?: ProxyMode;

  /** A DNS cache on each node, useful on slow links. @default true */
  readonly nodeLocalDnsCacheEnabled?: boolean;

  /**
   * Address on each node at which pods reach the API server with the expose strategy `TUNNELING`.
   * @default - 100.64.30.10
   */
  readonly tunnelingAgentIp?: string;
}

/** How kube-proxy directs traffic to services. */
export enum ProxyMode {
  /** iptables rules: works everywhere. */
  IPTABLES = 'iptables',
  /** IP virtual server: for many services on old kernels; deprecated since Kubernetes 1.35. */
  IPVS = 'ipvs',
  /** nftables rules: needs kernel 5.13, so Ubuntu 22.04. */
  NFTABLES = 'nftables',
}

const IPV4_DEFAULTS = { pods: '172.25.0.0/16', services: '10.240.16.0/20' };
const IPV6_DEFAULTS = { pods: 'fd01::/48', services: 'fd02::/108' };
const NODE_MASK = { ipv4: 24, ipv6: 64 };
// The node controller keeps one bit per possible network of a node, and does not start if there are more than 2^16.
const MAX_NODE_BITS = 16;

const cidrBlocks = listOf(
  // They determine the IP versions of the cluster.
  needsValue(
    rule(
      (value) => parseNetwork(value) !== undefined,
      "a network's own address in CIDR notation",
      'Write it like 172.25.0.0/16 or fd01::/48.',
    ),
  ),
  { min: 1, max: 2, remedy: 'Give one IPv4 network, for dual stack followed by one IPv6 network.' },
);

export const NETWORK_FIELDS: Rule = shape({
  pods: optional(cidrBlocks),
  services: optional(cidrBlocks),
  ipFamily: optional(enumOf(IpFamily, 'IpFamily')),
  nodeCidrMaskSizeIpv4: optional(integer({ min: 9, max: 30 })),
  nodeCidrMaskSizeIpv6: optional(integer({ min: 49, max: 124 })),
  proxyMode: optional(enumOf(ProxyMode, 'ProxyMode')),
  nodeLocalDnsCacheEnabled: optional(bool()),
  tunnelingAgentIp: optional(
    rule((value) => parseAddress(value)?.kind() === 'ipv4', 'an IPv4 address', 'Write it like 100.64.30.10.'),
  ),
});

/** The networks with all defaults filled in. */
export interface ResolvedNetwork {
  readonly ipFamily: IpFamily;
  readonly pods: readonly string[];
  readonly services: readonly string[];
}

/** Fills in KKP's defaults, so that the manifest shows what applies. */
export function resolveNetwork(network: ClusterNetwork = {}): ResolvedNetwork {
  const isDual = [network.pods, network.services].some((blocks) => blocks?.length === 2);
  const ipFamily = network.ipFamily ?? (isDual ? IpFamily.DUAL_STACK : IpFamily.IPV4);
  const blocks = (kind: 'pods' | 'services') =>
    network[kind] ??
    (ipFamily === IpFamily.DUAL_STACK ? [IPV4_DEFAULTS[kind], IPV6_DEFAULTS[kind]] : [IPV4_DEFAULTS[kind]]);
  return { ipFamily, pods: blocks('pods'), services: blocks('services') };
}

/** The cluster's IP family; `undefined` if the networks that determine it are invalid. */
export function ipFamilyOf(check: PropsCheck, network: ClusterNetwork | undefined): IpFamily | undefined {
  if (!check.areFine('clusterNetwork.ipFamily')) return undefined;
  if (network?.ipFamily !== undefined) return network.ipFamily;
  return check.areFine('clusterNetwork.pods', 'clusterNetwork.services') ? resolveNetwork(network).ipFamily : undefined;
}

/** Checks across the fields, as far as these are valid by themselves. */
export function checkNetwork(
  check: PropsCheck,
  network: ClusterNetwork | undefined,
  exposeStrategy: ExposeStrategy | undefined,
): void {
  if (network === undefined || !check.hasShape('clusterNetwork')) return;
  const ipFamily = ipFamilyOf(check, network);
  if (ipFamily !== undefined) checkBlocks(check, network, ipFamily);
  const isFine = (field: keyof ClusterNetwork): boolean => check.areFine(`clusterNetwork.${field}`);
  const { tunnelingAgentIp: agent, nodeCidrMaskSizeIpv6: mask } = network;
  if (agent !== undefined && exposeStrategy !== undefined && exposeStrategy !== ExposeStrategy.TUNNELING) {
    check.add(
      'clusterNetwork.tunnelingAgentIp',
      agent,
      'only with the expose strategy TUNNELING',
      'Leave it out, or set exposeStrategy.',
    );
  }
  if (isFine('nodeCidrMaskSizeIpv6') && mask !== undefined && ipFamily === IpFamily.IPV4) {
    check.add('clusterNetwork.nodeCidrMaskSizeIpv6', mask, 'only with dual stack', 'Leave it out, or set ipFamily.');
  }
}

const KINDS = ['pods', 'services'] as const;
const MASKS = ['nodeCidrMaskSizeIpv4', 'nodeCidrMaskSizeIpv6'] as const;

function checkBlocks(check: PropsCheck, network: ClusterNetwork, ipFamily: IpFamily): void {
  const isFine = (field: keyof ClusterNetwork): boolean => check.areFine(`clusterNetwork.${field}`);
  const blocks = resolveNetwork({ ...network, ipFamily });
  const { pods, services } = blocks;
  const [arePodsRight = false, areServicesRight = false] = KINDS.map((kind) => {
    if (!isFine(kind)) return false;
    const found = familyProblems(`clusterNetwork.${kind}`, blocks[kind], ipFamily);
    check.addAll(found);
    return found.length === 0;
  });
  if (arePodsRight && MASKS.every(isFine)) check.addAll(podSizeProblems(network, pods));
  if (areServicesRight) check.addAll(serviceSizeProblems(services));
  if (arePodsRight && areServicesRight) check.addAll(overlapProblems(pods, services));
  const known = [...(arePodsRight ? pods : []), ...(areServicesRight ? services : [])];
  if (isFine('tunnelingAgentIp')) check.addAll(agentProblems(network, known));
}

function familyProblems(field: string, blocks: readonly string[], ipFamily: IpFamily): Problem[] {
  const wanted = ipFamily === IpFamily.DUAL_STACK ? ['ipv4', 'ipv6'] : ['ipv4'];
  const kinds = blocks.map((block) => parseNetwork(block)?.address.kind() ?? '');
  if (kinds.join() === wanted.join()) return [];
  const allowed = wanted.length === 2 ? 'an IPv4 and then an IPv6 network' : 'one IPv4 network';
  return [
    problem(
      field,
      blocks.join(', '),
      `${allowed}, because the IP family is ${ipFamily}`,
      'KKP accepts no other order.',
    ),
  ];
}

function podSizeProblems(network: ClusterNetwork, pods: readonly string[]): Problem[] {
  const masks = [network.nodeCidrMaskSizeIpv4 ?? NODE_MASK.ipv4, network.nodeCidrMaskSizeIpv6 ?? NODE_MASK.ipv6];
  return pods.flatMap((block, i) => {
    const mask = masks[i] ?? 0;
    const min = Math.max(1, mask - MAX_NODE_BITS);
    const why = `a prefix from /${min} to /${mask - 1}, because each node gets a /${mask} of it`;
    return prefixProblems(`clusterNetwork.pods[${i}]`, block, min, mask - 1, why);
  });
}

function serviceSizeProblems(services: readonly string[]): Problem[] {
  return services.flatMap((block, i) => {
    const [min, max] = i === 0 ? [12, 28] : [108, 124];
    const why = `a prefix from /${min} to /${max}: KKP uses the tenth address for DNS`;
    return prefixProblems(`clusterNetwork.services[${i}]`, block, min, max, why);
  });
}

function prefixProblems(field: string, block: string, min: number, max: number, allowed: string): Problem[] {
  const prefix = parseNetwork(block)?.prefixLength ?? -1;
  return prefix >= min && prefix <= max ? [] : [problem(field, block, allowed, 'Choose a network of this size.')];
}

function overlapProblems(pods: readonly string[], services: readonly string[]): Problem[] {
  return services.flatMap((service) => {
    const clash = pods.find((pod) => overlap(service, pod));
    return clash === undefined
      ? []
      : [
          problem(
            'clusterNetwork.services',
            service,
            `a network that does not overlap the pods' ${clash}`,
            'Choose another network.',
          ),
        ];
  });
}

function agentProblems({ tunnelingAgentIp: agent }: ClusterNetwork, blocks: readonly string[]): Problem[] {
  const clash = agent === undefined ? undefined : blocks.find((block) => overlap(`${agent}/32`, block));
  return clash === undefined
    ? []
    : [problem('clusterNetwork.tunnelingAgentIp', agent, `an address outside ${clash}`, 'Choose another address.')];
}

function overlap(a: string, b: string): boolean {
  const [first, second] = [parseNetwork(a), parseNetwork(b)];
  return first !== undefined && second !== undefined && networksOverlap(first, second);
}
