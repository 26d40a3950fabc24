import * as pulumi from '@pulumi/pulumi';
import { NodeUnit as NodeUnitConstruct, type AutonomyLevel, type NodeUnitProps } from '../../superedge';
import { ChartResources } from '../chart-resources';
import { propsOf, type Inputs } from '../inputs';
import { componentChart } from '../program-app';
import { formerNamesOf } from '../resource-identity';
import { deletionAdvice } from '../unit-protection';

/** Arguments of {@link NodeUnit}: the props of the construct of that name. */
export type NodeUnitArgs = Inputs<NodeUnitProps>;

/**
 * A pool of edge nodes as SuperEdge's NodeUnit. For a unit whose K3s cluster this library creates, pass its props to the
 * argument `nodeUnit` of a KinsCluster instead: the unit's object depends on it.
 *
 * At L4 and L5 Pulumi refuses to delete it.
 */
export class NodeUnit extends pulumi.ComponentResource {
  /** The unit's name. */
  readonly unitName: pulumi.Output<string>;

  /** Names of its nodes, except those that a selector selects. */
  readonly nodes: pulumi.Output<readonly string[]>;

  /** The unit's level. */
  readonly autonomyLevel: AutonomyLevel;

  /** A text that says what has to be done before the unit can be deleted. */
  readonly deletionAdvice: pulumi.Output<string>;

  /**
   * @param name name of the component, which is the default name of the unit
   * @param args what the construct `NodeUnit` takes; strings may be Outputs
   * @param opts `provider` is required: for the cluster that the nodes have joined
   * @throws {@link EdgeConstructsError} when an argument is wrong, the provider is missing, or the program has a node in
   * two units
   */
  constructor(name: string, args: NodeUnitArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:NodeUnit', name, {}, opts);
    const chart = componentChart('NodeUnit', name, this);
    const construct = new NodeUnitConstruct(chart, name, propsOf<NodeUnitProps>(chart, args));
    const resources = new ChartResources(name, { chart, formerNames: formerNamesOf(opts) }, { parent: this });
    this.unitName = resources.outputOf(construct.name);
    this.nodes = resources.outputOf(construct.nodes);
    this.autonomyLevel = construct.autonomyLevel;
    this.deletionAdvice = resources.outputOf(deletionAdvice(construct.name, construct.autonomyLevel));
    this.registerOutputs({
      unitName: this.unitName,
      nodes: this.nodes,
      autonomyLevel: this.autonomyLevel,
      deletionAdvice: this.deletionAdvice,
    });
  }
}
