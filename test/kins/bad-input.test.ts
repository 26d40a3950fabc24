import { App, Chart } from 'cdk8s';
import { AutonomyLevel, KinsCluster, NodeUnit, type KinsClusterProps } from '../../lib';
import { settleClusterLevel, ClusterLevel } from '../../lib/core/cluster-level';
import { problemLines, type BadInput } from '../support/refusals';

const { L3, L4, L5 } = AutonomyLevel;
const nodes = ['edge1', 'edge2', 'edge3'];
const long = (length: number): string => 'a'.repeat(length);
const l3 = (more: object = {}): object => ({ autonomyLevel: L3, nodes, ...more });
const l4 = (more: object = {}): object => ({ autonomyLevel: L4, nodes, ...more });
const l5 = (more: object = {}): object => ({ autonomyLevel: L5, nodes, ...more });
const TOKEN = `K10${'0a'.repeat(32)}::server:hunter2`;
const PRIVATE_KEY = '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----';

const ALL_PROPS =
  'unitName, nodes, nodeUnit, autonomyLevel, previousLevel, servers, version, image, pauseImage, addresses, hostPorts, clusterCidr, serviceCidr, surroundingNetworks, apiPort, tunnelProxyUrl, tokenSecret, credentialsInConfigMap, imagePullSecrets, registryMirrors, systemDefaultRegistry, disable, tlsSans, secretsEncryption, serverOptions, agentOptions, resources, tolerations';
const LABEL_1035 =
  'lower-case letters a-z, digits and hyphens, starting with a letter, ending with a letter or digit (a DNS-1035 label). Rename it.';
const SUBDOMAIN =
  'lower-case letters a-z, digits, hyphens and dots, with a letter or digit at both ends of every part (a DNS subdomain). Rename it.';
const K3S_RELEASE = 'a K3s release from v1.33 to v1.36, written like v1.35.0+k3s1.';
const TAKE_NAME = 'Take the name from the list of K3s releases; an image tag has - where the release has +.';
const IMAGE =
  'an image reference: host/path:tag or host/path@sha256:digest. Write it like registry.example.com/rancher/k3s:v1.35.0-k3s1.';
const ADDRESS = 'an IP address that other hosts can reach. Write it like 192.168.1.10.';
const PORT = 'a whole number from 1 to 65535. Give a number in this range.';
const POD_CIDR = 'an IPv4 network in CIDR notation with a prefix from /8 to /22.';
const PROXY =
  'an http, https or socks5 URL without credentials. A credential in it would go to Git: let the proxy know its callers otherwise.';
const HTTPS =
  'an https URL without credentials. Serve the mirror over TLS: what is pulled from it runs with the rights of the edge cluster.';
const REGISTRY =
  "a registry's host, with a port if needed, without scheme and path. Write it like registry.example.com:5000.";
const OWN_OPTION = "given 'an option that is set by this library'; allowed: options that leave the layout as it is.";
const LOOK_UP = 'Look it up in the K3s reference; names go without leading dashes.';
const LIST = 'a list. Put the value into [ ].';
const ONLY_ONCE = 'allowed: each only once; it is already';
const LEVEL = "'L3', 'L4', 'L5'. Use a member of AutonomyLevel.";

const ROWS: readonly BadInput[] = [
  ['no props', 'u', undefined, [`props: given nothing; allowed: an object with ${ALL_PROPS}. Give an object literal.`]],
  ['a list as props', 'u', [], [`props: given []; allowed: an object with ${ALL_PROPS}. Give an object literal.`]],
  [
    'a text as props',
    'u',
    'edge1',
    [`props: given 'edge1'; allowed: an object with ${ALL_PROPS}. Give an object literal.`],
  ],
  [
    'neither nodes nor nodeUnit',
    'u',
    { autonomyLevel: L4 },
    ['nodes: given nothing; allowed: a list of node names, or nodeUnit instead. Name the nodes of the unit.'],
  ],
  [
    'no level',
    'u',
    { nodes },
    ["autonomyLevel: given nothing; allowed: 'L3', 'L4' or 'L5'. Say how much the site shall do on its own."],
  ],
  [
    'nothing at all',
    'u',
    {},
    [
      'nodes: given nothing; allowed: a list of node names, or nodeUnit instead. Name the nodes of the unit.',
      "autonomyLevel: given nothing; allowed: 'L3', 'L4' or 'L5'. Say how much the site shall do on its own.",
    ],
  ],
  [
    'a misspelt prop',
    'u',
    l4({ hostPort: [80] }),
    [`hostPort: given a list of 1; allowed: only ${ALL_PROPS}. There is no such prop. Did you mean hostPorts?`],
  ],
  [
    'a prop of another construct',
    'u',
    l4({ unschedulable: true }),
    [`unschedulable: given true; allowed: only ${ALL_PROPS}. There is no such prop.`],
  ],
  ['an unknown level', 'u', { nodes, autonomyLevel: 'L2' }, [`autonomyLevel: given 'L2'; allowed: ${LEVEL}`]],
  ['a level as a number', 'u', { nodes, autonomyLevel: 4 }, [`autonomyLevel: given 4; allowed: ${LEVEL}`]],
  ['null as level', 'u', { nodes, autonomyLevel: null }, [`autonomyLevel: given null; allowed: ${LEVEL}`]],
  ['capitals in the id', 'Test', l4(), [`id: given 'Test'; allowed: ${LABEL_1035}`]],
  ['a digit first in the id', '5g', l4(), [`id: given '5g'; allowed: ${LABEL_1035}`]],
  ['an underscore in the id', 'a_b', l4(), [`id: given 'a_b'; allowed: ${LABEL_1035}`]],
  [
    'an id too long',
    long(36),
    l4(),
    [`id: given '${long(36)}'; allowed: at most 35 characters; this has 36. Shorten it.`],
  ],
  [
    'a name too long',
    'u',
    l4({ unitName: long(36) }),
    [`unitName: given '${long(36)}'; allowed: at most 35 characters; this has 36. Shorten it.`],
  ],
  ['an empty name', 'u', l4({ unitName: '' }), [`unitName: given ''; allowed: ${LABEL_1035}`]],
  ['null as name', 'u', l4({ unitName: null }), [`unitName: given null; allowed: ${LABEL_1035}`]],
  ['a number as name', 'u', l4({ unitName: 5 }), [`unitName: given 5; allowed: ${LABEL_1035}`]],
  [
    'a Cyrillic letter that looks Latin',
    'u',
    l4({ unitName: 'tеst' }),
    [`unitName: given 't\\u{435}st'; allowed: ${LABEL_1035}`],
  ],
  [
    'a line break in the name',
    'u',
    l4({ unitName: 'test\n' }),
    [`unitName: given 'test\\u{a}'; allowed: ${LABEL_1035}`],
  ],
  ['a dot in the name', 'u', l4({ unitName: 'a.b' }), [`unitName: given 'a.b'; allowed: ${LABEL_1035}`]],
  ['a hyphen at the end of the name', 'u', l4({ unitName: 'a-' }), [`unitName: given 'a-'; allowed: ${LABEL_1035}`]],
  [
    'an emoji in the name',
    'u',
    l4({ unitName: 'kiosk🛒' }),
    [`unitName: given 'kiosk\\u{1f6d2}'; allowed: ${LABEL_1035}`],
  ],
  [
    'an empty list of nodes',
    'u',
    { autonomyLevel: L4, nodes: [] },
    ['nodes: given []; allowed: a list of at least 1. Name the nodes of the unit.'],
  ],
  ['a text as nodes', 'u', { autonomyLevel: L4, nodes: 'edge1' }, [`nodes: given 'edge1'; allowed: ${LIST}`]],
  [
    'a node twice',
    'u',
    { autonomyLevel: L4, nodes: ['edge1', 'edge2', 'edge1'] },
    [`nodes[2]: given 'edge1'; ${ONLY_ONCE} nodes[0]. Remove one of the two.`],
  ],
  [
    "capitals in a node's name",
    'u',
    { autonomyLevel: L4, nodes: ['Edge1'] },
    [`nodes[0]: given 'Edge1'; allowed: ${SUBDOMAIN}`],
  ],
  [
    'an empty node name',
    'u',
    { autonomyLevel: L4, nodes: ['edge1', ''] },
    [`nodes[1]: given ''; allowed: ${SUBDOMAIN}`],
  ],
  ['null as a node', 'u', { autonomyLevel: L4, nodes: [null] }, [`nodes[0]: given null; allowed: ${SUBDOMAIN}`]],
  [
    'a node name with a space that does not break',
    'u',
    { autonomyLevel: L4, nodes: ['edge\u00a01'] },
    [`nodes[0]: given 'edge\\u{a0}1'; allowed: ${SUBDOMAIN}`],
  ],
  [
    'a node name too long',
    'u',
    { autonomyLevel: L4, nodes: [long(254)] },
    [`nodes[0]: given '${long(80)}... (254 characters)'; allowed: at most 253 characters; this has 254. Shorten it.`],
  ],
  [
    'two nodes at L5',
    'u',
    { autonomyLevel: L5, nodes: ['edge1', 'edge2'] },
    [
      'nodes: given a list of 2; allowed: at least 3 nodes at L5, one for each server. Add nodes, or choose L4 for a single server.',
    ],
  ],
  [
    'an even number of servers at L5',
    'u',
    l5({ servers: ['edge1', 'edge2'] }),
    [
      "servers: given a list of 2; allowed: exactly 3 at L5 (a majority of an even number is lost sooner, not later). Name 3 of the unit's nodes.",
    ],
  ],
  [
    'four servers at L5',
    'u',
    l5({ nodes: [...nodes, 'edge4'], servers: [...nodes, 'edge4'] }),
    [
      "servers: given a list of 4; allowed: exactly 3 at L5 (a majority of an even number is lost sooner, not later). Name 3 of the unit's nodes.",
    ],
  ],
  [
    'three servers at L4',
    'u',
    l4({ servers: nodes }),
    ["servers: given a list of 3; allowed: exactly 1 at L4. Name 1 of the unit's nodes."],
  ],
  [
    'no servers at L4',
    'u',
    l4({ servers: [] }),
    ['servers: given []; allowed: a list of at least 1. Name the nodes that run servers.'],
  ],
  [
    'a server that is no node',
    'u',
    l4({ servers: ['edge9'] }),
    ["servers[0]: given 'edge9'; allowed: one of the unit's nodes. Add the node to the unit, or name another."],
  ],
  [
    'a server twice',
    'u',
    l5({ servers: ['edge1', 'edge2', 'edge2'] }),
    [`servers[2]: given 'edge2'; ${ONLY_ONCE} servers[1]. Remove one of the two.`],
  ],
  [
    'servers at L3',
    'u',
    l3({ servers: ['edge1'] }),
    ['servers: given a list of 1; allowed: nothing at L3, which has no servers. Remove it.'],
  ],
  [
    'a text as nodeUnit',
    'u',
    { nodeUnit: 'test' },
    ["nodeUnit: given 'test'; allowed: a NodeUnit. Give the construct itself, or nodes."],
  ],
  [
    'an object that looks like a NodeUnit',
    'u',
    { nodeUnit: { unitName: 'test', nodes } },
    ['nodeUnit: given an object with unitName, nodes; allowed: a NodeUnit. Give the construct itself, or nodes.'],
  ],
  [
    'a K3s version as an image tag',
    'u',
    l4({ version: 'v1.35.0-k3s1' }),
    [`version: given 'v1.35.0-k3s1'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`],
  ],
  [
    'a Kubernetes version',
    'u',
    l4({ version: '1.35.0' }),
    [`version: given '1.35.0'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`],
  ],
  [
    'a K3s version too old',
    'u',
    l4({ version: 'v1.32.9+k3s1' }),
    [`version: given 'v1.32.9+k3s1'; allowed: ${K3S_RELEASE} The pods of a unit were made for these releases.`],
  ],
  [
    'a K3s version too new',
    'u',
    l4({ version: 'v1.37.0+k3s1' }),
    [`version: given 'v1.37.0+k3s1'; allowed: ${K3S_RELEASE} The pods of a unit were made for these releases.`],
  ],
  [
    'a pre-release of K3s',
    'u',
    l4({ version: 'v1.35.0-rc1+k3s1' }),
    [`version: given 'v1.35.0-rc1+k3s1'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`],
  ],
  ['a version as a number', 'u', l4({ version: 1.35 }), [`version: given 1.35; allowed: ${K3S_RELEASE} ${TAKE_NAME}`]],
  [
    'an image with a scheme',
    'u',
    l4({ image: 'https://registry.example.com/k3s:v1' }),
    [`image: given 'https://registry.example.com/k3s:v1'; allowed: ${IMAGE}`],
  ],
  [
    'an image with capitals in its path',
    'u',
    l4({ image: 'rancher/K3s:v1.35.0-k3s1' }),
    [`image: given 'rancher/K3s:v1.35.0-k3s1'; allowed: ${IMAGE}`],
  ],
  [
    'an image with a short digest',
    'u',
    l4({ image: 'rancher/k3s@sha256:abc' }),
    [`image: given 'rancher/k3s@sha256:abc'; allowed: ${IMAGE}`],
  ],
  [
    'a pause image with a space',
    'u',
    l4({ pauseImage: 'pause :3.6' }),
    [`pauseImage: given 'pause :3.6'; allowed: ${IMAGE}`],
  ],
  [
    'addresses as a list',
    'u',
    l4({ addresses: ['192.0.2.1'] }),
    ['addresses: given a list of 1; allowed: a map. Give an object literal: { key: value }.'],
  ],
  [
    'an address for a node that is no server',
    'u',
    l4({ addresses: { edge1: '192.0.2.1', edge2: '192.0.2.2' } }),
    ["addresses.edge2: given '192.0.2.2'; allowed: addresses of servers: edge1. Remove it."],
  ],
  [
    'addresses of some servers only',
    'u',
    l5({ addresses: { edge1: '192.0.2.1', edge3: '192.0.2.3' } }),
    ['addresses.edge2: given nothing; allowed: the addresses of all servers, or of none. Add the address of edge2.'],
  ],
  [
    'one address for two servers',
    'u',
    l5({ addresses: { edge1: '192.0.2.1', edge2: '192.0.2.1', edge3: '192.0.2.3' } }),
    ["addresses.edge2: given '192.0.2.1'; allowed: an address of its own; edge1 has it. Give each server its own."],
  ],
  [
    'addresses at L3',
    'u',
    l3({ addresses: { edge1: '192.0.2.1' } }),
    ["addresses.edge1: given '192.0.2.1'; allowed: addresses of servers: none at L3. Remove it."],
  ],
  [
    'an address with an octal-looking part',
    'u',
    l4({ addresses: { edge1: '192.0.2.010' } }),
    [`addresses.edge1: given '192.0.2.010'; allowed: ${ADDRESS}`],
  ],
  [
    "an address that is the node's own only",
    'u',
    l4({ addresses: { edge1: '127.0.0.1' } }),
    [`addresses.edge1: given '127.0.0.1'; allowed: ${ADDRESS}`],
  ],
  [
    'a host name as address',
    'u',
    l4({ addresses: { edge1: 'edge1.example.com' } }),
    [`addresses.edge1: given 'edge1.example.com'; allowed: ${ADDRESS}`],
  ],
  [
    'an address with a port',
    'u',
    l4({ addresses: { edge1: '192.0.2.1:6443' } }),
    [`addresses.edge1: given '192.0.2.1:6443'; allowed: ${ADDRESS}`],
  ],
  [
    'an IPv6 address',
    'u',
    l4({ addresses: { edge1: 'fd00::10' } }),
    [
      "addresses.edge1: given 'fd00::10'; allowed: an IPv4 address, as the networks of the edge cluster are IPv4. Give the server's IPv4 address.",
    ],
  ],
  [
    'a link-local address with a zone',
    'u',
    l4({ addresses: { edge1: 'fe80::1%eth0' } }),
    [`addresses.edge1: given 'fe80::1%eth0'; allowed: ${ADDRESS}`],
  ],
  ['a port as a text', 'u', l4({ hostPorts: ['80'] }), [`hostPorts[0]: given '80'; allowed: ${PORT}`]],
  ['port 0', 'u', l4({ hostPorts: [0] }), [`hostPorts[0]: given 0; allowed: ${PORT}`]],
  ['a port too high', 'u', l4({ hostPorts: [80, 65536] }), [`hostPorts[1]: given 65536; allowed: ${PORT}`]],
  ['half a port', 'u', l4({ hostPorts: [80.5] }), [`hostPorts[0]: given 80.5; allowed: ${PORT}`]],
  [
    'a port twice',
    'u',
    l4({ hostPorts: [80, 443, 80] }),
    [`hostPorts[2]: given 80; ${ONLY_ONCE} hostPorts[0]. Remove one of the two.`],
  ],
  [
    'the port of the API as a host port',
    'u',
    l4({ hostPorts: [26443] }),
    [
      'hostPorts[0]: given 26443; allowed: a port that the unit does not need for itself; apiPort has it. Choose another port.',
    ],
  ],
  [
    'the port of the kubeconfig as a host port',
    'u',
    l4({ apiPort: 7443, hostPorts: [7445] }),
    [
      'hostPorts[0]: given 7445; allowed: a port that the unit does not need for itself; apiPort has it. Choose another port.',
    ],
  ],
  [
    "etcd's port as a host port",
    'u',
    l4({ hostPorts: [2379] }),
    [
      'hostPorts[0]: given 2379; allowed: a port that the unit does not need for itself; the control plane has it. Choose another port.',
    ],
  ],
  [
    "the kubelet's port as a host port",
    'u',
    l4({ hostPorts: [10250] }),
    [
      'hostPorts[0]: given 10250; allowed: a port that the unit does not need for itself; the agent has it. Choose another port.',
    ],
  ],
  [
    "the NodePort of the edge cluster's API as a host port",
    'u',
    l4({ hostPorts: [32643] }),
    [
      "hostPorts[0]: given 32643; allowed: a port that the unit does not need for itself; the edge cluster's API has it. Choose another port.",
    ],
  ],
  [
    'an API port among the NodePorts of the cloud cluster',
    'u',
    l4({ apiPort: 29998 }),
    ['apiPort: given 29998; allowed: a whole number from 1024 to 29997. Give a number in this range.'],
  ],
  [
    'a privileged API port',
    'u',
    l4({ apiPort: 443 }),
    ['apiPort: given 443; allowed: a whole number from 1024 to 29997. Give a number in this range.'],
  ],
  [
    'an API port too high for the next two',
    'u',
    l4({ apiPort: 65535 }),
    ['apiPort: given 65535; allowed: a whole number from 1024 to 29997. Give a number in this range.'],
  ],
  [
    'an API port as a text',
    'u',
    l4({ apiPort: '26443' }),
    ["apiPort: given '26443'; allowed: a whole number from 1024 to 29997. Give a number in this range."],
  ],
  [
    "an API port beside etcd's",
    'u',
    l4({ apiPort: 2378 }),
    [
      'apiPort: given 2378; allowed: a port such that it and the next two are free; a server needs 2379 for itself. Choose another port.',
    ],
  ],
  [
    "an API port that the node's kubelet has",
    'u',
    l4({ apiPort: 10250 }),
    [
      'apiPort: given 10250; allowed: a port such that it and the next two are free; the cloud cluster needs 10250 for itself. Choose another port.',
    ],
  ],
  [
    'a network with host bits',
    'u',
    l4({ clusterCidr: '10.214.1.0/16' }),
    [`clusterCidr: given '10.214.1.0/16'; allowed: ${POD_CIDR} The network is 10.214.0.0/16.`],
  ],
  [
    'a network with an octal-looking part',
    'u',
    l4({ clusterCidr: '010.214.0.0/16' }),
    [`clusterCidr: given '010.214.0.0/16'; allowed: ${POD_CIDR} Write it like 10.40.0.0/16.`],
  ],
  [
    'a prefix with a leading zero',
    'u',
    l4({ clusterCidr: '10.214.0.0/016' }),
    [`clusterCidr: given '10.214.0.0/016'; allowed: ${POD_CIDR} Write it like 10.40.0.0/16.`],
  ],
  [
    'a network without a prefix',
    'u',
    l4({ clusterCidr: '10.214.0.0' }),
    [`clusterCidr: given '10.214.0.0'; allowed: ${POD_CIDR} Write it like 10.40.0.0/16.`],
  ],
  [
    'a network too small for pods',
    'u',
    l4({ clusterCidr: '10.214.0.0/24' }),
    [`clusterCidr: given '10.214.0.0/24'; allowed: ${POD_CIDR} Choose a network of this size.`],
  ],
  [
    'a network too large for Services',
    'u',
    l4({ serviceCidr: '10.0.0.0/8' }),
    [
      "serviceCidr: given '10.0.0.0/8'; allowed: an IPv4 network in CIDR notation with a prefix from /12 to /24. Choose a network of this size.",
    ],
  ],
  [
    'an IPv6 network',
    'u',
    l4({ clusterCidr: 'fd00::/108' }),
    [`clusterCidr: given 'fd00::/108'; allowed: ${POD_CIDR} Choose a network of this size.`],
  ],
  [
    'two networks in one text',
    'u',
    l4({ clusterCidr: '10.214.0.0/16,fd00::/56' }),
    [`clusterCidr: given '10.214.0.0/16,fd00::/56'; allowed: ${POD_CIDR} Write it like 10.40.0.0/16.`],
  ],
  [
    "Services within the pods' network",
    'u',
    l4({ clusterCidr: '10.0.0.0/8', serviceCidr: '10.43.0.0/16' }),
    [
      "serviceCidr: given '10.43.0.0/16'; allowed: a network apart from 10.0.0.0/8. Choose networks that do not overlap.",
    ],
  ],
  [
    "pods around the Services' default",
    'u',
    l4({ clusterCidr: '10.208.0.0/12' }),
    [
      "clusterCidr: given '10.208.0.0/12'; allowed: a network apart from 10.215.0.0/16. Choose networks that do not overlap.",
    ],
  ],
  [
    'a LAN that overlaps both networks',
    'u',
    l4({ surroundingNetworks: ['192.168.0.0/16', '10.192.0.0/10'] }),
    [
      "clusterCidr: given '10.214.0.0/16'; allowed: a network apart from surroundingNetworks[1], 10.192.0.0/10. Choose another clusterCidr: the nodes could not reach 10.192.0.0/10 any more.",
      "serviceCidr: given '10.215.0.0/16'; allowed: a network apart from surroundingNetworks[1], 10.192.0.0/10. Choose another serviceCidr: the nodes could not reach 10.192.0.0/10 any more.",
    ],
  ],
  [
    'a surrounding network with host bits',
    'u',
    l4({ surroundingNetworks: ['192.168.1.1/24'] }),
    [
      "surroundingNetworks[0]: given '192.168.1.1/24'; allowed: a network in CIDR notation. Write it like 192.168.1.0/24.",
    ],
  ],
  [
    "a server's address among the pods'",
    'u',
    l4({ addresses: { edge1: '10.214.7.7' } }),
    [
      "clusterCidr: given '10.214.0.0/16'; allowed: a network without the address of edge1, 10.214.7.7. Choose another clusterCidr: the server could not be reached any more.",
    ],
  ],
  [
    'a proxy URL with credentials',
    'u',
    l4({ tunnelProxyUrl: 'http://user:hunter2@proxy.example.com:8080' }),
    [`tunnelProxyUrl: given (a URL with credentials, not shown); allowed: ${PROXY}`],
  ],
  [
    'a proxy without a scheme',
    'u',
    l4({ tunnelProxyUrl: 'proxy.example.com:8080' }),
    [`tunnelProxyUrl: given 'proxy.example.com:8080'; allowed: ${PROXY}`],
  ],
  [
    'a proxy by ftp',
    'u',
    l4({ tunnelProxyUrl: 'ftp://proxy.example.com' }),
    [`tunnelProxyUrl: given 'ftp://proxy.example.com'; allowed: ${PROXY}`],
  ],
  [
    'a proxy URL with a line break',
    'u',
    l4({ tunnelProxyUrl: 'http://proxy.example.com\n' }),
    [`tunnelProxyUrl: given 'http://proxy.example.com\\u{a}'; allowed: ${PROXY}`],
  ],
  [
    "a capital in the Secret's name",
    'u',
    l4({ tokenSecret: 'Tokens' }),
    [`tokenSecret: given 'Tokens'; allowed: ${SUBDOMAIN}`],
  ],
  [
    "a token in place of the Secret's name",
    'u',
    l4({ tokenSecret: TOKEN }),
    [`tokenSecret: given (secret material, not shown); allowed: ${SUBDOMAIN}`],
  ],
  [
    "a private key in place of the Secret's name",
    'u',
    l4({ tokenSecret: PRIVATE_KEY }),
    [`tokenSecret: given (secret material, not shown); allowed: ${SUBDOMAIN}`],
  ],
  [
    'a text for a switch',
    'u',
    l4({ credentialsInConfigMap: 'true' }),
    ["credentialsInConfigMap: given 'true'; allowed: true or false. Give a boolean."],
  ],
  [
    'a number for a switch',
    'u',
    l4({ secretsEncryption: 1 }),
    ['secretsEncryption: given 1; allowed: true or false. Give a boolean.'],
  ],
  [
    'a pull Secret twice',
    'u',
    l4({ imagePullSecrets: ['pull', 'pull'] }),
    [`imagePullSecrets[1]: given 'pull'; ${ONLY_ONCE} imagePullSecrets[0]. Remove one of the two.`],
  ],
  [
    'one pull Secret without a list',
    'u',
    l4({ imagePullSecrets: 'pull' }),
    [`imagePullSecrets: given 'pull'; allowed: ${LIST}`],
  ],
  [
    'a mirror over http',
    'u',
    l4({ registryMirrors: { 'docker.io': ['http://mirror.example.com'] } }),
    [`registryMirrors.docker.io[0]: given 'http://mirror.example.com'; allowed: ${HTTPS}`],
  ],
  [
    'a mirror with credentials',
    'u',
    l4({ registryMirrors: { 'docker.io': ['https://user:hunter2@mirror.example.com'] } }),
    [`registryMirrors.docker.io[0]: given (a URL with credentials, not shown); allowed: ${HTTPS}`],
  ],
  [
    'no mirror for a registry',
    'u',
    l4({ registryMirrors: { 'docker.io': [] } }),
    ['registryMirrors.docker.io: given []; allowed: a list of at least 1. Give a list of this length.'],
  ],
  [
    'a mirror twice',
    'u',
    l4({ registryMirrors: { 'docker.io': ['https://m.example.com', 'https://m.example.com'] } }),
    [
      `registryMirrors.docker.io[1]: given 'https://m.example.com'; ${ONLY_ONCE} registryMirrors.docker.io[0]. Remove one of the two.`,
    ],
  ],
  [
    'a registry with a scheme',
    'u',
    l4({ registryMirrors: { 'https://docker.io': ['https://m.example.com'] } }),
    [`registryMirrors key: given 'https://docker.io'; allowed: ${REGISTRY}`],
  ],
  [
    'a default registry with a path',
    'u',
    l4({ systemDefaultRegistry: 'registry.example.com/k3s' }),
    [`systemDefaultRegistry: given 'registry.example.com/k3s'; allowed: ${REGISTRY}`],
  ],
  [
    'an unknown component',
    'u',
    l4({ disable: ['nginx'] }),
    [
      "disable[0]: given 'nginx'; allowed: 'coredns', 'servicelb', 'traefik', 'local-storage', 'metrics-server'. Use a member of K3sComponent.",
    ],
  ],
  [
    'a component twice',
    'u',
    l4({ disable: ['traefik', 'traefik'] }),
    [`disable[1]: given 'traefik'; ${ONLY_ONCE} disable[0]. Remove one of the two.`],
  ],
  [
    'a name with a scheme for the certificate',
    'u',
    l4({ tlsSans: ['https://api.example.com'] }),
    [
      "tlsSans[0]: given 'https://api.example.com'; allowed: a DNS name or an IP address. Name what clients write into the URL, without scheme and port.",
    ],
  ],
  [
    'a name with a wildcard for the certificate',
    'u',
    l4({ tlsSans: ['*.example.com'] }),
    [
      "tlsSans[0]: given '*.example.com'; allowed: a DNS name or an IP address. Name what clients write into the URL, without scheme and port.",
    ],
  ],
  [
    'a K3s option with dashes',
    'u',
    l4({ serverOptions: { '--debug': ['true'] } }),
    [`serverOptions.--debug: given '--debug'; allowed: an option of k3s server. ${LOOK_UP}`],
  ],
  [
    'a K3s option without a list',
    'u',
    l4({ serverOptions: { debug: 'true' } }),
    [`serverOptions.debug: given 'true'; allowed: ${LIST}`],
  ],
  [
    'a K3s switch without a value',
    'u',
    l4({ serverOptions: { debug: [] } }),
    ["serverOptions.debug: given []; allowed: a list of at least 1. Give a list; a switch takes ['true']."],
  ],
  [
    'a token among the K3s options',
    'u',
    l4({ serverOptions: { token: [TOKEN] } }),
    [`serverOptions.token: ${OWN_OPTION} It would put a credential into a ConfigMap.`],
  ],
  [
    'a private key as the value of a K3s option',
    'u',
    l4({ agentOptions: { 'node-label': [PRIVATE_KEY] } }),
    [
      'agentOptions.node-label[0]: given (secret material, not shown); allowed: a text of 1 to 1024 characters on one line, without spaces around it. Give such a text, or leave the field out if it is optional.',
    ],
  ],
  [
    'an option that would found a second cluster',
    'u',
    l4({ serverOptions: { 'cluster-init': ['true'] } }),
    [
      `serverOptions.cluster-init: ${OWN_OPTION} Which server founds the cluster, and when, is decided on the nodes: a second one would split the unit.`,
    ],
  ],
  [
    'another database',
    'u',
    l4({ serverOptions: { 'datastore-endpoint': ['mysql://user:hunter2@tcp(db)/k3s'] } }),
    [
      `serverOptions.datastore-endpoint: ${OWN_OPTION} A unit keeps its data in embedded etcd, so that L4 can grow to L5 and goes on without the cloud.`,
    ],
  ],
  [
    'an option of servers for agents',
    'u',
    l4({ agentOptions: { 'flannel-backend': ['host-gw'] } }),
    [`agentOptions.flannel-backend: given 'flannel-backend'; allowed: an option of k3s agent. ${LOOK_UP}`],
  ],
  [
    'a kubelet argument that the layout needs',
    'u',
    l4({ agentOptions: { 'kubelet-arg': ['v=2', '--root-dir=/tmp'] } }),
    [
      "agentOptions.kubelet-arg[1]: given '--root-dir=/tmp'; allowed: arguments that leave the layout as it is. The layout of the pods depends on it.",
    ],
  ],
  [
    'anonymous access to the API server',
    'u',
    l4({ serverOptions: { 'kube-apiserver-arg': ['anonymous-auth=true'] } }),
    [
      "serverOptions.kube-apiserver-arg[0]: given 'anonymous-auth=true'; allowed: arguments that leave the layout as it is. K3s switches it off; nobody without a credential gets in.",
    ],
  ],
  [
    'an option with the name of a field that all objects have',
    'u',
    l4({ serverOptions: { constructor: ['true'] } }),
    [`serverOptions.constructor: given 'constructor'; allowed: an option of k3s server. ${LOOK_UP}`],
  ],
  [
    'an option whose name hides a line break',
    'u',
    l4({ agentOptions: { 'a\nb': ['true'] } }),
    [`agentOptions.a\\u{a}b: given 'a\\u{a}b'; allowed: an option of k3s agent. ${LOOK_UP}`],
  ],
  [
    'no unit of processor time',
    'u',
    l4({ resources: { server: { cpuRequest: 'two' } } }),
    ["resources.server.cpuRequest: given 'two'; allowed: processor time as Kubernetes writes it. Write it like 250m."],
  ],
  [
    'memory as a number',
    'u',
    l4({ resources: { agent: { memoryLimit: 512 } } }),
    ['resources.agent.memoryLimit: given 512; allowed: memory as Kubernetes writes it. Write it like 512Mi.'],
  ],
  [
    'memory with a decimal point',
    'u',
    l4({ resources: { cri: { memoryRequest: '1.5Gi' } } }),
    ["resources.cri.memoryRequest: given '1.5Gi'; allowed: memory as Kubernetes writes it. Write it like 512Mi."],
  ],
  [
    'resources of no part',
    'u',
    l4({ resources: { etcd: {} } }),
    ['resources.etcd: given {}; allowed: only server, agent, cri. There is no such prop.'],
  ],
  [
    'a limit below the default request',
    'u',
    l4({ resources: { server: { cpuLimit: '0.1', memoryLimit: '100M' } } }),
    [
      "resources.server.cpuLimit: given '0.1'; allowed: at least the request, which is 250m. Raise the limit, or lower cpuRequest.",
      "resources.server.memoryLimit: given '100M'; allowed: at least the request, which is 512Mi. Raise the limit, or lower memoryRequest.",
    ],
  ],
  [
    'a limit below the request',
    'u',
    l4({ resources: { cri: { memoryRequest: '1Gi', memoryLimit: '1G' } } }),
    [
      "resources.cri.memoryLimit: given '1G'; allowed: at least the request, which is 1Gi. Raise the limit, or lower memoryRequest.",
    ],
  ],
  [
    'a toleration of a value of any key',
    'u',
    l4({ tolerations: [{ value: 'edge' }] }),
    [
      'tolerations[0]: given an object with value; allowed: a key wherever there is a value. Name the key of the taint, or remove the value.',
    ],
  ],
  [
    'an unknown effect of a taint',
    'u',
    l4({ tolerations: [{ key: 'kins', effect: 'NoRun' }] }),
    [
      "tolerations[0].effect: given 'NoRun'; allowed: 'NoSchedule', 'PreferNoSchedule', 'NoExecute'. Use a member of TaintEffect.",
    ],
  ],
  [
    'a toleration whose key is none',
    'u',
    l4({ tolerations: [{ key: 'a b' }] }),
    [
      "tolerations[0].key: given 'a b'; allowed: a name of at most 63 letters, digits, -, _ and ., optionally after a DNS prefix and a slash. Give a valid label key.",
    ],
  ],
  [
    'an operator of a toleration',
    'u',
    l4({ tolerations: [{ key: 'kins', operator: 'Exists' }] }),
    ["tolerations[0].operator: given 'Exists'; allowed: only key, value, effect. There is no such prop."],
  ],
  [
    'a toleration without a list',
    'u',
    l4({ tolerations: { key: 'kins' } }),
    [`tolerations: given an object with key; allowed: ${LIST}`],
  ],
  [
    'many things at once',
    'u',
    { autonomyLevel: L5, nodes: ['edge1', 'EDGE2'], version: 'latest', hostPorts: [0], apiPort: 80 },
    [
      `nodes[1]: given 'EDGE2'; allowed: ${SUBDOMAIN}`,
      `version: given 'latest'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`,
      `hostPorts[0]: given 0; allowed: ${PORT}`,
      'apiPort: given 80; allowed: a whole number from 1024 to 29997. Give a number in this range.',
    ],
  ],
  [
    'many things together that are fine one by one',
    '5g',
    { autonomyLevel: L5, nodes: ['edge1', 'edge2'], servers: ['edge1', 'edge4'], apiPort: 2379, hostPorts: [2380] },
    [
      `id: given '5g'; allowed: ${LABEL_1035}`,
      'nodes: given a list of 2; allowed: at least 3 nodes at L5, one for each server. Add nodes, or choose L4 for a single server.',
      "servers: given a list of 2; allowed: exactly 3 at L5 (a majority of an even number is lost sooner, not later). Name 3 of the unit's nodes.",
      "servers[1]: given 'edge4'; allowed: one of the unit's nodes. Add the node to the unit, or name another.",
      'apiPort: given 2379; allowed: a port such that it and the next two are free; a server needs 2379 for itself. Choose another port.',
      'hostPorts[0]: given 2380; allowed: a port that the unit does not need for itself; apiPort has it. Choose another port.',
    ],
  ],
];

const declare = (chart: Chart, id: string, props: unknown): KinsCluster =>
  new KinsCluster(chart, id, props as KinsClusterProps);

let app: App;
let chart: Chart;
beforeEach(() => {
  app = new App();
  chart = new Chart(app, 'site');
});

test.each(ROWS)('%s is refused, and nothing is left behind', (_, id, props, lines) => {
  expect(problemLines(() => declare(chart, id, props))).toEqual(lines);
  expect(chart.node.children).toEqual([]);
  expect(() => declare(chart, 'u', l5())).not.toThrow();
});

test('the message begins with the construct, its path and the number of problems', () => {
  expect(() => declare(chart, 'x', l4({ image: 1, apiPort: 1 }))).toThrow(/^KinsCluster 'site\/x' has 2 problems:\n/);
});

test('no message shows a secret, and none has more lines than problems', () => {
  for (const [, id, props, lines] of ROWS) {
    const found = problemLines(() => declare(chart, id, props));
    expect(found).toHaveLength(lines.length);
    expect(found.join('\n')).not.toContain('hunter2');
  }
});

describe('together with a NodeUnit', () => {
  const SELECTOR =
    'a unit whose nodes are all named: a KinsCluster pins its pods to nodes, and this unit has a selector. Name the nodes in the unit and remove its selector.';
  const unit = (props: object = {}): NodeUnit => new NodeUnit(chart, 'test', { nodes, autonomyLevel: L4, ...props });

  test.each([
    [
      'nodes',
      { nodes },
      'nodes: given a list of 3; allowed: nothing when nodeUnit is given. Remove one of the two: the unit knows its nodes.',
    ],
    [
      'a level',
      { autonomyLevel: L4 },
      "autonomyLevel: given 'L4'; allowed: nothing when nodeUnit is given. Set the level on the NodeUnit.",
    ],
    [
      'a name',
      { unitName: 'test' },
      "unitName: given 'test'; allowed: nothing when nodeUnit is given. The unit has its name already.",
    ],
    [
      'servers that the unit does not have',
      { servers: ['edge9'] },
      "servers[0]: given 'edge9'; allowed: one of the unit's nodes. Add the node to the unit, or name another.",
    ],
  ])('%s beside it is refused, and the unit stays free', (_, props, line) => {
    const nodeUnit = unit();
    expect(problemLines(() => declare(chart, 'k', { nodeUnit, ...props }))).toEqual([line]);
    expect(() => declare(chart, 'k', { nodeUnit })).not.toThrow();
  });

  test.each([
    [
      'with a selector',
      { autonomyLevel: L3, nodes: undefined, selector: { matchLabels: { site: 'x' } } },
      [`nodeUnit: given 'site/test'; allowed: ${SELECTOR}`],
    ],
    [
      "with parameters of SuperEdge's K3s",
      { unitCluster: { nodePortRange: '40000-41000' } },
      [
        "nodeUnit: given 'site/test'; allowed: a unit without unitCluster: those are parameters of SuperEdge's own K3s, which is not made then. Remove unitCluster from the unit and give image and ports to the KinsCluster.",
      ],
    ],
    [
      'whose name cannot be that of a Service',
      { name: '5g.test', autonomyLevel: L3 },
      [`nodeUnit: given '5g.test'; allowed: ${LABEL_1035}`],
    ],
  ])('a unit %s is refused', (_, props, lines) => {
    expect(problemLines(() => declare(chart, 'k', { nodeUnit: unit(props) }))).toEqual(lines);
  });

  test('a unit has one cluster', () => {
    const nodeUnit = unit();
    declare(chart, 'k', { nodeUnit });
    expect(problemLines(() => declare(chart, 'second', { nodeUnit }))).toEqual([
      "nodeUnit: given 'site/test'; allowed: a unit that no other KinsCluster acts on; 'site/k' does already. Declare one KinsCluster a unit.",
    ]);
  });

  test('a name and nodes that a NodeUnit has are not given to a cluster beside it', () => {
    unit();
    expect(problemLines(() => declare(new Chart(app, 'other'), 'test', l4()))).toEqual([
      "unitName: given 'test'; allowed: a name that no other unit of the app has; 'site/test' has it. Rename one of the two, or give that NodeUnit as nodeUnit.",
      ...nodes.map(
        (node, index) =>
          `nodes[${index}]: given '${node}'; allowed: a node of no other unit; 'site/test' has it. A node runs one unit: remove it from one of the two.`,
      ),
    ]);
  });
});

test('two clusters of one app share neither name nor node, in whatever charts', () => {
  declare(chart, 'u', l4());
  expect(
    problemLines(() => declare(new Chart(app, 'b'), 'k', { unitName: 'u', autonomyLevel: L4, nodes: ['a', 'edge2'] })),
  ).toEqual([
    "unitName: given 'u'; allowed: a name that no other unit of the app has; 'site/u' has it. Rename one of the two, or give that NodeUnit as nodeUnit.",
    "nodes[1]: given 'edge2'; allowed: a node of no other unit; 'site/u' has it. A node runs one unit: remove it from one of the two.",
  ]);
  expect(() => declare(new Chart(new App(), 'site'), 'u', l4())).not.toThrow();
});

test('a chart for another cluster takes no unit, and the unit claims nothing there', () => {
  const seed = new Chart(app, 'seed');
  settleClusterLevel(seed, 'seed/x', 'Seed', ClusterLevel.KKP_MASTER);
  expect(problemLines(() => declare(seed, 'u', l4()))).toEqual([
    "scope: given 'chart 'seed''; allowed: a chart for the cloud-cluster; this one holds Seed 'seed/x', which is for the kkp-master. Declare it in another chart: the two are applied to different clusters.",
  ]);
  expect(seed.node.children).toEqual([]);
  expect(() => declare(chart, 'u', l4())).not.toThrow();
});
