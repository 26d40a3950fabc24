import { k8s } from 'cdk8s-plus-27';

/** How a DaemonSet replaces its pods after a change. */
export type Replacement = Pick<k8s.DaemonSetSpec, 'updateStrategy'>;

/**
 * A new pod starts beside the one that it is to replace, and that one goes on until the new one is ready: when its image is
 * on the node, and it may take over. If it never may, nothing has changed.
 *
 * Without `minReadySeconds`, for which the pods themselves wait: if two pods of a DaemonSet get ready within that time, its
 * controller looks again for the first of them only, and the second never replaces its predecessor.
 * @see https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/
 */
export const BESIDE_THE_EARLIER: Replacement = {
  updateStrategy: {
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
  },
};

/** On all nodes at once: they no longer depend on each other. */
export const ALL_AT_ONCE: Replacement = {
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString('100%') } },
};
