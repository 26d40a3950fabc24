/**
 * The components that K3s brings along and that can be left out.
 * @see https://docs.k3s.io/installation/packaged-components
 */
export enum K3sComponent {
  /** The cluster's DNS server. */
  COREDNS = 'coredns',
  /** Answers to Services of type LoadBalancer on the nodes' own ports. */
  SERVICELB = 'servicelb',
  /** The ingress controller. */
  TRAEFIK = 'traefik',
  /** Volumes in a folder of the node. */
  LOCAL_STORAGE = 'local-storage',
  /** Resource use of pods and nodes. */
  METRICS_SERVER = 'metrics-server',
}
