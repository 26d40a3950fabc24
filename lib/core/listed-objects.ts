import { isPlainObject } from './rules';

/** An unchecked object from any manifest. */
export type AnyManifest = Readonly<Record<string, unknown>>;

/**
 * The objects that a manifest stands for: for a `List`, as `kubectl get -o yaml` gives it and vendors ship it, its items,
 * and for lists in it theirs; for anything else the manifest itself. kubectl, kustomize, Argo CD and Flux do the same.
 */
export function listedObjects(manifest: AnyManifest): readonly AnyManifest[] {
  const { apiVersion, kind, items } = manifest;
  if (typeof kind !== 'string' || !Array.isArray(items) || !isList(kind, items)) return [manifest];
  // The API server omits `apiVersion` and `kind` of items in typed lists such as a SecretList.
  const own = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.flatMap((item: unknown) => (isPlainObject(item) ? listedObjects({ ...own, ...item }) : [{ ...own }]));
}

/** Whether objects of a kind may be lists, judged by the kind alone, before a manifest is made. */
export function mayBeList(kind: string): boolean {
  return kind.endsWith('List');
}

/** The name of a custom kind may end in `List`, too, and its items need not be objects. */
function isList(kind: string, items: readonly unknown[]): boolean {
  if (kind === 'List' || kind === 'SecretList') return true;
  return mayBeList(kind) && items.every((item) => isPlainObject(item) && isPlainObject(item.metadata));
}
