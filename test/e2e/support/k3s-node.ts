import { unified } from './cgroups';
import { type NodePlan, type PlanNode } from './node';

/** Parts of K3s that the lab has no images for. */
const WITHOUT = ['coredns', 'local-storage', 'metrics-server', 'servicelb', 'traefik'];

/** Where K3s looks for archives of images. */
const IMAGES = '/var/lib/rancher/k3s/agent/images';

/** Settings of the kubelet that the lab needs, whatever runs it. */
export const KUBELET_SETTINGS: readonly string[] = [
  'apiVersion: kubelet.config.k8s.io/v1beta1',
  'kind: KubeletConfiguration',
  // The disk is this machine's, however full that is; images of the lab cannot be had again.
  'imageGCHighThresholdPercent: 100',
  'imageGCLowThresholdPercent: 99',
  // Newer kubelets refuse cgroup v1 unless told otherwise; v2 machines must not notice a difference.
  ...(unified() ? [] : ['failCgroupV1: false']),
];

/** A node that runs K3s: its configuration file and what belongs to it. */
function k3sNode(
  role: 'server' | 'agent',
  name: string,
  address: string,
  token: string,
  options: readonly string[],
): NodePlan {
  const config = [
    `node-name: ${name}`,
    `node-ip: ${address}`,
    'token-file: /etc/rancher/k3s/token',
    'kubelet-arg: [config=/etc/rancher/k3s/kubelet.yaml]',
    ...options,
  ];
  return {
    name,
    address,
    files: {
      '/etc/rancher/k3s/config.yaml': `${config.join('\n')}\n`,
      '/etc/rancher/k3s/token': `${token}\n`,
      '/etc/rancher/k3s/kubelet.yaml': `${KUBELET_SETTINGS.join('\n')}\n`,
    },
    // With its file of what it imported, K3s does not do it again at every start.
    services: { k3s: `true >>${IMAGES}/.cache.json; exec k3s ${role}` },
    kubernetes: 'k3s',
    images: IMAGES,
    containerd: '/run/k3s/containerd/containerd.sock',
  };
}

/** The cloud cluster's server. */
export const k3sServer = (name: string, address: string, token: string, options: readonly string[]): NodePlan =>
  k3sNode('server', name, address, token, [
    `disable: [${WITHOUT.join(', ')}]`,
    'disable-helm-controller: true',
    'disable-network-policy: true',
    'write-kubeconfig-mode: "0600"',
    ...options,
  ]);

/** How an agent of the cloud cluster is made. */
export const k3sAgent =
  (token: string, server: string): PlanNode =>
  (name, address) =>
    k3sNode('agent', name, address, token, [`server: ${server}`]);
