import * as pulumi from '@pulumi/pulumi';
import { EdgeDatacenter as EdgeDatacenterConstruct, Seed as SeedConstruct, type EdgeDatacenterProps } from '../../kkp';
import { component, refuse, requireArguments } from '../arguments';
import { ChartResources } from '../chart-resources';
import { withoutEmptyMap } from '../empty-datacenters';
import { ExistingObject } from '../existing-object';
import { propsOf, type Inputs } from '../inputs';
import { refuseSecond, separateChart } from '../program-app';
import { formerNamesOf } from '../resource-identity';
import { recordOfSeed, Seed } from './seed';

/** Arguments of {@link EdgeDatacenter}: the props of the construct of that name. */
export interface EdgeDatacenterArgs extends Inputs<Omit<EdgeDatacenterProps, 'seed'>> {
  /** The seed whose clusters can use the datacenter. */
  readonly seed: Seed;
}

/**
 * A datacenter of a KKP seed whose nodes are edge devices. It is an entry in the Seed object, and a Patch that owns this
 * entry alone: other datacenters of the Seed may belong to other stacks, to KKP's dashboard or to GitOps.
 *
 * When two stacks declare one datacenter with different values, the API server refuses the second with `Apply failed with
 * ... conflict`, naming the other owner and the fields. Remove it from one of the stacks.
 */
export class EdgeDatacenter extends pulumi.ComponentResource {
  /** Name of the datacenter, for the argument `datacenter` of an EdgeCluster. */
  readonly datacenterName: pulumi.Output<string>;

  /**
   * @param name name of the component, which is the default name of the datacenter
   * @param args what the construct `EdgeDatacenter` takes; strings may be Outputs
   * @param opts `provider` is required: for the master cluster
   * @throws {@link EdgeConstructsError} when an argument is wrong, the provider is missing, or the program has another
   * datacenter of this name. The preview fails when the Seed does not exist.
   */
  constructor(name: string, args: EdgeDatacenterArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:EdgeDatacenter', name, {}, opts);
    requireArguments('EdgeDatacenter', name, args);
    refuse('EdgeDatacenter', name, component(Seed)(args.seed, 'seed'));
    const { seed: owner, ...others } = args;
    const record = recordOfSeed(owner);
    const chart = separateChart(name);
    const handle = propsOf<{ name: string; namespace: string }>(chart, {
      name: record.name,
      namespace: record.namespace,
    });
    const seed = new SeedConstruct(chart, 'Seed', handle);
    const construct = new EdgeDatacenterConstruct(chart, name, {
      ...propsOf<Omit<EdgeDatacenterProps, 'seed'>>(chart, others),
      seed,
    });
    const why = ', since clusters find their datacenter by name alone';
    refuseSecond(this, 'EdgeDatacenter', name, { kind: 'datacenter of any Seed', name: construct.name, why });
    // A Patch of a missing Seed would create one that lacks what KKP needs.
    const existing = record.isOwned
      ? []
      : [
          new ExistingObject(
            `${name}/existing`,
            { apiVersion: 'kubermatic.k8c.io/v1', kind: 'Seed', name: record.name, namespace: record.namespace },
            { parent: this },
          ),
        ];
    const provider = this.getProvider('kubernetes:core/v1:ConfigMap');
    const resources = new ChartResources(
      name,
      { chart, formerNames: formerNamesOf(opts) },
      { parent: this, dependsOn: [owner, ...existing], transformations: [withoutEmptyMap(name, provider)] },
    );
    this.datacenterName = resources.outputOf(construct.name);
    this.registerOutputs({ datacenterName: this.datacenterName });
  }
}
