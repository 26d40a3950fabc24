export { appliedLevel } from './applied-level';
export { appliedVersion } from './applied-version';
export { KinsCluster, type KinsKubeconfig } from './kins-cluster';
export type { KinsClusterProps, KinsPodResources, KinsResources, KinsToleration } from './kins-cluster-props';
export { Weekday, type KinsMaintenanceWindow, type KinsPrepull } from './upgrade-props';
export type {
  KinsRegistry,
  KinsRegistryAuth,
  KinsRegistryCaSecret,
  KinsRegistryClientCertificate,
  KinsRegistryMirror,
} from './registry-props';
