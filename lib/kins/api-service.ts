import { k8s } from 'cdk8s-plus-27';
import type { KinsModel } from './model';
import { kinsLabels, kinsName, kinsSelector, KINS_NAMESPACE } from './names';

/** The Service through which callers in the cloud cluster, including the tunnel, reach the edge cluster's API. */
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
