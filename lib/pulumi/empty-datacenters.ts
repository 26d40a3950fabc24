import * as pulumi from '@pulumi/pulumi';
import { isPlainObject } from '../core/rules';
import { ClusterObjects } from './cluster-objects';
import { fieldOf, isKnownText, kubeconfigOf } from './known';
import { hasHooks } from './unit-protection';

/**
 * Removes an empty map of datacenters from a Seed before the first entry is added. To its owner, an empty map is the same
 * as none. But if somebody else owns the map, the API server can't remove its last entry later: it would leave `null`,
 * which is not valid, so the datacenter could not be destroyed.
 */
export function withoutEmptyMap(
  component: string,
  provider: pulumi.ProviderResource | undefined,
): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    if (!type.endsWith(':SeedPatch') || provider === undefined || !hasHooks()) return undefined;
    return { props, opts: pulumi.mergeOptions(opts, { hooks: { beforeCreate: [emptyMapHook(component, provider)] } }) };
  };
}

/** @internal */
export function emptyMapHook(component: string, provider: pulumi.ProviderResource): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${component}: a Seed without datacenters`, async ({ newInputs }) => {
    const { apiVersion } = newInputs ?? {};
    const { name, namespace } = await fieldOf(newInputs, 'metadata');
    const kubeconfig = await kubeconfigOf(provider);
    if (kubeconfig === undefined || !isKnownText(apiVersion) || !isKnownText(name) || !isKnownText(namespace)) return;
    await new ClusterObjects(kubeconfig).change({ apiVersion, kind: 'Seed', name, namespace }, ({ spec }) => {
      const { datacenters } = (spec ?? {}) as { readonly datacenters?: unknown };
      const isEmpty = isPlainObject(datacenters) && Object.keys(datacenters).length === 0;
      return isEmpty ? { spec: { datacenters: null } } : undefined;
    });
  });
}
