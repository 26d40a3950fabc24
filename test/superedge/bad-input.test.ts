import { App, Chart } from 'cdk8s';
import {
  AutonomyLevel,
  NodeGroup,
  NodeGroupWorkloadType,
  NodeUnit,
  NodeUnitType,
  SelectorOperator,
  TaintEffect,
  type NodeGroupProps,
  type NodeUnitProps,
} from '../../lib';
import { problemLines, type BadInput } from '../support/refusals';

const { L3, L4, L5 } = AutonomyLevel;
const nodes = ['edge1', 'edge2', 'edge3'];
const SUBDOMAIN =
  'lower-case letters a-z, digits, hyphens and dots, with a letter or digit at both ends of every part (a DNS subdomain)';
const LABEL_1035 =
  'lower-case letters a-z, digits and hyphens, starting with a letter, ending with a letter or digit (a DNS-1035 label)';
const LABEL_KEY = 'a name of at most 63 letters, digits, -, _ and ., optionally after a DNS prefix and a slash';
const LABEL_VALUE = 'at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, or an empty string';
const IMAGE = 'an image with a tag other than latest, or a digest';
const WRITE_IMAGE = 'Write it like registry.example.com/edge/k3s:v1.22.6.';
const PORTS = 'two ports from 1024 to 65535 as first-last';
const WRITE_PORTS = 'Write it like 40000-41000, lower port first.';
const CLOUD_PORTS = 'a range that does not overlap 30000-32767, which the cloud cluster uses on the same nodes';
const DROPPED =
  "'PreferNoSchedule', 'NoExecute'; at L3 SuperEdge silently drops all NoSchedule taints of a unit. Choose another effect, or taint the nodes by other means.";
const SERVICE_CIDR =
  'nothing: with another service network SuperEdge puts DNS on the broadcast address and its kubeconfig still says 26.0.0.1. Leave it out, or declare a KinsCluster, whose networks can be chosen.';
const NOT_SELECTOR = (level: string): string =>
  `nothing at ${level}: SuperEdge removes the K3s server of a node that a selector chose, with its data. Name the nodes in nodes instead.`;
const L5_NODES = 'a list of at least 3. L5 needs 3 nodes for its K3s servers.';
const unit = (at: AutonomyLevel, more: object = {}): object => ({ autonomyLevel: at, nodes, ...more });
const l3 = (more: object): object => unit(L3, more);
const l4 = (more: object): object => unit(L4, more);
const long = (length: number): string => 'a'.repeat(length);

const BAD_UNITS: readonly BadInput[] = [
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
  [
    'a type that SuperEdge does not know',
    'u',
    l3({ type: 'fog' }),
    ["type: given 'fog'; allowed: 'edge', 'cloud', 'master', 'other'. Use a member of NodeUnitType."],
  ],
  [
    'type cloud at L4',
    'u',
    l4({ type: NodeUnitType.CLOUD }),
    [
      "type: given 'cloud'; allowed: 'edge' at L4; with any other type SuperEdge does not route the Services of the K3s cluster. Use NodeUnitType.EDGE.",
    ],
  ],
  [
    'type other at L5',
    'u',
    unit(L5, { type: NodeUnitType.OTHER }),
    [
      "type: given 'other'; allowed: 'edge' at L5; with any other type SuperEdge does not route the Services of the K3s cluster. Use NodeUnitType.EDGE.",
    ],
  ],
  [
    'unschedulable as a text',
    'u',
    l3({ unschedulable: 'false' }),
    ["unschedulable: given 'false'; allowed: true or false. Use a boolean."],
  ],
  [
    'a NoSchedule taint at L3',
    'u',
    l3({ setNode: { taints: [{ key: 'a', effect: TaintEffect.NO_SCHEDULE }] } }),
    [`setNode.taints[0].effect: given 'NoSchedule'; allowed: ${DROPPED}`],
  ],
  [
    "SuperEdge's taint at L3",
    'u',
    l3({ setNode: { taints: [{ key: 'kins', effect: TaintEffect.NO_EXECUTE }] } }),
    [
      'setNode.taints[0]: given an object with key, effect; allowed: any key except kins, which SuperEdge sets at L4 and L5 and removes at L3. Choose another key.',
    ],
  ],
  [
    'a taint with bad parts',
    'u',
    l3({ setNode: { taints: [{ key: '', value: 'a b', effect: 'Never', timeAdded: 'now' }] } }),
    [
      `setNode.taints[0].key: given ''; allowed: ${LABEL_KEY}. Give a valid label key.`,
      `setNode.taints[0].value: given 'a b'; allowed: ${LABEL_VALUE}. Give a valid label value.`,
      "setNode.taints[0].effect: given 'Never'; allowed: 'NoSchedule', 'PreferNoSchedule', 'NoExecute'. Use a member of TaintEffect.",
      "setNode.taints[0].timeAdded: given 'now'; allowed: only key, value, effect. There is no such prop.",
    ],
  ],
  [
    'two taints',
    'u',
    l3({
      setNode: {
        taints: [
          { key: 'a', effect: TaintEffect.NO_EXECUTE },
          { key: 'b', effect: TaintEffect.NO_EXECUTE },
        ],
      },
    }),
    [
      'setNode.taints: given a list of 2; allowed: a list of 0 to 1. SuperEdge writes several taints twice to a node that has one already, the API server refuses that, and the unit stays as it is.',
    ],
  ],
  [
    'a taint at L4',
    'u',
    l4({ setNode: { taints: [{ key: 'a', effect: TaintEffect.NO_EXECUTE }] } }),
    [
      'setNode.taints: given a list of 1; allowed: none at L4, where SuperEdge sets its own taint kins:NoSchedule; it cannot set two on a node that has one already. Leave it out, or taint the nodes by other means.',
    ],
  ],
  [
    'the role label for all nodes',
    'u',
    l4({ setNode: { labels: { 'site.superedge.io/kins-role': 'server' } } }),
    [
      "setNode.labels.site.superedge.io/kins-role: given 'server'; allowed: any label except site.superedge.io/kins-role, which would make every node of the unit a K3s server. Label the nodes that should be servers by other means.",
    ],
  ],
  [
    "another value for the unit's own label",
    'u',
    l3({ setNode: { labels: { u: 'yes' } } }),
    [
      "setNode.labels.u: given 'yes'; allowed: 'nodeunits.superedge.io', which SuperEdge writes to the label with the unit's name. Leave it out, or choose another key.",
    ],
  ],
  [
    "another unit's label",
    'u',
    l3({ setNode: { labels: { v: 'nodeunits.superedge.io' } } }),
    [
      "setNode.labels.v: given 'nodeunits.superedge.io'; allowed: any value except nodeunits.superedge.io, by which SuperEdge recognizes the members of the unit 'v'. Choose another value.",
    ],
  ],
  [
    'a number as a node label',
    'u',
    l3({ setNode: { labels: { rack: 7 } } }),
    [`setNode.labels.rack: given 7; allowed: ${LABEL_VALUE}. Give a valid label value.`],
  ],
  [
    'a number as a node annotation',
    'u',
    l3({ setNode: { annotations: { rack: 7 } } }),
    ['setNode.annotations.rack: given 7; allowed: a string. Use a string.'],
  ],
  [
    'an unknown part of setNode',
    'u',
    l3({ setNode: { label: { a: 'b' } } }),
    [
      'setNode.label: given an object with a; allowed: only labels, annotations, taints. There is no such prop. Did you mean labels?',
    ],
  ],
  [
    'a wrong parameter at L3, where none is used',
    'u',
    l3({ unitCluster: { nodePortRange: '41000-40000' } }),
    [`unitCluster.nodePortRange: given '41000-40000'; allowed: ${PORTS}. ${WRITE_PORTS}`],
  ],
  [
    'a service network',
    'u',
    l4({ unitCluster: { serviceCidr: '10.1.0.0/16' } }),
    [`unitCluster.serviceCidr: given '10.1.0.0/16'; allowed: ${SERVICE_CIDR}`],
  ],
  [
    "a service network by SuperEdge's name",
    'u',
    l4({ unitCluster: { 'service-cidr': '10.1.0.0/16' } }),
    [`unitCluster.service-cidr: given '10.1.0.0/16'; allowed: ${SERVICE_CIDR}`],
  ],
  [
    'the storage type, which SuperEdge never reads',
    'u',
    l4({ unitCluster: { storageType: 'sqlite' } }),
    [
      "unitCluster.storageType: given 'sqlite'; allowed: only k3sImage, criwImage, nodePortRange. There is no such prop.",
    ],
  ],
  [
    'an image without a tag',
    'u',
    l4({ unitCluster: { k3sImage: 'rancher/k3s' } }),
    [`unitCluster.k3sImage: given 'rancher/k3s'; allowed: ${IMAGE}. ${WRITE_IMAGE}`],
  ],
  [
    'an image tagged latest',
    'u',
    l4({ unitCluster: { criwImage: 'example.com:5000/cri:latest' } }),
    [`unitCluster.criwImage: given 'example.com:5000/cri:latest'; allowed: ${IMAGE}. ${WRITE_IMAGE}`],
  ],
  [
    'an image that would break out of a YAML template',
    'u',
    l4({ unitCluster: { k3sImage: 'a:b\n  privileged: true' } }),
    [`unitCluster.k3sImage: given 'a:b\\u{a}  privileged: true'; allowed: ${IMAGE}. ${WRITE_IMAGE}`],
  ],
  [
    'a range of ports the wrong way round',
    'u',
    l4({ unitCluster: { nodePortRange: '41000-40000' } }),
    [`unitCluster.nodePortRange: given '41000-40000'; allowed: ${PORTS}. ${WRITE_PORTS}`],
  ],
  [
    'ports above 65535',
    'u',
    l4({ unitCluster: { nodePortRange: '65000-65536' } }),
    [`unitCluster.nodePortRange: given '65000-65536'; allowed: ${PORTS}. ${WRITE_PORTS}`],
  ],
  [
    'privileged ports',
    'u',
    l4({ unitCluster: { nodePortRange: '80-2000' } }),
    [`unitCluster.nodePortRange: given '80-2000'; allowed: ${PORTS}. ${WRITE_PORTS}`],
  ],
  [
    'one port as a number',
    'u',
    l4({ unitCluster: { nodePortRange: 40000 } }),
    [`unitCluster.nodePortRange: given 40000; allowed: ${PORTS}. ${WRITE_PORTS}`],
  ],
  [
    "the cloud cluster's ports",
    'u',
    l4({ unitCluster: { nodePortRange: '32767-33000' } }),
    [
      `unitCluster.nodePortRange: given '32767-33000'; allowed: ${CLOUD_PORTS}. Choose another range, for instance 40000-41000.`,
    ],
  ],
  [
    "a group's label on the unit",
    'u',
    l3({ labels: { g: 'nodegroups.superedge.io' } }),
    [
      "labels.g: given 'nodegroups.superedge.io'; allowed: any value except nodegroups.superedge.io, by which SuperEdge recognizes the members of a group. Declare a NodeGroup instead.",
    ],
  ],
  [
    'labels as a list',
    'u',
    l3({ labels: ['a'] }),
    ['labels: given a list of 1; allowed: a map. Give an object literal: { key: value }.'],
  ],
  [
    "this library's annotation",
    'u',
    l3({ annotations: { 'edge-constructs.io/autonomy-level': 'L5' } }),
    [
      "annotations key: given 'edge-constructs.io/autonomy-level'; allowed: any key except edge-constructs.io/*, which this library writes itself. Choose another prefix.",
    ],
  ],
  [
    'too much in annotations',
    'u',
    l3({ annotations: { a: long(300_000) } }),
    ['annotations: given an object with a; allowed: at most 262144 bytes together; these have 300001. Shorten them.'],
  ],
  [
    'many things at once',
    'U',
    { autonomyLevel: L5, nodes: ['a', 'B', 'c'], type: NodeUnitType.MASTER, unschedulable: 1 },
    [
      `name: given 'U'; allowed: ${LABEL_1035}. Rename it.`,
      `nodes[1]: given 'B'; allowed: ${SUBDOMAIN}. Rename it.`,
      "type: given 'master'; allowed: 'edge' at L5; with any other type SuperEdge does not route the Services of the K3s cluster. Use NodeUnitType.EDGE.",
      'unschedulable: given 1; allowed: true or false. Use a boolean.',
    ],
  ],
];

const NO_MEMBERS =
  'at least one entry in nodeUnits, nodeUnitNames or autoFindNodeKeys, or a selector. Say which units the group has.';

const BAD_GROUPS: readonly BadInput[] = [
  ['no way to members', 'g', {}, [`nodeUnits: given nothing; allowed: ${NO_MEMBERS}`]],
  ['only empty lists', 'g', { nodeUnits: [], nodeUnitNames: [] }, [`nodeUnits: given []; allowed: ${NO_MEMBERS}`]],
  [
    'a name among the constructs',
    'g',
    { nodeUnits: ['test'] },
    ["nodeUnits[0]: given 'test'; allowed: a NodeUnit. Put names into nodeUnitNames."],
  ],
  [
    'a unit name that cannot be a label key',
    'g',
    { nodeUnitNames: [long(64)] },
    [
      `nodeUnitNames[0]: given '${long(64)}'; allowed: at most 63 characters, because SuperEdge labels the unit's nodes with the name as key; this one has 64. Shorten it.`,
    ],
  ],
  [
    'a unit twice',
    'g',
    { nodeUnitNames: ['a', 'b', 'a'] },
    [
      "nodeUnitNames[2]: given 'a'; allowed: each unit only once; it is already nodeUnitNames[0]. Remove one of the two.",
    ],
  ],
  [
    'an empty selector',
    'g',
    { selector: { matchLabels: {} } },
    [
      'selector: given an object with matchLabels; allowed: at least one of matchLabels, matchExpressions; an empty selector selects every unit. Say what it should select.',
    ],
  ],
  [
    'a bad label key to find nodes by',
    'g',
    { autoFindNodeKeys: ['a/b/c', 'ok', 'ok'] },
    [
      `autoFindNodeKeys[0]: given 'a/b/c'; allowed: ${LABEL_KEY}. Give a valid label key.`,
      "autoFindNodeKeys[2]: given 'ok'; allowed: each item only once; it is already at autoFindNodeKeys[1]. Remove one of the two.",
    ],
  ],
  [
    'an unknown type of workload',
    'g',
    { nodeUnitNames: ['a'], workload: [{ name: 'web', type: 'deployment' }] },
    [
      "workload[0].type: given 'deployment'; allowed: 'pod', 'deploy', 'ds', 'service', 'job', 'st'. Use a member of NodeGroupWorkloadType.",
    ],
  ],
  [
    'a workload without a name',
    'g',
    { nodeUnitNames: ['a'], workload: [{ type: NodeGroupWorkloadType.JOB }] },
    [`workload[0].name: given nothing; allowed: ${SUBDOMAIN}. Rename it.`],
  ],
  [
    'a name too long',
    long(70),
    { nodeUnitNames: ['a'] },
    [
      `name: given '${long(70)}'; allowed: at most 63 characters, because SuperEdge labels the group's units and their nodes with the name as key; this one has 70. Shorten it.`,
    ],
  ],
];

describe.each([
  [
    'NodeUnit',
    BAD_UNITS,
    (chart: Chart, id: string, props: unknown) => new NodeUnit(chart, id, props as NodeUnitProps),
  ],
  [
    'NodeGroup',
    BAD_GROUPS,
    (chart: Chart, id: string, props: unknown) => new NodeGroup(chart, id, props as NodeGroupProps),
  ],
] as const)('%s refuses', (subject, rows, declare) => {
  test.each(rows)('%s', (_, id, props, lines) => {
    const chart = new Chart(new App(), 'site');
    expect(problemLines(() => declare(chart, id, props))).toEqual(lines);
    expect(chart.node.children).toEqual([]);
  });

  test('with the construct, its path and the number of problems first', () => {
    const chart = new Chart(new App(), 'site');
    expect(() => declare(chart, 'x', { labels: 1 })).toThrow(new RegExp(`^${subject} 'site/x' has 2 problems:\\n`));
  });
});
