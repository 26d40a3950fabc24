import * as pulumi from '@pulumi/pulumi';
import { Seed as Rich } from '../components/seed';

/** Arguments of a Seed that exists and belongs to somebody else. */
export interface SeedArgs {
  /** Name of the Seed. By default `kubermatic`. */
  seedName?: pulumi.Input<string>;
  /** Namespace of the Seed. By default `kubermatic`. */
  namespace?: pulumi.Input<string>;
  /** Country of the seed cluster, an ISO 3166-1 alpha-2 code, to be set in it. */
  country?: pulumi.Input<string>;
}

/** A KKP Seed of which only the country is set. */
export class Seed extends pulumi.ComponentResource {
  /** Name of the Seed. */
  readonly seedName: pulumi.Output<string>;
  /** Namespace of the Seed. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: SeedArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:Seed', name, {}, opts);
    const { seedName, ...others } = args;
    const rich = new Rich(name, { ...others, name: seedName }, { parent: this });
    this.seedName = rich.seedName;
    this.namespace = rich.namespace;
    this.registerOutputs({ seedName: this.seedName, namespace: this.namespace });
  }
}
