import * as pulumi from '@pulumi/pulumi';
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
      { ...hideSecrets(manifest), status: undefined },
      {
        ...options,
        version: options.version ?? pluginVersion(),
        ...(kind === 'Secret' && apiVersion === 'v1' ? { additionalSecretOutputs: ['data', 'stringData'] } : {}),
      },
    );
  }
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
