import type { Manifest } from '../core/edge-object';
import { KINS_NAMESPACE } from './names';

/**
 * The namespace of all units. GitOps controllers never remove it, because the unit of another chart may live in it.
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
 */
export function kinsNamespace(): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: KINS_NAMESPACE,
      annotations: {
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
        // Several Kustomizations may bring it; each would write its own name into it at every reconciliation.
        'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent',
      },
      labels: {
        'app.kubernetes.io/managed-by': 'edge-constructs',
        // The cri and agent pods run containers, which takes every privilege; the server pods would pass as restricted,
        // were it not for the node's network and disk.
        'pod-security.kubernetes.io/enforce': 'privileged',
      },
    },
  };
}
