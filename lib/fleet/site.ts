import type { AutonomyLevel } from '../superedge/autonomy-level';

/** A node of a site. */
export interface SiteNode {
  /** Name of the Kubernetes node, and host name of the device. */
  readonly name: string;

  /** IP address of the node in the site's network. @default - not known */
  readonly address?: string;
}

/** Names of the clusters that a site's charts are for. Sites that name the same cluster share its names and nodes. */
export interface SiteClusters {
  /** Cluster for objects of KKP's master level. @default 'kkp-master' */
  readonly kkpMaster?: string;
  /** Cluster for objects of KKP's seed level. @default 'kkp-seed' */
  readonly kkpSeed?: string;
  /** Cluster for objects of a KKP user cluster. @default 'kkp-user-cluster' */
  readonly kkpUserCluster?: string;
  /**
   * Cluster that the site's nodes have joined; also for charts whose objects do not determine their cluster.
   * @default 'cloud-cluster'
   */
  readonly cloudCluster?: string;
  /** The site's own K3s cluster, for charts that `setCluster` assigns to it. @default - `edge-` and the site's name */
  readonly edgeCluster?: string;
}

/** Address ranges of a site that are given, not allocated. */
export interface SiteRanges {
  /** Addresses of the edge cluster's pods: `10.40.0.0/22`. @default - allotted, if the address plan has a pool */
  readonly pods?: string;
  /** Addresses of the edge cluster's Services: `10.104.7.0/24`. @default - allotted, if the address plan has a pool */
  readonly services?: string;
  /** Ports for NodePort Services: `30000-30099`. @default - allotted, if the address plan has a pool */
  readonly nodePorts?: string;
}

/** Settings of a site, or of many by templates, regions and rings. */
export interface SiteSettings {
  /**
   * The site's devices.
   * @default - none
   */
  readonly nodes?: readonly SiteNode[];

  /** How much the site can do while it is cut off from the cloud. @default - not set; the site's constructs decide */
  readonly autonomyLevel?: AutonomyLevel;

  /**
   * Name of the routed network that the nodes' addresses belong to; an address is used once in a network.
   * @default - the site's name: every site has a network of its own
   */
  readonly network?: string;

  /** Clusters that the site's charts are for. @default - one cluster a level for the whole fleet */
  readonly clusters?: SiteClusters;

  /** Address ranges that the site has in any case. @default - allotted by the address plan */
  readonly ranges?: SiteRanges;

  /** Labels of the site, for your own use; GitOps layouts put them on what they render for the site. @default - none */
  readonly labels?: Readonly<Record<string, string>>;

  /** Anything else that the site's constructs need: JSON values. @default - none */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** A site as it is declared. */
export interface SiteProps extends SiteSettings {
  /** Name of the site: a DNS label, once in a fleet. Files and folders are named by it. */
  readonly name: string;
  /** Name of the template that the site is made from. @default - none */
  readonly template?: string;
  /** Region of the site. @default - none */
  readonly region?: string;
  /** Rollout ring of the site. @default - none */
  readonly ring?: string;
}

/** A range of ports, both ends included. */
export interface PortRange {
  /** The first port. */
  readonly from: number;
  /** The last port, included. */
  readonly to: number;
}

/** A site with all settings from defaults, template, region and ring, and with its allocated ranges. */
export interface Site {
  /** Name of the site. */
  readonly name: string;
  /** Region of the site, if it has one. */
  readonly region?: string;
  /** Rollout ring of the site, if it has one. */
  readonly ring?: string;
  /** Name of the network that the nodes' addresses belong to. */
  readonly network: string;
  /** How much the site can do while it is cut off from the cloud, if set. */
  readonly autonomyLevel?: AutonomyLevel;
  /** The site's devices. */
  readonly nodes: readonly SiteNode[];
  /** Names of the nodes, as `NodeUnit` and `KinsCluster` take them. */
  readonly nodeNames: readonly string[];
  /** Addresses by node name, as `KinsCluster` takes them; `undefined` unless every node has one. */
  readonly nodeAddresses?: Readonly<Record<string, string>>;
  /** Names of the clusters that the site's charts are for. */
  readonly clusters: Required<SiteClusters>;
  /** Addresses of the edge cluster's pods: given, allotted, or unknown without a pool. */
  readonly podCidr?: string;
  /** Addresses of the edge cluster's Services: given, allotted, or unknown without a pool. */
  readonly serviceCidr?: string;
  /** Ports for NodePort Services: given, allotted, or unknown without a pool. */
  readonly nodePorts?: PortRange;
  /** Labels of the site. */
  readonly labels: Readonly<Record<string, string>>;
  /** Other settings of the site. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a site file holds; the same can be given in TypeScript. */
export interface FleetData {
  /** Settings of all sites. @default - none */
  readonly defaults?: SiteSettings;
  /** Settings of sites that name the template. @default - none */
  readonly templates?: Readonly<Record<string, SiteSettings>>;
  /** Settings of sites in a region. @default - none */
  readonly regions?: Readonly<Record<string, SiteSettings>>;
  /** Settings of sites in a ring. @default - none */
  readonly rings?: Readonly<Record<string, SiteSettings>>;
  /** The sites. @default - none */
  readonly sites?: readonly SiteProps[];
}
