import { AutonomyLevel } from '../../../lib';
import { l3, l4, l5, LABEL_1035, LIST, nodes, ONLY_ONCE, refuses, SUBDOMAIN } from './support';

const { L4, L5 } = AutonomyLevel;
const long = (length: number): string => 'a'.repeat(length);
const ALL_PROPS =
  'name, nodes, nodeUnit, autonomyLevel, previousLevel, servers, retiredServers, version, image, prepull, previousVersion, allowUnsupportedVersion, hold, maintenanceWindows, timeZone, upgradeSoak, pauseImage, bootWhileDark, nodeAddresses, hostPorts, clusterCidr, serviceCidr, nodeCidr, surroundingNetworks, apiPort, tunnelProxyUrl, tokenSecret, credentialsInConfigMap, imagePullSecrets, registryMirrors, registries, systemDefaultRegistry, disable, tlsSans, secretsEncryption, serverOptions, agentOptions, resources, tolerations';
const LEVEL = "'L3', 'L4', 'L5'. Use a member of AutonomyLevel.";

refuses([
  [
    'the id of the namespace of all units',
    'kins-namespace',
    l4(),
    [
      "id: given 'kins-namespace'; allowed: any other id: what all units share uses ids like this one in their chart. Choose another id; the unit can still be given this name with the prop name.",
    ],
  ],
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
    ["autonomyLevel: given nothing; allowed: 'L3', 'L4' or 'L5'. Say how much the site should do on its own."],
  ],
  [
    'nothing at all',
    'u',
    {},
    [
      'nodes: given nothing; allowed: a list of node names, or nodeUnit instead. Name the nodes of the unit.',
      "autonomyLevel: given nothing; allowed: 'L3', 'L4' or 'L5'. Say how much the site should do on its own.",
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
  [
    'a server that is said to be gone',
    'u',
    l5({ retiredServers: ['edge9', 'edge2'] }),
    [
      "retiredServers[1]: given 'edge2'; allowed: a node that is no longer a server. Remove it here, or name another in servers.",
    ],
  ],
  ['capitals in the id', 'Test', l4(), [`id: given 'Test'; allowed: ${LABEL_1035}`]],
  ['a digit first in the id', '5g', l4(), [`id: given '5g'; allowed: ${LABEL_1035}`]],
  ['an underscore in the id', 'a_b', l4(), [`id: given 'a_b'; allowed: ${LABEL_1035}`]],
  [
    'an id too long',
    long(36),
    l4(),
    [`id: given '${long(36)}'; allowed: at most 35 characters; this one has 36. Shorten it.`],
  ],
  [
    'a name too long',
    'u',
    l4({ name: long(36) }),
    [`name: given '${long(36)}'; allowed: at most 35 characters; this one has 36. Shorten it.`],
  ],
  ['an empty name', 'u', l4({ name: '' }), [`name: given ''; allowed: ${LABEL_1035}`]],
  ['null as name', 'u', l4({ name: null }), [`name: given null; allowed: ${LABEL_1035}`]],
  ['a number as name', 'u', l4({ name: 5 }), [`name: given 5; allowed: ${LABEL_1035}`]],
  [
    'a Cyrillic letter that looks Latin',
    'u',
    l4({ name: 'tеst' }),
    [`name: given 't\\u{435}st'; allowed: ${LABEL_1035}`],
  ],
  ['a line break in the name', 'u', l4({ name: 'test\n' }), [`name: given 'test\\u{a}'; allowed: ${LABEL_1035}`]],
  ['a dot in the name', 'u', l4({ name: 'a.b' }), [`name: given 'a.b'; allowed: ${LABEL_1035}`]],
  ['a hyphen at the end of the name', 'u', l4({ name: 'a-' }), [`name: given 'a-'; allowed: ${LABEL_1035}`]],
  ['an emoji in the name', 'u', l4({ name: 'kiosk🛒' }), [`name: given 'kiosk\\u{1f6d2}'; allowed: ${LABEL_1035}`]],
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
    [
      `nodes[0]: given '${long(80)}... (254 characters)'; allowed: at most 253 characters; this one has 254. Shorten it.`,
    ],
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
      "servers: given a list of 2; allowed: exactly 3 at L5 (an even number loses its majority sooner, not later). Name 3 of the unit's nodes.",
    ],
  ],
  [
    'four servers at L5',
    'u',
    l5({ nodes: [...nodes, 'edge4'], servers: [...nodes, 'edge4'] }),
    [
      "servers: given a list of 4; allowed: exactly 3 at L5 (an even number loses its majority sooner, not later). Name 3 of the unit's nodes.",
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
    'a server that is no node, at L3',
    'u',
    l3({ servers: ['edge9'] }),
    ["servers[0]: given 'edge9'; allowed: one of the unit's nodes. Add the node to the unit, or name another."],
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
    { nodeUnit: { name: 'test', nodes } },
    ['nodeUnit: given an object with name, nodes; allowed: a NodeUnit. Give the construct itself, or nodes.'],
  ],
]);
