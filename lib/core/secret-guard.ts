import type { Chart } from 'cdk8s';
import { ApiObject } from 'cdk8s';
import { isApplying } from './placeholders/applying';
import { type AnyManifest, listedObjects, mayBeList } from './listed-objects';
import { isPlainObject } from './rules';

const REMEDY =
  'Manifests go to Git, where a Secret is readable by everyone who can read the repository. Refer to a Secret that ' +
  'exists in the cluster, or render an ExternalSecret or a SealedSecret instead.';

/**
 * @throws Error when the manifest is a `Secret` that carries data
 */
export function refuseSecretData(manifest: unknown, path: string): void {
  const finding = secretDataIn(manifest, path);
  if (finding !== undefined) throw new Error(finding);
}

const watched = new WeakSet<Chart>();

/**
 * Makes synthesis fail when a chart that holds this library's objects also holds a `Secret` with data, no matter who
 * declared it.
 */
export function watchForSecrets(chart: Chart): void {
  if (watched.has(chart)) return;
  watched.add(chart);
  chart.node.addValidation({
    validate: () =>
      isApplying()
        ? []
        : chart.node
            .findAll()
            .filter((each): each is ApiObject => ApiObject.isApiObject(each) && mayBeSecret(each.kind))
            .flatMap((each) => secretDataIn(each.toJson(), each.node.path) ?? []),
  });
}

function mayBeSecret(kind: string): boolean {
  return kind === 'Secret' || mayBeList(kind);
}

function secretDataIn(manifest: unknown, path: string): string | undefined {
  const secret = listedObjects(manifest as AnyManifest).find(hasSecretData);
  if (secret === undefined) return undefined;
  const { name } = isPlainObject(secret.metadata) ? secret.metadata : {};
  const listed = `${typeof name === 'string' ? `Secret '${name}'` : 'A Secret'} in the list '${path}'`;
  return `${secret === manifest ? `Secret '${path}'` : listed} has data, which would be written to the output in plain text. ${REMEDY}`;
}

function hasSecretData({ apiVersion, kind, data, stringData }: AnyManifest): boolean {
  return apiVersion === 'v1' && kind === 'Secret' && !(isEmpty(data) && isEmpty(stringData));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || Object.keys(value).length === 0;
}
