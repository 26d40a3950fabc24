import type { Chart } from 'cdk8s';
import { ClusterLevel } from '../core/cluster-level';
import { clusterOfChart } from '../render/cluster-of-chart';
import type { SiteClusters } from './site';

/** Name of the K3s cluster of a site that does not set another. */
export function edgeClusterName(site: string): string {
  return `edge-${site}`;
}

/** The names of a site's clusters, with defaults filled in. */
export function clustersWithDefaults(given: SiteClusters | undefined, site: string): Required<SiteClusters> {
  return {
    kkpMaster: given?.kkpMaster ?? ClusterLevel.KKP_MASTER,
    kkpSeed: given?.kkpSeed ?? ClusterLevel.KKP_SEED,
    kkpUserCluster: given?.kkpUserCluster ?? ClusterLevel.KKP_USER_CLUSTER,
    cloudCluster: given?.cloudCluster ?? ClusterLevel.CLOUD_CLUSTER,
    edgeCluster: given?.edgeCluster ?? edgeClusterName(site),
  };
}

/** The name of the cluster that a chart is for; `undefined` if the chart does not belong to a site. */
export function clusterOfSiteChart(chart: Chart, clusters: Required<SiteClusters> | undefined): string {
  return clusterOfChart(chart, clusters === undefined ? undefined : (level) => ofLevel(level, clusters));
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
