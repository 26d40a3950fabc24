export { type ClusterNetwork, ProxyMode } from './cluster-network';
export { type CniPlugin, CniPluginType } from './cni-plugin';
export { EdgeCluster } from './edge-cluster';
export type { EdgeClusterProps } from './edge-cluster-props';
export { EdgeDatacenter } from './edge-datacenter';
export {
  ApiServerServiceType,
  type AuditWebhookSettings,
  type AuthenticationConfigurationReference,
  type EdgeDatacenterProps,
  type EdgeNodeSettings,
  type EdgeOperatingSystemProfiles,
  type EdgeRegistryMirror,
  type SeedSecretReference,
} from './edge-datacenter-props';
export { EdgeMachine } from './edge-machine';
export type { EdgeMachineProps } from './edge-machine-props';
export { ExposeStrategy } from './expose-strategy';
export { IpFamily } from './ip-family';
export type { KubeletSettings } from './kubelet-settings';
export { OPERATING_SYSTEM_VERSION_LABEL, OperatingSystem } from '../device/operating-system';
export type { ProvisioningScript, ProvisioningSecrets } from './provisioning-script';
export type { NodeProxySettings } from './proxy-settings';
export { Seed } from './seed';
export type { SeedKubeconfig, SeedProps } from './seed-props';
