import { ask } from '../core/placeholders/ask';
import { listOf, mapOf, problem, text } from '../core/rules';
import type { Rule } from '../core/rule';
import { componentArgument } from './component-arguments';
import { AGENT_VALUES, serverValues } from './option-values';

/**
 * Options of `k3s server` or `k3s agent` by name, without the leading dashes; each has a list of values, because many
 * may be given several times. An option that takes no value has `['true']`.
 * @see https://docs.k3s.io/cli/server
 * @see https://docs.k3s.io/cli/agent
 */
export type K3sOptions = Readonly<Record<string, readonly string[]>>;

/** Why an option cannot be given, and what to do instead. */
type Refusals = Readonly<Record<string, string>>;

const SET_BY_LAYOUT = 'The layout of the pods depends on it.';
const SECRET = 'It would put a credential into a ConfigMap.';

const REFUSED_EVERYWHERE: Refusals = {
  'data-dir': SET_BY_LAYOUT,
  token: SECRET,
  'token-file': `${SET_BY_LAYOUT} Name a Secret of your own with tokenSecret.`,
  server: `${SET_BY_LAYOUT} Declare the servers' addresses with nodeAddresses.`,
  'node-name': 'A node of the edge cluster has the name of the node it runs on.',
  'with-node-id': 'A node of the edge cluster has the name of the node it runs on.',
  'node-ip': "It is the node's own address in nodeCidr; on servers, the one on the LAN.",
  'node-external-ip': 'It is the address by which the cloud cluster knows the node.',
  rootless: SET_BY_LAYOUT,
  docker: SET_BY_LAYOUT,
  'container-runtime-endpoint': SET_BY_LAYOUT,
  'image-service-endpoint': SET_BY_LAYOUT,
  'private-registry': 'Use registryMirrors and registries.',
  'vpn-auth': SECRET,
  'vpn-auth-file': SET_BY_LAYOUT,
  'bind-address': SET_BY_LAYOUT,
  'disable-default-registry-endpoint': 'Set fallback to false in registryMirrors.',
  'default-runtime': 'The containerd of a unit is configured by this library.',
  snapshotter: 'The containerd of a unit is configured by this library.',
  config: 'This library writes the configuration file.',
  log: 'The output of K3s goes to the log of its pod.',
  alsologtostderr: 'The output of K3s goes to the log of its pod.',
  'prefer-bundled-bin': 'The pods have only the programs that come with K3s.',
};

const REFUSED_FOR_SERVERS: Refusals = {
  ...REFUSED_EVERYWHERE,
  'agent-token': SECRET,
  'agent-token-file': `${SET_BY_LAYOUT} Name a Secret of your own with tokenSecret.`,
  'cluster-init':
    'Which server founds the cluster, and when, is decided on the nodes: a second one would split the unit.',
  'cluster-reset': 'It is a step of a recovery, not a setting: every restart would reset the cluster again.',
  'cluster-reset-restore-path': 'It is a step of a recovery, not a setting: every restart would restore again.',
  'disable-agent': SET_BY_LAYOUT,
  'disable-apiserver': SET_BY_LAYOUT,
  'disable-controller-manager': SET_BY_LAYOUT,
  'disable-scheduler': SET_BY_LAYOUT,
  'disable-etcd': SET_BY_LAYOUT,
  'datastore-endpoint':
    'A unit keeps its data in embedded etcd, so that L4 can grow to L5 and goes on without the cloud.',
  'datastore-cafile': 'A unit keeps its data in embedded etcd.',
  'datastore-certfile': 'A unit keeps its data in embedded etcd.',
  'datastore-keyfile': 'A unit keeps its data in embedded etcd.',
  'kine-tls': 'A unit keeps its data in embedded etcd.',
  'https-listen-port': 'Use apiPort.',
  'supervisor-port': 'Use apiPort.',
  'apiserver-port': 'Use apiPort.',
  'apiserver-bind-address': SET_BY_LAYOUT,
  'advertise-address': 'Use nodeAddresses.',
  'advertise-port': 'Use apiPort.',
  'cluster-cidr': 'Use clusterCidr.',
  'service-cidr': 'Use serviceCidr.',
  'cluster-dns': 'It is the tenth address of serviceCidr.',
  'tls-san': 'Use tlsSans.',
  'egress-selector-mode': 'The control plane has no kubelet beside it, so it reaches pods through the agents.',
  'write-kubeconfig': SET_BY_LAYOUT,
  'write-kubeconfig-mode': SET_BY_LAYOUT,
  'write-kubeconfig-group': SET_BY_LAYOUT,
  'write-kubeconfig-name': SET_BY_LAYOUT,
  'etcd-s3-access-key': `${SECRET} Use etcd-s3-config-secret.`,
  'etcd-s3-secret-key': `${SECRET} Use etcd-s3-config-secret.`,
  'etcd-s3-session-token': `${SECRET} Use etcd-s3-config-secret.`,
  'etcd-s3-skip-ssl-verify': 'TLS is verified: give the CA with etcd-s3-endpoint-ca.',
  'etcd-s3-insecure': 'TLS is verified: give the CA with etcd-s3-endpoint-ca.',
  'etcd-snapshot-dir': SET_BY_LAYOUT,
  'flannel-external-ip': 'It is always on: nodes reach each other by their addresses on the LAN.',
  'disable-kube-proxy': 'The kubeconfig on the nodes finds a server through it.',
  'embedded-registry': 'It needs the containerd that is built into K3s; a unit has its own.',
  'secrets-encryption': 'Use secretsEncryption.',
  'system-default-registry': 'Use systemDefaultRegistry.',
  disable: 'Use disable of the construct.',
};

const REFUSED_FOR_AGENTS: Refusals = {
  ...REFUSED_EVERYWHERE,
  'lb-server-port': 'The load balancer of an agent has the network of its unit to itself.',
  'disable-apiserver-lb': 'Agents find the next server through it when one is lost.',
  'resolv-conf': 'It is the one of the node.',
  'flannel-iface': 'Flannel has one interface, eth0 of the network that the unit has on each node.',
  'flannel-conf': 'This library writes it: number and port of the VXLAN are those of the one on the node.',
  'flannel-cni-conf':
    'This library writes the configuration for containerd, in folders that no other flannel on the node has.',
  'pause-image': 'Use systemDefaultRegistry.',
  'airgap-extra-registry': 'It concerns the containerd that is built into K3s; a unit has its own.',
  'nonroot-devices': 'It concerns the containerd that is built into K3s; a unit has its own.',
};

/**
 * Checks options of `k3s server`: they must exist, and be left to the user.
 * @param neededNodePort a port of a Service of type NodePort that the layout needs
 */
export function k3sServerOptions(neededNodePort?: number): Rule {
  const known = serverValues(neededNodePort);
  const elsewhere = { names: AGENT_VALUES, remedy: 'It is an option of agents here: use agentOptions.' };
  return optionsRule({ role: 'server', known, refused: REFUSED_FOR_SERVERS, elsewhere, neededNodePort });
}

/** Checks options of `k3s agent`: they must exist, and be left to the user. */
export function k3sAgentOptions(): Rule {
  const elsewhere = { names: serverValues(undefined), remedy: 'It is an option of servers: use serverOptions.' };
  return optionsRule({ role: 'agent', known: AGENT_VALUES, refused: REFUSED_FOR_AGENTS, elsewhere });
}

interface OptionsOfRole {
  readonly role: string;
  readonly known: Readonly<Record<string, Rule>>;
  readonly refused: Refusals;
  /** Options of the other role. */
  readonly elsewhere: { readonly names: object; readonly remedy: string };
  readonly neededNodePort?: number | undefined;
}

function optionsRule({ role, known, refused, elsewhere, neededNodePort }: OptionsOfRole): Rule {
  const aMap = mapOf(
    () => [],
    () => [],
  );
  const values = listOf(text(), { min: 1, remedy: "Give a list; for a switch it is ['true']." });
  return (value, field) => {
    const found = aMap(value, field);
    if (found.length > 0) return found;
    // Names are checked first, because values of tokens must not be shown, whatever they are.
    return Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([name, given]) => {
      const where = `${field}.${name}`;
      const reason = reasonAgainst(refused, name);
      if (reason?.startsWith(SECRET) === true) {
        const allowed = 'options without credentials';
        return [{ ...problem(where, undefined, allowed, reason), given: '(a credential, not shown)' }];
      }
      if (reason !== undefined) {
        const allowed = 'options that leave the layout as it is';
        return [{ ...problem(where, undefined, allowed, reason), given: `'${name}', which users cannot set` }];
      }
      if (!Object.hasOwn(known, name)) {
        const remedy = Object.hasOwn(elsewhere.names, name)
          ? elsewhere.remedy
          : 'Look it up in the K3s reference; names go without leading dashes.';
        return [problem(where, name, `an option of k3s ${role}`, remedy)];
      }
      const wrongValues = ask(values, given, where);
      if (wrongValues.length > 0) return wrongValues;
      const argument = componentArgument(name, neededNodePort);
      const refusedArguments = (given as readonly string[]).flatMap((each, index) =>
        ask(argument, each, `${where}[${index}]`),
      );
      return refusedArguments.length > 0 ? refusedArguments : (known[name]?.(given, where) ?? []);
    });
  };
}

function reasonAgainst(refused: Refusals, name: string): string | undefined {
  return Object.hasOwn(refused, name) ? refused[name] : undefined;
}
