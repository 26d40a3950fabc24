import * as pulumi from '@pulumi/pulumi';
import { withQuotedChecked } from './quoted-fields';
import { typeToken } from './resource-identity';
import { secretOutputs, withSecretsHidden } from './secret-fields';

/** A Kubernetes object as a Pulumi resource. Its inputs are the manifest. */
export class ManifestResource extends pulumi.CustomResource {
  /** Metadata of the object as the API server returns it: name, namespace, labels, uid. */
  declare readonly metadata: pulumi.Output<Readonly<Record<string, unknown>>>;

  /** Status of the object, if controllers write one. */
  declare readonly status: pulumi.Output<unknown>;

  /**
   * @param manifest the object; values may be Outputs
   * @param isPatch whether the object has other owners; then only the given fields are owned, and it is never deleted
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
      { ...withSecretsHidden(name, withQuotedChecked(name, manifest)), status: undefined },
      {
        ...options,
        version: options.version ?? pluginVersion(),
        additionalSecretOutputs: secretOutputs(manifest, isPatch),
      },
    );
  }
}

let version: string | undefined;

/** The version of the installed `@pulumi/kubernetes`, read without loading the package. @internal */
export function pluginVersion(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  version ??= (require('@pulumi/kubernetes/package.json') as { version: string }).version;
  return version;
}
