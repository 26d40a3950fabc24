/**
 * The components that come with K3s and can be left out.
 * @see https://docs.k3s.io/installation/packaged-components
 */
export enum K3sComponent {
  /** The cluster's DNS server. */
  COREDNS = 'coredns',
  /** Serves Services of type LoadBalancer on ports of the nodes. */
  SERVICELB = 'servicelb',
  /** The ingress controller. */
  TRAEFIK = 'traefik',
  /** Provides volumes in a folder of the node. */
  LOCAL_STORAGE = 'local-storage',
  /** Reports the resource use of pods and nodes. */
  METRICS_SERVER = 'metrics-server',
}
