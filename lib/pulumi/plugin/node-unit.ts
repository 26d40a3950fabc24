import * as pulumi from '@pulumi/pulumi';
import type { AutonomyLevel } from '../../superedge/autonomy-level';
import type { NodeUnitType } from '../../superedge';
import { NodeUnit as Rich, type NodeUnitArgs as RichArgs } from '../components/node-unit';
import type { LabelSelector, UnitClusterSettings, UnitNodeSettings } from './unit-types';

/** Arguments of a pool of edge nodes. */
export interface NodeUnitArgs {
  /** Names of the nodes. At L3 a selector may stand in their place. */
  nodes?: pulumi.Input<pulumi.Input<string>[]>;
  /** How much the site can do while it is cut off from the cloud. By default L3. */
  autonomyLevel?: AutonomyLevel;
  /** Name of the unit. By default the name of the resource. */
  unitName?: pulumi.Input<string>;
  /** Chooses nodes by labels. */
  selector?: LabelSelector;
  /** What the nodes are. By default edge nodes. */
  type?: NodeUnitType;
  /** Keeps new pods off the nodes. */
  unschedulable?: boolean;
  /** What the nodes get. */
  setNode?: UnitNodeSettings;
  /** Settings of the K3s cluster that SuperEdge makes at L4 and L5. */
  unitCluster?: UnitClusterSettings;
  /** Labels of the NodeUnit. */
  labels?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Annotations of the NodeUnit. */
  annotations?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
}

/** A pool of edge nodes as SuperEdge's NodeUnit. */
export class NodeUnit extends pulumi.ComponentResource {
  /** The unit's name. */
  readonly unitName: pulumi.Output<string>;
  /** What has to be done before the unit can be deleted. */
  readonly deletionAdvice: pulumi.Output<string>;

  constructor(name: string, args: NodeUnitArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:NodeUnit', name, {}, opts);
    const { unitName, ...others } = args;
    const rich = new Rich(name, { ...others, name: unitName } as RichArgs, { parent: this });
    this.unitName = rich.unitName;
    this.deletionAdvice = rich.deletionAdvice;
    this.registerOutputs({ unitName: this.unitName, deletionAdvice: this.deletionAdvice });
  }
}
