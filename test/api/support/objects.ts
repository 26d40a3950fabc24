import { parseAllDocuments } from 'yaml';

/** A Kubernetes object as tests handle it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly managedFields?: readonly ManagedFields[];
  readonly [field: string]: unknown;
}

interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1?: unknown;
}

/** What applies take: YAML documents, as `cdk8s synth` writes them, or what `Testing.synth(chart)` returns. */
export type Manifests = string | readonly object[];

/** The objects of YAML text or of a list, each checked to be one. */
export function toObjects(manifests: Manifests): KubeObject[] {
  const values = typeof manifests === 'string' ? parseYaml(manifests) : manifests;
  return values.map((value) => {
    if (!isKubeObject(value)) throw new Error(`not a Kubernetes object: ${JSON.stringify(value).slice(0, 200)}`);
    return value;
  });
}

/** `Kind namespace/name`, to name an object in a message. */
export function describeObject({ kind, metadata: { namespace, name } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function parseYaml(text: string): unknown[] {
  const documents = parseAllDocuments(text);
  return documents
    .map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as unknown;
    })
    .filter((value) => value !== null && value !== undefined);
}

function isKubeObject(value: unknown): value is KubeObject {
  const object = value as Partial<KubeObject> | null;
  return (
    typeof object === 'object' &&
    object !== null &&
    typeof object.apiVersion === 'string' &&
    typeof object.kind === 'string' &&
    typeof object.metadata?.name === 'string'
  );
}
