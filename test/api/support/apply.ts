import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from './cluster';
import type { KubeObject, Manifests } from './objects';
import { describeObject, toObjects } from './objects';
import { eventually } from './poll';

export interface ApplyOptions {
  /** @default edge-constructs-test */
  readonly fieldManager?: string;
  /** Takes fields from other managers. @default false: a conflict is an error */
  readonly forceConflicts?: boolean;
  /** Everything but storing it. @default false */
  readonly dryRun?: boolean;
  /** Impersonated user. */
  readonly as?: string;
}

/** What became of one object. */
export interface ApplyResult {
  /** `Kind namespace/name` */
  readonly object: string;
  readonly outcome: 'serverside-applied' | 'error';
  /** HTTP status: 200, 201; 400 unknown field, 403, 409 conflict, 422 invalid or denied by a policy. */
  readonly status: number;
  /** Of an error: `Conflict`, `Invalid`, `Forbidden`, `BadRequest`... */
  readonly reason?: string;
  readonly message?: string;
  /** Of an error: the fields it is about. */
  readonly causes: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  readonly warnings: readonly string[];
  /** Of an applied object: what the API server answered. */
  readonly applied?: KubeObject;
}

interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: ApplyResult['causes'] };
}

export const DEFAULT_FIELD_MANAGER = 'edge-constructs-test';

/**
 * The requests of `kubectl apply --server-side --validate=strict --field-manager=...`, object by object in the given order,
 * so that a test learns of each one its status, reason and warnings. An error does not keep the rest from being applied.
 */
export async function applyServerSide(
  cluster: Cluster,
  manifests: Manifests,
  options: ApplyOptions = {},
): Promise<ApplyResult[]> {
  const results: ApplyResult[] = [];
  for (const object of toObjects(manifests)) results.push(await applyOne(cluster, object, options));
  return results;
}

/** Applies and throws when any object is refused; returns what the API server answered. */
export async function apply(
  cluster: Cluster,
  manifests: Manifests,
  options: ApplyOptions = {},
): Promise<KubeObject[]> {
  const results = await applyServerSide(cluster, manifests, options);
  const refused = results.filter(({ outcome }) => outcome === 'error');
  if (refused.length > 0) {
    const lines = refused.map(({ object, status, message }) => `  ${object}: ${status} ${String(message)}`);
    throw new Error(`${refused.length} of ${results.length} objects were refused:\n${lines.join('\n')}`);
  }
  return results.map(({ applied }) => applied!);
}

/**
 * Applies objects that were applied before once more and throws when that changed any of them. An object is unchanged when
 * its resourceVersion and generation stay; a new resourceVersion is let pass when only a controller's status came in between.
 */
export async function unchanged(cluster: Cluster, manifests: Manifests, options: ApplyOptions = {}): Promise<void> {
  const objects = toObjects(manifests);
  const before = await Promise.all(objects.map((object) => cluster.get(object)));
  const absent = objects.filter((_, index) => before[index] === undefined).map(describeObject);
  if (absent.length > 0) throw new Error(`never applied: ${absent.join(', ')}`);
  await apply(cluster, objects, options);
  const after = await Promise.all(objects.map((object) => cluster.get(object)));
  const changed = objects
    .filter((_, index) => !sameButStatus(before[index]!, after[index]))
    .map((object) => describeObject(object));
  if (changed.length > 0) throw new Error(`changed by a second apply: ${changed.join(', ')}`);
}

/** Deletes objects in reverse order, waits until they are gone, and passes over those that are not there. */
export async function remove(cluster: Cluster, manifests: Manifests): Promise<void> {
  for (const object of toObjects(manifests).reverse()) {
    const path = await cluster.pathOf(object);
    const response = await cluster.request('DELETE', path, { query: { propagationPolicy: 'Background' } });
    if (response.status === 404) continue;
    if (response.status >= 300) {
      throw new Error(`deleting ${describeObject(object)} failed: ${JSON.stringify(response.body)}`);
    }
    // Nobody finishes the deletion of a namespace without its controller.
    if (object.kind === 'Namespace' && !cluster.access.controllers) continue;
    await eventually(`${describeObject(object)} is gone`, async () => {
      return (await cluster.request('GET', path)).status === 404;
    });
  }
}

/** Makes a namespace with a name of its own and returns that name; `remove` it with `namespaceObject(name)`. */
export async function createNamespace(cluster: Cluster, labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await cluster.request('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'test-', labels } },
  });
  if (response.status !== 201) throw new Error(`creating a namespace failed: ${JSON.stringify(response.body)}`);
  const { name } = (response.body as KubeObject).metadata;
  if (cluster.access.controllers) {
    // Admission refuses pods until the namespace has it.
    await eventually(`namespace ${name} has its default ServiceAccount`, async () => {
      const account = await cluster.request('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`);
      return account.status === 200;
    });
  }
  return name;
}

export function namespaceObject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

async function applyOne(cluster: Cluster, object: KubeObject, options: ApplyOptions): Promise<ApplyResult> {
  const response = await cluster.request('PATCH', await cluster.pathOf(object), {
    contentType: 'application/apply-patch+yaml',
    query: {
      fieldManager: options.fieldManager ?? DEFAULT_FIELD_MANAGER,
      fieldValidation: 'Strict',
      force: String(options.forceConflicts ?? false),
      ...(options.dryRun === true ? { dryRun: 'All' } : {}),
    },
    body: object,
    as: options.as,
  });
  const common = { object: describeObject(object), status: response.status, warnings: response.warnings };
  if (response.status === 200 || response.status === 201) {
    return { ...common, outcome: 'serverside-applied', causes: [], applied: response.body as KubeObject };
  }
  const { reason, message, details } = response.body as Status;
  return { ...common, outcome: 'error', reason, message, causes: details?.causes ?? [] };
}

function sameButStatus(before: KubeObject, after: KubeObject | undefined): boolean {
  if (after === undefined) return false;
  if (before.metadata.generation !== after.metadata.generation) return false;
  if (before.metadata.resourceVersion === after.metadata.resourceVersion) return true;
  return isDeepStrictEqual(withoutStatus(before), withoutStatus(after));
}

function withoutStatus(object: KubeObject): KubeObject {
  const { managedFields = [], ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      resourceVersion: undefined,
      managedFields: managedFields.filter(({ subresource }) => subresource !== 'status'),
    },
    status: undefined,
  };
}
