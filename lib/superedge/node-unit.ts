import { brand } from '../core/instance-of';
import { Construct } from 'constructs';
import { claim } from '../core/claims';
import { clusterAt, ClusterLevel } from '../core/cluster-level';
import { addLateObject } from '../core/edge-object';
import { PropsCheck } from '../core/props-check';
import { NEVER_PRUNED_ANNOTATIONS } from '../core/sync-wave';
import { NODE_CLAIM, UNIT_NAME_CLAIM } from './claims';
import { SITE_API_VERSION } from './labels';
import { hasOwnCluster, type AutonomyLevel } from './autonomy-level';
import { addUnit, surroundingsOf, type UnitRecord } from './membership';
import { checkNodeUnit } from './node-unit-check';
import { nodeUnitSpec } from './node-unit-manifest';
import type { NodeUnitProps, NodeUnitType } from './node-unit-props';

/**
 * A pool of edge nodes, as SuperEdge's custom resource `NodeUnit` (site.superedge.io/v1alpha2, cluster-scoped).
 *
 * At L4 and L5 SuperEdge's site-manager, if it runs in the cluster, makes a K3s cluster on the nodes. SuperEdge is
 * archived upstream and its K3s support is made for Kubernetes 1.22, so a {@link KinsCluster} that is given the unit
 * does that without SuperEdge: the resource then says L3, with the true level in the annotation
 * `edge-constructs.io/autonomy-level`, because two masters must not act on one unit.
 *
 * ```ts
 * new NodeUnit(chart, 'test', { nodes: ['edge1', 'edge2', 'edge3'], autonomyLevel: AutonomyLevel.L3 });
 * ```
 *
 * A unit at L4 or L5 cannot be deleted: set it to L3 first, wait until its pods in `kins-system` are gone, then delete. Its
 * annotations keep Argo CD and Flux from pruning it before.
 *
 * At L4 and L5 the resource also declares what SuperEdge's controller would write into it (label, taint and credential
 * reference), so that it does not change under GitOps.
 * @see https://github.com/superedge/superedge/blob/main/docs/components/kins.md
 */
export class NodeUnit extends Construct {
  static {
    brand(this, 'NodeUnit');
  }

  /** The unit's name, also the prefix of everything that its K3s cluster has. */
  readonly name: string;

  /** Names of the unit's nodes, without those that a selector selects. */
  readonly nodes: readonly string[];

  /** The unit's true level, also when its resource says L3 because a KinsCluster acts on it. */
  readonly autonomyLevel: AutonomyLevel;

  /** What the nodes are. */
  readonly nodeUnitType: NodeUnitType;

  /**
   * @param scope where it is declared; its chart is for the cluster that the nodes have joined
   * @param id the construct's id, also the unit's name unless `name` is given
   * @param props which nodes, and what they can do offline
   * @throws {@link EdgeConstructsError} when a prop is wrong, a node is in another unit of the cluster already, another
   * unit of it has the name, or the chart is for another cluster
   */
  constructor(scope: Construct, id: string, props: NodeUnitProps) {
    const check = new PropsCheck(scope, id, 'NodeUnit');
    const model = checkNodeUnit(check, scope, id, props);
    super(scope, id);
    check.entered(this);
    const cluster = clusterAt(this, ClusterLevel.CLOUD_CLUSTER);
    claim(cluster, UNIT_NAME_CLAIM, model.name, this.node.path);
    model.nodes.forEach((node) => claim(cluster, NODE_CLAIM, node, this.node.path));

    this.name = model.name;
    this.nodes = model.nodes;
    this.autonomyLevel = model.level;
    this.nodeUnitType = model.type;

    const record: UnitRecord = { model, groups: new Set() };
    const { name, labels } = model;
    // SuperEdge does not refuse a deletion, but delays it until the level is L3, and it can't be cancelled.
    const annotations = { ...(hasOwnCluster(model.level) ? NEVER_PRUNED_ANNOTATIONS : {}), ...model.annotations };
    record.object = addLateObject(
      this,
      'Resource',
      { apiVersion: SITE_API_VERSION, kind: 'NodeUnit', metadata: { name, labels, annotations } },
      () => nodeUnitSpec(model, surroundingsOf(record)),
      { level: ClusterLevel.CLOUD_CLUSTER },
    );
    addUnit(this, record);
  }
}
