/**
 * The constructs of this library as Pulumi components, see docs/pulumi.md.
 *
 * @module edge-constructs/pulumi
 */
import { tellErrors } from './told-error';

export { ChartResources, type ChartResourcesArgs } from './chart-resources';
export { ManifestResource } from './manifest-resource';
export { OutputTokens } from './output-tokens';
export { type ChartAliases } from './resource-identity';
export { type Inputs } from './inputs';
export { EdgeCluster, type EdgeClusterArgs } from './components/edge-cluster';
export { EdgeDatacenter, type EdgeDatacenterArgs } from './components/edge-datacenter';
export { EdgeDevice, type EdgeDeviceArgs } from './components/edge-device';
export { EdgeMachine, type EdgeMachineArgs, type ScriptSecret } from './components/edge-machine';
export { KinsCluster, type KinsClusterArgs } from './components/kins-cluster';
export { NodeGroup, type NodeGroupArgs } from './components/node-group';
export { NodeMetadata, type NodeMetadataArgs } from './components/node-metadata';
export { NodeUnit, type NodeUnitArgs } from './components/node-unit';
export { Seed, type SeedArgs } from './components/seed';
export { type DeviceConnection, type SshEndpoint } from './device-connection';

tellErrors();
