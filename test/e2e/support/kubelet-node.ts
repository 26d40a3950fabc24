import { KUBELET_SETTINGS } from './k3s-node';
import { type PlanNode } from './node';

/** Label of the nodes that run a plain kubelet. */
export const PLAIN_KUBELET = 'edge-lab/plain-kubelet';

const IMAGES = '/var/lib/images';
const SOCKET = '/run/containerd/containerd.sock';

/** What a computer needs to join a cluster. */
export interface Admission {
  /** URL of the API server. */
  readonly server: string;
  /** The authority that signed the API server's certificate, in PEM. */
  readonly serverAuthority: string;
  /** The authority that signs those of clients, in PEM. */
  readonly clientAuthority: string;
  /** Token with which a kubelet asks for its first certificate. */
  readonly bootstrapToken: string;
  /** Image of the pause container. */
  readonly pauseImage: string;
}

const containerdConfig = (pauseImage: string): string => `version = 3
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${pauseImage}'
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/opt/lab/bin']
  conf_template = '/etc/containerd/cni.template'
`;

/** A bridge, as on a single computer: pods of the cloud cluster reach their node and the LAN, not pods of other nodes. */
const CNI_TEMPLATE = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'edge-lab',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: '{{.PodCIDR}}' }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

const kubeletConfig = `${KUBELET_SETTINGS.join('\n')}
containerRuntimeEndpoint: unix://${SOCKET}
cgroupDriver: cgroupfs
clusterDNS: [10.43.0.10]
clusterDomain: cluster.local
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}
authorization: {mode: Webhook}
rotateCertificates: true
resolvConf: /etc/resolv.conf
failSwapOn: false
# As K3s has it: the disk is this machine's.
evictionHard: {imagefs.available: 5%, nodefs.available: 5%}
`;

const bootstrapKubeconfig = ({ server, serverAuthority, bootstrapToken }: Admission): string => `apiVersion: v1
kind: Config
clusters:
- name: cloud
  cluster:
    server: ${server}
    certificate-authority-data: ${Buffer.from(serverAuthority).toString('base64')}
users:
- name: bootstrap
  user: {token: ${bootstrapToken}}
contexts:
- name: bootstrap
  context: {cluster: cloud, user: bootstrap}
current-context: bootstrap
`;

/** What a package of the kubelet has systemd run: first the images that a registry would have, then the kubelet. */
const kubeletService = (name: string, address: string): string => `
ctr="ctr --address ${SOCKET} --namespace k8s.io"
until $ctr version >/dev/null 2>&1; do sleep 0.2; done
for archive in ${IMAGES}/*.tar; do
  [ ! -e "$archive.imported" ] || continue
  $ctr images import "$archive" && : >"$archive.imported"
done
exec kubelet --config=/etc/kubernetes/kubelet.yaml --kubeconfig=/etc/kubernetes/kubelet.conf \\
  --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \\
  --hostname-override=${name} --node-ip=${address} --node-labels=${PLAIN_KUBELET}=true
`;

/** A node as kubeadm and KKP make them: a containerd of the node, a kubelet, and nothing else that would start a pod. */
export const kubeletNode =
  (admission: Admission): PlanNode =>
  (name, address) => ({
    name,
    address,
    files: {
      '/etc/containerd/config.toml': containerdConfig(admission.pauseImage),
      '/etc/containerd/cni.template': CNI_TEMPLATE,
      '/etc/crictl.yaml': `runtime-endpoint: unix://${SOCKET}\nimage-endpoint: unix://${SOCKET}\n`,
      '/etc/kubernetes/bootstrap-kubelet.conf': bootstrapKubeconfig(admission),
      '/etc/kubernetes/kubelet.yaml': kubeletConfig,
      '/etc/kubernetes/pki/ca.crt': admission.clientAuthority,
    },
    services: { containerd: 'exec containerd', kubelet: kubeletService(name, address) },
    kubernetes: 'kubelet',
    images: IMAGES,
    containerd: SOCKET,
  });
