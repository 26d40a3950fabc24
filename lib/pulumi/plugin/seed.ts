import * as pulumi from '@pulumi/pulumi';
import type { ExposeStrategy } from '../../kkp';
import { Seed as Rich, type SeedArgs as RichArgs } from '../components/seed';
import type { SeedKubeconfig, SeedProxySettings } from './kkp-types';

/** Arguments of a Seed: without `kubeconfig`, of one that exists and belongs to somebody else. */
export interface SeedArgs {
  /** Name of the Seed. By default `kubermatic`. */
  seedName?: pulumi.Input<string>;
  /** Namespace of the Seed. By default `kubermatic`. */
  namespace?: pulumi.Input<string>;
  /** Country of the seed cluster, an ISO 3166-1 alpha-2 code, to be set in it. */
  country?: pulumi.Input<string>;
  /** Where the kubeconfig of the seed cluster is: with it the whole Seed is this program's. */
  kubeconfig?: SeedKubeconfig;
  /** Where the seed cluster is, in words. Only with `kubeconfig`. */
  location?: pulumi.Input<string>;
  /** How API servers are reached. Only with `kubeconfig`. */
  exposeStrategy?: ExposeStrategy;
  /** DNS name to use instead of the Seed's. Only with `kubeconfig`. */
  seedDnsOverwrite?: pulumi.Input<string>;
  /** Proxy of all nodes. Only with `kubeconfig`. */
  proxySettings?: SeedProxySettings;
}

/** A KKP Seed, of which only the country is set unless `kubeconfig` is given. */
export class Seed extends pulumi.ComponentResource {
  /** Name of the Seed. */
  readonly seedName: pulumi.Output<string>;
  /** Namespace of the Seed. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: SeedArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:Seed', name, {}, opts);
    const { seedName, ...others } = args;
    const rich = new Rich(name, { ...others, name: seedName } as RichArgs, { parent: this });
    this.seedName = rich.seedName;
    this.namespace = rich.namespace;
    this.registerOutputs({ seedName: this.seedName, namespace: this.namespace });
  }
}
