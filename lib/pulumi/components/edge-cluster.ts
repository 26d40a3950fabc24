import * as pulumi from '@pulumi/pulumi';
import { EdgeCluster as EdgeClusterConstruct, type EdgeClusterProps } from '../../kkp';
import { ChartResources } from '../chart-resources';
import { propsOf, type Inputs } from '../inputs';
import { componentChart, refuseSecond } from '../program-app';
import { formerNamesOf } from '../resource-identity';

/** Arguments of {@link EdgeCluster}: the props of the construct of that name. */
export type EdgeClusterArgs = Inputs<EdgeClusterProps>;

const constructs = new WeakMap<EdgeCluster, EdgeClusterConstruct>();

/** The construct that a component was made from. @internal */
export function constructOf(cluster: EdgeCluster): EdgeClusterConstruct {
  const construct = constructs.get(cluster);
  if (construct === undefined) throw new Error('An EdgeCluster can only be created by its constructor');
  return construct;
}

/**
 * A KKP user cluster whose nodes are edge devices, applied to a KKP seed cluster. `pulumi destroy` deletes the cluster and
 * everything that runs in it. Protect it to prevent that from happening by accident.
 */
export class EdgeCluster extends pulumi.ComponentResource {
  /** Name of the Cluster object. */
  readonly clusterName: pulumi.Output<string>;

  /** Namespace of the seed cluster in which the control plane runs. */
  readonly controlPlaneNamespace: pulumi.Output<string>;

  /** Kubernetes version of the control plane. */
  readonly version: pulumi.Output<string>;

  /**
   * @param name name of the component, which is the default name of the cluster
   * @param args what the construct `EdgeCluster` takes; strings may be Outputs
   * @param opts `provider` is required: for the seed cluster
   * @throws {@link EdgeConstructsError} when an argument is wrong or the provider is missing
   */
  constructor(name: string, args: EdgeClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:EdgeCluster', name, {}, opts);
    const chart = componentChart('EdgeCluster', name, this);
    const construct = new EdgeClusterConstruct(chart, name, propsOf<EdgeClusterProps>(chart, args));
    constructs.set(this, construct);
    refuseSecond(this, 'EdgeCluster', name, { kind: 'EdgeCluster of the seed cluster', name: construct.name });
    const resources = new ChartResources(name, { chart, formerNames: formerNamesOf(opts) }, { parent: this });
    const clusterName = resources.outputOf(construct.name);
    this.clusterName = clusterName;
    this.controlPlaneNamespace = pulumi.interpolate`cluster-${clusterName}`;
    this.version = pulumi.output(args.version);
    this.registerOutputs({
      clusterName: this.clusterName,
      controlPlaneNamespace: this.controlPlaneNamespace,
      version: this.version,
    });
  }
}
