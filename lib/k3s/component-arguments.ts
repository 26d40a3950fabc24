import { problem } from '../core/rules';
import type { Rule } from '../core/rule';
import { nodePortRange } from './option-values';

/** Why an argument of a component cannot be given; the pattern is for its name. */
type Refused = readonly (readonly [name: RegExp, reason: string])[];

const LAYOUT = 'The layout of the pods depends on it.';
const OWN_FILES = 'K3s makes these files itself.';

/**
 * Arguments that the layout or K3s sets. If one was given twice, the last would win, and the component would not start or
 * could not be reached.
 */
const REFUSED: Readonly<Record<string, Refused>> = {
  'kubelet-arg': [
    [/^config$/, 'This library writes the kubelet configuration.'],
    [/^config-dir$/, 'This library writes the kubelet configuration; pass individual settings as arguments.'],
    [/^(?:root-dir|cgroup-root|cgroup-driver|kubelet-cgroups|runtime-cgroups|cert-dir|address|port)$/, LAYOUT],
    [/^(?:container-runtime-endpoint|image-service-endpoint)$/, LAYOUT],
    [/^(?:kubeconfig|bootstrap-kubeconfig|client-ca-file|tls-cert-file|tls-private-key-file)$/, OWN_FILES],
    [/^(?:anonymous-auth|authentication-.*|authorization-.*)$/, 'Anonymous access is not allowed.'],
    [/^hostname-override$/, 'A node of the edge cluster has the name of the node it runs on.'],
    [/^node-ip$/, 'It is the address of the pod or node that K3s runs on.'],
    [/^resolv-conf$/, 'It is the one of the node.'],
    [/^cluster-dns$/, 'It is the tenth address of serviceCidr.'],
    [/^cluster-domain$/, 'Use cluster-domain of serverOptions.'],
    [/^node-labels$/, 'Use node-label.'],
    [/^register-with-taints$/, 'Use node-taint.'],
  ],
  'kube-proxy-arg': [
    [/^(?:kubeconfig|config)$/, OWN_FILES],
    [/^cluster-cidr$/, 'Use clusterCidr.'],
    [/^hostname-override$/, 'A node of the edge cluster has the name of the node it runs on.'],
    [/^(?:healthz-bind-address|metrics-bind-address|nodeport-addresses)$/, LAYOUT],
  ],
  'kube-apiserver-arg': [
    [/^token-auth-file$/, "It holds the token of the unit's administrator."],
    [/^anonymous-auth$/, 'K3s disables it: anonymous access is not allowed.'],
    [/^kubernetes-service-node-port$/, 'The kubeconfig on the nodes depends on it.'],
    [/^secure-port$/, 'Use apiPort.'],
    [/^service-cluster-ip-range$/, 'Use serviceCidr.'],
    [/^(?:bind-address|advertise-address|advertise-port|allow-privileged|egress-selector-config-file)$/, LAYOUT],
    [/^authorization-(?:mode|config)$/, 'It is Node and RBAC: what nodes and pods may do depends on it.'],
    [/^etcd-(?:servers|cafile|certfile|keyfile|prefix)$/, 'A unit keeps its data in embedded etcd.'],
    [/^(?:tls-cert-file|tls-private-key-file|client-ca-file|cert-dir|kubelet-(?:certificate|client)-.*)$/, OWN_FILES],
    [/^(?:service-account-(?:signing-)?key-file|proxy-client-.*|requestheader-.*)$/, OWN_FILES],
  ],
  'etcd-arg': [
    [/^(?:data-dir|wal-dir|config-file|name|force-new-cluster)$/, LAYOUT],
    [/^(?:listen|advertise|initial)-/, LAYOUT],
    [/^(?:peer-.*|client-cert-auth|cert-file|key-file|trusted-ca-file)$/, OWN_FILES],
  ],
  'kube-controller-manager-arg': [
    [/^(?:cluster-cidr|allocate-node-cidrs)$/, 'Use clusterCidr.'],
    [/^service-cluster-ip-range$/, 'Use serviceCidr.'],
    [/^(?:bind-address|secure-port|use-service-account-credentials)$/, LAYOUT],
    [/^(?:kubeconfig|root-ca-file|tls-.*-file|service-account-private-key-file|cluster-signing-.*-file)$/, OWN_FILES],
  ],
  'kube-scheduler-arg': [
    [/^(?:bind-address|secure-port)$/, LAYOUT],
    [/^(?:kubeconfig|tls-.*-file)$/, OWN_FILES],
  ],
  'kube-cloud-controller-manager-arg': [
    [/^(?:bind-address|secure-port)$/, LAYOUT],
    [/^(?:kubeconfig|cloud-config|tls-.*-file)$/, OWN_FILES],
  ],
};

/** Checks that an argument of a component does not conflict with the layout. */
export function componentArgument(option: string, neededNodePort: number | undefined): Rule {
  const refused = Object.hasOwn(REFUSED, option) ? (REFUSED[option] ?? []) : [];
  return (argument, field) => {
    const [name = '', ...value] = String(argument).replace(/^--?/, '').split('=');
    if (option === 'kube-apiserver-arg' && name === 'service-node-port-range') {
      return nodePortRange(neededNodePort)(value.join('='), field);
    }
    const reason = refused.find(([pattern]) => pattern.test(name))?.[1];
    return reason === undefined ? [] : [problem(field, argument, 'arguments that leave the layout as it is', reason)];
  };
}
