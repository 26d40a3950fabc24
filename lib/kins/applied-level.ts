import { valueAt } from '../core/yaml-documents';
import { AutonomyLevel } from '../superedge/autonomy-level';
import { appliedGuard } from './applied-guard';

/**
 * Reads the level at which a unit was last applied, for `previousLevel` of a {@link KinsCluster}.
 *
 * ```ts
 * const before = existsSync('dist/site.k8s.yaml') ? readFileSync('dist/site.k8s.yaml', 'utf8') : '';
 * new KinsCluster(chart, 'test', { nodes, autonomyLevel, previousLevel: appliedLevel(before, 'test') });
 * ```
 *
 * @param manifests what was rendered before, or what `kubectl get configmap <unit>-guard-kins -n kins-system -o yaml`
 * prints; YAML of one or more documents
 * @param unitName name of the unit
 * @returns the level; `undefined` if the unit is not in the manifests
 * @throws {@link EdgeConstructsError} when the manifests are not YAML, or the name is not one that a unit can have
 */
export function appliedLevel(manifests: string, unitName: string): AutonomyLevel | undefined {
  const level = valueAt(appliedGuard('appliedLevel', manifests, unitName), 'data', 'level');
  return Object.values(AutonomyLevel).find((known) => known === level);
}
