import type { LabelSelector } from './label-selector';
import type { NodeUnit } from './node-unit';

/** Kinds of workload a group can name, with SuperEdge's short words for them. */
export enum NodeGroupWorkloadType {
  /** A Pod. */
  POD = 'pod',
  /** A Deployment. */
  DEPLOYMENT = 'deploy',
  /** A DaemonSet. */
  DAEMON_SET = 'ds',
  /** A Service. */
  SERVICE = 'service',
  /** A Job. */
  JOB = 'job',
  /** A StatefulSet. */
  STATEFUL_SET = 'st',
}

/** A workload that belongs to a group. For information only: SuperEdge v0.9.0 ignores it. */
export interface NodeGroupWorkload {
  /** The workload's name. */
  readonly name: string;
  /** What it is. */
  readonly type: NodeGroupWorkloadType;
  /** Selects workloads by label. @default - by name only */
  readonly selector?: LabelSelector;
}

/** Props of a {@link NodeGroup}. At least one of `nodeUnits`, `nodeUnitNames`, `selector`, `autoFindNodeKeys` is needed. */
export interface NodeGroupProps {
  /**
   * The group's name: a DNS subdomain of at most 63 characters, because SuperEdge uses it as a label key. No unit of the
   * app may have the same name.
   * @default - the construct's id
   */
  readonly name?: string;

  /** Units of this app that are members. @default - none */
  readonly nodeUnits?: readonly NodeUnit[];

  /**
   * Names of units that are declared elsewhere; a name that no unit has (yet) does nothing.
   * @default - none
   */
  readonly nodeUnitNames?: readonly string[];

  /** Selects further units by the labels of their NodeUnit objects. @default - only units that are named */
  readonly selector?: LabelSelector;

  /**
   * Label keys of nodes. SuperEdge makes a NodeUnit for every combination of their values that nodes have, named by the
   * values joined with `-`, and takes it into the group.
   * @default - no units are made
   */
  readonly autoFindNodeKeys?: readonly string[];

  /** Workloads that belong to the group, for information. @default - none */
  readonly workload?: readonly NodeGroupWorkload[];

  /** Labels of the NodeGroup object. @default - none */
  readonly labels?: Readonly<Record<string, string>>;

  /** Annotations of the NodeGroup object. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
}
