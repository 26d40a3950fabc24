export { type ChartCluster, ClusterLevel, clusterLevelOf } from './cluster-level';
export { EdgeConstructsError } from './error';
export type { Problem } from './problem';
export { setCluster } from './set-cluster';
