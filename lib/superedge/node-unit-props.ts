import type { AutonomyLevel } from './autonomy-level';
import type { LabelSelector } from './label-selector';
import type { SetNodeProps } from './set-node';
import type { UnitClusterProps } from './unit-cluster';

/** What kind of nodes a unit has. */
export enum NodeUnitType {
  /** Nodes at a site. The only type that can have a K3s cluster of its own. */
  EDGE = 'edge',
  /** Worker nodes in the cloud. */
  CLOUD = 'cloud',
  /** Nodes of the cloud cluster's control plane. */
  MASTER = 'master',
  /** Anything else. */
  OTHER = 'other',
}

/** Props of a {@link NodeUnit}. */
export interface NodeUnitProps {
  /**
   * The unit's name. SuperEdge uses it in names and label keys: a DNS subdomain of at most 63 characters at L3; at L4 and
   * L5 a DNS label that starts with a letter and has at most 35. Choose one that fits L4 if the unit may ever be promoted,
   * because objects cannot be renamed.
   * @default - the construct's id
   */
  readonly name?: string;

  /**
   * How much the site can do while it is cut off from the cloud.
   *
   * From L3 to L4 or L5 SuperEdge makes a K3s cluster on the nodes; back to L3 it destroys that cluster and its data.
   * L5 to L4 is not implemented by SuperEdge: go through L3.
   * @default AutonomyLevel.L3
   */
  readonly autonomyLevel?: AutonomyLevel;

  /**
   * Names of the unit's nodes, as `kubectl get nodes` shows them. A name that no node has (yet) does nothing. In an app
   * a node is in one unit only.
   *
   * Needed at L4 (one or more) and L5 (three or more).
   * @default - only what `selector` selects
   */
  readonly nodes?: readonly string[];

  /**
   * Selects further nodes by label, at L3 only. SuperEdge never removes its labels and taints from the nodes of a unit
   * that has a selector and no `nodes`.
   * @default - only `nodes`
   */
  readonly selector?: LabelSelector;

  /**
   * What the nodes are; `EDGE` is needed at L4 and L5, because without it Services of the K3s cluster are not routed.
   * @default NodeUnitType.EDGE
   */
  readonly type?: NodeUnitType;

  /**
   * Whether new workloads stay away from the unit. SuperEdge v0.9.0 has the field, but ignores it.
   * @default false
   */
  readonly unschedulable?: boolean;

  /** What SuperEdge puts on the unit's nodes. @default - nothing but its own labels, and its own taint at L4 and L5 */
  readonly setNode?: SetNodeProps;

  /** Parameters of the K3s cluster that SuperEdge makes. Not used at L3, where there is none. @default - SuperEdge's own */
  readonly unitCluster?: UnitClusterProps;

  /** Labels of the NodeUnit object, for instance for a NodeGroup to select it by. @default - none */
  readonly labels?: Readonly<Record<string, string>>;

  /**
   * Annotations of the NodeUnit object. With `site.superedge.io/clear-cluster: 'yes'` a downgrade to L3 deletes the
   * K3s cluster's tokens too.
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>>;
}
