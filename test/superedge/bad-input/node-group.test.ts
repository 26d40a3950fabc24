import { NodeGroup, NodeGroupWorkloadType, type NodeGroupProps } from '../../../lib';
import type { BadInput } from '../../support/refusals';
import { type Declare, LABEL_KEY, long, refuses, SUBDOMAIN, tellsWhereFirst } from './support';

const NO_MEMBERS =
  'at least one entry in nodeUnits, nodeUnitNames or autoFindNodeKeys, or a selector. Say which units the group has.';

const ROWS: readonly BadInput[] = [
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

const declare: Declare = (chart, id, props) => new NodeGroup(chart, id, props as NodeGroupProps);

describe('NodeGroup refuses', () => {
  refuses(ROWS, declare);
  tellsWhereFirst('NodeGroup', declare);
});
