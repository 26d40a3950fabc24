// `k3s server` with nothing around it, on a node of the lab whose own K3s, the agent of the cloud cluster, is off: what a unit
// is compared with.
import { type LabNode } from '../test/e2e/support/node';

/** What the K3s of a unit has, too. Alone, K3s keeps its data in SQLite, which can't grow to several servers. */
export const WITH_ETCD = ['cluster-init: true', 'secrets-encryption: true'];

const CONFIG = '/etc/rancher/k3s/bare.yaml';
const KUBECONFIG = '/run/bare.yaml';
const START = `k3s server --config ${CONFIG}`;

/** A node without anything running on it. */
export async function rest(node: LabNode): Promise<void> {
  await node.powerCut();
  await node.start();
  await node.stopKubernetes();
}

/** Writes the settings of a K3s that has no data yet. */
export async function prepareBare(node: LabNode, options: readonly string[]): Promise<void> {
  const lines = [
    'data-dir: /var/lib/bare',
    'node-name: bare',
    `write-kubeconfig: ${KUBECONFIG}`,
    'kubelet-arg: [config=/etc/rancher/k3s/kubelet.yaml]',
    'disable: [coredns, local-storage, metrics-server, traefik]',
    ...options,
  ];
  await node.sh(`rm -rf /var/lib/bare; printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >${CONFIG}`);
}

/** Starts it now. */
export async function startBare(node: LabNode): Promise<void> {
  await node.sh(`setsid ${START} >/var/log/bare.log 2>&1 </dev/null & sleep 0`);
}

/** From now on a service of the node starts it at each boot, and the K3s of the cloud cluster is off. */
export async function startBareAtBoot(node: LabNode): Promise<void> {
  const wants = '/etc/systemd/system/multi-user.target.wants';
  await node.sh(`mkdir -p ${wants}; echo 'ExecStart=${START}' >${wants}/kins-bare.service; : >/var/lib/k3s.disabled`);
}

/** kubectl with its kubeconfig; what it prints. */
export async function bareKubectl(node: LabNode, args: readonly string[], input?: string): Promise<string> {
  const { stdout } = await node.exec(['kubectl', '--kubeconfig', KUBECONFIG, ...args], { input });
  return stdout;
}
