import { parseHostAndPort } from '../core/grammars/hosts';
import { dnsSubdomain, labelKey, labelValue } from '../core/grammars/names';
import { firstOf, listOf, pattern, rule, text } from '../core/rules';
import type { Rule } from '../core/rule';
import { url } from '../core/grammars/urls';
import { cronSchedule } from './cron';

const one = (inner: Rule): Rule =>
  listOf(firstOf(text(), inner), { max: 1, remedy: 'K3s takes one value: give a list with one item.' });
const many = (inner: Rule): Rule => listOf(firstOf(text(), inner));
const anything: Rule = () => [];
const amongst = (...values: readonly string[]): Rule =>
  rule((value) => values.includes(String(value)), values.map((each) => `'${each}'`).join(', '), 'Use one of these.');

const flag = one(amongst('true', 'false'));
const count = one(pattern(/^\d{1,6}$/, 'a whole number, as a string', "Write it like ['5']."));
const duration = one(pattern(/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/, 'a Go duration', 'Write it like 5m or 1h30m.'));
const file = one(pattern(/^\/\S*$/, 'the absolute path of a file', 'Write it like /etc/rancher/k3s/file.'));
const argument = many(
  pattern(
    /^-{0,2}[A-Za-z][\w.-]*=/,
    'an argument with its value, without dashes',
    'Write it like v=2; a switch is written like profiling=true.',
  ),
);

/** The labels of Kubernetes itself that a kubelet may set on its own node. */
const OWN_LABELS =
  /^(?:(?:[-a-z0-9.]+\.)?(?:kubelet|node)\.kubernetes\.io\/|(?:beta\.)?kubernetes\.io\/(?:arch|os|hostname|instance-type)$|topology\.kubernetes\.io\/(?:region|zone)$|failure-domain\.beta\.kubernetes\.io\/(?:region|zone)$)/;
const KUBERNETES_LABEL = /^(?:[-a-z0-9.]+\.)?(?:kubernetes|k8s)\.io\//;

const nodeLabel = firstOf(
  rule(
    (value) => {
      const [key = '', ...rest] = String(value).split('=');
      return rest.length === 1 && labelKey()(key, '').length === 0 && labelValue()(rest[0], '').length === 0;
    },
    'a label as key=value',
    'Write it like example.org/floor=2.',
  ),
  rule(
    (value) => !KUBERNETES_LABEL.test(String(value)) || OWN_LABELS.test(String(value).split('=')[0] ?? ''),
    "labels that a kubelet may set: with Kubernetes' own ones, including node roles, it does not start",
    'Use a label in a domain of your own, or set it with kubectl once the node exists.',
  ),
);

const nodeTaint = rule(
  (value) => {
    const [, key = '', own = ''] =
      /^([^=:]+)(?:=([^:]*))?:(?:NoSchedule|PreferNoSchedule|NoExecute)$/.exec(String(value)) ?? [];
    return labelKey()(key, '').length === 0 && labelValue()(own, '').length === 0;
  },
  'a taint as key=value:effect or key:effect, with NoSchedule, PreferNoSchedule or NoExecute',
  'Write it like dedicated=tills:NoSchedule.',
);

const proxy = url({
  schemes: ['http', 'https'],
  allowed: 'an http:// or https:// URL without credentials and without a path',
  remedy: 'Write it like http://proxy.example.com:3128.',
  withoutCredentials: 'It would put them into a ConfigMap. Use etcd-s3-config-secret.',
});
const endpoint = rule(
  (value) => parseHostAndPort(value) !== undefined,
  'a host, with a port if needed',
  'Write it like s3.example.com:9000, without a scheme.',
);

const flannelBackend = firstOf(
  rule(
    (value) => !['host-gw', 'wireguard-native'].includes(String(value)),
    "'vxlan', 'none'",
    "Leave the option out: the edge cluster's packets cross the LAN in a VXLAN, which outlives the pods.",
  ),
  amongst('vxlan', 'none'),
);

/** The range of ports for Services of type NodePort. */
export function nodePortRange(needed: number | undefined): Rule {
  return rule(
    (value) => {
      const [, from, to] = /^(\d{1,5})-(\d{1,5})$/.exec(String(value)) ?? [];
      const [first, last] = [Number(from), Number(to)];
      return (
        first >= 1 && first <= last && last <= 65535 && !(needed !== undefined && (needed < first || needed > last))
      );
    },
    `two ports separated by a hyphen${needed === undefined ? '' : `, including ${needed}: it leads to the API on every node`}`,
    'Write it like 30000-32767.',
  );
}

/** Options of both servers and agents. */
const EVERYWHERE: Readonly<Record<string, Rule>> = {
  'protect-kernel-defaults': flag,
  'enable-pprof': flag,
  debug: flag,
  v: count,
  vmodule: one(anything),
};

/** Rules for the options of `k3s server` that are left to the user. */
export function serverValues(neededNodePort: number | undefined): Readonly<Record<string, Rule>> {
  return {
    ...EVERYWHERE,
    'service-node-port-range': one(nodePortRange(neededNodePort)),
    'cluster-domain': listOf(dnsSubdomain(), { max: 1, remedy: 'A cluster has one domain.' }),
    'kube-apiserver-arg': argument,
    'etcd-arg': argument,
    'kube-scheduler-arg': argument,
    'kube-controller-manager-arg': argument,
    'helm-controller-arg': argument,
    'kube-cloud-controller-manager-arg': argument,
    'tls-san-security': flag,
    'flannel-backend': one(flannelBackend),
    'flannel-ipv6-masq': flag,
    'servicelb-namespace': one(dnsSubdomain()),
    'helm-job-image': one(anything),
    'etcd-expose-metrics': flag,
    'etcd-disable-snapshots': flag,
    'etcd-snapshot-name': one(anything),
    'etcd-snapshot-schedule-cron': one(cronSchedule()),
    'etcd-snapshot-reconcile-interval': duration,
    'etcd-snapshot-retention': count,
    'etcd-snapshot-compress': flag,
    'etcd-s3': flag,
    'etcd-s3-endpoint': one(endpoint),
    'etcd-s3-endpoint-ca': one(anything),
    'etcd-s3-bucket': one(anything),
    'etcd-s3-bucket-lookup-type': one(amongst('auto', 'dns', 'path')),
    'etcd-s3-region': one(anything),
    'etcd-s3-folder': one(anything),
    'etcd-s3-retention': count,
    'etcd-s3-proxy': one(proxy),
    'etcd-s3-config-secret': one(dnsSubdomain()),
    'etcd-s3-timeout': duration,
    'default-local-storage-path': file,
    'disable-cloud-controller': flag,
    'disable-network-policy': flag,
    'disable-helm-controller': flag,
    'supervisor-metrics': flag,
    'secrets-encryption-provider': one(amongst('aescbc', 'secretbox')),
  };
}

/** Rules for the options of `k3s agent` that are left to the user. */
export const AGENT_VALUES: Readonly<Record<string, Rule>> = {
  ...EVERYWHERE,
  'node-internal-dns': many(dnsSubdomain()),
  'node-external-dns': many(dnsSubdomain()),
  selinux: flag,
  'kubelet-arg': argument,
  'kube-proxy-arg': argument,
  'node-taint': many(nodeTaint),
  'node-label': many(nodeLabel),
  'image-credential-provider-bin-dir': file,
  'image-credential-provider-config': file,
};
