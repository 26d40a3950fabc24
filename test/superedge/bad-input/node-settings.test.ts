import { AutonomyLevel, NodeUnit, NodeUnitType, TaintEffect, type NodeUnitProps } from '../../../lib';
import type { BadInput } from '../../support/refusals';
import { type Declare, l3, l4, LABEL_1035, LABEL_KEY, LABEL_VALUE, long, refuses, SUBDOMAIN, unit } from './support';

const { L5 } = AutonomyLevel;
const IMAGE = 'an image with a tag other than latest, or a digest';
const WRITE_IMAGE = 'Write it like registry.example.com/edge/k3s:v1.22.6.';
const PORTS = 'two ports from 1024 to 65535 as first-last';
const WRITE_PORTS = 'Write it like 40000-41000, lower port first.';
const CLOUD_PORTS = 'a range that does not overlap 30000-32767, which the cloud cluster uses on the same nodes';
const DROPPED =
  "'PreferNoSchedule', 'NoExecute'; at L3 SuperEdge silently drops all NoSchedule taints of a unit. Choose another effect, or taint the nodes by other means.";
const SERVICE_CIDR =
  'nothing: with another service network SuperEdge puts DNS on the broadcast address and its kubeconfig still says 26.0.0.1. Leave it out, or declare a KinsCluster, whose networks can be chosen.';

const ROWS: readonly BadInput[] = [
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

const declare: Declare = (chart, id, props) => new NodeUnit(chart, id, props as NodeUnitProps);

describe('NodeUnit refuses, of its type, its settings for nodes and for K3s,', () => {
  refuses(ROWS, declare);
});
