import * as pulumi from '@pulumi/pulumi';
import { NodeGroup as Rich, type NodeGroupArgs as RichArgs } from '../components/node-group';
import type { LabelSelector, NodeGroupWorkload } from './unit-types';

/** Arguments of a group of units. */
export interface NodeGroupArgs {
  /** Names of the units. */
  nodeUnitNames?: pulumi.Input<pulumi.Input<string>[]>;
  /** Name of the group. By default the name of the resource. */
  groupName?: pulumi.Input<string>;
  /** Chooses units by labels. */
  selector?: LabelSelector;
  /** Keys of node labels, each value of which becomes a unit. */
  autoFindNodeKeys?: pulumi.Input<pulumi.Input<string>[]>;
  /** Workloads that the group is for. */
  workload?: NodeGroupWorkload[];
  /** Labels of the NodeGroup. */
  labels?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Annotations of the NodeGroup. */
  annotations?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
}

/** A group of NodeUnits. */
export class NodeGroup extends pulumi.ComponentResource {
  /** The group's name. */
  readonly groupName: pulumi.Output<string>;

  constructor(name: string, args: NodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:NodeGroup', name, {}, opts);
    const { groupName, ...others } = args;
    const rich = new Rich(name, { ...others, name: groupName } as RichArgs, { parent: this });
    this.groupName = rich.groupName;
    this.registerOutputs({ groupName: this.groupName });
  }
}
