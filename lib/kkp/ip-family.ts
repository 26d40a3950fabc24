/** Which IP versions pods, services and nodes use. KKP has no clusters with IPv6 alone. */
export enum IpFamily {
  /** IPv4 only. */
  IPV4 = 'IPv4',
  /** IPv4 first, IPv6 as well: nodes need a default route for both. */
  DUAL_STACK = 'IPv4+IPv6',
}
