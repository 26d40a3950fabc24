import * as pulumi from '@pulumi/pulumi';
import type { AutonomyLevel } from '../../superedge/autonomy-level';
import { KinsCluster as Rich } from '../components/kins-cluster';

/** Arguments of a K3s cluster on a group of edge nodes. */
export interface KinsClusterArgs {
  /** Names of the nodes, each once: at L4 at least one, at L5 at least three. */
  nodes: pulumi.Input<pulumi.Input<string>[]>;
  /** L4 is one K3s server, L5 three; L3 takes the edge cluster off its nodes. */
  autonomyLevel: AutonomyLevel;
  /** Name of the unit. By default the name of the resource. */
  unitName?: pulumi.Input<string>;
  /** Which nodes run the control plane. By default the first one at L4, the first three at L5. */
  servers?: pulumi.Input<pulumi.Input<string>[]>;
  /** Image with K3s, where nodes cannot pull from the public registry. */
  image?: pulumi.Input<string>;
  /** Secret with the three tokens. By default random ones are made and kept in the state. */
  tokenSecret?: pulumi.Input<string>;
  /** Kubeconfig of the cloud cluster: with it the component waits, and tells the kubeconfigs. */
  cloudKubeconfig?: pulumi.Input<string>;
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
    const { nodes, servers, ...others } = args;
    const lists = { nodes: nodes as string[], servers: servers as string[] | undefined };
    const rich = new Rich(name, { ...others, ...lists }, { parent: this });
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
