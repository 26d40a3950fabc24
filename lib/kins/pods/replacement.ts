import { k8s } from 'cdk8s-plus-27';

/** When a DaemonSet replaces its pods after a change, and in which order. */
export type Replacement = Pick<k8s.DaemonSetSpec, 'updateStrategy' | 'minReadySeconds'>;

/**
 * One node after another, the next one only when the pod of this one has been ready for a while. So three servers keep
 * their quorum, and an option that the kubelet does not know breaks one node of the site, not all.
 * @param seconds how long a pod has to be ready, in seconds
 */
export function nodeByNode(seconds: number): Replacement {
  return {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1) } },
    minReadySeconds: seconds,
  };
}

/** On all nodes at once: they no longer depend on each other. */
export const ALL_AT_ONCE: Replacement = {
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString('100%') } },
};
