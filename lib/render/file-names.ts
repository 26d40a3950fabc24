import { createHash } from 'node:crypto';
import { type ApiObject, type Chart, Names } from 'cdk8s';
import { EdgeConstructsError } from '../core/error';

/**
 * The file (or folder) of a chart, without extension: cdk8s' own name, but never with a number in front. Such numbers
 * depend on the order of all charts, so one new dependency would rename every file.
 */
export function chartFileName(chart: Chart): string {
  return Names.toDnsLabel(chart);
}

/**
 * File names for objects that share a folder, in the order of the objects, without extension.
 *
 * An object's name is cdk8s': kind and name. If two objects would get the same name, even if only on file systems that
 * ignore case, their namespace is added, and if that is not enough, a hash of their construct's path.
 */
export function objectFileNames(objects: readonly ApiObject[]): readonly string[] {
  const plain = objects.map((object) => safe(`${object.kind}.${object.name}`));
  const withNamespace = objects.map((object, i) => safe(`${plain[i] ?? ''}.${object.metadata.namespace ?? ''}`));
  const withHash = objects.map((object, i) => `${plain[i] ?? ''}.${pathHash(object)}`);
  const isTwin = twins(plain);
  const second = plain.map(
    (name, i) => (isTwin(name) && object(objects, i).metadata.namespace ? withNamespace[i] : name) ?? name,
  );
  const isStillTwin = twins(second);
  return second.map((name, i) => (isStillTwin(name) ? (withHash[i] ?? name) : name));
}

/**
 * Refuses two charts in one file.
 * @throws {@link EdgeConstructsError}
 */
export class FileNameRegister {
  readonly #owners = new Map<string, string>();

  add(file: string, chartPath: string): void {
    const key = file.toLowerCase();
    const owner = this.#owners.get(key);
    if (owner !== undefined && owner !== chartPath) {
      throw new EdgeConstructsError(chartPath, 'Chart', [
        {
          field: 'id',
          given: `'${chartPath}'`,
          allowed: `a file of its own; '${owner}' is written to ${file} already`,
          remedy: 'Rename one of the two charts.',
        },
      ]);
    }
    this.#owners.set(key, chartPath);
  }
}

/** A hash of the path. Not `node.addr`, which a construct named `Default` shares with its parent. */
function pathHash({ node }: ApiObject): string {
  return createHash('sha256').update(node.path).digest('hex').slice(0, 12);
}

function object(objects: readonly ApiObject[], index: number): ApiObject {
  return objects[index] as ApiObject;
}

function twins(names: readonly string[]): (name: string) => boolean {
  const count = new Map<string, number>();
  for (const name of names) count.set(name.toLowerCase(), (count.get(name.toLowerCase()) ?? 0) + 1);
  return (name) => (count.get(name.toLowerCase()) ?? 0) > 1;
}

/** Makes a name safe for files, as cdk8s does. */
function safe(name: string): string {
  return name.replace(/[^0-9a-zA-Z-_.]/g, '');
}
