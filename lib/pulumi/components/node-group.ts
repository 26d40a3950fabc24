import * as pulumi from '@pulumi/pulumi';
import { NodeGroup as NodeGroupConstruct, type NodeGroupProps } from '../../superedge';
import { listOf, optional } from '../../core/rules';
import { component, refuse, requireArguments } from '../arguments';
import { ChartResources } from '../chart-resources';
import { propsOf, type Inputs } from '../inputs';
import { refuseSecond, separateChart } from '../program-app';
import { formerNamesOf } from '../resource-identity';
import { NodeUnit } from './node-unit';

/** Arguments of {@link NodeGroup}: the props of the construct of that name. */
export interface NodeGroupArgs extends Inputs<Omit<NodeGroupProps, 'nodeUnits'>> {
  /** Units of the group, by component. @default - none; see `nodeUnitNames`, `selector`, `autoFindNodeKeys` */
  readonly nodeUnits?: readonly NodeUnit[];
}

/**
 * A group of NodeUnits. SuperEdge itself writes the label of the group to its units: unlike in cdk8s, the objects of the
 * units do not carry it, because they may belong to other stacks.
 */
export class NodeGroup extends pulumi.ComponentResource {
  /** The group's name. */
  readonly groupName: pulumi.Output<string>;

  /**
   * @param name name of the component, which is the default name of the group
   * @param args what the construct `NodeGroup` takes; strings may be Outputs
   * @param opts `provider` is required: for the cluster that the nodes have joined
   * @throws {@link EdgeConstructsError} when an argument is wrong or the provider is missing
   */
  constructor(name: string, args: NodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:NodeGroup', name, {}, opts);
    requireArguments('NodeGroup', name, args);
    refuse('NodeGroup', name, [
      ...optional(listOf(component(NodeUnit)))(args.nodeUnits, 'nodeUnits'),
      // The construct checks the names, but only after they were put into one list.
      ...optional(listOf(() => []))(args.nodeUnitNames, 'nodeUnitNames'),
    ]);
    const { nodeUnits = [], nodeUnitNames = [], ...others } = args;
    const chart = separateChart(name);
    const names = [...nodeUnits.map(({ unitName }) => unitName), ...nodeUnitNames];
    const construct = new NodeGroupConstruct(chart, name, {
      ...propsOf<NodeGroupProps>(chart, others),
      ...propsOf<NodeGroupProps>(chart, names.length === 0 ? {} : { nodeUnitNames: names }),
    });
    refuseSecond(this, 'NodeGroup', name, { kind: 'NodeGroup of the cluster', name: construct.name });
    const resources = new ChartResources(
      name,
      { chart, formerNames: formerNamesOf(opts) },
      { parent: this, dependsOn: [...nodeUnits] },
    );
    this.groupName = resources.outputOf(construct.name);
    this.registerOutputs({ groupName: this.groupName });
  }
}
