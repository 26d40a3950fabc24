import { AutonomyLevel, NodeUnit, SelectorOperator, type NodeUnitProps } from '../../../lib';
import type { BadInput } from '../../support/refusals';
import {
  type Declare,
  l3,
  l4,
  LABEL_1035,
  LABEL_KEY,
  LABEL_VALUE,
  long,
  nodes,
  refuses,
  SUBDOMAIN,
  tellsWhereFirst,
  unit,
} from './support';

const { L4, L5 } = AutonomyLevel;
const NOT_SELECTOR = (level: string): string =>
  `nothing at ${level}: SuperEdge removes the K3s server of a node that a selector chose, with its data. Name the nodes in nodes instead.`;
const L5_NODES = 'a list of at least 3. L5 needs 3 nodes for its K3s servers.';

const ROWS: readonly BadInput[] = [
  [
    'no props',
    'u',
    undefined,
    [
      'props: given nothing; allowed: an object with name, autonomyLevel, nodes, selector, type, unschedulable, setNode, unitCluster, labels, annotations. Give an object literal.',
    ],
  ],
  [
    'a list as props',
    'u',
    [],
    [
      'props: given []; allowed: an object with name, autonomyLevel, nodes, selector, type, unschedulable, setNode, unitCluster, labels, annotations. Give an object literal.',
    ],
  ],
  [
    'a misspelt prop',
    'u',
    { nodes, autonomylevel: L4 },
    [
      "autonomylevel: given 'L4'; allowed: only name, autonomyLevel, nodes, selector, type, unschedulable, setNode, unitCluster, labels, annotations. There is no such prop. Did you mean autonomyLevel?",
    ],
  ],
  [
    'an unknown level',
    'u',
    { nodes, autonomyLevel: 'L2' },
    ["autonomyLevel: given 'L2'; allowed: 'L3', 'L4', 'L5'. Use a member of AutonomyLevel."],
  ],
  [
    'a level in small letters',
    'u',
    { nodes, autonomyLevel: 'l4' },
    ["autonomyLevel: given 'l4'; allowed: 'L3', 'L4', 'L5'. Use a member of AutonomyLevel."],
  ],
  [
    'a level as a number',
    'u',
    { nodes, autonomyLevel: 4 },
    ["autonomyLevel: given 4; allowed: 'L3', 'L4', 'L5'. Use a member of AutonomyLevel."],
  ],
  [
    'null as level',
    'u',
    { nodes, autonomyLevel: null },
    ["autonomyLevel: given null; allowed: 'L3', 'L4', 'L5'. Use a member of AutonomyLevel."],
  ],
  ['capitals in the id', 'Test', l3({}), [`name: given 'Test'; allowed: ${SUBDOMAIN}. Rename it.`]],
  ['an empty name', 'u', l3({ name: '' }), [`name: given ''; allowed: ${SUBDOMAIN}. Rename it.`]],
  ['null as name', 'u', l3({ name: null }), [`name: given null; allowed: ${SUBDOMAIN}. Rename it.`]],
  [
    'a Cyrillic letter that looks Latin',
    'u',
    l3({ name: 'tеst' }),
    [`name: given 't\\u{435}st'; allowed: ${SUBDOMAIN}. Rename it.`],
  ],
  [
    'a line break in the name',
    'u',
    l3({ name: 'test\n' }),
    [`name: given 'test\\u{a}'; allowed: ${SUBDOMAIN}. Rename it.`],
  ],
  [
    'a name too long for a label key',
    'u',
    l3({ name: long(64) }),
    [
      `name: given '${long(64)}'; allowed: at most 63 characters, because SuperEdge labels the unit's nodes with the name as key; this one has 64. Shorten it.`,
    ],
  ],
  [
    "SuperEdge's own unit",
    'unit-node-all',
    l3({}),
    [
      "name: given 'unit-node-all'; allowed: any name except unit-node-all, the unit of all nodes that SuperEdge makes itself. Rename it.",
    ],
  ],
  ['a dot in the name at L4', 'a.b', l4({}), [`name: given 'a.b'; allowed: ${LABEL_1035}. Rename it.`]],
  ['a digit first in the name at L5', '5g', unit(L5), [`name: given '5g'; allowed: ${LABEL_1035}. Rename it.`]],
  [
    'a name too long at L4',
    long(36),
    l4({}),
    [
      `name: given '${long(36)}'; allowed: at most 35 characters, because '${long(36)}-server-kins-join-0123456789' is derived from it and may have 63; this one has 36. Shorten it.`,
    ],
  ],
  [
    'neither nodes nor selector',
    'u',
    {},
    ['nodes: given nothing; allowed: at least one of nodes, selector. Say which nodes the unit has.'],
  ],
  [
    'an empty list of nodes',
    'u',
    { nodes: [] },
    ['nodes: given []; allowed: a list of at least 1. Name a node, or leave nodes out and give a selector.'],
  ],
  ['a text as nodes', 'u', { nodes: 'edge1' }, ["nodes: given 'edge1'; allowed: a list. Put the value in [ ]."]],
  [
    'a node twice',
    'u',
    { nodes: ['edge1', 'edge2', 'edge1'] },
    ["nodes[2]: given 'edge1'; allowed: each item only once; it is already at nodes[0]. Remove one of the two."],
  ],
  [
    'bad node names',
    'u',
    { nodes: ['Edge1', 'edge_2', '', 7, 'ok'] },
    [
      `nodes[0]: given 'Edge1'; allowed: ${SUBDOMAIN}. Rename it.`,
      `nodes[1]: given 'edge_2'; allowed: ${SUBDOMAIN}. Rename it.`,
      `nodes[2]: given ''; allowed: ${SUBDOMAIN}. Rename it.`,
      `nodes[3]: given 7; allowed: ${SUBDOMAIN}. Rename it.`,
    ],
  ],
  [
    'a node name that cannot be a host name label at L4',
    'u',
    l4({ nodes: [long(64)] }),
    [`nodes[0]: given '${long(64)}'; allowed: at most 63 characters; this one has 64. Shorten it.`],
  ],
  [
    'no nodes at L4',
    'u',
    { autonomyLevel: L4 },
    [
      'nodes: given nothing; allowed: the names of at least 1 node at L4. Name the nodes: SuperEdge loses K3s servers on nodes that a selector chose.',
    ],
  ],
  [
    'an empty list of nodes at L4',
    'u',
    { autonomyLevel: L4, nodes: [] },
    ['nodes: given []; allowed: a list of at least 1. L4 needs a node for its K3s server.'],
  ],
  [
    'no nodes at L5',
    'u',
    { autonomyLevel: L5 },
    [
      'nodes: given nothing; allowed: the names of at least 3 nodes at L5. Name the nodes: SuperEdge loses K3s servers on nodes that a selector chose.',
    ],
  ],
  [
    'two nodes at L5',
    'u',
    { autonomyLevel: L5, nodes: ['edge1', 'edge2'] },
    [`nodes: given a list of 2; allowed: ${L5_NODES}`],
  ],
  [
    'three nodes at L5, two of them the same',
    'u',
    { autonomyLevel: L5, nodes: ['a', 'b', 'b'] },
    ["nodes[2]: given 'b'; allowed: each item only once; it is already at nodes[1]. Remove one of the two."],
  ],
  [
    'a selector beside nodes at L4',
    'u',
    l4({ selector: { matchLabels: { site: 'a' } } }),
    [`selector: given an object with matchLabels; allowed: ${NOT_SELECTOR('L4')}`],
  ],
  [
    'only a selector at L5',
    'u',
    { autonomyLevel: L5, selector: { matchLabels: { site: 'a' } } },
    [
      'nodes: given nothing; allowed: the names of at least 3 nodes at L5. Name the nodes: SuperEdge loses K3s servers on nodes that a selector chose.',
      `selector: given an object with matchLabels; allowed: ${NOT_SELECTOR('L5')}`,
    ],
  ],
  [
    'an empty selector',
    'u',
    { selector: {} },
    [
      'selector: given {}; allowed: at least one of matchLabels, matchExpressions; an empty selector selects no node. Say what it should select.',
    ],
  ],
  [
    'a selector by annotations',
    'u',
    { selector: { annotations: { a: 'b' } } },
    [
      'selector.annotations: given an object with a; allowed: nothing: SuperEdge ignores annotations here. Select by label.',
    ],
  ],
  [
    'a bad label in a selector',
    'u',
    { selector: { matchLabels: { 'a b': 'x', ok: 'x y' } } },
    [
      `selector.matchLabels key: given 'a b'; allowed: ${LABEL_KEY}. Give a valid label key.`,
      `selector.matchLabels.ok: given 'x y'; allowed: ${LABEL_VALUE}. Give a valid label value.`,
    ],
  ],
  [
    'an unknown operator',
    'u',
    { selector: { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] } },
    [
      "selector.matchExpressions[0].operator: given 'Gt'; allowed: 'In', 'NotIn', 'Exists', 'DoesNotExist'. Use a member of SelectorOperator.",
    ],
  ],
  [
    'In without values',
    'u',
    { selector: { matchExpressions: [{ key: 'a', operator: SelectorOperator.IN }] } },
    [
      'selector.matchExpressions[0].values: given nothing; allowed: at least one value, because the operator is In. Say what the label is compared with.',
    ],
  ],
  [
    'Exists with values',
    'u',
    { selector: { matchExpressions: [{ key: 'a', operator: SelectorOperator.EXISTS, values: ['b'] }] } },
    [
      'selector.matchExpressions[0].values: given a list of 1; allowed: no values, because the operator is Exists. Leave values out.',
    ],
  ],
];

const declare: Declare = (chart, id, props) => new NodeUnit(chart, id, props as NodeUnitProps);

describe('NodeUnit refuses, of its level, name, nodes and selector,', () => {
  refuses(ROWS, declare);
  tellsWhereFirst('NodeUnit', declare);
});
