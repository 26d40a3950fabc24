export { ADDRESSES_LABEL, SERVING_CERTIFICATES_LABEL } from './serving-certificates';
export { ServingCertificateApprover, type ServingCertificateApproverProps } from './serving-certificate-approver';
export type { SupervisorOptions, SupervisorProps } from './device-options';
export {
  type DecommissioningProps,
  decommissioningScript,
  deviceInput,
  provisioningInput,
  type ProvisioningSecretsInput,
  provisioningSupervisor,
} from './supervisor';
