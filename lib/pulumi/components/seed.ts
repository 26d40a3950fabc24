import * as pulumi from '@pulumi/pulumi';
import { Seed as SeedConstruct, type SeedProps } from '../../kkp';
import { requireArguments } from '../arguments';
import { ChartResources } from '../chart-resources';
import { propsOf, type Inputs } from '../inputs';
import { componentChart, separateChart } from '../program-app';
import { formerNamesOf } from '../resource-identity';

/** Arguments of {@link Seed}: the props of the construct of that name. */
export type SeedArgs = Inputs<SeedProps>;

/** What datacenters need to know of a seed. @internal */
export interface SeedRecord {
  readonly name: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  /** Whether this program creates the Seed, which then may not exist yet during a preview. */
  readonly isOwned: boolean;
}

const records = new WeakMap<Seed, SeedRecord>();

/** @internal */
export function recordOfSeed(seed: Seed): SeedRecord {
  const record = records.get(seed);
  if (record === undefined) throw new Error('A Seed can only be created by its constructor');
  return record;
}

/**
 * A KKP Seed, for its edge datacenters. Without `kubeconfig` it stands for a Seed that exists and belongs to somebody
 * else: only the country, if given, is set in it. With `kubeconfig` the whole Seed is this program's; `pulumi destroy`
 * leaves it in the cluster, because deleting a Seed cuts off all its clusters.
 */
export class Seed extends pulumi.ComponentResource {
  /** Name of the Seed object. */
  readonly seedName: pulumi.Output<string>;

  /** Namespace of the Seed object. */
  readonly namespace: pulumi.Output<string>;

  /**
   * @param name name of the component; it is not the name of the Seed, which is `kubermatic` unless given
   * @param args what the construct `Seed` takes; strings may be Outputs
   * @param opts `provider` is required when a country or a kubeconfig is given: for the master cluster
   * @throws {@link EdgeConstructsError} when an argument is wrong or the provider is missing
   */
  constructor(name: string, args: SeedArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:Seed', name, {}, opts);
    requireArguments('Seed', name, args);
    const isOwned = args.kubeconfig !== undefined;
    // If nothing of the Seed is declared, there is nothing to apply, and the construct would refuse to be rendered.
    const isApplied = isOwned || args.country !== undefined;
    const chart = isApplied ? componentChart('Seed', name, this) : separateChart(name);
    new SeedConstruct(chart, name, propsOf<SeedProps>(chart, args));
    if (isApplied) new ChartResources(name, { chart, formerNames: formerNamesOf(opts) }, { parent: this });
    const { name: seedName = 'kubermatic', namespace = 'kubermatic' } = args;
    records.set(this, { name: seedName, namespace, isOwned });
    this.seedName = pulumi.output(seedName);
    this.namespace = pulumi.output(namespace);
    this.registerOutputs({ seedName: this.seedName, namespace: this.namespace });
  }
}
