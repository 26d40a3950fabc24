import * as pulumi from '@pulumi/pulumi';
import { NodeGroup as Rich } from '../components/node-group';

/** Arguments of a group of units. */
export interface NodeGroupArgs {
  /** Names of the units. */
  nodeUnitNames: pulumi.Input<pulumi.Input<string>[]>;
  /** Name of the group. By default the name of the resource. */
  groupName?: pulumi.Input<string>;
}

/** A group of NodeUnits. */
export class NodeGroup extends pulumi.ComponentResource {
  /** The group's name. */
  readonly groupName: pulumi.Output<string>;

  constructor(name: string, args: NodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:NodeGroup', name, {}, opts);
    const { nodeUnitNames, groupName } = args;
    const rich = new Rich(name, { nodeUnitNames: nodeUnitNames as string[], name: groupName }, { parent: this });
    this.groupName = rich.groupName;
    this.registerOutputs({ groupName: this.groupName });
  }
}
