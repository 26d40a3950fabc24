import { connection, orMissing, told } from './cluster-connection';

/** An object as the API server returns it, with the fields that this library reads. */
export interface LiveObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: LiveMetadata;
  readonly spec?: { readonly taints?: readonly LiveTaint[]; readonly template?: LivePodTemplate };
  readonly status?: { readonly nodeInfo?: { readonly machineID?: string } };
  readonly data?: Readonly<Record<string, string>>;
}

/** A pod template, as far as it decides on which nodes the pods run. */
interface LivePodTemplate {
  readonly spec?: {
    readonly affinity?: {
      readonly nodeAffinity?: {
        readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly NodeTerm[] };
      };
    };
  };
}

interface NodeTerm {
  readonly matchFields?: readonly { readonly values?: readonly string[] }[];
}

/** The metadata of an object. */
interface LiveMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** A Date or a string, depending on the kind. */
  readonly creationTimestamp?: unknown;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly uid: string }[];
}

/** A taint of a node. */
export interface LiveTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

/** Identifies an object. */
export interface ObjectKey {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** @default - the kind is cluster-scoped */
  readonly namespace?: string;
}

/** The fields that identify an object in a request. */
interface Head {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The part of `KubernetesObjectApi` that is used. Its own types are classes, which literals do not satisfy. */
interface Client {
  read(head: Head): Promise<LiveObject>;
  list(
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
    ...rest: (string | undefined)[]
  ): Promise<{ readonly items: readonly LiveObject[] }>;
  delete(head: Head, ...rest: (undefined | object)[]): Promise<unknown>;
  patch(body: object, ...rest: (string | undefined)[]): Promise<unknown>;
}

const FIELD_MANAGER = 'edge-constructs';
const CONFLICTS = 5;

/** Reads objects of any kind, and makes the few changes that can't be modelled as Pulumi resources. */
export class ClusterObjects {
  readonly #client: Promise<Client>;

  /** @param kubeconfig never shown in errors */
  constructor(kubeconfig: string) {
    this.#client = connection(
      'kubeconfig',
      kubeconfig,
      (make, { KubernetesObjectApi: Objects }) => make(Objects) as unknown as Client,
    );
  }

  /** The object, if there is one. */
  async get(key: ObjectKey): Promise<LiveObject | undefined> {
    const client = await this.#client;
    return orMissing(client.read(headOf(key)));
  }

  /** Objects of a kind by label. */
  async list(kind: Omit<ObjectKey, 'name'>, labelSelector: string): Promise<readonly LiveObject[]> {
    const client = await this.#client;
    const { apiVersion, kind: name, namespace } = kind;
    const rest = [undefined, undefined, undefined, undefined, labelSelector];
    return (await told(client.list(apiVersion, name, namespace, ...rest))).items;
  }

  /** Deletes an object, unless it was replaced since it was read. */
  async delete(key: ObjectKey, { metadata }: LiveObject): Promise<void> {
    const client = await this.#client;
    const preconditions = { uid: metadata?.uid };
    await orMissing(
      client.delete(headOf(key), undefined, undefined, undefined, undefined, undefined, { preconditions }),
    );
  }

  /**
   * Changes an object with a merge patch that is computed from its current state, and again after a conflict.
   *
   * @param change computes the patch; `undefined` if there is nothing to change
   */
  async change(key: ObjectKey, change: (live: LiveObject) => object | undefined): Promise<void> {
    const client = await this.#client;
    const { PatchStrategy } = await import('@kubernetes/client-node');
    for (let attempt = 1; ; attempt++) {
      const live = await this.get(key);
      if (live === undefined) return;
      const patch = change(live) as { metadata?: object } | undefined;
      if (patch === undefined) return;
      const head = headOf(key);
      const { resourceVersion } = live.metadata ?? {};
      const body = { ...head, ...patch, metadata: { ...patch.metadata, ...head.metadata, resourceVersion } };
      try {
        await told(client.patch(body, undefined, undefined, FIELD_MANAGER, undefined, PatchStrategy.MergePatch));
        return;
      } catch (error) {
        if ((error as { readonly code?: unknown }).code !== 409 || attempt === CONFLICTS) throw error;
      }
    }
  }
}

function headOf({ apiVersion, kind, name, namespace }: ObjectKey): Head {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}
