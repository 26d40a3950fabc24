import type { Manifest } from '../core/edge-object';
import { SERVER_SIDE_APPLY_ANNOTATIONS } from '../core/sync-wave';
import type { DatacenterManifest } from './seed-datacenters';
import { proxyManifest } from './proxy-settings';
import type { SeedProps } from './seed-props';

/**
 * For a Seed that this program owns: it is still applied server-side, because administrators add datacenters in KKP's
 * dashboard, and it is still never pruned, because deleting a Seed cuts off every cluster it holds.
 */
const WHOLE_SEED_ANNOTATIONS = {
  ...SERVER_SIDE_APPLY_ANNOTATIONS,
  'argocd.argoproj.io/sync-options': 'ServerSideApply=true,Prune=false,Delete=false',
};

/** A Seed without its spec, which is known only when all datacenters are declared. */
export function seedManifest(name: string, namespace: string, props: SeedProps): Manifest {
  return {
    apiVersion: 'kubermatic.k8c.io/v1',
    kind: 'Seed',
    metadata: {
      name,
      namespace,
      annotations: props.kubeconfig === undefined ? SERVER_SIDE_APPLY_ANNOTATIONS : WHOLE_SEED_ANNOTATIONS,
    },
  };
}

/** The fields of a Seed's spec that this program owns. */
export function seedSpec(
  namespace: string,
  props: SeedProps,
  datacenters: ReadonlyMap<string, DatacenterManifest>,
): Record<string, unknown> {
  const { kubeconfig, proxySettings } = props;
  return {
    country: props.country,
    location: props.location,
    kubeconfig: kubeconfig && { namespace, ...kubeconfig },
    exposeStrategy: props.exposeStrategy,
    seedDNSOverwrite: props.seedDnsOverwrite,
    proxySettings: proxySettings && proxyManifest(proxySettings),
    datacenters: datacenters.size === 0 ? undefined : Object.fromEntries(datacenters),
  };
}
