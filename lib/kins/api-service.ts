import { k8s } from 'cdk8s-plus-27';
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
