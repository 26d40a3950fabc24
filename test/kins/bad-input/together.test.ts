import { AutonomyLevel } from '../../../lib';
import { declare, K3S_RELEASE, l4, LABEL_1035, PORT, refuses, site, SUBDOMAIN, TAKE_NAME } from './support';

const { L5 } = AutonomyLevel;

refuses([
  [
    'many things at once',
    'u',
    { autonomyLevel: L5, nodes: ['edge1', 'EDGE2'], version: 'latest', hostPorts: [0], apiPort: 80 },
    [
      `nodes[1]: given 'EDGE2'; allowed: ${SUBDOMAIN}`,
      `version: given 'latest'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`,
      `hostPorts[0]: given 0; allowed: ${PORT}`,
      'apiPort: given 80; allowed: a whole number from 1024 to 29996. Use a number in this range.',
      'nodes: given a list of 2; allowed: at least 3 nodes at L5, one for each server. Add nodes, or choose L4 for a single server.',
    ],
  ],
  [
    'what is wrong by itself and what is wrong together',
    '5g',
    {
      autonomyLevel: 'L6',
      nodes: ['edge1', 'edge2'],
      version: 'latest',
      clusterCidr: '10.0.0.0/16',
      serviceCidr: '10.0.128.0/20',
      surroundingNetworks: ['10.0.3.0/24', 'LAN'],
      apiPort: 2379,
      hostPorts: [22, 0, 10250],
      retiredServers: ['edge1'],
      nodeAddresses: { edge7: '192.168.0.7', edge1: '192.168.0.1', edge2: '192.168.0.1' },
      resources: { server: { memoryLimit: '1Mi' }, agent: 'small' },
    },
    [
      "autonomyLevel: given 'L6'; allowed: 'L3', 'L4', 'L5'. Use a member of AutonomyLevel.",
      `version: given 'latest'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`,
      `hostPorts[1]: given 0; allowed: ${PORT}`,
      "surroundingNetworks[1]: given 'LAN'; allowed: a network in CIDR notation. Write it like 192.168.1.0/24.",
      "resources.agent: given 'small'; allowed: an object with cpuRequest, cpuLimit, memoryRequest, memoryLimit. Give an object literal.",
      `id: given '5g'; allowed: ${LABEL_1035}`,
      "nodeAddresses.edge7: given '192.168.0.7'; allowed: addresses of the unit's nodes. Correct the name, or remove it.",
      "nodeAddresses.edge2: given '192.168.0.1'; allowed: an address of its own; edge1 has this one. Give each node its own.",
      "serviceCidr: given '10.0.128.0/20'; allowed: a network that does not overlap clusterCidr, 10.0.0.0/16. Choose networks that do not overlap.",
      "clusterCidr: given '10.0.0.0/16'; allowed: a network that does not overlap surroundingNetworks[0], 10.0.3.0/24. Choose another clusterCidr: the nodes could no longer reach 10.0.3.0/24.",
      'apiPort: given 2379; allowed: a port that is free along with the next three; a server needs 2379 itself. Choose another port.',
      'hostPorts[0]: given 22; allowed: a port that the node does not need itself; nobody could log in to the node by SSH any more. Choose another port: all traffic to it goes to the edge cluster.',
      'hostPorts[2]: given 10250; allowed: a port that the unit does not need itself; the agent uses it. Choose another port.',
      "resources.server.memoryLimit: given '1Mi'; allowed: at least the request, which is 512Mi. Raise the limit, or lower memoryRequest.",
    ],
  ],
  [
    'many things together that are fine one by one',
    '5g',
    { autonomyLevel: L5, nodes: ['edge1', 'edge2'], servers: ['edge1', 'edge4'], apiPort: 2379, hostPorts: [2380] },
    [
      `id: given '5g'; allowed: ${LABEL_1035}`,
      'nodes: given a list of 2; allowed: at least 3 nodes at L5, one for each server. Add nodes, or choose L4 for a single server.',
      "servers: given a list of 2; allowed: exactly 3 at L5 (an even number loses its majority sooner, not later). Name 3 of the unit's nodes.",
      "servers[1]: given 'edge4'; allowed: one of the unit's nodes. Add the node to the unit, or name another.",
      'apiPort: given 2379; allowed: a port that is free along with the next three; a server needs 2379 itself. Choose another port.',
      'hostPorts[0]: given 2380; allowed: a port that the unit does not need itself; apiPort uses it. Choose another port.',
    ],
  ],
]);

test('the message begins with the construct, its path and the number of problems', () => {
  const { chart } = site();
  expect(() => declare(chart, 'x', l4({ image: 1, apiPort: 1 }))).toThrow(/^KinsCluster 'site\/x' has 2 problems:\n/);
});
