import type { IConstruct } from 'constructs';
import { clusterAt, type ClusterAnchor, ClusterLevel } from '../core/cluster-level';
import { instanceOf } from '../core/instance-of';
import { dnsSubdomain, labelKey, mapKey } from '../core/grammars/names';
import { ownCopy } from '../core/own-copy';
import type { PropsCheck } from '../core/props-check';
import { enumOf, firstOf, isPlainObject, listOf, optional, problem, shape } from '../core/rules';
import type { Rule } from '../core/rule';
import { GROUP_NAME_CLAIM, UNIT_NAME_CLAIM } from './claims';
import { labelSelector } from './label-selector';
import { annotations, nameAndLabelKey, objectLabels } from './metadata-rules';
import type { NodeGroupModel } from './node-group-manifest';
import { NodeGroupWorkloadType, type NodeGroupProps } from './node-group-props';
import { NodeUnit } from './node-unit';
import { unclaimed } from './node-unit-check';
import { recordOf } from './membership';

/**
 * Checks a group's props and makes its model.
 *
 * @throws {@link EdgeConstructsError} with all problems
 */
export function checkNodeGroup(
  check: PropsCheck,
  scope: IConstruct,
  id: string,
  props: NodeGroupProps,
): NodeGroupModel {
  props = ownCopy(props);
  const cluster = clusterAt(scope, ClusterLevel.CLOUD_CLUSTER);
  const given: Partial<Record<keyof NodeGroupProps, unknown>> = isPlainObject(props) ? props : {};
  const name: unknown = given.name === undefined ? id : given.name;
  const knownName = typeof name === 'string' ? name : id;
  const unitNames = new Map<string, string>();
  check.props(props, {
    name: (_, field) => groupName(cluster)(name, field),
    nodeUnits: optional(
      listOf(
        firstOf(
          unitOf(scope.node.root, cluster),
          labelFree(knownName),
          onlyOnce(unitNames, (unit) => (unit as NodeUnit).name),
        ),
      ),
    ),
    nodeUnitNames: optional(listOf(firstOf(nameAndLabelKey("the unit's nodes"), onlyOnce(unitNames, String)))),
    selector: optional(labelSelector('every unit')),
    autoFindNodeKeys: optional(listOf(labelKey(), { uniqueBy: (key) => key })),
    workload: optional(
      listOf(
        shape({
          name: dnsSubdomain(),
          type: enumOf(NodeGroupWorkloadType, 'NodeGroupWorkloadType'),
          selector: optional(labelSelector('every workload')),
        }),
      ),
    ),
    labels: optional(objectLabels()),
    annotations: optional(annotations()),
  });
  if (isPlainObject(props) && choosesNothing(given)) {
    check.add(
      'nodeUnits',
      given.nodeUnits,
      'at least one entry in nodeUnits, nodeUnitNames or autoFindNodeKeys, or a selector',
      'Say which units the group has.',
    );
  }
  check.level(ClusterLevel.CLOUD_CLUSTER);
  check.throwIfAny();
  return {
    name: knownName,
    unitNames: [...(props.nodeUnits ?? []).map((unit) => unit.name), ...(props.nodeUnitNames ?? [])],
    selector: props.selector,
    autoFindNodeKeys: [...(props.autoFindNodeKeys ?? [])],
    workload: [...(props.workload ?? [])],
    labels: { ...props.labels },
    annotations: { ...props.annotations },
  };
}

function choosesNothing(given: Partial<Record<keyof NodeGroupProps, unknown>>): boolean {
  const isEmpty = (list: unknown): boolean => list === undefined || (Array.isArray(list) && list.length === 0);
  return (
    isEmpty(given.nodeUnits) &&
    isEmpty(given.nodeUnitNames) &&
    isEmpty(given.autoFindNodeKeys) &&
    given.selector === undefined
  );
}

function groupName(cluster: ClusterAnchor): Rule {
  return firstOf(
    nameAndLabelKey("the group's units and their nodes"),
    mapKey(),
    unclaimed(cluster, GROUP_NAME_CLAIM, `a name that no other NodeGroup of cluster '${cluster.name}' has`),
    unclaimed(
      cluster,
      UNIT_NAME_CLAIM,
      `a name that no unit of cluster '${cluster.name}' has, because both become label keys`,
    ),
  );
}

function unitOf(app: IConstruct, cluster: ClusterAnchor): Rule {
  return firstOf(instanceOf(NodeUnit, 'a NodeUnit', 'Put names into nodeUnitNames.'), (value, field) => {
    const unit = value as NodeUnit;
    if (unit.node.root !== app) {
      return [problem(field, unit.name, 'a NodeUnit of the same app', 'Put its name into nodeUnitNames.')];
    }
    const { name } = clusterAt(unit, ClusterLevel.CLOUD_CLUSTER);
    return name === cluster.name
      ? []
      : [
          problem(
            field,
            unit.name,
            `a NodeUnit of cluster '${cluster.name}'; it is for cluster '${name}'`,
            'Declare both for one cluster.',
          ),
        ];
  });
}

/** SuperEdge labels the nodes of members with the group's name as key, so units must not use that key. */
function labelFree(name: string): Rule {
  return (value, field) => {
    const unit = value as NodeUnit;
    const { nodeLabels } = recordOf(unit).model;
    const label = Object.hasOwn(nodeLabels, name) ? nodeLabels[name] : unit.name;
    return label === unit.name
      ? []
      : [
          problem(
            field,
            unit.name,
            `a unit that does not set the node label ${name}='${String(label)}', which SuperEdge sets to the unit's name`,
            'Rename the group, or remove the label from setNode of the unit.',
          ),
        ];
  };
}

function onlyOnce(seen: Map<string, string>, nameOf: (value: unknown) => string): Rule {
  return (value, field) => {
    const name = nameOf(value);
    const first = seen.get(name);
    if (first === undefined) seen.set(name, field);
    return first === undefined
      ? []
      : [problem(field, name, `each unit only once; it is already ${first}`, 'Remove one of the two.')];
  };
}
