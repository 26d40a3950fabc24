import type * as pulumi from '@pulumi/pulumi';
import type { CniPluginType, IpFamily, ProxyMode } from '../../kkp';

// Pulumi generates its schema from interfaces, and supports lists only if they are not readonly. So the types of the
// constructs' props are repeated here.

/** Networks of a user cluster, which can't be changed after it was made. */
export interface ClusterNetwork {
  /** Networks for pods: an IPv4 network, for dual stack followed by an IPv6 network. */
  pods?: pulumi.Input<pulumi.Input<string>[]>;
  /** Networks for Services: an IPv4 network, for dual stack followed by an IPv6 network. */
  services?: pulumi.Input<pulumi.Input<string>[]>;
  /** IP versions. By default dual stack when `pods` or `services` has two networks, otherwise IPv4. */
  ipFamily?: IpFamily;
  /** Prefix length of each node's part of the IPv4 network for pods. By default 24. */
  nodeCidrMaskSizeIpv4?: number;
  /** Prefix length of each node's part of the IPv6 network for pods. By default 64. */
  nodeCidrMaskSizeIpv6?: number;
  /** How kube-proxy directs traffic to Services. By default by iptables. */
  proxyMode?: ProxyMode;
  /** A DNS cache on each node. By default there is one. */
  nodeLocalDnsCacheEnabled?: boolean;
  /** Address on each node at which pods reach the API server with the expose strategy `Tunneling`. */
  tunnelingAgentIp?: pulumi.Input<string>;
}

/** The network plugin of a user cluster. */
export interface CniPlugin {
  /** Which one. */
  type: CniPluginType;
  /** Its version, as KKP lists them. By default KKP's own default. */
  version?: pulumi.Input<string>;
  /** Accepts a version that is later than those that this library knows from KKP's list. */
  allowLaterVersion?: boolean;
}

/** Settings of the kubelet of a machine. */
export interface KubeletSettings {
  /** Maximum number of pods on the node. */
  maxPods?: number;
  /** Size at which the log of a container is rotated: `10Mi`. */
  containerLogMaxSize?: pulumi.Input<string>;
  /** How many files of a container's log are kept. */
  containerLogMaxFiles?: number;
  /** Disk usage in percent above which unused images are removed. */
  imageGcHighThresholdPercent?: number;
  /** Disk usage in percent down to which they are removed. */
  imageGcLowThresholdPercent?: number;
  /** Resources reserved for Kubernetes: `memory: 200Mi`. */
  kubeReserved?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Resources reserved for the operating system. */
  systemReserved?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** When pods are evicted: `memory.available: 100Mi`. */
  evictionHard?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
}

/** Where the kubeconfig of a seed cluster is. */
export interface SeedKubeconfig {
  /** Name of the Secret in the master cluster. */
  name: pulumi.Input<string>;
  /** Its namespace. By default that of the Seed. */
  namespace?: pulumi.Input<string>;
  /** Key of the kubeconfig in it. */
  fieldPath?: pulumi.Input<string>;
}

/** The proxy of the nodes of a seed. */
export interface SeedProxySettings {
  /** URL of the proxy for HTTP and HTTPS. */
  httpProxy?: pulumi.Input<string>;
  /** What is reached without the proxy: this list takes the place of the default one. */
  noProxy?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Settings of all nodes of a datacenter. */
export interface EdgeNodeSettings {
  /** URL of the proxy for HTTP and HTTPS. */
  httpProxy?: pulumi.Input<string>;
  /** What is reached without the proxy: this list takes the place of the default one. */
  noProxy?: pulumi.Input<pulumi.Input<string>[]>;
  /** Registries whose certificates are not verified. */
  insecureRegistries?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Where nodes pull images from, by registry: mirrors, as hosts or URLs. If they are URLs, the same value can be used for
   * a KinsCluster.
   */
  registryMirrors?: pulumi.Input<{ [key: string]: pulumi.Input<pulumi.Input<string>[]> }>;
  /** Image that holds the network of a pod. */
  pauseImage?: pulumi.Input<string>;
  /** Lets containers that do not run as root use devices. */
  enableNonRootDeviceOwnership?: boolean;
}

/** Where audit logs of all clusters of a datacenter go. */
export interface AuditWebhookSettings {
  /** The Secret with the webhook's configuration. */
  auditWebhookConfig: SeedSecretReference;
  /** How long to wait before the first retry: `10s`. */
  auditWebhookInitialBackoff?: pulumi.Input<string>;
}

/** A Secret in the seed cluster. */
export interface SeedSecretReference {
  /** Its name. */
  name: pulumi.Input<string>;
  /** Its namespace. */
  namespace: pulumi.Input<string>;
}

/** The Secret with the API servers' AuthenticationConfiguration. */
export interface AuthenticationConfigurationReference {
  /** Its name. */
  secretName: pulumi.Input<string>;
  /** Key of the configuration in it. */
  secretKey: pulumi.Input<string>;
}

/** OperatingSystemProfiles by operating system. */
export interface EdgeOperatingSystemProfiles {
  /** That of Ubuntu. */
  ubuntu?: pulumi.Input<string>;
}
