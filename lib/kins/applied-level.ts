import { anyText, checkArguments } from '../core/check-arguments';
import { EdgeConstructsError } from '../core/error';
import { dns1035Label } from '../core/grammars/names';
import { type AnyManifest, listedObjects } from '../core/listed-objects';
import { isPlainObject } from '../core/rules';
import { valueAt, yamlDocuments } from '../core/yaml-documents';
import { AutonomyLevel } from '../superedge/autonomy-level';
import { kinsName, LONGEST_UNIT_NAME } from './names';

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
  checkArguments('appliedLevel', {
    manifests: [manifests, anyText('YAML, empty if nothing has been applied yet')],
    unitName: [unitName, dns1035Label({ maxLength: LONGEST_UNIT_NAME })],
  });
  const documents = yamlDocuments(manifests);
  if (documents === undefined) {
    throw new EdgeConstructsError('', 'appliedLevel', [
      {
        field: 'manifests',
        given: 'a string that is not YAML',
        allowed: 'YAML of one or more documents',
        remedy: 'Pass what was rendered, unchanged.',
      },
    ]);
  }
  const name = kinsName(unitName, 'guard');
  const guard = documents
    .filter((each): each is AnyManifest => isPlainObject(each))
    .flatMap(listedObjects)
    .find((each) => each.kind === 'ConfigMap' && valueAt(each, 'metadata', 'name') === name);
  const level = valueAt(guard, 'data', 'level');
  return Object.values(AutonomyLevel).find((known) => known === level);
}
