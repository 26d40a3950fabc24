/**
 * How the API server of a user cluster is reached from outside its seed. Devices open the connections, so these are
 * ports they must be able to reach, not ports to open on them.
 * @see https://docs.kubermatic.com/kubermatic/main/tutorials-howtos/networking/expose-strategies/
 */
export enum ExposeStrategy {
  /** A port of the seed's node port range for each cluster: devices need TCP 30000 to 32767. KKP's default. */
  NODE_PORT = 'NodePort',
  /** A load balancer of its own for each cluster; the only one that can limit who reaches the API server. */
  LOAD_BALANCER = 'LoadBalancer',
  /** All clusters behind two ports: devices need TCP 6443 and 8088 only. */
  TUNNELING = 'Tunneling',
}
