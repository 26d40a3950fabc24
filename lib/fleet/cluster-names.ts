import type { Chart } from 'cdk8s';
import { ClusterLevel, clusterLevelOf } from '../core/cluster-level';
import type { SiteClusters } from './site';

/** The names of a site's clusters, those that were not given filled in. */
export function clustersWithDefaults(given: SiteClusters | undefined): Required<SiteClusters> {
  return {
    kkpMaster: given?.kkpMaster ?? ClusterLevel.KKP_MASTER,
    kkpSeed: given?.kkpSeed ?? ClusterLevel.KKP_SEED,
    kkpUserCluster: given?.kkpUserCluster ?? ClusterLevel.KKP_USER_CLUSTER,
    cloudCluster: given?.cloudCluster ?? ClusterLevel.CLOUD_CLUSTER,
  };
}

/** The cluster that a chart is for; one that holds no object of this library is for the cloud cluster. */
export function clusterOf(level: ClusterLevel | undefined, given: SiteClusters | undefined): string {
  const clusters = clustersWithDefaults(given);
  switch (level) {
    case ClusterLevel.KKP_MASTER:
      return clusters.kkpMaster;
    case ClusterLevel.KKP_SEED:
      return clusters.kkpSeed;
    case ClusterLevel.KKP_USER_CLUSTER:
      return clusters.kkpUserCluster;
    case ClusterLevel.CLOUD_CLUSTER:
    case undefined:
      return clusters.cloudCluster;
  }
}

/** The cluster of a chart that belongs to no site. */
export function clusterOfTree(chart: Chart): string {
  return clusterOf(clusterLevelOf(chart), undefined);
}
