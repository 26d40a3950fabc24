import { ApiObject, Chart, JsonPatch, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { understandLazy } from './placeholders/any-lazy';
import type { ClusterLevel } from './cluster-level';
import { isClusterScoped } from './kinds';
import { refuseSecretData, watchForSecrets } from './secret-guard';
import { syncWaveAnnotations } from './sync-wave';

/** A Kubernetes object as it is sent to the API server. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ManifestMetadata;
  readonly [field: string]: unknown;
}

/** The part of an object's metadata that this library writes. */
interface ManifestMetadata {
  readonly name: string;
  /** Left out for cluster-scoped kinds, given for all others. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
}

/** Where an object goes and when. */
export interface EdgeObjectOptions {
  /** The cluster the object is for. */
  readonly level: ClusterLevel;
  /** Argo CD's sync wave: lower ones are applied first. @default 0 - the wave of objects without the annotation */
  readonly wave?: number;
  /**
   * Whether the object also has other owners: then only the given fields are ours, and it is never deleted.
   * @default false
   */
  readonly isCoOwned?: boolean;
  /**
   * Whether every chart that needs the object declares it identically. GitOps layouts apply it once per cluster.
   * @default false
   */
  readonly isShared?: boolean;
}

const coOwned = new WeakSet<ApiObject>();
const shared = new WeakSet<ApiObject>();

/** Whether an object has other owners, whose fields must not be changed. */
export function isCoOwned(object: ApiObject): boolean {
  return coOwned.has(object);
}

/** Whether several charts for one cluster declare the same object. */
export function isSharedObject(object: ApiObject): boolean {
  return shared.has(object);
}

/**
 * Adds a manifest to the tree as an `ApiObject` with its own name and namespace, whatever the chart's defaults are.
 *
 * @throws Error when a `Secret` with data is to be rendered, or a manifest's scope is wrong: a mistake in this library,
 * not in the user's props
 */
export function addObject(scope: Construct, id: string, manifest: Manifest, options: EdgeObjectOptions): ApiObject {
  refuseSecretData(manifest, `${scope.node.path}/${id}`);
  checkScope(manifest);
  const { apiVersion, kind, metadata, ...rest } = manifest;
  const { annotations, ...others } = metadata;
  const allAnnotations = { ...annotations, ...syncWaveAnnotations(options.wave ?? 0) };
  watchForSecrets(Chart.of(scope));
  const object = new ApiObject(scope, id, {
    apiVersion,
    kind,
    metadata: {
      ...others,
      ...(Object.keys(allAnnotations).length === 0 ? {} : { annotations: allAnnotations }),
    } as never,
    ...rest,
  });
  if (options.isCoOwned === true) coOwned.add(object);
  if (options.isShared === true) shared.add(object);
  // cdk8s puts the chart's namespace on every object that names none, cluster-scoped kinds included.
  if (metadata.namespace === undefined && object.metadata.namespace !== undefined) {
    object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  }
  return object;
}

/** Adds a manifest that depends on the complete tree: `produce` is called at synthesis. */
export function addLateObject(
  scope: Construct,
  id: string,
  manifest: Manifest,
  produceSpec: () => unknown,
  options: EdgeObjectOptions,
): ApiObject {
  understandLazy(scope.node.root);
  return addObject(scope, id, { ...manifest, spec: Lazy.any({ produce: produceSpec }) }, options);
}

function checkScope(manifest: Manifest): void {
  const hasNamespace = manifest.metadata.namespace !== undefined;
  if (hasNamespace === isClusterScoped(manifest.apiVersion, manifest.kind)) {
    throw new Error(
      `${manifest.apiVersion} ${manifest.kind} is ${hasNamespace ? 'cluster-scoped and takes no' : 'namespaced and needs a'} namespace`,
    );
  }
}
