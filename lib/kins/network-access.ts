import { k8s } from 'cdk8s-plus-27';
import { API_NODE_PORT } from './config-files';
import type { KinsModel } from './model';
import { kinsLabels, kinsName, kinsSelector, KINS_NAMESPACE } from './names';

/** The edge cluster's API for callers in the cloud cluster, the tunnel among them. */
export function apiService({ unit, apiPort }: KinsModel): unknown {
  return k8s.KubeService.manifest({
    metadata: { name: kinsName(unit, 'svc'), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, 'svc') },
    spec: {
      type: 'ClusterIP',
      selector: kinsSelector(unit, 'server'),
      ports: [{ name: 'https', port: 443, targetPort: k8s.IntOrString.fromNumber(apiPort), protocol: 'TCP' }],
    },
  });
}

/**
 * Who may talk to the cri pods, in whose network the edge cluster lives: each other, the servers on the nodes' network
 * (which no policy can name, so: the ports they use), and the LAN on the ports that were opened.
 */
export function criNetworkPolicy(model: KinsModel): unknown {
  const { unit, hostPorts } = model;
  return k8s.KubeNetworkPolicy.manifest({
    metadata: { name: kinsName(unit, 'cri'), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, 'cri') },
    spec: {
      podSelector: { matchLabels: kinsSelector(unit, 'cri') },
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ podSelector: { matchLabels: kinsSelector(unit, 'cri') } }] },
        {
          ports: [...CRI_PORTS, ...hostPorts].map((port) => ({
            port: k8s.IntOrString.fromNumber(port),
            protocol: 'TCP',
          })),
        },
      ],
    },
  });
}

/** The kubelet, and the API as kube-proxy offers it to the node. */
const CRI_PORTS = [10250, API_NODE_PORT] as const;
