import * as pulumi from '@pulumi/pulumi';
import { pluginVersion } from './manifest-resource';

const made = new WeakMap<pulumi.ProviderResource, pulumi.ProviderResource>();

/** A `kubernetes.Provider` that takes over existing objects instead of failing to create them. */
class AdoptingProvider extends pulumi.ProviderResource {
  constructor(name: string, kubeconfig: pulumi.Input<string>, version: string) {
    // Settings of providers are passed as JSON.
    super('kubernetes', name, { kubeconfig: pulumi.secret(kubeconfig), upsertExistingObjects: 'true' }, { version });
  }
}

/**
 * The provider for objects that others may have made, in addition to the user's own provider. Each provider is a process,
 * so all devices of a cluster share one.
 */
export function adoptingProvider(
  beside: pulumi.ProviderResource,
  kubeconfig: pulumi.Input<string>,
): pulumi.ProviderResource {
  let provider = made.get(beside);
  if (provider === undefined) {
    provider = new AdoptingProvider(`${ownName(beside)}-adopting`, kubeconfig, pluginVersion());
    made.set(beside, provider);
  }
  return provider;
}

/** The name that a program gave a provider. */
export function ownName(provider: pulumi.ProviderResource): string {
  // Not declared in its types, but the SDK itself identifies resources by it.
  const { __name: own = 'default' } = provider as unknown as { readonly __name?: string };
  return own;
}
