import * as pulumi from '@pulumi/pulumi';
import type { AutonomyLevel } from '../../superedge/autonomy-level';
import type { K3sComponent } from '../../k3s';
import type { TaintEffect } from '../../superedge';
import type { Weekday } from '../../kins';
import { problem } from '../../core/rules';
import { refuse } from '../arguments';
import { KinsCluster as Rich, type KinsClusterArgs as RichArgs } from '../components/kins-cluster';
import type { KinsRegistry, KinsRegistryMirror } from './registry-types';
import type { KinsNodeUnit } from './unit-types';

/** Arguments of a K3s cluster on a group of edge nodes. */
export interface KinsClusterArgs {
  /** Names of the nodes, each once: at L4 at least one, at L5 at least three. By default those of `nodeUnit`. */
  nodes?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * L4 is one K3s server, L5 three; L3 removes the edge cluster and its data from the nodes. By default that of `nodeUnit`.
   */
  autonomyLevel?: AutonomyLevel;
  /** Makes the NodeUnit too, and takes name, nodes and level from it. */
  nodeUnit?: KinsNodeUnit;
  /** The level that was applied last, if known, so that a step from L5 to L4 is refused. */
  previousLevel?: AutonomyLevel;
  /** Name of the unit. By default the name of the resource. */
  unitName?: pulumi.Input<string>;
  /** Which nodes run the control plane. By default the first one at L4, the first three at L5. */
  servers?: pulumi.Input<pulumi.Input<string>[]>;
  /** Servers that are gone for good, and whose data is given up. */
  retiredServers?: pulumi.Input<pulumi.Input<string>[]>;
  /** Version of K3s: `v1.35.1+k3s1`. */
  version?: pulumi.Input<string>;
  /** The version of K3s that the unit runs now, if known, so that a version that it could not take is refused. */
  previousVersion?: string;
  /** Whether versions of K3s are taken that are not supported. By default they are refused. */
  allowUnsupportedVersion?: boolean;
  /** Why nothing that runs may be changed at the moment: while it is set, the unit goes on with what it runs. */
  hold?: pulumi.Input<string>;
  /** When changes that restart K3s may be made. By default at any time. */
  maintenanceWindows?: KinsMaintenanceWindow[];
  /** Time zone of `maintenanceWindows`: `Europe/Berlin`. By default `UTC`. */
  timeZone?: pulumi.Input<string>;
  /** How long the first node runs a change without a failure before others follow: `15m`, which is the default. */
  upgradeSoak?: string;
  /** A release that is copied to all nodes in advance. */
  prepull?: KinsPrepull;
  /** Image with K3s, where nodes cannot pull from the public registry. */
  image?: pulumi.Input<string>;
  /** Image of the process that holds the network of a pod in the edge cluster. */
  pauseImage?: pulumi.Input<string>;
  /** IPv4 addresses of the servers, by node name: all servers or none. */
  nodeAddresses?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** Ports that each node of the site offers to its LAN. */
  hostPorts?: number[];
  /** Addresses of the edge cluster's pods. By default `10.214.0.0/16`. */
  clusterCidr?: pulumi.Input<string>;
  /** Addresses of the edge cluster's Services. By default `10.215.0.0/16`. */
  serviceCidr?: pulumi.Input<string>;
  /** Addresses of the nodes within the edge cluster. By default `10.216.0.0/16`. */
  nodeCidr?: pulumi.Input<string>;
  /** Networks that the edge cluster must leave alone. */
  surroundingNetworks?: pulumi.Input<pulumi.Input<string>[]>;
  /** Port of the edge cluster's API on the servers. By default 26443. */
  apiPort?: number;
  /** URL of the HTTP proxy that leads into the cloud cluster's network. */
  tunnelProxyUrl?: pulumi.Input<string>;
  /** Secret with the three tokens. By default random ones are made and kept in the state. */
  tokenSecret?: pulumi.Input<string>;
  /** Puts the administrator's credential of the edge cluster into a ConfigMap. */
  credentialsInConfigMap?: boolean;
  /** Whether nodes start the unit by themselves when they boot and the cloud can't be reached. By default they do. */
  bootWhileDark?: boolean;
  /** Names of the Secrets with which the cloud cluster's nodes pull `image`. */
  imagePullSecrets?: pulumi.Input<pulumi.Input<string>[]>;
  /** Where the edge cluster pulls images from, by registry: URLs of mirrors. */
  registryMirrors?: pulumi.Input<{ [key: string]: pulumi.Input<pulumi.Input<string>[]> }>;
  /** Mirrors with rewrites or without fallback, for registries that are not in `registryMirrors`. */
  registryMirrorSettings?: { [key: string]: KinsRegistryMirror };
  /** How to connect to registries and mirrors, by host: credentials, CAs, client certificates. */
  registries?: { [key: string]: KinsRegistry };
  /** Registry that the edge cluster's own images come from. */
  systemDefaultRegistry?: pulumi.Input<string>;
  /** Components of K3s to leave out of the edge cluster. */
  disable?: K3sComponent[];
  /** Further names or addresses at which the edge cluster's API is reached, for its certificate. */
  tlsSans?: pulumi.Input<pulumi.Input<string>[]>;
  /** Whether Secrets are encrypted in the edge cluster's database. By default they are. */
  secretsEncryption?: boolean;
  /** Further options of `k3s server`, without dashes. */
  serverOptions?: pulumi.Input<{ [key: string]: pulumi.Input<pulumi.Input<string>[]> }>;
  /** Further options of `k3s agent`, without dashes. */
  agentOptions?: pulumi.Input<{ [key: string]: pulumi.Input<pulumi.Input<string>[]> }>;
  /** What the pods of the unit request on a node, and their limits. */
  resources?: KinsResources;
  /** Taints of the cloud cluster's nodes that the pods tolerate. By default all. */
  tolerations?: KinsToleration[];
  /** Kubeconfig of the cloud cluster: with it the component waits for the unit and returns the kubeconfigs. */
  cloudKubeconfig?: pulumi.Input<string>;
  /** How long to wait for servers and nodes: `15m`, which is the default. */
  timeout?: string;
}

/** A time of the week at which changes that restart K3s may be made. */
export interface KinsMaintenanceWindow {
  /** The days on which the window begins. By default every day. */
  days?: Weekday[];
  /** When it begins: `02:00`. */
  start: pulumi.Input<string>;
  /** When it ends: on the next day if that is before `start`. */
  end: pulumi.Input<string>;
}

/** A release that is copied to the nodes before it is used. */
export interface KinsPrepull {
  /** Version of K3s, of the minor of the unit or of the next one. */
  version: pulumi.Input<string>;
  /** Image of that release, where nodes cannot pull from the public registry. */
  image?: pulumi.Input<string>;
}

/** Resources of the parts of a unit. */
export interface KinsResources {
  /** The control plane on a server. */
  server?: KinsPodResources;
  /** The agent on every node. */
  agent?: KinsPodResources;
  /** The container runtime on every node. */
  cri?: KinsPodResources;
}

/** Requests and limits of one container. */
export interface KinsPodResources {
  /** Processor time, as Kubernetes writes it. */
  cpuRequest?: pulumi.Input<string>;
  /** Memory, as Kubernetes writes it. */
  memoryRequest?: pulumi.Input<string>;
  /** Upper bound of processor time. */
  cpuLimit?: pulumi.Input<string>;
  /** Upper bound of memory. */
  memoryLimit?: pulumi.Input<string>;
}

/** A taint that is tolerated. */
export interface KinsToleration {
  /** Key of the taint. */
  key?: pulumi.Input<string>;
  /** Value of the taint. */
  value?: pulumi.Input<string>;
  /** Effect of the taint. */
  effect?: TaintEffect;
}

/** An independent K3s cluster on a group of edge nodes. */
export class KinsCluster extends pulumi.ComponentResource {
  /** Name of the unit and prefix of its objects. */
  readonly unitName: pulumi.Output<string>;
  /** Kubeconfig for callers in the cloud, through the tunnel. Secret. */
  readonly tunnelKubeconfig: pulumi.Output<string | undefined>;
  /** Kubeconfig for callers at the site. Secret. */
  readonly directKubeconfig: pulumi.Output<string | undefined>;
  /** What has to be done before the cluster can be deleted. */
  readonly deletionAdvice: pulumi.Output<string>;

  constructor(name: string, args: KinsClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:KinsCluster', name, {}, opts);
    // A plugin receives plain lists and maps; only strings in them may be Outputs.
    const rich = new Rich(name, richArgs(name, args), { parent: this });
    this.unitName = rich.unitName;
    this.tunnelKubeconfig = rich.tunnelKubeconfig;
    this.directKubeconfig = rich.directKubeconfig;
    this.deletionAdvice = rich.deletionAdvice;
    this.registerOutputs({
      unitName: this.unitName,
      tunnelKubeconfig: this.tunnelKubeconfig,
      directKubeconfig: this.directKubeconfig,
      deletionAdvice: this.deletionAdvice,
    });
  }
}

/** Pulumi's schema can't express "a list or an object", so there are two arguments for mirrors. */
function richArgs(name: string, { registryMirrorSettings, unitName, ...args }: KinsClusterArgs): RichArgs {
  const others = unitName === undefined ? args : { ...args, name: unitName };
  if (registryMirrorSettings === undefined) return others as RichArgs;
  const { registryMirrors = {} } = others as { readonly registryMirrors?: object };
  const remedy = 'Put its endpoints into registryMirrorSettings.';
  const twice = Object.keys(registryMirrors).filter((registry) => registry in registryMirrorSettings);
  refuse(
    'KinsCluster',
    name,
    twice.map((each) =>
      problem('registryMirrors key', each, 'a registry that is not also in registryMirrorSettings', remedy),
    ),
  );
  return { ...others, registryMirrors: { ...registryMirrors, ...registryMirrorSettings } } as RichArgs;
}
