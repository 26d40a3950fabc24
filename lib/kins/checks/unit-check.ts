import type { IConstruct } from 'constructs';
import { claimedBy } from '../../core/claims';
import { clusterAt, ClusterLevel } from '../../core/cluster-level';
import { dns1035Label } from '../../core/grammars/names';
import type { PropsCheck } from '../../core/props-check';
import { NODE_CLAIM, UNIT_NAME_CLAIM } from '../../superedge/claims';
import { AutonomyLevel } from '../../superedge/autonomy-level';
import { handOverProblems } from '../../superedge/hand-over';
import { NodeUnit } from '../../superedge/node-unit';
import type { KinsClusterProps } from '../kins-cluster-props';
import { IMAGES_FOLDER, KINS_LIB_ROOT, LONGEST_UNIT_NAME } from '../names';

/** Checks the unit's name; errors name the prop that it comes from. */
export function unitOf(check: PropsCheck, id: string, { name, nodeUnit }: KinsClusterProps): string {
  const field = name !== undefined ? 'name' : nodeUnit === undefined ? 'id' : 'nodeUnit';
  const unit = name ?? (nodeUnit instanceof NodeUnit ? nodeUnit.name : id);
  // If `name` was given, its errors have been reported already.
  if (name === undefined && check.areFine('nodeUnit')) {
    check.value(field, unit, dns1035Label({ maxLength: LONGEST_UNIT_NAME }));
  }
  // The folders of units are beside the folder for archives of images.
  if (unit === IMAGES_FOLDER) {
    check.add(
      field,
      unit,
      `any other name: ${KINS_LIB_ROOT}/${IMAGES_FOLDER} on the nodes holds image archives`,
      'Choose another name.',
    );
  }
  return unit;
}

/** The unit's nodes, if a list was given; errors of single nodes have been reported already. */
export function nodesOf(check: PropsCheck, { nodes, nodeUnit }: KinsClusterProps): readonly string[] {
  const isList = nodes !== undefined && check.hasShape('nodes');
  if (nodes !== undefined && nodeUnit !== undefined) {
    check.add('nodes', nodes, 'nothing when nodeUnit is given', 'Remove one of the two: the unit knows its nodes.');
  } else if (nodes === undefined && nodeUnit === undefined && check.areFine('nodes')) {
    check.add('nodes', nodes, 'a list of node names, or nodeUnit instead', 'Name the nodes of the unit.');
  }
  if (isList) return nodes;
  return nodes === undefined && nodeUnit instanceof NodeUnit ? nodeUnit.nodes : [];
}

/** The unit's level; `undefined` if it is not a valid one. */
export function levelOf(check: PropsCheck, { autonomyLevel, nodeUnit }: KinsClusterProps): AutonomyLevel | undefined {
  const isFine = check.areFine('autonomyLevel');
  if (autonomyLevel !== undefined && nodeUnit !== undefined) {
    check.add('autonomyLevel', autonomyLevel, 'nothing when nodeUnit is given', 'Set the level on the NodeUnit.');
  } else if (autonomyLevel === undefined && nodeUnit === undefined && isFine) {
    check.add('autonomyLevel', autonomyLevel, "'L3', 'L4' or 'L5'", 'Say how much the site should do on its own.');
  }
  if (!isFine) return undefined;
  return autonomyLevel ?? (nodeUnit instanceof NodeUnit ? nodeUnit.autonomyLevel : undefined);
}

/** Refuses a step from L5 to L4: removing two of three servers removes the majority, and the third may have older data. */
export function checkStep(
  check: PropsCheck,
  level: AutonomyLevel | undefined,
  { previousLevel, autonomyLevel, nodeUnit }: KinsClusterProps,
): void {
  if (previousLevel !== AutonomyLevel.L5 || level !== AutonomyLevel.L4) return;
  check.add(
    autonomyLevel === undefined && nodeUnit !== undefined ? 'nodeUnit' : 'autonomyLevel',
    level,
    `${AutonomyLevel.L5} or ${AutonomyLevel.L3}, since the unit is at ${AutonomyLevel.L5}`,
    `Keep ${AutonomyLevel.L5}, or save what you need from the edge cluster, set it to ${AutonomyLevel.L3} and then to ` +
      `${AutonomyLevel.L4}.`,
  );
}

/** Checks that no other construct has claimed the unit, its name or its nodes. */
export function checkClaims(
  check: PropsCheck,
  scope: IConstruct,
  unit: string,
  { nodes, nodeUnit, name }: KinsClusterProps,
): void {
  if (nodeUnit !== undefined) {
    if (name !== undefined) {
      check.add('name', name, 'nothing when nodeUnit is given', 'The unit already has a name.');
    }
    if (nodeUnit instanceof NodeUnit) checkHandOver(check, scope, nodeUnit);
    return;
  }
  const cluster = clusterAt(scope, ClusterLevel.CLOUD_CLUSTER);
  const owner = claimedBy(cluster, UNIT_NAME_CLAIM, unit);
  if (owner !== undefined) {
    check.add(
      'name',
      unit,
      `a name that no other unit of cluster '${cluster.name}' has; '${owner}' has it`,
      `Rename one of the two, give that NodeUnit as nodeUnit, ${cluster.ifOther}.`,
    );
  }
  if (nodes === undefined || !check.hasShape('nodes')) return;
  nodes.forEach((node, index) => {
    const holder = claimedBy(cluster, NODE_CLAIM, node);
    if (holder !== undefined) {
      check.add(
        `nodes[${index}]`,
        node,
        `a node of no other unit; '${holder}' has it`,
        `A node runs one unit: remove it from one of the two, ${cluster.ifOther}.`,
      );
    }
  });
}

function checkHandOver(check: PropsCheck, scope: IConstruct, nodeUnit: NodeUnit): void {
  const cluster = clusterAt(scope, ClusterLevel.CLOUD_CLUSTER);
  check.addAll(handOverProblems(nodeUnit));
  const { name } = clusterAt(nodeUnit, ClusterLevel.CLOUD_CLUSTER);
  if (nodeUnit.node.root === scope.node.root && name !== cluster.name) {
    check.add(
      'nodeUnit',
      nodeUnit.node.path,
      `a unit of cluster '${cluster.name}', which the chart is for; this one is for cluster '${name}'`,
      'Declare both for one cluster.',
    );
  }
}
