import type { Chart } from 'cdk8s';
import { ClusterLevel, clusterLevelOf, declaredCluster } from '../core/cluster-level';
import type { SiteClusters } from './site';

/** Name of the K3s cluster of a site that says no other. */
export function edgeClusterName(site: string): string {
  return `edge-${site}`;
}

/** The names of a site's clusters, those that were not given filled in. */
export function clustersWithDefaults(given: SiteClusters | undefined, site: string): Required<SiteClusters> {
  return {
    kkpMaster: given?.kkpMaster ?? ClusterLevel.KKP_MASTER,
    kkpSeed: given?.kkpSeed ?? ClusterLevel.KKP_SEED,
    kkpUserCluster: given?.kkpUserCluster ?? ClusterLevel.KKP_USER_CLUSTER,
    cloudCluster: given?.cloudCluster ?? ClusterLevel.CLOUD_CLUSTER,
    edgeCluster: given?.edgeCluster ?? edgeClusterName(site),
  };
}

/**
 * The cluster that a chart is for: the one that was said, or that of its level; a chart that neither says nor holds an object
 * of this library is for the cloud cluster.
 * @param clusters those of the chart's site; none outside of sites
 */
export function clusterOfChart(chart: Chart, clusters: Required<SiteClusters> | undefined): string {
  const level = clusterLevelOf(chart) ?? ClusterLevel.CLOUD_CLUSTER;
  return declaredCluster(chart)?.name ?? (clusters === undefined ? level : ofLevel(level, clusters));
}

function ofLevel(level: ClusterLevel, clusters: Required<SiteClusters>): string {
  switch (level) {
    case ClusterLevel.KKP_MASTER:
      return clusters.kkpMaster;
    case ClusterLevel.KKP_SEED:
      return clusters.kkpSeed;
    case ClusterLevel.KKP_USER_CLUSTER:
      return clusters.kkpUserCluster;
    case ClusterLevel.CLOUD_CLUSTER:
      return clusters.cloudCluster;
    case ClusterLevel.EDGE_CLUSTER:
      return clusters.edgeCluster;
  }
}

/** The cluster of a chart that belongs to no site. */
export function clusterOfTree(chart: Chart): string {
  return clusterOfChart(chart, undefined);
}
