import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { packFolder } from './image-archive';
import { type Admission, kubeletNode, PLAIN_KUBELET } from './kubelet-node';
import { type Lab } from './lab';
import { type PlanNode } from './node';
import { need } from './prerequisites';
import { place, placeIptables } from './programs';
import { until } from './run';

type Cloud = Pick<Lab, 'kubectl' | 'apply' | 'images'>;

/** Options of K3s for a server whose nodes are not all K3s. */
export const FOR_PLAIN_KUBELETS: readonly string[] = [
  // Nodes are reached directly: only K3s' own agents hold tunnels to the server.
  'egress-selector-mode: disabled',
  // As kubeadm has it: kubelets sign the certificates that they serve with themselves.
  'kube-apiserver-arg: [kubelet-certificate-authority=]',
];

/** Who asks for a kubelet's first certificate. */
const BOOTSTRAPPERS = 'system:bootstrappers:edge-lab';

const binding = (name: string, role: string, group: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: '${name}'}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: '${role}'}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: '${group}'}]
`;

/**
 * What `kubeadm init` creates so that kubelets can join: a bootstrap token, and the approval of the certificates that they ask for.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/
 */
const bootstrapManifests = (id: string, secret: string): string =>
  [
    `
apiVersion: v1
kind: Secret
metadata: {name: bootstrap-token-${id}, namespace: kube-system}
type: bootstrap.kubernetes.io/token
stringData:
  token-id: '${id}'
  token-secret: '${secret}'
  usage-bootstrap-authentication: 'true'
  auth-extra-groups: ${BOOTSTRAPPERS}
`,
    binding('edge-lab-bootstrap', 'system:node-bootstrapper', BOOTSTRAPPERS),
    binding('edge-lab-approve', 'system:certificates.k8s.io:certificatesigningrequests:nodeclient', BOOTSTRAPPERS),
    binding('edge-lab-renew', 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', 'system:nodes'),
  ].join('---');

const PROXY_IMAGE = 'docker.io/edge-lab/kube-proxy:1';

/** Puts the kubelet among the programs of a lab, and kube-proxy, which nodes of kubeadm and KKP have in a pod, among its images. */
export async function provideKubelet(lab: string): Promise<void> {
  place(need('kubelet'), join(lab, 'bin/kubelet'));
  const folder = join(lab, 'images');
  const root = join(folder, 'kube-proxy');
  try {
    for (const empty of ['lib/modules', 'run', 'tmp']) mkdirSync(join(root, empty), { recursive: true });
    place(need('kube-proxy'), join(root, 'bin/kube-proxy'));
    await placeIptables(root, 'bin');
    await packFolder(
      { name: PROXY_IMAGE, root, entrypoint: ['/bin/kube-proxy'], env: { PATH: '/bin' } },
      join(folder, 'kube-proxy.tar'),
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What `kubeadm init` makes of kube-proxy. */
const kubeProxyManifests = (server: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata: {name: kube-proxy, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: edge-lab-proxy}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:node-proxier'}
subjects: [{kind: ServiceAccount, name: kube-proxy, namespace: kube-system}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-proxy, namespace: kube-system}
data:
  kubeconfig.conf: |
    apiVersion: v1
    kind: Config
    clusters:
    - name: default
      cluster: {server: '${server}', certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt}
    users:
    - name: default
      user: {tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token}
    contexts:
    - name: default
      context: {cluster: default, user: default}
    current-context: default
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: kube-proxy, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: kube-proxy}}
  template:
    metadata: {labels: {k8s-app: kube-proxy}}
    spec:
      hostNetwork: true
      priorityClassName: system-node-critical
      serviceAccountName: kube-proxy
      nodeSelector: {${PLAIN_KUBELET}: 'true'}
      tolerations: [{operator: Exists}]
      containers:
      - name: kube-proxy
        image: ${PROXY_IMAGE}
        args: [--kubeconfig=/etc/kube-proxy/kubeconfig.conf, --hostname-override=$(NODE_NAME), --cluster-cidr=10.42.0.0/16, --conntrack-max-per-core=0]
        env: [{name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
        securityContext: {privileged: true}
        volumeMounts:
        - {name: config, mountPath: /etc/kube-proxy}
        - {name: lock, mountPath: /run/xtables.lock}
        - {name: modules, mountPath: /lib/modules, readOnly: true}
      volumes:
      - {name: config, configMap: {name: kube-proxy}}
      - {name: lock, hostPath: {path: /run/xtables.lock, type: FileOrCreate}}
      - {name: modules, hostPath: {path: /lib/modules, type: DirectoryOrCreate}}
`;

/** Lets kubelets join the cloud cluster, as `kubeadm init` and `kubeadm join` do, and gives back how such a node is made. */
export async function admitKubelets(cloud: Cloud, server: string): Promise<PlanNode> {
  /** K3s publishes them a moment after it serves. */
  const authority = async (name: string, key: string): Promise<string> => {
    const path = `-o=jsonpath={.data.${key.replaceAll('.', '\\.')}}`;
    return until(`the authority in ConfigMap ${name}`, async () => {
      const { stdout } = await cloud.kubectl(['get', 'configmap', '-n', 'kube-system', name, path]);
      return stdout === '' ? undefined : stdout;
    });
  };
  const [id, secret] = [randomBytes(3).toString('hex'), randomBytes(8).toString('hex')];
  const admission: Admission = {
    server,
    serverAuthority: await authority('kube-root-ca.crt', 'ca.crt'),
    clientAuthority: await authority('extension-apiserver-authentication', 'client-ca-file'),
    bootstrapToken: `${id}.${secret}`,
    pauseImage: cloud.images.pause,
  };
  await cloud.apply(`${bootstrapManifests(id, secret)}---${kubeProxyManifests(server)}`);
  return kubeletNode(admission);
}
