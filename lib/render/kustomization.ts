import { createHash } from 'node:crypto';
import { Yaml, type Chart } from 'cdk8s';
import { aChart, checkArguments } from '../core/check-arguments';
import { EdgeConstructsError } from '../core/error';
import { type AnyManifest, listedObjects } from '../core/listed-objects';
import { isPlainObject, problem } from '../core/rules';

/** A file of a chart's kustomization. */
export interface KustomizationFile {
  /** The file's name in the chart's folder: letters a-z, digits, `.`, `-`, `_` and `%` only. */
  readonly path: string;

  /** Its content, as YAML. */
  readonly content: string;
}

/** The file that kustomize looks for. */
export const KUSTOMIZATION_FILE = 'kustomization.yaml';

/** First line of every file, by which later runs recognize their files. */
export const WRITTEN_BY = '# Written by edge-constructs, which overwrites changes.';

/** File systems allow 255 bytes; this leaves room for the suffixes of copies that tools make. */
const LONGEST_FILE_NAME = 200;

/**
 * A chart as files for kustomize, Argo CD and Flux: one file per object, and a `kustomization.yaml` that lists them in the
 * chart's order, the same as in the file that `app.synth()` writes.
 *
 * A file is named after its object's kind, API group, namespace and name, and after nothing else, so that adding or
 * removing an object changes no other file's name: `daemonset.apps_kins-system_test-agent-kins.yaml`. Names differ on file
 * systems that ignore case, too. A `List` becomes its items.
 *
 * `sortOptions: { order: fifo }` makes kustomize keep the order. It needs kustomize 5 (kubectl 1.27, Argo CD 2.8), and
 * counts only in the kustomization that is built, not in one that it refers to. Argo CD and Flux sort again by their own
 * rules; Argo CD follows the sync waves that this library's objects carry.
 *
 * Nothing is written: {@link writeKustomizations} does that.
 *
 * @param chart the chart, complete
 * @returns the objects' files in the chart's order, then `kustomization.yaml`
 * @throws {@link EdgeConstructsError} when two objects of the chart have the same kind, namespace and name, or an
 * item of a list is no object, or it is given something else than a chart
 * @see https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/sortoptions/
 */
export function kustomizationFiles(chart: Chart): readonly KustomizationFile[] {
  checkArguments('kustomizationFiles', { chart: [chart, aChart()] });
  return kustomizationOf(chart, manifestsOf(chart));
}

/** The files of a chart without some of its objects; and the files of those objects, without a list. */
export function dividedKustomization(
  chart: Chart,
  isApart: (manifest: AnyManifest) => boolean,
): { readonly files: readonly KustomizationFile[]; readonly apart: readonly KustomizationFile[] } {
  const manifests = manifestsOf(chart);
  return {
    files: kustomizationOf(
      chart,
      manifests.filter((manifest) => !isApart(manifest)),
    ),
    apart: objectFiles(chart, manifests.filter(isApart)),
  };
}

function manifestsOf(chart: Chart): readonly AnyManifest[] {
  return (chart.toJson() as readonly AnyManifest[]).flatMap(listedObjects);
}

function kustomizationOf(chart: Chart, manifests: readonly AnyManifest[]): readonly KustomizationFile[] {
  const files = objectFiles(chart, manifests);
  return [...files, kustomizationList(files)];
}

function objectFiles(chart: Chart, manifests: readonly AnyManifest[]): readonly KustomizationFile[] {
  const contents = new Map<string, string>();
  const known = new Set<string>();
  for (const manifest of manifests) {
    if (!isObject(manifest)) throw noObject(chart, manifest);
    const path = objectFileName(manifest);
    // To kustomize the default namespace is the same as none.
    const { namespace, ...metadata } = manifest.metadata;
    const identity = namespace === 'default' ? objectFileName({ ...manifest, metadata }) : path;
    if (known.has(identity)) throw twice(chart, manifest);
    known.add(identity);
    contents.set(path, `${WRITTEN_BY}\n${Yaml.stringify(manifest)}`);
  }
  return Array.from(contents, ([path, content]) => ({ path, content }));
}

/** The `kustomization.yaml` of objects, in their order. */
export function kustomizationList(files: readonly KustomizationFile[]): KustomizationFile {
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    sortOptions: { order: 'fifo' },
    resources: files.map(({ path }) => path),
  };
  return { path: KUSTOMIZATION_FILE, content: `${WRITTEN_BY}\n${Yaml.stringify(kustomization)}` };
}

interface ObjectManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** cdk8s has checked the objects of a chart, but not the items of a list. */
function isObject(manifest: AnyManifest): manifest is AnyManifest & ObjectManifest {
  const { apiVersion, kind, metadata } = manifest;
  return [apiVersion, kind, isPlainObject(metadata) ? metadata.name : undefined].every(
    (each) => typeof each === 'string',
  );
}

/** `kind[.group]_[namespace_]name.yaml`, each part escaped, so that the parts can be told apart. */
function objectFileName({ apiVersion, kind, metadata }: ObjectManifest): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  const namespace = metadata.namespace === undefined ? [] : [metadata.namespace];
  const stem = [`${kind}${group}`.toLowerCase(), ...namespace, metadata.name].map(escapePart).join('_');
  if (stem.length <= LONGEST_FILE_NAME) return `${stem}.yaml`;
  const digest = createHash('sha256').update(stem).digest('hex');
  // Escaped parts never contain two underscores, so a shortened name never equals a full one.
  return `${stem.slice(0, LONGEST_FILE_NAME - digest.length - 2)}__${digest}.yaml`;
}

/**
 * Escapes characters that RBAC names may have, and capitals, which some file systems do not distinguish from small letters.
 */
function escapePart(part: string): string {
  return Array.from(Buffer.from(part, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9.-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

function noObject(chart: Chart, { kind }: AnyManifest): EdgeConstructsError {
  return new EdgeConstructsError(chart.node.path, 'Chart', [
    problem(
      'objects',
      `an item of a list${typeof kind === 'string' ? `, of kind ${kind}` : ''}`,
      'items with apiVersion, kind and metadata.name, which their files are named after',
      'Correct the list.',
    ),
  ]);
}

function twice(chart: Chart, { apiVersion, kind, metadata }: ObjectManifest): EdgeConstructsError {
  const where = metadata.namespace === undefined ? '' : ` in namespace ${metadata.namespace}`;
  return new EdgeConstructsError(chart.node.path, 'Chart', [
    problem(
      'objects',
      `${kind} (${apiVersion}) ${metadata.name}${where}`,
      'each object only once in a chart',
      'Remove or rename one of the two.',
    ),
  ]);
}
