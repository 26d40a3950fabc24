import { anyText, checkArguments } from '../core/check-arguments';
import { EdgeConstructsError } from '../core/error';
import { dns1035Label } from '../core/grammars/names';
import { type AnyManifest, listedObjects } from '../core/listed-objects';
import { isPlainObject } from '../core/rules';
import { valueAt, yamlDocuments } from '../core/yaml-documents';
import { kinsName, LONGEST_UNIT_NAME } from './names';

/**
 * Finds the ConfigMap in which a unit's guard is told about the unit, among manifests of an earlier time.
 *
 * @param reader the public function that asks
 * @throws {@link EdgeConstructsError} when the manifests are not YAML, or the name is not one that a unit can have
 */
export function appliedGuard(reader: string, manifests: string, unitName: string): AnyManifest | undefined {
  checkArguments(reader, {
    manifests: [manifests, anyText('YAML, empty if nothing has been applied yet')],
    unitName: [unitName, dns1035Label({ maxLength: LONGEST_UNIT_NAME })],
  });
  const documents = yamlDocuments(manifests);
  if (documents === undefined) {
    throw new EdgeConstructsError('', reader, [
      {
        field: 'manifests',
        given: 'a string that is not YAML',
        allowed: 'YAML of one or more documents',
        remedy: 'Pass what was rendered, unchanged.',
      },
    ]);
  }
  const name = kinsName(unitName, 'guard');
  return documents
    .filter((each): each is AnyManifest => isPlainObject(each))
    .flatMap(listedObjects)
    .find((each) => each.kind === 'ConfigMap' && valueAt(each, 'metadata', 'name') === name);
}
