import { Construct } from 'constructs';
import { claim } from '../core/claims';
import { clusterAt, ClusterLevel } from '../core/cluster-level';
import { addObject } from '../core/edge-object';
import { PropsCheck } from '../core/props-check';
import { GROUP_NAME_CLAIM } from './claims';
import { SITE_API_VERSION } from './labels';
import { addGroup } from './membership';
import { checkNodeGroup } from './node-group-check';
import { nodeGroupSpec } from './node-group-manifest';
import type { NodeGroupProps } from './node-group-props';

/**
 * Several units that belong together, as SuperEdge's custom resource `NodeGroup` (site.superedge.io/v1alpha2,
 * cluster-scoped). SuperEdge labels the nodes of every member with `<group>=<unit>`, which its per-site workloads
 * (ServiceGrid, DeploymentGrid) use.
 *
 * ```ts
 * new NodeGroup(chart, 'plants', { nodeUnits: [hamburg, munich] });
 * ```
 * @see https://github.com/superedge/superedge/blob/main/docs/components/site-manager_CN.md
 */
export class NodeGroup extends Construct {
  /** The group's name. */
  readonly name: string;

  /** Names of the units that are members by name. */
  readonly nodeUnitNames: readonly string[];

  /**
   * @param scope where it is declared; its chart is for the cluster that the nodes have joined
   * @param id the construct's id, also the group's name unless `name` is given
   * @param props which units
   * @throws {@link EdgeConstructsError} when a prop is wrong, another group or a unit of the cluster has the name, or the
   * chart is for another cluster
   */
  constructor(scope: Construct, id: string, props: NodeGroupProps) {
    const check = new PropsCheck(scope, id, 'NodeGroup');
    const model = checkNodeGroup(check, scope, id, props);
    super(scope, id);
    check.entered(this);
    claim(clusterAt(this, ClusterLevel.CLOUD_CLUSTER), GROUP_NAME_CLAIM, model.name, this.node.path);

    this.name = model.name;
    this.nodeUnitNames = Object.freeze([...model.unitNames]);

    const { name, labels, annotations } = model;
    addObject(
      this,
      'Resource',
      {
        apiVersion: SITE_API_VERSION,
        kind: 'NodeGroup',
        metadata: { name, labels, annotations },
        spec: nodeGroupSpec(model),
      },
      { level: ClusterLevel.CLOUD_CLUSTER },
    );
    addGroup(this, { name, unitNames: new Set(model.unitNames), selector: model.selector });
  }
}
