import { valueAt } from '../core/yaml-documents';
import { appliedGuard } from './applied-guard';
import { K3S_VERSION_ANNOTATION } from './names';

/**
 * Reads the K3s release that a unit was last given, for `previousVersion` of a {@link KinsCluster}.
 *
 * ```ts
 * const before = existsSync('dist/site.k8s.yaml') ? readFileSync('dist/site.k8s.yaml', 'utf8') : '';
 * new KinsCluster(chart, 'test', { nodes, autonomyLevel, version, previousVersion: appliedVersion(before, 'test') });
 * ```
 *
 * @param manifests what was rendered before, or what `kubectl get configmap <unit>-guard-kins -n kins-system -o yaml`
 * prints; YAML of one or more documents
 * @param unitName name of the unit
 * @returns the release; `undefined` if the unit is not in the manifests, is at L3, was rendered by a version of this library
 * that did not note it yet, or has an image whose tag does not tell
 * @throws {@link EdgeConstructsError} when the manifests are not YAML, or the name is not one that a unit can have
 */
export function appliedVersion(manifests: string, unitName: string): string | undefined {
  const guard = appliedGuard('appliedVersion', manifests, unitName);
  const version = valueAt(guard, 'metadata', 'annotations', K3S_VERSION_ANNOTATION);
  return typeof version === 'string' && version !== '' ? version : undefined;
}
