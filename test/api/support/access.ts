import type { Cluster, Resource } from './cluster';
import { resourcePath } from './cluster';
import { eventually } from './poll';

/** What a user would do: `{ verb: 'get', resource: 'secrets', namespace: 'a', name: 'b' }`. */
export interface Action {
  readonly verb: string;
  /** As RBAC names it, with the group behind a dot and a subresource behind a slash: `secrets`, `daemonsets.apps/scale`. */
  readonly resource: string;
  /** @default all namespaces, or none for cluster-scoped resources */
  readonly namespace?: string;
  readonly name?: string;
  /** Sent by create and update. @default an object of that kind without content */
  readonly body?: object;
}

/** What came of really trying. */
export interface Attempt {
  /** False when authorization refused it. What comes later (not found, invalid, denied by a policy) was allowed to be tried. */
  readonly authorized: boolean;
  readonly status: number;
  readonly message: string;
}

const METHODS: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

/** Asks the authorizer (SubjectAccessReview). Knows verbs that no request stands for, such as `bind` and `escalate`. */
export async function canI(cluster: Cluster, user: string, action: Action): Promise<boolean> {
  const { name: resource, group, subresource } = split(action.resource);
  const { verb, namespace, name } = action;
  const response = await cluster.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user,
        groups: groupsOf(user),
        resourceAttributes: { verb, group, resource, subresource, namespace, name },
      },
    },
  });
  if (response.status !== 201) throw new Error(`SubjectAccessReview failed: ${JSON.stringify(response.body)}`);
  return (response.body as { status: { allowed: boolean } }).status.allowed;
}

/** Sends the request itself as that user. Writes are dry runs: they pass authorization and admission and store nothing. */
export async function attempt(cluster: Cluster, user: string, action: Action): Promise<Attempt> {
  const { verb, namespace } = action;
  const method = METHODS[verb];
  if (method === undefined) throw new Error(`no request stands for the verb ${verb}; ask canI`);
  const { name, group, subresource } = split(action.resource);
  const resource = await cluster.resourceNamed(group === '' ? name : `${name}.${group}`);
  const response = await cluster.request(method, targetPath(resource, subresource, action), {
    as: user,
    query: queryOf(verb, action),
    ...(['create', 'update'].includes(verb)
      ? { body: action.body ?? emptyObject(resource, namespace, action.name) }
      : {}),
    ...(verb === 'patch' ? { body: action.body ?? {}, contentType: 'application/merge-patch+json' } : {}),
  });
  const message = (response.body as { message?: string } | null)?.message ?? '';
  // Only the authorizer says it so; admission and registries answer 403 too, after the request was authorized.
  const refused = response.status === 403 && message.includes(`User "${user}" cannot ${verb} resource`);
  return { authorized: !refused, status: response.status, message };
}

/** Throws unless both the authorizer and a real request refuse this. */
export async function forbidden(cluster: Cluster, user: string, action: Action): Promise<void> {
  if (await canI(cluster, user, action)) throw new Error(`${user} may ${describeAction(action)}`);
  if (METHODS[action.verb] === undefined) return;
  const { authorized, status, message } = await attempt(cluster, user, action);
  if (authorized) throw new Error(`${user} could ${describeAction(action)}: ${status} ${message}`);
}

/**
 * Throws unless both the authorizer and a real request let this through. The authorizer learns of new roles and bindings a
 * moment after they were applied, so this waits for it; check what is permitted before what is forbidden.
 */
export async function permitted(cluster: Cluster, user: string, action: Action): Promise<void> {
  await eventually(`${user} may ${describeAction(action)}`, () => canI(cluster, user, action), 15_000);
  if (METHODS[action.verb] === undefined) return;
  const { authorized, message } = await attempt(cluster, user, action);
  if (!authorized) throw new Error(`${user} could not ${describeAction(action)}: ${message}`);
}

function describeAction({ verb, resource, namespace, name }: Action): string {
  return [verb, resource, name, namespace === undefined ? '' : `in ${namespace}`].filter(Boolean).join(' ');
}

function split(resource: string): { name: string; group: string; subresource: string } {
  const [nameAndGroup = '', subresource = ''] = resource.split('/');
  const [name = '', ...group] = nameAndGroup.split('.');
  return { name, group: group.join('.'), subresource };
}

/** An impersonated ServiceAccount gets these from the API server; a review must be told. */
function groupsOf(user: string): string[] {
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)?.[1];
  const all = ['system:authenticated'];
  return namespace === undefined ? all : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, ...all];
}

function targetPath(resource: Resource, subresource: string, { verb, namespace, name }: Action): string {
  // Nobody creates an object under its name, but a subresource has one.
  const named = !['list', 'watch', 'deletecollection'].includes(verb) && !(verb === 'create' && subresource === '');
  if (named && name === undefined) throw new Error(`${verb} ${resource.name} needs a name to be tried`);
  return resourcePath(resource, namespace, named ? name : undefined) + (subresource === '' ? '' : `/${subresource}`);
}

function queryOf(verb: string, { name }: Action): Record<string, string> {
  // RBAC with resourceNames allows a list or watch of that one name only, by field selector.
  const one: Record<string, string> = name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
  switch (verb) {
    case 'get':
      return {};
    case 'list':
      return { limit: '1', ...one };
    case 'watch':
      return { watch: 'true', timeoutSeconds: '1', ...one };
    case 'deletecollection':
      return { dryRun: 'All', ...one };
    default:
      return { dryRun: 'All' };
  }
}

function emptyObject(resource: Resource, namespace: string | undefined, name = 'test'): object {
  return {
    apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`,
    kind: resource.kind,
    metadata: { name, ...(resource.namespaced && namespace !== undefined ? { namespace } : {}) },
  };
}
