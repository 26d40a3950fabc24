import { k8s } from 'cdk8s-plus-27';

/** When a DaemonSet replaces its pods after a change, and in which order. */
export type Replacement = Pick<k8s.DaemonSetSpec, 'updateStrategy' | 'minReadySeconds'>;

/**
 * A new pod starts beside the one that it is to replace, and that one goes on until the new one is ready: when its image is
 * on the node, and it may take over. If it never may, nothing has changed.
 * @param seconds how long a pod has to be ready, in seconds
 * @see https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/
 */
export function besideTheEarlier(seconds: number): Replacement {
  return {
    updateStrategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
    },
    minReadySeconds: seconds,
  };
}

/** On all nodes at once: they no longer depend on each other. */
export const ALL_AT_ONCE: Replacement = {
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString('100%') } },
};
