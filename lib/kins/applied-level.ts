import { anyText, checkArguments } from '../core/check-arguments';
import { dns1035Label } from '../core/grammars/names';
import { AutonomyLevel } from '../superedge/autonomy-level';
import { kinsName, LONGEST_UNIT_NAME } from './names';

/**
 * Reads at which level a unit was applied last, for `previousLevel` of a {@link KinsCluster}.
 *
 * ```ts
 * const before = existsSync('dist/site.k8s.yaml') ? readFileSync('dist/site.k8s.yaml', 'utf8') : '';
 * new KinsCluster(chart, 'test', { nodes, autonomyLevel, previousLevel: appliedLevel(before, 'test') });
 * ```
 *
 * @param manifests what was rendered before, or what `kubectl get configmap <unit>-guard-kins -n kins-system -o yaml`
 * prints; YAML of one or more documents
 * @param unitName name of the unit
 * @returns the level; `undefined` when the manifests do not hold the unit
 * @throws {@link EdgeConstructsError} when an argument is no text, or the name is none that a unit can have
 */
export function appliedLevel(manifests: string, unitName: string): AutonomyLevel | undefined {
  checkArguments('appliedLevel', {
    manifests: [manifests, anyText('YAML, empty when nothing was applied yet')],
    unitName: [unitName, dns1035Label({ maxLength: LONGEST_UNIT_NAME })],
  });
  const name = kinsName(unitName, 'guard');
  const guard = manifests
    .split(/^---.*$/m)
    .find((text) => /^kind: ConfigMap\s*$/m.test(text) && new RegExp(`^  name: "?${name}"?\\s*$`, 'm').test(text));
  const level = /^ {2}level: "?(L\d)"?\s*$/m.exec(guard ?? '')?.[1];
  return Object.values(AutonomyLevel).find((known) => known === level);
}
