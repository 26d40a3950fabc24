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
]);

test('the message begins with the construct, its path and the number of problems', () => {
  const { chart } = site();
  expect(() => declare(chart, 'x', l4({ image: 1, apiPort: 1 }))).toThrow(/^KinsCluster 'site\/x' has 2 problems:\n/);
});
