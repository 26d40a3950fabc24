import type { K3sComponent } from '../k3s/component';
import type { K3sOptions } from '../k3s/options';
import type { AutonomyLevel, NodeUnit, TaintEffect } from '../superedge';
import type { KinsRegistry, KinsRegistryMirror } from './registry-props';
import type { KinsMaintenanceWindow, KinsPrepull } from './upgrade-props';

/**
 * What a {@link KinsCluster} is made of. Name the nodes with either `nodes` or `nodeUnit`.
 */
export interface KinsClusterProps {
  /**
   * Name of the unit: the prefix of all its objects.
   * A DNS label of at most 35 characters that starts with a letter.
   * @default - the construct's id, or the name of `nodeUnit`
   */
  readonly name?: string;

  /**
   * Names of the Kubernetes nodes that make up the edge cluster, each once.
   * At L4 at least one, at L5 at least three.
   * @default - the nodes of `nodeUnit`
   */
  readonly nodes?: readonly string[];

  /**
   * Takes name, nodes and level from a NodeUnit of the same app, for cloud clusters that have SuperEdge's
   * CustomResourceDefinitions. The unit's own resource is then rendered at L3, with an
   * annotation that names the true level, because SuperEdge's site-manager must not act on the unit too.
   * @default - `nodes` and `autonomyLevel` are given here
   */
  readonly nodeUnit?: NodeUnit;

  /**
   * L4 is one K3s server, L5 three. L3 destroys the edge cluster and all its data, on every node of the unit.
   * @default - the level of `nodeUnit`; without one it must be given
   */
  readonly autonomyLevel?: AutonomyLevel;

  /**
   * The level that was applied last, where the program that renders knows it, for instance from the ConfigMap
   * `<unit>-guard-kins` in the cluster or from the output that was rendered before ({@link appliedLevel} reads both).
   * With it a step from L5 to L4 is refused before anything is rendered; without it the cloud cluster refuses that step.
   * @default - unknown, so nothing is compared here
   */
  readonly previousLevel?: AutonomyLevel;

  /**
   * Which nodes run the control plane: one at L4, three at L5. Keep the first when you grow from L4 to L5, it has the data.
   * Not used at L3, where a unit keeps the props it had.
   * @default - the first node at L4, the first three at L5
   */
  readonly servers?: readonly string[];

  /**
   * Servers that are gone for good and are replaced by others in `servers`. At L4 and L5 the cloud cluster refuses other
   * servers than the current ones unless they are listed here, because the current ones have the data of the edge cluster: at L5
   * take the lost node out of the edge cluster first, at L4 have a snapshot to restore from.
   * @default - none; the servers of a unit stay
   */
  readonly retiredServers?: readonly string[];

  /**
   * K3s release, for instance `v1.35.1+k3s1`. A unit that has formed takes later releases of its minor and those of the next
   * one. It refuses to go down a minor or to skip one, whatever it is given. Releases of January 2026 (`+k3s3`) are refused
   * here, because after a restart their servers keep a whole CPU core busy.
   * @default - the release that this version of the library was tested with
   * @see https://docs.k3s.io/upgrades/manual
   */
  readonly version?: string;

  /**
   * The K3s release that the unit runs now, where the program that renders knows it, for instance from the output that was
   * rendered before ({@link appliedVersion} reads it). With it, a `version` that the unit could not take is refused before
   * anything is rendered: one that goes down a minor or skips one, or the minor after v1.33 from a release before
   * v1.33.8+k3s1. If a unit has refused an upgrade, it still runs the release before: give that one, or leave this out.
   * @default - unknown, so nothing is compared here; the unit itself compares always
   */
  readonly previousVersion?: string;

  /**
   * Whether `version` and `prepull.version` may be of a Kubernetes minor that this version of the library does not support.
   * Try it on a unit that nobody needs first.
   * @default false
   */
  readonly allowUnsupportedVersion?: boolean;

  /**
   * Why nothing that runs may be changed at the moment, in one line of at most 200 characters. While it is set, the unit goes
   * on with what it runs, whatever else is changed, and shows the reason in the status of pods that would change something.
   * What was held back is done once this is left out. The site can hold changes back as well, and neither needs the other's
   * consent.
   * @default - changes are made
   */
  readonly hold?: string;

  /**
   * When changes that restart K3s may be made. What is begun within a window is finished after its end.
   * @default - at any time
   */
  readonly maintenanceWindows?: readonly KinsMaintenanceWindow[];

  /**
   * Time zone of `maintenanceWindows`, by its name in the IANA database, such as `Europe/Berlin`.
   * @default 'UTC'
   * @see https://www.iana.org/time-zones
   */
  readonly timeZone?: string;

  /**
   * How long the first node that runs a change of its part must do so without a failure before other nodes follow: `1m` to
   * `24h`. If it fails in that time, it goes back by itself, and no other node follows.
   * @default '15m'
   */
  readonly upgradeSoak?: string;

  /**
   * A release that the unit will be upgraded to later: its programs are copied to all nodes in advance, so that the upgrade
   * itself does not depend on the link to the registry. DaemonSet `<unit>-prepull-kins` counts the nodes that have them.
   * With tools that delete nothing (`kubectl apply`), delete that DaemonSet when you leave this out again.
   * @default - none; a node gets the programs when its pods are replaced
   */
  readonly prepull?: KinsPrepull;

  /**
   * Image of that release, where nodes cannot pull from the public registry. It must be K3s' own image or one with the
   * same files. If its tag names a release, and `version` is given too, both must be the same.
   * @default - `docker.io/rancher/k3s` with the tag of `version`
   */
  readonly image?: string;

  /**
   * Image of the process that holds the network of a pod in the edge cluster.
   * @default - `docker.io/rancher/mirrored-pause:3.6`, as K3s uses it
   */
  readonly pauseImage?: string;

  /**
   * Whether nodes start the unit by themselves when they are switched on while the cloud's API server can't be reached, so
   * that no pods come. The cri pods write a service of systemd for that, `kins-<unit>.service`, and the tokens of the unit
   * are on the disk, readable only by root (on servers also by the user of the control plane). Pods that come later take
   * over. If false, a site that was switched off comes back only when the cloud can be reached.
   * @default true - a node without systemd waits for the cloud, and the check of its cri pod reports that
   */
  readonly bootWhileDark?: boolean;

  /**
   * IPv4 addresses of the servers, by node name, as the site's nodes reach them; all servers or none.
   * With them nodes join, and are reached, without the cloud's Service and DNS. Addresses of the unit's other nodes may be
   * given too and are not used: `nodeAddresses` of a `Site` has all of them.
   * @default - nodes join through the unit's Service in the cloud cluster
   */
  readonly nodeAddresses?: Readonly<Record<string, string>>;

  /**
   * Ports that each node of the site offers to its LAN; each leads to the same port of the edge cluster on that node, where
   * its ServiceLB or one of its NodePorts answers. A program of the node that listens on that port is not reached any more;
   * the check of the cri pod reports that. Firewall rules for input of the node do not apply to these ports. 1 to 65535,
   * but not 22, through which you reach the node itself. If its SSH server listens on another port, leave that out too, and
   * any port from 30000 to 32767 that a Service of the cloud cluster has.
   * @default - none; workloads are reached within the edge cluster only
   */
  readonly hostPorts?: readonly number[];

  /**
   * Addresses of the edge cluster's pods; IPv4, /8 to /22. It must not overlap `serviceCidr`, `nodeCidr`, nor anything that the
   * nodes or the cloud cluster's pods have to reach.
   * @default '10.214.0.0/16'
   */
  readonly clusterCidr?: string;

  /**
   * Addresses of the edge cluster's Services; IPv4, /12 to /24. DNS has the tenth.
   * @default '10.215.0.0/16'
   */
  readonly serviceCidr?: string;

  /**
   * Addresses of the nodes within the edge cluster; IPv4, /8 to /24. Each node has one besides its address on the LAN. It
   * is derived from the node's name, so it stays the same when other nodes come and go. Hosts outside of the unit cannot
   * reach it. Different units may use the same network.
   * @default '10.216.0.0/16'
   */
  readonly nodeCidr?: string;

  /**
   * Networks that the edge cluster must leave alone: the pods, Services and nodes of the cloud cluster, the site's LAN.
   * They are only checked against `clusterCidr`, `serviceCidr` and `nodeCidr`.
   * @default - none; nothing is checked
   */
  readonly surroundingNetworks?: readonly string[];

  /**
   * Port of the edge cluster's API on the servers; the next three are used too: by the API server itself, on every node
   * (on 127.0.0.1) for the kubeconfig in ConfigMap `<unit>-cm-kins`, and between the nodes, by UDP. 1024 to 29996:
   * NodePorts of the cloud cluster come after that.
   * @default 26443 - 6443 and 6444 are taken where the cloud cluster is K3s or RKE2
   */
  readonly apiPort?: number;

  /**
   * URL of the HTTP proxy that leads from outside into the cloud cluster's network, written into the kubeconfig for the
   * tunnel.
   * @default 'http://tunnel-cloud.edge-system.svc.cluster.local:8080' - SuperEdge's tunnel, seen from within the cluster
   * @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#Cluster
   */
  readonly tunnelProxyUrl?: string;

  /**
   * Name of a Secret in namespace `kins-system` that holds the three tokens under the keys `server-token`, `agent-token`
   * and `admin-token`; you fill it, for instance by an ExternalSecret, and keep a copy of it.
   * @default - the first server to start fills `<unit>-sec-kins` with random tokens, once
   */
  readonly tokenSecret?: string;

  /**
   * Puts the credential of the edge cluster's administrator into ConfigMap `<unit>-cm-kins`, as SuperEdge does: whoever may
   * read ConfigMaps in `kins-system` is then an administrator of the edge cluster.
   * @default false - the kubeconfig there names files that exist only on the unit's nodes, readable by root alone
   */
  readonly credentialsInConfigMap?: boolean;

  /**
   * Names of the Secrets in `kins-system` with which the cloud cluster's nodes pull `image`.
   * @default - none; the image is pulled without a credential
   */
  readonly imagePullSecrets?: readonly string[];

  /**
   * Where the edge cluster pulls images from, by registry (`docker.io`, `registry.example.com:5000`, or `'*'` for all that are
   * listed neither here nor in `registries`): URLs of mirrors, tried in order before the registry itself, or a
   * {@link KinsRegistryMirror}.
   * A path is where the mirror's API is, including `/v2` if it has that, as in K3s' registries.yaml:
   * `https://harbor.example.com/v2/dockerhub`. Without a path it is `/v2`.
   * @default - none; images are pulled from the registries they name
   * @see https://docs.k3s.io/installation/private-registry
   */
  readonly registryMirrors?: Readonly<Record<string, readonly string[] | KinsRegistryMirror>>;

  /**
   * How to connect to registries and mirrors, by host, with the port if it is not that of HTTPS: credentials, CAs, client
   * certificates. Credentials stay in Secrets of namespace `kins-system`; a changed Secret takes effect without a restart of
   * any workload.
   * @default - none; every registry over TLS, without a credential
   * @see https://docs.k3s.io/installation/private-registry
   */
  readonly registries?: Readonly<Record<string, KinsRegistry>>;

  /**
   * Registry that the edge cluster's own images (CoreDNS and so on) come from: a host, with a port if needed.
   * @default - the registries that K3s names
   * @see https://docs.k3s.io/cli/server
   */
  readonly systemDefaultRegistry?: string;

  /**
   * Components of K3s to leave out of the edge cluster.
   * @default - none; it is a complete K3s
   */
  readonly disable?: readonly K3sComponent[];

  /**
   * Further names or addresses at which the edge cluster's API is reached, for its certificate.
   * @default - the unit's Service, the servers' addresses and 127.0.0.1
   */
  readonly tlsSans?: readonly string[];

  /**
   * Whether Secrets are encrypted in the edge cluster's database.
   * It can't be enabled later.
   * @default true
   * @see https://docs.k3s.io/security/secrets-encryption
   */
  readonly secretsEncryption?: boolean;

  /**
   * Further options of `k3s server`, the same for all servers. Options that the layout depends on are refused.
   * @default - none
   * @see https://docs.k3s.io/cli/server
   */
  readonly serverOptions?: K3sOptions;

  /**
   * Further options of `k3s agent`, the same for all nodes. Options that the layout depends on are refused.
   * @default - none
   * @see https://docs.k3s.io/cli/agent
   */
  readonly agentOptions?: K3sOptions;

  /**
   * What the pods of the unit request on a node, and their limits.
   * @default - see the defaults of each part
   */
  readonly resources?: KinsResources;

  /**
   * Taints of the cloud cluster's nodes that the pods of the unit tolerate.
   * @default - all taints: the unit belongs on these nodes regardless of their taints
   */
  readonly tolerations?: readonly KinsToleration[];
}

/** Resources of the parts of a unit. */
export interface KinsResources {
  /** The control plane on a server. @default - requests 250m and 512Mi, no limit */
  readonly server?: KinsPodResources;

  /** The agent on every node. @default - requests 100m and 256Mi, no limit */
  readonly agent?: KinsPodResources;

  /**
   * The pod that makes the unit's network on every node and starts the container runtime. Requests should also cover the
   * runtime. Limits do not apply to the runtime or to the edge cluster's pods, which have cgroups of their own on the node.
   * @default - requests 50m and 128Mi, no limit
   */
  readonly cri?: KinsPodResources;
}

/** Requests and limits of one container. */
export interface KinsPodResources {
  /** CPU time, as Kubernetes writes it: `250m`, `1`. @default - the default of the part */
  readonly cpuRequest?: string;

  /** Memory, as Kubernetes writes it: `512Mi`, `1Gi`. @default - the default of the part */
  readonly memoryRequest?: string;

  /** Upper bound of CPU time. @default - none */
  readonly cpuLimit?: string;

  /** Upper bound of memory: a control plane that reaches it is killed. @default - none */
  readonly memoryLimit?: string;
}

/**
 * A taint that is tolerated.
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 */
export interface KinsToleration {
  /** Key of the taint. @default - all keys; then no value may be given */
  readonly key?: string;

  /** Value of the taint. @default - any value */
  readonly value?: string;

  /** Effect of the taint. @default - all effects */
  readonly effect?: TaintEffect;
}
