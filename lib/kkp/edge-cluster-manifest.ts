import type { Manifest } from '../core/edge-object';
import { ProxyMode, resolveNetwork, type ClusterNetwork } from './cluster-network';
import type { EdgeClusterProps } from './edge-cluster-props';
import { ExposeStrategy } from './expose-strategy';

/** A Cluster object with all fields that its schema requires, so that it is valid without KKP's defaulting webhook. */
export function edgeClusterManifest(name: string, props: EdgeClusterProps): Manifest {
  const labels = {
    ...props.labels,
    ...(props.projectId === undefined ? {} : { 'project-id': props.projectId }),
  };
  return {
    apiVersion: 'kubermatic.k8c.io/v1',
    kind: 'Cluster',
    metadata: {
      name,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      // KKP's webhooks fill in much of the spec: server-side apply leaves that alone.
      annotations: { 'argocd.argoproj.io/sync-options': 'ServerSideApply=true' },
    },
    spec: {
      humanReadableName: props.humanReadableName ?? name,
      version: props.version,
      cloud: { dc: props.datacenter, providerName: 'edge', edge: {} },
      clusterNetwork: networkManifest(props.clusterNetwork),
      // If left out, KKP uses the newest version of Canal that it knows for edge; a version from here might be unknown to
      // it.
      cniPlugin: props.cniPlugin && { type: props.cniPlugin.type, version: props.cniPlugin.version ?? '' },
      containerRuntime: 'containerd',
      exposeStrategy: props.exposeStrategy ?? ExposeStrategy.NODE_PORT,
      apiServerAllowedIPRanges: props.apiServerAllowedIpRanges && { cidrBlocks: props.apiServerAllowedIpRanges },
      enableUserSSHKeyAgent: props.enableUserSshKeyAgent,
    },
  };
}

function networkManifest(network: ClusterNetwork = {}): Record<string, unknown> {
  const { ipFamily, pods, services } = resolveNetwork(network);
  return {
    ipFamily,
    pods: { cidrBlocks: pods },
    services: { cidrBlocks: services },
    nodeCidrMaskSizeIPv4: network.nodeCidrMaskSizeIpv4,
    nodeCidrMaskSizeIPv6: network.nodeCidrMaskSizeIpv6,
    // KKP accepts no other domain.
    dnsDomain: 'cluster.local',
    proxyMode: network.proxyMode ?? ProxyMode.IPTABLES,
    nodeLocalDNSCacheEnabled: network.nodeLocalDnsCacheEnabled,
    tunnelingAgentIP: network.tunnelingAgentIp,
  };
}
