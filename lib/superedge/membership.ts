import { Lazy, type ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Attached } from '../core/attached';
import { clusterAt, type ClusterAnchor, ClusterLevel } from '../core/cluster-level';
import { NODE_GROUP_LABEL_VALUE } from './labels';
import { selects, type LabelSelector } from './label-selector';
import { isPredeclared, type NodeUnitModel, type NodeUnitSurroundings } from './node-unit-manifest';

/** What the constructs of this folder know about a unit besides its public fields. */
export interface UnitRecord {
  readonly model: NodeUnitModel;
  /** Names of the groups it is a member of. */
  readonly groups: Set<string>;
  /** Path of the KinsCluster that acts on the unit. */
  handedOverTo?: string;
  /** The unit's resource. */
  object?: ApiObject;
}

/** How a group chooses its members. */
export interface GroupRecord {
  readonly name: string;
  readonly unitNames: ReadonlySet<string>;
  readonly selector?: LabelSelector;
}

interface Site {
  readonly units: Map<string, UnitRecord>;
  readonly groups: GroupRecord[];
}

const sites = new Attached<ClusterAnchor, Site>();
const records = new Attached<IConstruct, UnitRecord>();

/** The record of a unit. */
export function recordOf(unit: IConstruct): UnitRecord {
  const record = records.get(unit);
  if (record === undefined) throw new Error(`NodeUnit '${unit.node.path}' was not created by its constructor`);
  return record;
}

/** What the rest of the app says about a unit at this moment; only final at synthesis. */
export function surroundingsOf({ groups, handedOverTo }: UnitRecord): NodeUnitSurroundings {
  return { groups: [...groups].sort(), isHandedOver: handedOverTo !== undefined };
}

/** Makes a unit known to its cluster's groups, declared before or after it. */
export function addUnit(unit: IConstruct, record: UnitRecord): void {
  const { units, groups } = siteOf(unit);
  records.set(unit, record);
  units.set(record.model.name, record);
  groups.forEach((group) => {
    joinIfMember(record, group);
  });
}

/** Makes a group known to its cluster's units, declared before or after it. */
export function addGroup(construct: IConstruct, group: GroupRecord): void {
  const { units, groups } = siteOf(construct);
  groups.push(group);
  const candidates =
    group.selector === undefined ? [...group.unitNames].map((name) => units.get(name)) : units.values();
  for (const record of candidates) {
    if (record !== undefined) joinIfMember(record, group);
  }
}

function joinIfMember(record: UnitRecord, group: GroupRecord): void {
  const { object, model } = record;
  const isMember =
    group.unitNames.has(model.name) ||
    (group.selector !== undefined && selects(group.selector, (key) => labelOf(object, key)));
  if (!isMember || record.groups.has(group.name)) return;
  record.groups.add(group.name);
  // The unit may be handed over later, so its label for the group is decided at synthesis.
  const label: unknown = Lazy.any({
    produce: () => (isPredeclared(model, surroundingsOf(record)) ? NODE_GROUP_LABEL_VALUE : undefined),
  });
  object?.metadata.addLabel(group.name, label as string);
}

/** Reads an own label only: cdk8s keeps labels in a plain object, which also inherits `toString`, a valid label key. */
function labelOf(object: ApiObject | undefined, key: string): string | undefined {
  const label: unknown = object?.metadata.getLabel(key);
  return typeof label === 'function' ? undefined : (label as string | undefined);
}

function siteOf(construct: IConstruct): Site {
  const cluster = clusterAt(construct, ClusterLevel.CLOUD_CLUSTER);
  let site = sites.get(cluster);
  if (site === undefined) {
    site = { units: new Map(), groups: [] };
    sites.set(cluster, site);
  }
  return site;
}
