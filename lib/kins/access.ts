import { k8s } from 'cdk8s-plus-27';
import {
  agentConfig,
  API_NODE_PORT,
  containerdConfig,
  kubeletConfig,
  nodeKubeconfig,
  serverConfig,
  type Files,
} from './config';
import type { KinsModel } from './model';
import { kinsLabels, kinsName, kinsSelector, KINS_NAMESPACE, type KinsPart } from './names';
import { registryFiles } from './registries';

/** A ConfigMap of a unit; without files, one that is filled in the cluster. */
export function kinsConfigMap(unit: string, part: KinsPart, files?: Files): unknown {
  return k8s.KubeConfigMap.manifest({
    metadata: { name: kinsName(unit, part), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    data: files,
  });
}

/** What the pods of a unit read. */
export function configConfigMap(model: KinsModel): unknown {
  return kinsConfigMap(model.unit, 'config', {
    'agent.yaml': agentConfig(model),
    'containerd.toml': containerdConfig(model),
    'kubelet.yaml': kubeletConfig(model),
    'server.yaml': serverConfig(model),
    ...registryFiles(model),
  });
}

/**
 * The kubeconfig of the edge cluster, where SuperEdge puts it. With `credentialsInConfigMap` a server fills it in, since
 * a credential must not be rendered.
 */
export function kubeconfigConfigMap(model: KinsModel): unknown {
  return kinsConfigMap(
    model.unit,
    'cm',
    model.credentialsInConfigMap ? undefined : { 'kubeconfig.conf': nodeKubeconfig(model) },
  );
}

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
