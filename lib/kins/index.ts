export { appliedLevel } from './applied-level';
export { KinsCluster, type KinsKubeconfig } from './kins-cluster';
export type { KinsClusterProps, KinsPodResources, KinsResources, KinsToleration } from './kins-cluster-props';
export type {
  KinsRegistry,
  KinsRegistryAuth,
  KinsRegistryCaSecret,
  KinsRegistryClientCertificate,
  KinsRegistryMirror,
} from './registry-props';
