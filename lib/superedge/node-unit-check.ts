import type { IConstruct } from 'constructs';
import { claimedBy } from '../core/claims';
import { clusterAt, type ClusterAnchor, ClusterLevel } from '../core/cluster-level';
import { dns1035Label, dnsSubdomain, mapKey } from '../core/grammars/names';
import { ownCopy } from '../core/own-copy';
import type { PropsCheck } from '../core/props-check';
import { withDefaults } from '../core/with-defaults';
import { bool, enumOf, firstOf, isPlainObject, listOf, optional, problem, rule } from '../core/rules';
import type { Rule } from '../core/rule';
import { GROUP_NAME_CLAIM, NODE_CLAIM, UNIT_NAME_CLAIM } from './claims';
import { DEFAULT_NODE_UNIT } from './labels';
import { AutonomyLevel, hasOwnCluster, serverCount } from './autonomy-level';
import { labelSelector } from './label-selector';
import { annotations, nameAndLabelKey, objectLabels } from './metadata-rules';
import type { NodeUnitModel } from './node-unit-manifest';
import { NodeUnitType, type NodeUnitProps } from './node-unit-props';
import { leftOut } from './refused';
import { setNode } from './set-node';
import { unitCluster, unitClusterParameters } from './unit-cluster';

/**
 * Checks a unit's props and makes its model.
 *
 * @throws {@link EdgeConstructsError} with all problems
 */
export function checkNodeUnit(check: PropsCheck, scope: IConstruct, id: string, props: NodeUnitProps): NodeUnitModel {
  props = ownCopy(props);
  const given: Partial<Record<keyof NodeUnitProps, unknown>> = isPlainObject(props) ? props : {};
  const name: unknown = given.name === undefined ? id : given.name;
  const knownName = typeof name === 'string' ? name : id;
  const level = knownLevel(given.autonomyLevel);
  const cluster = clusterAt(scope, ClusterLevel.CLOUD_CLUSTER);
  check.props(props, {
    name: (_, field) => unitName(cluster, level)(name, field),
    autonomyLevel: optional(enumOf(AutonomyLevel, 'AutonomyLevel')),
    nodes: nodes(cluster, level),
    selector: hasOwnCluster(level) ? leftOut(noSelector(String(level))) : optional(labelSelector('no node')),
    type: optional(firstOf(enumOf(NodeUnitType, 'NodeUnitType'), typeAt(level))),
    unschedulable: optional(bool()),
    setNode: optional(setNode(knownName, level)),
    unitCluster: optional(unitCluster()),
    labels: optional(objectLabels()),
    annotations: optional(annotations()),
  });
  if (level === AutonomyLevel.L3 && given.nodes === undefined && given.selector === undefined && isPlainObject(props)) {
    check.add('nodes', undefined, 'at least one of nodes, selector', 'Say which nodes the unit has.');
  }
  check.level(ClusterLevel.CLOUD_CLUSTER);
  check.throwIfAny();
  return modelOf(knownName, props, hasOwnCluster(level));
}

const DEFAULTS = {
  autonomyLevel: AutonomyLevel.L3,
  type: NodeUnitType.EDGE,
  unschedulable: false,
  nodes: [],
  setNode: {},
  unitCluster: {},
} satisfies Partial<NodeUnitProps>;

function modelOf(name: string, props: NodeUnitProps, hasCluster: boolean): NodeUnitModel {
  const { autonomyLevel, setNode: set, ...whole } = withDefaults(DEFAULTS, props);
  return {
    name,
    level: autonomyLevel,
    type: whole.type,
    unschedulable: whole.unschedulable,
    nodes: Object.freeze([...whole.nodes]),
    selector: whole.selector,
    nodeLabels: { ...set.labels },
    nodeAnnotations: { ...set.annotations },
    taints: (set.taints ?? []).map((taint) => ({ ...taint })),
    // A unit that is set back to L3 may keep its earlier props.
    parameters: hasCluster ? unitClusterParameters(whole.unitCluster) : {},
    labels: { ...whole.labels },
    annotations: { ...whole.annotations },
  };
}

/** The level that the other props are checked for; `undefined` if it is invalid. */
function knownLevel(level: unknown): AutonomyLevel | undefined {
  return level === undefined ? AutonomyLevel.L3 : Object.values(AutonomyLevel).find((each) => each === level);
}

function unitName(cluster: ClusterAnchor, level: AutonomyLevel | undefined): Rule {
  return firstOf(
    hasOwnCluster(level)
      ? // The label controller-revision-hash of the joining servers' pods is the longest thing made of the name.
        dns1035Label({ longestDerived: (name) => `${name}-server-kins-join-0123456789` })
      : nameAndLabelKey("the unit's nodes"),
    mapKey(),
    rule(
      (name) => name !== DEFAULT_NODE_UNIT,
      `any name except ${DEFAULT_NODE_UNIT}, the unit of all nodes that SuperEdge makes itself`,
      'Rename it.',
    ),
    unclaimed(cluster, UNIT_NAME_CLAIM, `a name that no other unit of cluster '${cluster.name}' has`),
    unclaimed(
      cluster,
      GROUP_NAME_CLAIM,
      `a name that no NodeGroup of cluster '${cluster.name}' has, because both become label keys`,
    ),
  );
}

/** A name that nothing else in the cluster has claimed. */
export function unclaimed(cluster: ClusterAnchor, kind: string, allowed: string): Rule {
  return (value, field) => {
    const owner = claimedBy(cluster, kind, String(value));
    return owner === undefined
      ? []
      : [
          problem(
            field,
            value,
            `${allowed}; '${owner}' has it already`,
            `Give one of the two another name, ${cluster.ifOther}.`,
          ),
        ];
  };
}

function nodes(cluster: ClusterAnchor, level: AutonomyLevel | undefined): Rule {
  const servers = level === undefined ? 0 : serverCount(level);
  // At L4 and L5 the name is also the value of the label kubernetes.io/hostname that SuperEdge binds volumes by.
  const name = dnsSubdomain(hasOwnCluster(level) ? { maxLength: 63 } : {});
  const list = listOf(firstOf(name, inNoOtherUnit(cluster)), {
    min: Math.max(1, servers),
    uniqueBy: (node) => node,
    remedy: hasOwnCluster(level)
      ? `${String(level)} needs ${servers === 1 ? 'a node' : `${servers} nodes`} for its K3s ${servers === 1 ? 'server' : 'servers'}.`
      : 'Name a node, or leave nodes out and give a selector.',
  });
  if (!hasOwnCluster(level)) return optional(list);
  return (value, field) =>
    value === undefined
      ? [
          problem(
            field,
            value,
            `the names of at least ${servers === 1 ? '1 node' : `${servers} nodes`} at ${String(level)}`,
            'Name the nodes: SuperEdge loses K3s servers on nodes that a selector chose.',
          ),
        ]
      : list(value, field);
}

function inNoOtherUnit(cluster: ClusterAnchor): Rule {
  return (value, field) => {
    const owner = claimedBy(cluster, NODE_CLAIM, String(value));
    return owner === undefined
      ? []
      : [
          problem(
            field,
            value,
            `a node of one unit only; '${owner}' has it already`,
            `Remove it from one of the two, ${cluster.ifOther}.`,
          ),
        ];
  };
}

function typeAt(level: AutonomyLevel | undefined): Rule {
  return rule(
    (type) => !hasOwnCluster(level) || type === NodeUnitType.EDGE,
    `'${NodeUnitType.EDGE}' at ${String(level)}; with any other type SuperEdge does not route the Services of the K3s cluster`,
    'Use NodeUnitType.EDGE.',
  );
}

function noSelector(level: string): { readonly allowed: string; readonly remedy: string } {
  return {
    allowed: `nothing at ${level}: SuperEdge removes the K3s server of a node that a selector chose, with its data`,
    remedy: 'Name the nodes in nodes instead.',
  };
}
