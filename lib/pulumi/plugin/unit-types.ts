import type * as pulumi from '@pulumi/pulumi';
import type { AutonomyLevel } from '../../superedge/autonomy-level';
import type { NodeGroupWorkloadType, NodeUnitType, SelectorOperator, TaintEffect } from '../../superedge';

/** A selector by labels. */
export interface LabelSelector {
  /** Labels that must be there with these values. */
  matchLabels?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Conditions, all of which must hold. */
  matchExpressions?: SelectorRequirement[];
}

/** A condition on a label. */
export interface SelectorRequirement {
  /** Key of the label. */
  key: pulumi.Input<string>;
  /** How the label is compared. */
  operator: SelectorOperator;
  /** Values, for `In` and `NotIn`. */
  values?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Labels, annotations and taints for the nodes of a unit. */
export interface UnitNodeSettings {
  /** Labels. */
  labels?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Annotations. */
  annotations?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Taints. */
  taints?: NodeTaint[];
}

/** A taint of a node. */
export interface NodeTaint {
  /** Key of the taint. */
  key: pulumi.Input<string>;
  /** Value of the taint. */
  value?: pulumi.Input<string>;
  /** What happens to pods that do not tolerate it. */
  effect: TaintEffect;
}

/** Settings of the K3s cluster that SuperEdge makes. */
export interface UnitClusterSettings {
  /** Image of K3s. */
  k3sImage?: pulumi.Input<string>;
  /** Image of the container runtime. */
  criwImage?: pulumi.Input<string>;
  /** Ports of NodePort Services: `30000-32767`. */
  nodePortRange?: pulumi.Input<string>;
}

/** The NodeUnit that a KinsCluster creates for itself. */
export interface KinsNodeUnit {
  /** Name of the unit. By default the name of the resource. */
  name?: pulumi.Input<string>;
  /** L4 is one K3s server, L5 three; L3 removes the edge cluster and its data from the nodes. */
  autonomyLevel?: AutonomyLevel;
  /** Names of the nodes. */
  nodes?: pulumi.Input<pulumi.Input<string>[]>;
  /** Chooses nodes by labels. */
  selector?: LabelSelector;
  /** What the nodes are. By default edge nodes. */
  type?: NodeUnitType;
  /** Keeps new pods off the nodes. */
  unschedulable?: boolean;
  /** What the nodes get. */
  setNode?: UnitNodeSettings;
  /** Settings of the K3s cluster that SuperEdge makes. */
  unitCluster?: UnitClusterSettings;
  /** Labels of the NodeUnit. */
  labels?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Annotations of the NodeUnit. */
  annotations?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
}

/** A workload that a group is for. */
export interface NodeGroupWorkload {
  /** Its name. */
  name: pulumi.Input<string>;
  /** Its kind. */
  type: NodeGroupWorkloadType;
  /** Chooses workloads by labels. */
  selector?: LabelSelector;
}
