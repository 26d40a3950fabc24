import * as pulumi from '@pulumi/pulumi';
import { EdgeConstructsError } from '../core/error';
import { isPlainObject } from '../core/rules';
import { OTHERS_FIELDS } from './existing-object';
import { typeToken } from './resource-identity';

/** A Kubernetes object as a Pulumi resource. Its inputs are the manifest. */
export class ManifestResource extends pulumi.CustomResource {
  /** What the API server says about the object: name, namespace, labels, uid. */
  declare readonly metadata: pulumi.Output<Readonly<Record<string, unknown>>>;

  /** What controllers say about the object, if they say anything. */
  declare readonly status: pulumi.Output<unknown>;

  /**
   * @param manifest the object; values may be Outputs
   * @param isPatch whether the object has other owners: then only the fields given are owned, and it is never deleted
   * @internal
   */
  constructor(
    name: string,
    manifest: Readonly<Record<string, unknown>>,
    isPatch: boolean,
    options: pulumi.CustomResourceOptions,
  ) {
    const { apiVersion, kind } = manifest as { readonly apiVersion: string; readonly kind: string };
    super(
      typeToken(apiVersion, kind, isPatch),
      name,
      { ...hideSecrets(manifest), metadata: refuseSecretName(name, manifest.metadata), status: undefined },
      {
        ...options,
        version: options.version ?? pluginVersion(),
        additionalSecretOutputs: secretOutputs(manifest, isPatch),
      },
    );
  }
}

/**
 * What the provider tells of an object goes into the state, also what it reads again at a refresh, when nobody says any more
 * what of it was secret. So a field with an Output in it is secret there as a whole, as is all of what others write to.
 */
function secretOutputs(manifest: Readonly<Record<string, unknown>>, isPatch: boolean): string[] {
  if (isPatch || manifest.kind === 'Node') return [...OTHERS_FIELDS];
  const ofSecret = manifest.kind === 'Secret' && manifest.apiVersion === 'v1' ? ['data', 'stringData'] : [];
  const withOutputs = Object.keys(manifest).filter((field) => hasOutput(manifest[field]));
  return [...new Set([...ofSecret, ...withOutputs])];
}

function hasOutput(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasOutput);
}

/** Names and namespaces are ids, which the state and every message of Pulumi's show. */
function refuseSecretName(name: string, metadata: unknown): unknown {
  if (!isPlainObject(metadata)) return metadata;
  const fields = { ...metadata };
  for (const field of ['name', 'namespace']) {
    const value = fields[field];
    if (!pulumi.Output.isInstance(value)) continue;
    fields[field] = pulumi.all([value, pulumi.isSecret(value)]).apply(([known, isSecret]) => {
      if (!isSecret) return known;
      throw secretName(name, field);
    });
  }
  return fields;
}

/** The error for a name that can't be kept secret. @internal */
export function secretName(name: string, field: string): EdgeConstructsError {
  const remedy = 'Pulumi shows it in its state and its messages: use pulumi.unsecret if it is none.';
  return new EdgeConstructsError(name, 'ManifestResource', [
    { field: `metadata.${field}`, given: '(a secret, not shown)', allowed: 'a name that is no secret', remedy },
  ]);
}

/** What a Secret holds is secret, even if it was given in clear. */
function hideSecrets(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (manifest.kind !== 'Secret' || manifest.apiVersion !== 'v1') return { ...manifest };
  const hidden: Record<string, unknown> = { ...manifest };
  for (const field of ['data', 'stringData']) {
    if (hidden[field] !== undefined) hidden[field] = pulumi.secret(hidden[field]);
  }
  return hidden;
}

let version: string | undefined;

/** The provider that fits the installed `@pulumi/kubernetes`, without loading the package. @internal */
export function pluginVersion(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  version ??= (require('@pulumi/kubernetes/package.json') as { version: string }).version;
  return version;
}
