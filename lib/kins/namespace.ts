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
        // Several Kustomizations may contain it, and each would write its own labels into it at every reconciliation.
        'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent',
      },
      labels: {
        'app.kubernetes.io/managed-by': 'edge-constructs',
        // The cri and agent pods run containers, which takes all privileges. The server pods would meet the level
        // `restricted`, but for their use of the node's network and disk.
        'pod-security.kubernetes.io/enforce': 'privileged',
      },
    },
  };
}
