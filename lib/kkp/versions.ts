import type { KubernetesVersionOptions } from '../core/grammars/kubernetes-version';

/**
 * Kubernetes minor versions that KKP offers: 1.31 to 1.34 with KKP 2.29, 1.32 to 1.35 with 2.30, 1.33 to 1.36 with 2.31.
 * Each release also has a list of patch versions, with gaps, which an administrator can change; only KKP's webhook
 * knows that one.
 * @see https://docs.kubermatic.com/kubermatic/main/architecture/compatibility/supported-versions/
 */
export const CONTROL_PLANE_VERSIONS: KubernetesVersionOptions = {
  minMinor: '1.31',
  maxMinor: '1.36',
  supportedBy: 'KKP 2.29 to 2.31',
};

/** Kubelets may lag three minor versions behind the oldest control plane. */
export const KUBELET_VERSIONS: KubernetesVersionOptions = {
  minMinor: '1.28',
  maxMinor: '1.36',
  supportedBy: 'the control planes of KKP 2.29 to 2.31 and three minor versions behind',
};
