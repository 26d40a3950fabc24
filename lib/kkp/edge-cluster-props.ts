import { kubernetesVersion } from '../core/grammars/kubernetes-version';
import { dns1035Label, dnsLabel } from '../core/grammars/names';
import { parseNetwork } from '../core/grammars/networks';
import { bool, enumOf, listOf, optional, rule, text } from '../core/rules';
import type { Rule } from '../core/rule';
import { NETWORK_FIELDS, type ClusterNetwork } from './cluster-network';
import { CNI_FIELDS, type CniPlugin } from './cni-plugin';
import { nameOf } from '../core/construct-name';
import { DATACENTER_NAME } from './edge-datacenter-props';
import { ExposeStrategy } from './expose-strategy';
import { ownLabels } from './labels';
import { CONTROL_PLANE_VERSIONS } from './versions';

/** Props of an {@link EdgeCluster}. */
export interface EdgeClusterProps {
  /** Name of the {@link EdgeDatacenter} the cluster is in. A cluster cannot move. */
  readonly datacenter: string;

  /**
   * Kubernetes version of the control plane: `1.33.5`. KKP 2.29 runs 1.31 to 1.34, 2.30 runs 1.32 to 1.35, 2.31 runs
   * 1.33 to 1.36, each with a list of patch versions that has gaps. Upgrade one minor version at a time, the control
   * plane before the nodes.
   */
  readonly version: string;

  /**
   * Name of the Cluster object, at most 36 characters. KKP's dashboard generates ten random characters here.
   * @default - the construct's id
   */
  readonly name?: string;

  /** Name shown to people. @default - the name */
  readonly humanReadableName?: string;

  /**
   * Id of the KKP project the cluster belongs to, which is the name of its Project object. KKP refuses to create a
   * cluster without one and to move it to another.
   * @default - none: then something else has to add the label `project-id` before the API server gets the object
   */
  readonly projectId?: string;

  /**
   * How devices reach the API server. It cannot be changed later without provisioning all nodes again.
   * @default ExposeStrategy.NODE_PORT
   */
  readonly exposeStrategy?: ExposeStrategy;

  /**
   * Networks that may reach the API server, in CIDR notation. All devices must come from one of them. Only with
   * `ExposeStrategy.LOAD_BALANCER`.
   * @default - everyone
   */
  readonly apiServerAllowedIpRanges?: readonly string[];

  /** Networks for pods and services. @default - KKP's: 172.25.0.0/16 and 10.240.16.0/20, IPv4 only */
  readonly clusterNetwork?: ClusterNetwork;

  /** The pod network. @default - Canal in the version that KKP recommends */
  readonly cniPlugin?: CniPlugin;

  /**
   * Lets KKP write the SSH keys that users attach to the cluster onto its nodes. It takes over `authorized_keys`
   * there and cannot be changed later.
   * @default - as KKP is configured
   */
  readonly enableUserSshKeyAgent?: boolean;

  /** Labels of the Cluster object. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** KKP's limit, because it uses the name in names of namespaces and roles. */
/** KKP's webhook rejects names that begin with a digit. */
export const CLUSTER_NAME: Rule = dns1035Label({ maxLength: 36 });

const ipRange = rule(
  (value) => parseNetwork(value) !== undefined,
  "a network's own address in CIDR notation",
  'Write it like 192.0.2.0/24, a single address like 192.0.2.7/32.',
);

export const CLUSTER_FIELDS: Readonly<Record<string, Rule>> = {
  datacenter: nameOf('an EdgeDatacenter', DATACENTER_NAME),
  version: kubernetesVersion(CONTROL_PLANE_VERSIONS),
  name: optional(CLUSTER_NAME),
  humanReadableName: optional(text({ maxLength: 100 })),
  projectId: optional(dnsLabel()),
  exposeStrategy: optional(enumOf(ExposeStrategy, 'ExposeStrategy')),
  apiServerAllowedIpRanges: optional(listOf(ipRange, { min: 1, uniqueBy: (range) => range })),
  clusterNetwork: optional(NETWORK_FIELDS),
  cniPlugin: optional(CNI_FIELDS),
  enableUserSshKeyAgent: optional(bool()),
  labels: optional(
    ownLabels({
      'project-id': 'Use the prop projectId.',
      'worker-name': 'KKP sets it.',
      'is-credential-preset': 'KKP sets it.',
    }),
  ),
};
