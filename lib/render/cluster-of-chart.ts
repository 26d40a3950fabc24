import type { Chart } from 'cdk8s';
import { ClusterLevel, clusterLevelOf, declaredCluster } from '../core/cluster-level';

/**
 * The cluster that a chart is for: the one that was said, or that of its level; a chart that neither says nor holds an object
 * of this library is for the cloud cluster.
 * @param nameOf what the cluster of a level is called
 */
export function clusterOfChart(chart: Chart, nameOf: (level: ClusterLevel) => string = (level) => level): string {
  return declaredCluster(chart)?.name ?? nameOf(clusterLevelOf(chart) ?? ClusterLevel.CLOUD_CLUSTER);
}
