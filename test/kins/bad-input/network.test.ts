import { l3, l4, l5, ONLY_ONCE, PORT, refuses } from './support';

const ADDRESS = 'an IP address that other hosts can reach. Write it like 192.168.1.10.';
const POD_CIDR = 'an IPv4 network in CIDR notation with a prefix from /8 to /22.';
const PROXY =
  'an http, https or socks5 URL without credentials and without a path. Write it like http://proxy.example.com:8080.';

refuses([
  [
    'addresses as a list',
    'u',
    l4({ nodeAddresses: ['192.0.2.1'] }),
    ['nodeAddresses: given a list of 1; allowed: a map. Give an object literal: { key: value }.'],
  ],
  [
    'an address for a node of no unit',
    'u',
    l4({ nodeAddresses: { edge1: '192.0.2.1', egde2: '192.0.2.2' } }),
    ["nodeAddresses.egde2: given '192.0.2.2'; allowed: addresses of the unit's nodes. Correct the name, or remove it."],
  ],
  [
    'an address for another node than the server',
    'u',
    l4({ nodeAddresses: { edge2: '192.0.2.2' } }),
    [
      'nodeAddresses.edge1: given nothing; allowed: the addresses of all servers, or of none. Add the address of edge1.',
    ],
  ],
  [
    'addresses of some servers only',
    'u',
    l5({ nodeAddresses: { edge1: '192.0.2.1', edge3: '192.0.2.3' } }),
    [
      'nodeAddresses.edge2: given nothing; allowed: the addresses of all servers, or of none. Add the address of edge2.',
    ],
  ],
  [
    'one address for two servers',
    'u',
    l5({ nodeAddresses: { edge1: '192.0.2.1', edge2: '192.0.2.1', edge3: '192.0.2.3' } }),
    [
      "nodeAddresses.edge2: given '192.0.2.1'; allowed: an address of its own; edge1 has this one. Give each node its own.",
    ],
  ],
  [
    'one address for a server and another node',
    'u',
    l4({ nodeAddresses: { edge1: '192.0.2.1', edge3: '192.0.2.1' } }),
    [
      "nodeAddresses.edge3: given '192.0.2.1'; allowed: an address of its own; edge1 has this one. Give each node its own.",
    ],
  ],
  [
    'an address for a node of no unit, at L3',
    'u',
    l3({ nodeAddresses: { edge9: '192.0.2.1' } }),
    ["nodeAddresses.edge9: given '192.0.2.1'; allowed: addresses of the unit's nodes. Correct the name, or remove it."],
  ],
  [
    'an address with an octal-looking part',
    'u',
    l4({ nodeAddresses: { edge1: '192.0.2.010' } }),
    [`nodeAddresses.edge1: given '192.0.2.010'; allowed: ${ADDRESS}`],
  ],
  [
    "an address that is the node's own only",
    'u',
    l4({ nodeAddresses: { edge1: '127.0.0.1' } }),
    [`nodeAddresses.edge1: given '127.0.0.1'; allowed: ${ADDRESS}`],
  ],
  [
    'a host name as address',
    'u',
    l4({ nodeAddresses: { edge1: 'edge1.example.com' } }),
    [`nodeAddresses.edge1: given 'edge1.example.com'; allowed: ${ADDRESS}`],
  ],
  [
    'an address with a port',
    'u',
    l4({ nodeAddresses: { edge1: '192.0.2.1:6443' } }),
    [`nodeAddresses.edge1: given '192.0.2.1:6443'; allowed: ${ADDRESS}`],
  ],
  [
    'an IPv6 address',
    'u',
    l4({ nodeAddresses: { edge1: 'fd00::10' } }),
    [
      "nodeAddresses.edge1: given 'fd00::10'; allowed: an IPv4 address, as the networks of the edge cluster are IPv4. Give the server's IPv4 address.",
    ],
  ],
  [
    'a link-local address with a zone',
    'u',
    l4({ nodeAddresses: { edge1: 'fe80::1%eth0' } }),
    [`nodeAddresses.edge1: given 'fe80::1%eth0'; allowed: ${ADDRESS}`],
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
      'hostPorts[0]: given 26443; allowed: a port that the unit does not need itself; apiPort uses it. Choose another port.',
    ],
  ],
  [
    'the port of the kubeconfig as a host port',
    'u',
    l4({ apiPort: 7443, hostPorts: [7445] }),
    [
      'hostPorts[0]: given 7445; allowed: a port that the unit does not need itself; apiPort uses it. Choose another port.',
    ],
  ],
  [
    "etcd's port as a host port",
    'u',
    l4({ hostPorts: [2379] }),
    [
      'hostPorts[0]: given 2379; allowed: a port that the unit does not need itself; the control plane uses it. Choose another port.',
    ],
  ],
  [
    "the kubelet's port as a host port",
    'u',
    l4({ hostPorts: [10250] }),
    [
      'hostPorts[0]: given 10250; allowed: a port that the unit does not need itself; the agent uses it. Choose another port.',
    ],
  ],
  [
    "the NodePort of the edge cluster's API as a host port",
    'u',
    l4({ hostPorts: [32643] }),
    [
      "hostPorts[0]: given 32643; allowed: a port that the unit does not need itself; the edge cluster's API uses it. Choose another port.",
    ],
  ],
  [
    'the port by which the node is reached',
    'u',
    l4({ hostPorts: [22, 30080, 2222] }),
    [
      'hostPorts[0]: given 22; allowed: a port that the node does not need itself; nobody could log in to the node by SSH any more. Choose another port: all traffic to it goes to the edge cluster.',
    ],
  ],
  [
    'an API port among the NodePorts of the cloud cluster',
    'u',
    l4({ apiPort: 29997 }),
    ['apiPort: given 29997; allowed: a whole number from 1024 to 29996. Use a number in this range.'],
  ],
  [
    'a privileged API port',
    'u',
    l4({ apiPort: 443 }),
    ['apiPort: given 443; allowed: a whole number from 1024 to 29996. Use a number in this range.'],
  ],
  [
    'an API port too high for the next three',
    'u',
    l4({ apiPort: 65535 }),
    ['apiPort: given 65535; allowed: a whole number from 1024 to 29996. Use a number in this range.'],
  ],
  [
    'an API port as a text',
    'u',
    l4({ apiPort: '26443' }),
    ["apiPort: given '26443'; allowed: a whole number from 1024 to 29996. Use a number in this range."],
  ],
  [
    "an API port beside etcd's",
    'u',
    l4({ apiPort: 2378 }),
    [
      'apiPort: given 2378; allowed: a port that is free along with the next three; a server needs 2379 itself. Choose another port.',
    ],
  ],
  [
    "an API port that the node's kubelet has",
    'u',
    l4({ apiPort: 10250 }),
    [
      'apiPort: given 10250; allowed: a port that is free along with the next three; the cloud cluster needs 10250 itself. Choose another port.',
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
    l4({ clusterCidr: '10.0.0.0/8', serviceCidr: '10.43.0.0/16', nodeCidr: '172.16.0.0/16' }),
    [
      "serviceCidr: given '10.43.0.0/16'; allowed: a network that does not overlap clusterCidr, 10.0.0.0/8. Choose networks that do not overlap.",
    ],
  ],
  [
    'pods around the defaults of Services and nodes',
    'u',
    l4({ clusterCidr: '10.208.0.0/12' }),
    [
      "clusterCidr: given '10.208.0.0/12'; allowed: a network that does not overlap serviceCidr, 10.215.0.0/16. Choose another one, or set serviceCidr, which is this by default.",
      "clusterCidr: given '10.208.0.0/12'; allowed: a network that does not overlap nodeCidr, 10.216.0.0/16. Choose another one, or set nodeCidr, which is this by default.",
    ],
  ],
  [
    'addresses of nodes within the networks of pods and of Services',
    'u',
    l4({ clusterCidr: '10.0.0.0/16', serviceCidr: '10.1.0.0/16', nodeCidr: '10.0.0.0/8' }),
    [
      "nodeCidr: given '10.0.0.0/8'; allowed: a network that does not overlap clusterCidr, 10.0.0.0/16. Choose networks that do not overlap.",
      "nodeCidr: given '10.0.0.0/8'; allowed: a network that does not overlap serviceCidr, 10.1.0.0/16. Choose networks that do not overlap.",
    ],
  ],
  [
    "addresses of nodes within the Services' default",
    'u',
    l4({ nodeCidr: '10.215.7.0/24' }),
    [
      "nodeCidr: given '10.215.7.0/24'; allowed: a network that does not overlap serviceCidr, 10.215.0.0/16. Choose another one, or set serviceCidr, which is this by default.",
    ],
  ],
  [
    'a network too small for the addresses of nodes',
    'u',
    l4({ nodeCidr: '10.216.0.0/25' }),
    [
      "nodeCidr: given '10.216.0.0/25'; allowed: an IPv4 network in CIDR notation with a prefix from /8 to /24. Choose a network of this size.",
    ],
  ],
  [
    'link-local addresses for nodes',
    'u',
    l4({ nodeCidr: '169.254.0.0/16' }),
    [
      "nodeCidr: given '169.254.0.0/16'; allowed: a network that does not overlap 169.254.0.0/16. Choose another one: K3s takes no link-local address for a node.",
    ],
  ],
  [
    'more nodes than there are addresses for them',
    'u',
    l4({ nodes: Array.from({ length: 300 }, (_, index) => `edge${index}`), nodeCidr: '10.216.0.0/24' }),
    [
      "nodeCidr: given '10.216.0.0/24'; allowed: a network with room for 300 nodes. Choose a larger one: a smaller number after the slash.",
    ],
  ],
  [
    'a LAN that overlaps all networks',
    'u',
    l4({ surroundingNetworks: ['192.168.0.0/16', '10.192.0.0/10'] }),
    [
      "clusterCidr: given '10.214.0.0/16'; allowed: a network that does not overlap surroundingNetworks[1], 10.192.0.0/10. Choose another clusterCidr: the nodes could no longer reach 10.192.0.0/10.",
      "serviceCidr: given '10.215.0.0/16'; allowed: a network that does not overlap surroundingNetworks[1], 10.192.0.0/10. Choose another serviceCidr: the nodes could no longer reach 10.192.0.0/10.",
      "nodeCidr: given '10.216.0.0/16'; allowed: a network that does not overlap surroundingNetworks[1], 10.192.0.0/10. Choose another nodeCidr: the nodes could no longer reach 10.192.0.0/10.",
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
    l4({ nodeAddresses: { edge1: '10.214.7.7' } }),
    [
      "clusterCidr: given '10.214.0.0/16'; allowed: a network that does not contain the address of edge1, 10.214.7.7. Choose another clusterCidr: the server could no longer be reached.",
    ],
  ],
  [
    "a server's address among those that nodes have within the edge cluster",
    'u',
    l4({ nodeAddresses: { edge1: '10.216.7.7' } }),
    [
      "nodeCidr: given '10.216.0.0/16'; allowed: a network that does not contain the address of edge1, 10.216.7.7. Choose another nodeCidr: the server could no longer be reached.",
    ],
  ],
  [
    'a proxy URL with credentials',
    'u',
    l4({ tunnelProxyUrl: 'http://user:hunter2@proxy.example.com:8080' }),
    [
      'tunnelProxyUrl: given (a URL with credentials, not shown); allowed: an http, https or socks5 URL without credentials and without a path. A credential in it would go to Git: let the proxy authenticate its clients in another way.',
    ],
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
    'a name with a scheme for the certificate',
    'u',
    l4({ tlsSans: ['https://api.example.com'] }),
    [
      "tlsSans[0]: given 'https://api.example.com'; allowed: a DNS name or an IP address. Name what clients write in the URL, without scheme and port.",
    ],
  ],
  [
    'a name with a wildcard for the certificate',
    'u',
    l4({ tlsSans: ['*.example.com'] }),
    [
      "tlsSans[0]: given '*.example.com'; allowed: a DNS name or an IP address. Name what clients write in the URL, without scheme and port.",
    ],
  ],
]);
