import * as pulumi from '@pulumi/pulumi';
import type { AutonomyLevel } from '../../superedge/autonomy-level';
import { NodeUnit as Rich } from '../components/node-unit';

/** Arguments of a pool of edge nodes. */
export interface NodeUnitArgs {
  /** Names of the nodes. */
  nodes: pulumi.Input<pulumi.Input<string>[]>;
  /** How much the site can do while it is cut off from the cloud. By default L3. */
  autonomyLevel?: AutonomyLevel;
  /** Name of the unit. By default the name of the resource. */
  unitName?: pulumi.Input<string>;
}

/** A pool of edge nodes as SuperEdge's NodeUnit. */
export class NodeUnit extends pulumi.ComponentResource {
  /** The unit's name. */
  readonly unitName: pulumi.Output<string>;
  /** What has to be done before the unit can be deleted. */
  readonly deletionAdvice: pulumi.Output<string>;

  constructor(name: string, args: NodeUnitArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:NodeUnit', name, {}, opts);
    const { nodes, unitName, autonomyLevel } = args;
    const rich = new Rich(name, { nodes: nodes as string[], name: unitName, autonomyLevel }, { parent: this });
    this.unitName = rich.unitName;
    this.deletionAdvice = rich.deletionAdvice;
    this.registerOutputs({ unitName: this.unitName, deletionAdvice: this.deletionAdvice });
  }
}
