import { derive } from '../core/placeholders/placeholder';
import { wholeMirror } from '../core/grammars/registry-mirror';
import type { EdgeDatacenterProps, EdgeNodeSettings, EdgeRegistryMirror } from './edge-datacenter-props';
import { mirrorForKkp } from './registry-mirrors';
import type { DatacenterManifest } from './seed-datacenters';
import { proxyManifest } from './proxy-settings';

/**
 * A datacenter whose provider is `edge`. The provider has no settings, so its value is an empty object, which must be
 * there: KKP refuses a datacenter without a provider.
 */
export function datacenterManifest(props: EdgeDatacenterProps): DatacenterManifest {
  return {
    country: props.country,
    location: props.location,
    node: props.node && nodeManifest(props.node),
    spec: {
      edge: {},
      requiredEmails: props.requiredEmails,
      enforceAuditLogging: props.enforceAuditLogging,
      enforcedAuditWebhookSettings: props.enforcedAuditWebhookSettings,
      authenticationConfiguration: props.authenticationConfiguration,
      operatingSystemProfiles: props.operatingSystemProfiles,
      apiServerServiceType: props.apiServerServiceType,
    },
  };
}

function nodeManifest(node: EdgeNodeSettings): Record<string, unknown> {
  const { httpProxy, noProxy, registryMirrors = {}, ...others } = node;
  // KKP had a list for Docker Hub only, before it had lists for all registries.
  const { 'docker.io': ofDocker, ...ofOthers } = registryMirrors;
  return {
    ...proxyManifest({ httpProxy, noProxy }),
    ...others,
    registryMirrors: ofDocker && mirrors(ofDocker),
    containerdRegistryMirrors: Object.keys(ofOthers).length === 0 ? undefined : { registries: registries(ofOthers) },
  };
}

function registries(byHost: Required<EdgeNodeSettings>['registryMirrors']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(byHost).map(([host, written]) => [host, { mirrors: mirrors(written) }]));
}

function mirrors(written: readonly string[] | EdgeRegistryMirror): readonly string[] {
  return wholeMirror(written).endpoints.map((mirror) => derive('registry mirror for KKP', mirror, mirrorForKkp));
}
