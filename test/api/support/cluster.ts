import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import type { Outcome } from './process';
import { run } from './process';
import type { KubeObject } from './objects';

/** How to reach a running control plane; plain data, so that jest can hand it from its main process to test files. */
export interface ClusterAccess {
  readonly url: string;
  /** Private folder of this control plane, removed when it stops. */
  readonly folder: string;
  readonly caFile: string;
  readonly token: string;
  readonly kubeconfig: string;
  readonly kubectl: string;
  /** Whether a controller manager runs: without it deleted namespaces and dependents stay. */
  readonly controllers: boolean;
}

export interface KubectlOptions {
  /** Given to kubectl on standard input; say `-f -` in the arguments. */
  readonly input?: string;
  /** Impersonated user, such as `serviceAccount('ns', 'name')` returns. */
  readonly as?: string;
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  readonly accept?: string;
  /** Impersonated user; a ServiceAccount gets its groups from the API server. */
  readonly as?: string;
}

export interface Response {
  readonly status: number;
  /** Parsed when it is JSON, else text. */
  readonly body: unknown;
  /** What the API server warns about (`Warning` headers): deprecations, Pod Security, policies. */
  readonly warnings: readonly string[];
}

/** One resource as discovery describes it. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural. */
  readonly name: string;
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
}

interface DiscoveryList {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind: { readonly kind: string };
        readonly scope: string;
        readonly subresources?: readonly { readonly subresource: string }[];
      }[];
    }[];
  }[];
}

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** A client of the API server: kubectl as a user runs it, and plain requests where a test must see status and reason. */
export class Cluster {
  readonly #agent: Agent;
  #resources: readonly Resource[] | undefined;

  public constructor(public readonly access: ClusterAccess) {
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(access.caFile) });
  }

  /** Closes idle connections. */
  public close(): void {
    this.#agent.destroy();
  }

  /** Runs kubectl as the administrator or, with `as`, as somebody else. Nothing of the user's own kubectl settings counts. */
  public kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<Outcome> {
    const { kubeconfig, folder, kubectl } = this.access;
    const as = options.as === undefined ? [] : [`--as=${options.as}`];
    return run(kubectl, [`--kubeconfig=${kubeconfig}`, ...as, ...args], {
      input: options.input,
      env: { PATH: process.env.PATH, HOME: folder },
    });
  }

  /** Sends one request. Every status is an answer; only a failing connection throws. */
  public request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const url = new URL(path, this.access.url);
    for (const [key, value] of Object.entries(options.query ?? {})) url.searchParams.set(key, value);
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers: Record<string, string> = {
      Authorization: `Bearer ${this.access.token}`,
      Accept: options.accept ?? 'application/json',
    };
    if (options.as !== undefined) headers['Impersonate-User'] = options.as;
    if (body !== undefined) headers['Content-Type'] = options.contentType ?? 'application/json';
    return new Promise((resolve, reject) => {
      const request = httpsRequest(url, { method, headers, agent: this.#agent }, (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (piece: string) => (text += piece))
          .on('error', reject)
          .on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              body: parse(text, response.headers['content-type']),
              warnings: warningTexts(response.headers.warning),
            });
          });
      });
      request.on('error', reject).end(body);
    });
  }

  /** The resource of a kind. Asks discovery again when the kind is new. */
  public resourceOf(apiVersion: string, kind: string): Promise<Resource> {
    const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion];
    return this.#discovered(
      `kind ${kind} in ${apiVersion}`,
      (resource) => resource.group === group && resource.version === version && resource.kind === kind,
    );
  }

  /** The resource of a name as kubectl and RBAC take it: `secrets`, `daemonsets.apps`. */
  public resourceNamed(nameAndGroup: string): Promise<Resource> {
    const [name, ...group] = nameAndGroup.split('.');
    return this.#discovered(
      `resource ${nameAndGroup}`,
      (resource) => resource.name === name && resource.group === group.join('.'),
    );
  }

  /** The path of an object. Without a namespace, a namespaced object is meant to be in `default`, as for kubectl. */
  public async pathOf(object: KubeObject): Promise<string> {
    const resource = await this.resourceOf(object.apiVersion, object.kind);
    return resourcePath(resource, object.metadata.namespace ?? 'default', object.metadata.name);
  }

  /** Reads an object back; undefined when there is none. */
  public async get(object: KubeObject): Promise<KubeObject | undefined> {
    const response = await this.request('GET', await this.pathOf(object));
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw new Error(`reading ${object.kind} failed: ${JSON.stringify(response.body)}`);
    return response.body as KubeObject;
  }

  async #discovered(what: string, matches: (resource: Resource) => boolean): Promise<Resource> {
    let found = this.#resources?.find(matches);
    if (found === undefined) {
      this.#resources = await this.#discover();
      found = this.#resources.find(matches);
    }
    if (found === undefined) throw new Error(`the API server serves no ${what}`);
    return found;
  }

  async #discover(): Promise<Resource[]> {
    const answers = await Promise.all(
      ['/api', '/apis'].map((path) => this.request('GET', path, { accept: DISCOVERY })),
    );
    return answers.flatMap(({ body }) =>
      (body as DiscoveryList).items.flatMap(({ metadata, versions = [] }) =>
        // The API server lists a group's preferred version first.
        versions.flatMap(({ version, resources = [] }) =>
          resources.map(({ resource, responseKind, scope, subresources = [] }) => ({
            group: metadata.name ?? '',
            version,
            kind: responseKind.kind,
            name: resource,
            namespaced: scope === 'Namespaced',
            subresources: subresources.map(({ subresource }) => subresource),
          })),
        ),
      ),
    );
  }
}

/** The path of a collection or, with `name`, of one object in it. */
export function resourcePath(resource: Resource, namespace: string | undefined, name?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${root}${scope}/${resource.name}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

/** The user name of a ServiceAccount, for `as`. */
export function serviceAccount(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** A watch answers with one JSON document a line: that stays text. */
function parse(text: string, contentType = ''): unknown {
  if (!contentType.startsWith('application/json')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** `299 - "text", 299 - "text"`, with quotes inside a text escaped (RFC 7234, section 5.5). */
function warningTexts(header: string | string[] | undefined): string[] {
  const all = Array.isArray(header) ? header.join(', ') : (header ?? '');
  return [...all.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replace(/\\(.)/g, '$1'));
}
