export { type ChartCluster, ClusterLevel, clusterLevelOf } from './cluster-level';
export { EdgeConstructsError, type Problem } from './error';
export { setCluster } from './set-cluster';
