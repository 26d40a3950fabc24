export { ClusterLevel, clusterLevelOf } from './cluster-level';
export { EdgeConstructsError, type Problem } from './error';
