import type { K3sComponent } from '../k3s/component';
import type { K3sOptions } from '../k3s/options';
import type { AutonomyLevel } from '../superedge/autonomy-level';
import type { KinsPodResources, KinsToleration } from './kins-cluster-props';
import type { KinsRegistry, KinsRegistryMirror } from './registry-props';
import type { KinsMaintenanceWindow } from './upgrade-props';

/** A unit with checked props and with defaults filled in, from which manifests are made. */
export interface KinsModel {
  readonly unit: string;
  readonly nodes: readonly string[];
  readonly level: AutonomyLevel;
  readonly servers: readonly string[];
  readonly retiredServers: readonly string[];
  readonly image: string;
  /** The K3s release of `image`, empty if it is not known. */
  readonly version: string;
  readonly upgrades: KinsUpgrades;
  /** Image of the release that is copied to the nodes in advance. */
  readonly prepullImage: string | undefined;
  readonly pauseImage: string;
  readonly bootWhileDark: boolean;
  /** Addresses of the servers: of all, or of none. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly hostPorts: readonly number[];
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  readonly nodeCidr: string;
  readonly clusterDns: string;
  readonly apiPort: number;
  readonly tunnelProxyUrl: string;
  /** The Secret that a user fills; `undefined` when the servers fill the unit's own. */
  readonly tokenSecret: string | undefined;
  readonly credentialsInConfigMap: boolean;
  readonly imagePullSecrets: readonly string[];
  readonly registryMirrors: Readonly<Record<string, KinsRegistryMirror>>;
  readonly registries: Readonly<Record<string, KinsRegistry>>;
  readonly systemDefaultRegistry: string | undefined;
  readonly disable: readonly K3sComponent[];
  readonly tlsSans: readonly string[];
  readonly secretsEncryption: boolean;
  readonly serverOptions: K3sOptions;
  readonly agentOptions: K3sOptions;
  readonly resources: {
    readonly server: KinsPodResources;
    readonly agent: KinsPodResources;
    readonly cri: KinsPodResources;
  };
  readonly tolerations: readonly KinsToleration[];
}

/** When changes of what runs are made. */
export interface KinsUpgrades {
  readonly hold: string | undefined;
  readonly timeZone: string;
  readonly maintenanceWindows: readonly KinsMaintenanceWindow[];
  readonly soakSeconds: number;
}

/** Port on 127.0.0.1 of every node that leads to the unit's servers. */
export function localPort({ apiPort }: KinsModel): number {
  return apiPort + 2;
}
