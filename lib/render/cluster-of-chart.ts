import type { Chart } from 'cdk8s';
import { ClusterLevel, clusterLevelOf, declaredCluster } from '../core/cluster-level';

/**
 * The cluster that a chart is for: the one that was declared, or that of its level. A chart without a declaration and
 * without objects of this library is for the cloud cluster.
 * @param nameOf names the cluster of a level
 */
export function clusterOfChart(chart: Chart, nameOf: (level: ClusterLevel) => string = (level) => level): string {
  return declaredCluster(chart)?.name ?? nameOf(clusterLevelOf(chart) ?? ClusterLevel.CLOUD_CLUSTER);
}
