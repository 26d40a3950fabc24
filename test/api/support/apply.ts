import { isDeepStrictEqual } from 'node:util';
import type { Cluster, Response } from './cluster';
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
  /**
   * HTTP status: 200, 201; 400 malformed, 403 not authorized or Pod Security, 409 conflict, 422 invalid or denied by a policy,
   * 500 a field that the schema does not know.
   */
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

const DEFAULT_FIELD_MANAGER = 'edge-constructs-test';

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
export async function apply(cluster: Cluster, manifests: Manifests, options: ApplyOptions = {}): Promise<KubeObject[]> {
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

/**
 * Deletes objects in reverse order, waits until they are gone (a namespace takes over five seconds), and passes over those
 * that are not there.
 */
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

/** Asks to delete an object in a dry run: what authorization and admission say, with nothing deleted. 200 is a yes. */
export async function tryDelete(cluster: Cluster, object: KubeObject, as?: string): Promise<Response> {
  return cluster.request('DELETE', await cluster.pathOf(object), { query: { dryRun: 'All' }, as });
}

/** Makes a namespace with a name of its own and returns that name. */
export async function createNamespace(
  cluster: Cluster,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
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

/** Deletes a namespace of {@link createNamespace} with all it holds, without waiting the seconds that takes: its name is never used again. */
export async function removeNamespace(cluster: Cluster, name: string): Promise<void> {
  const response = await cluster.request('DELETE', `/api/v1/namespaces/${name}`);
  if (response.status >= 300) throw new Error(`deleting namespace ${name} failed: ${JSON.stringify(response.body)}`);
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

/**
 * Everything but the status, and but what goes with a controller writing it: its entry of managedFields, and (once, at the next
 * apply of anybody) the order and time of the others. Which manager owns which field stays.
 */
function withoutStatus(object: KubeObject): object {
  const { managedFields = [], ...metadata } = object.metadata;
  const owners = managedFields
    .filter(({ subresource }) => subresource !== 'status')
    .map(({ manager, operation, fieldsV1 }) => ({ manager, operation, fieldsV1 }))
    .sort((a, b) => `${a.manager} ${a.operation}`.localeCompare(`${b.manager} ${b.operation}`, 'en'));
  return { ...object, metadata: { ...metadata, resourceVersion: undefined, managedFields: owners }, status: undefined };
}
