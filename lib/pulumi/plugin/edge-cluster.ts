import * as pulumi from '@pulumi/pulumi';
import type { ExposeStrategy } from '../../kkp';
import { EdgeCluster as Rich, type EdgeClusterArgs as RichArgs } from '../components/edge-cluster';
import type { ClusterNetwork, CniPlugin } from './kkp-types';

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
  /** How the API server is reached. By default as the seed says. */
  exposeStrategy?: ExposeStrategy;
  /** Networks from which the API server may be reached. By default all. */
  apiServerAllowedIpRanges?: pulumi.Input<pulumi.Input<string>[]>;
  /** Networks of the cluster. */
  clusterNetwork?: ClusterNetwork;
  /** Network plugin. By default KKP's own default. */
  cniPlugin?: CniPlugin;
  /** Keeps the users' SSH keys on the nodes up to date. By default nobody does. */
  enableUserSshKeyAgent?: boolean;
  /** Labels of the Cluster object. */
  labels?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
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
    const rich = new Rich(name, { ...others, name: clusterName } as RichArgs, { parent: this });
    this.clusterName = rich.clusterName;
    this.controlPlaneNamespace = rich.controlPlaneNamespace;
    this.registerOutputs({ clusterName: this.clusterName, controlPlaneNamespace: this.controlPlaneNamespace });
  }
}
