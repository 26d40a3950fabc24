export type { SupervisorOptions, SupervisorProps } from './device-options';
export {
  type DecommissioningProps,
  decommissioningScript,
  deviceInput,
  provisioningInput,
  type ProvisioningSecretsInput,
  provisioningSupervisor,
} from './supervisor';
