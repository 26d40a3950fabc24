import * as pulumi from '@pulumi/pulumi';
import { EdgeCluster as Rich } from '../components/edge-cluster';

/** Arguments of a KKP user cluster. */
export interface EdgeClusterArgs {
  /** Name of the datacenter the cluster is in. */
  datacenter: pulumi.Input<string>;
  /** Kubernetes version of the control plane: `1.33.5`. */
  version: pulumi.Input<string>;
  /** Name of the Cluster object. By default the name of the resource. */
  clusterName?: pulumi.Input<string>;
  /** Name shown to people. */
  humanReadableName?: pulumi.Input<string>;
  /** Id of the KKP project. */
  projectId?: pulumi.Input<string>;
}

/** A KKP user cluster whose nodes are edge devices. */
export class EdgeCluster extends pulumi.ComponentResource {
  /** Name of the Cluster object. */
  readonly clusterName: pulumi.Output<string>;
  /** Namespace of the seed cluster in which the control plane runs. */
  readonly controlPlaneNamespace: pulumi.Output<string>;

  constructor(name: string, args: EdgeClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:EdgeCluster', name, {}, opts);
    const { clusterName, ...others } = args;
    const rich = new Rich(name, { ...others, name: clusterName }, { parent: this });
    this.clusterName = rich.clusterName;
    this.controlPlaneNamespace = rich.controlPlaneNamespace;
    this.registerOutputs({ clusterName: this.clusterName, controlPlaneNamespace: this.controlPlaneNamespace });
  }
}
