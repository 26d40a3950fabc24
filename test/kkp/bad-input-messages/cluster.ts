import { LABEL, type Messages } from './common';

const CLUSTER_PROPS =
  'datacenter, version, name, humanReadableName, projectId, exposeStrategy, apiServerAllowedIpRanges, clusterNetwork, cniPlugin, enableUserSshKeyAgent, labels';
const VERSION = 'an exact version from 1.31 to 1.36 without a leading v (KKP 2.29 to 2.31)';

export const BAD_CLUSTERS: Messages = {
  'no props': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - props: given nothing; allowed: an object with ${CLUSTER_PROPS}. Give an object literal.`,
  ],
  'no version and no datacenter': [
    "EdgeCluster 'chart/shop' has 2 problems:",
    '  - datacenter: given nothing; allowed: the name of an EdgeDatacenter. Give its name as a string.',
    `  - version: given nothing; allowed: ${VERSION}. Write all three parts, like 1.33.5.`,
  ],
  'a datacenter that is a construct': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    '  - datacenter: given an object of class EdgeDatacenter; allowed: the name of an EdgeDatacenter. Give its name as a string.',
  ],
  'a version with a v': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given 'v1.33.4'; allowed: ${VERSION}. Did you mean 1.33.4?`,
  ],
  'a minor version': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given '1.33'; allowed: ${VERSION}. Write all three parts, like 1.33.5.`,
  ],
  'a version as a number': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given 1.33; allowed: ${VERSION}. Write all three parts, like 1.33.5.`,
  ],
  'a version that KKP has dropped': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given '1.30.14'; allowed: ${VERSION}. Choose a supported version.`,
  ],
  'a version that KKP does not have yet': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given '1.37.0'; allowed: ${VERSION}. Choose a supported version.`,
  ],
  'a K3s version': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given 'v1.33.4+k3s1'; allowed: ${VERSION}. Did you mean 1.33.4?`,
  ],
  'a name that is too long for KKP': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - name: given 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; allowed: at most 36 characters; this one has 37. Shorten it.",
  ],
  'an id that is no name': [
    "EdgeCluster 'chart/my shop' has 1 problem:",
    "  - id: given 'my shop'; allowed: lower-case letters a-z, digits and hyphens, starting with a letter, ending with a letter or digit (a DNS-1035 label). Rename it.",
  ],
  'an empty name for people': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - humanReadableName: given ''; allowed: a string of 1 to 100 characters on one line, without leading or trailing spaces. Use such a string, or leave the field out if it is optional.",
  ],
  'a name for people on two lines': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - humanReadableName: given 'a\\u{a}b'; allowed: a string of 1 to 100 characters on one line, without leading or trailing spaces. Use such a string, or leave the field out if it is optional.",
  ],
  'the name of a project': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - projectId: given 'My Project'; allowed: ${LABEL}. Rename it.`,
  ],
  'an unknown expose strategy': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - exposeStrategy: given 'nodeport'; allowed: 'NodePort', 'LoadBalancer', 'Tunneling'. Use a member of ExposeStrategy.",
  ],
  'IP ranges without a load balancer': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    '  - apiServerAllowedIpRanges: given a list of 1; allowed: only with the expose strategy LOAD_BALANCER. Leave it out, or set exposeStrategy: KKP refuses it otherwise.',
  ],
  'an IP range that is no network': [
    "EdgeCluster 'chart/shop' has 2 problems:",
    "  - apiServerAllowedIpRanges[0]: given '192.0.2.1/24'; allowed: a network's own address in CIDR notation. Write it like 192.0.2.0/24, a single address like 192.0.2.7/32.",
    "  - apiServerAllowedIpRanges[1]: given 'all'; allowed: a network's own address in CIDR notation. Write it like 192.0.2.0/24, a single address like 192.0.2.7/32.",
  ],
  'pods and services that overlap': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.services: given '10.100.0.0/16'; allowed: a network that does not overlap the pods' 10.96.0.0/12. Choose another network.",
  ],
  'services in the default network for pods': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.services: given '172.25.16.0/20'; allowed: a network that does not overlap the pods' 172.25.0.0/16. Choose another network.",
  ],
  'two IPv4 networks': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given '10.1.0.0/16, 10.2.0.0/16'; allowed: an IPv4 and then an IPv6 network, because the IP family is IPv4+IPv6. KKP accepts no other order.",
  ],
  'IPv6 first': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given 'fd12::/48, 10.1.0.0/16'; allowed: an IPv4 and then an IPv6 network, because the IP family is IPv4+IPv6. KKP accepts no other order.",
  ],
  'IPv6 alone': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given 'fd12::/48'; allowed: one IPv4 network, because the IP family is IPv4. KKP accepts no other order.",
  ],
  'two networks for IPv4': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given '10.1.0.0/16, fd12::/48'; allowed: one IPv4 network, because the IP family is IPv4. KKP accepts no other order.",
  ],
  'an address that is not the network': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods[0]: given '10.1.2.3/16'; allowed: a network's own address in CIDR notation. Write it like 172.25.0.0/16 or fd01::/48.",
  ],
  'a network as a text': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given '10.1.0.0/16'; allowed: a list. Put the value in [ ].",
  ],
  'no networks': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    '  - clusterNetwork.services: given []; allowed: a list of 1 to 2. Give one IPv4 network, for dual stack followed by one IPv6 network.',
  ],
  'a network for pods that is too small': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods[0]: given '10.1.0.0/24'; allowed: a prefix from /8 to /23, because each node gets a /24 of it. Choose a network of this size.",
  ],
  'a network for pods that is too large': [
    "EdgeCluster 'chart/shop' has 2 problems:",
    "  - clusterNetwork.pods[0]: given '10.0.0.0/7'; allowed: a prefix from /8 to /23, because each node gets a /24 of it. Choose a network of this size.",
    "  - clusterNetwork.services: given '10.240.16.0/20'; allowed: a network that does not overlap the pods' 10.0.0.0/7. Choose another network.",
  ],
  'a network for services that is too small': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.services[0]: given '10.1.0.0/30'; allowed: a prefix from /12 to /28: KKP uses the tenth address for DNS. Choose a network of this size.",
  ],
  'part of a node that is larger than all': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods[0]: given '172.25.0.0/16'; allowed: a prefix from /1 to /15, because each node gets a /16 of it. Choose a network of this size.",
  ],
  'an IPv6 part of a node without IPv6': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    '  - clusterNetwork.nodeCidrMaskSizeIpv6: given 64; allowed: only with dual stack. Leave it out, or set ipFamily.',
  ],
  eBPF: [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.proxyMode: given 'ebpf'; allowed: 'iptables', 'ipvs', 'nftables'. Use a member of ProxyMode.",
  ],
  'an agent address without tunneling': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.tunnelingAgentIp: given '100.64.30.10'; allowed: only with the expose strategy TUNNELING. Leave it out, or set exposeStrategy.",
  ],
  'an agent address in the network for pods': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.tunnelingAgentIp: given '172.25.0.1'; allowed: an address outside 172.25.0.0/16. Choose another address.",
  ],
  'an unknown setting of the network': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.dnsDomain: given 'edge.local'; allowed: only pods, services, ipFamily, nodeCidrMaskSizeIpv4, nodeCidrMaskSizeIpv6, proxyMode, nodeLocalDnsCacheEnabled, tunnelingAgentIp. There is no such prop.",
  ],
  Cilium: [
    "EdgeCluster 'chart/shop' has 2 problems:",
    "  - cniPlugin.type: given 'cilium'; allowed: 'canal', 'none'. KKP does not support Cilium on edge: it would need settings that KKP does not make. Use CniPluginType.CANAL.",
    "  - cniPlugin.version: given '1.19.4'; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Choose one of these; for a KKP that has later ones, set allowLaterVersion: true.",
  ],
  Calico: [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.type: given 'calico'; allowed: 'canal', 'none'. Use a member of CniPluginType.",
  ],
  'Canal without a version': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given nothing; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Leave out cniPlugin altogether to get the version that KKP recommends.",
  ],
  'Canal with a patch version': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given '3.31.1'; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Choose one of these; for a KKP that has later ones, set allowLaterVersion: true.",
  ],
  'a Canal that KKP has no more': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given 'v3.20'; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Choose one of these; for a KKP that has later ones, set allowLaterVersion: true.",
  ],
  'a Canal that KKP does not have yet': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given 'v3.32'; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Choose one of these; for a KKP that has later ones, set allowLaterVersion: true.",
  ],
  'a version of no plugin': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given 'v3.31'; allowed: nothing, because KKP installs no plugin. Leave it out.",
  ],
  'dual stack on an old Canal': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given 'v3.21'; allowed: v3.22 or later for dual stack. Choose a later version.",
  ],
  Docker: [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - containerRuntime: given 'docker'; allowed: only ${CLUSTER_PROPS}. There is no such prop.`,
  ],
  'a label of KKP': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - labels.project-id: given 'x'; allowed: any label except this one. Use the prop projectId.",
  ],
  'a label that is none': [
    "EdgeCluster 'chart/shop' has 2 problems:",
    "  - labels key: given 'a b'; allowed: a name of at most 63 letters, digits, -, _ and ., optionally after a DNS prefix and a slash. Give a valid label key.",
    "  - labels.d: given 'e f'; allowed: at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, or an empty string. Give a valid label value.",
  ],
  'the same name twice in a chart': [
    "EdgeCluster 'chart/again' has 1 problem:",
    "  - name: given 'shop'; allowed: a name that no other Cluster of this chart has; 'chart/shop' has this one. Rename one of the two.",
  ],
  'a cluster in a chart for the master cluster': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - scope: given 'chart 'chart''; allowed: a chart for the kkp-seed; this one holds Seed 'chart/seed', which is for the kkp-master. Declare it in another chart: the two are applied to different clusters.",
  ],
};
