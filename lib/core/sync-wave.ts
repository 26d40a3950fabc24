/**
 * Argo CD applies lower waves first and waits for them; Flux and kubectl take the order of the file, which follows the
 * same numbers because constructs add their objects in this order.
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
 */
export const SYNC_WAVE = 'argocd.argoproj.io/sync-wave';

/** The annotation that puts an object into a wave: none for wave 0, which is Argo CD's default. */
export function syncWaveAnnotations(wave: number): Readonly<Record<string, string>> {
  return wave === 0 ? {} : { [SYNC_WAVE]: String(wave) };
}

/**
 * What keeps GitOps controllers from deleting an object that is no longer in Git.
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
 */
export const NEVER_PRUNED_ANNOTATIONS: Readonly<Record<string, string>> = {
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
};

/**
 * What makes GitOps controllers apply a part of an object that has other owners too: server-side, owning only the
 * fields that are in the manifest, and never deleting the object, because it is not theirs.
 *
 * `Validate=false` is Argo CD's demand for manifests that leave out required fields; the API server checks the merged
 * object all the same. Flux always applies server-side; `Merge` keeps it from taking back fields that kubectl wrote.
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#server-side-apply
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
 */
export const SERVER_SIDE_APPLY_ANNOTATIONS: Readonly<Record<string, string>> = {
  'argocd.argoproj.io/sync-options': 'ServerSideApply=true,Validate=false,Prune=false,Delete=false',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
  'kustomize.toolkit.fluxcd.io/ssa': 'Merge',
};
