import * as pulumi from '@pulumi/pulumi';
import { pluginVersion } from './manifest-resource';

const made = new WeakMap<pulumi.ProviderResource, pulumi.ProviderResource>();

/** A `kubernetes.Provider` that takes over objects which are there already, instead of refusing to make them. */
class AdoptingProvider extends pulumi.ProviderResource {
  constructor(name: string, kubeconfig: pulumi.Input<string>, version: string) {
    // Settings of providers travel as JSON.
    super('kubernetes', name, { kubeconfig: pulumi.secret(kubeconfig), upsertExistingObjects: 'true' }, { version });
  }
}

/**
 * The provider for objects that others have made, beside the user's own: each is a process, so there is one for all devices
 * of a cluster.
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
  // Not among the declared members, but how the SDK itself tells resources apart.
  const { __name: own = 'default' } = provider as unknown as { readonly __name?: string };
  return own;
}
