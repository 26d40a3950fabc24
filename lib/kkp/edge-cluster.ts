import { brand } from '../core/instance-of';
import { Construct } from 'constructs';
import { ClusterLevel } from '../core/cluster-level';
import { addObject } from '../core/edge-object';
import { PropsCheck } from '../core/props-check';
import { checkNetwork, ipFamilyOf, resolveNetwork } from './cluster-network';
import { checkCniPlugin } from './cni-plugin';
import { checkedName } from '../core/construct-name';
import { edgeClusterManifest } from './edge-cluster-manifest';
import { CLUSTER_FIELDS, CLUSTER_NAME, type EdgeClusterProps } from './edge-cluster-props';
import { ExposeStrategy } from './expose-strategy';
import type { IpFamily } from './ip-family';

const KIND = 'Cluster of this chart';

/**
 * A KKP user cluster whose nodes are edge devices. KKP runs its control plane in the seed cluster; the chart goes there.
 *
 * Networks, expose strategy, datacenter, project and SSH key agent are fixed when the cluster is created: KKP refuses to
 * change them. Deleting the object deletes the cluster and everything that runs in it.
 *
 * @see https://docs.kubermatic.com/kubermatic/main/architecture/supported-providers/edge/
 */
export class EdgeCluster extends Construct {
  static {
    brand(this, 'EdgeCluster');
  }

  /** Name of the Cluster object. Its control plane runs in the namespace `cluster-<name>` of the seed cluster. */
  readonly name: string;

  /** Kubernetes version of the control plane; nodes may be up to three minor versions older, and not newer. */
  readonly version: string;

  /** IP versions of the cluster's networks. */
  readonly ipFamily: IpFamily;

  /**
   * @param scope the chart, or a construct in it, for objects of a KKP seed cluster
   * @param id the construct's id, which is the default name
   * @throws {@link EdgeConstructsError} when a prop is wrong, networks overlap, the chart has a cluster of this name, or
   * the chart holds objects for another cluster
   */
  constructor(scope: Construct, id: string, props: EdgeClusterProps) {
    const check = new PropsCheck(scope, id, 'EdgeCluster');
    props = check.props(props, CLUSTER_FIELDS);
    const name = checkedName(check, id, props, CLUSTER_NAME);
    checkTogether(check, props);
    check.unique({ kind: KIND, name, remedy: 'Rename one of the two.' });
    check.level(ClusterLevel.KKP_SEED);
    check.throwIfAny();

    super(scope, id);
    check.entered(this);
    this.name = name;
    this.version = props.version;
    this.ipFamily = resolveNetwork(props.clusterNetwork).ipFamily;
    addObject(this, 'cluster', edgeClusterManifest(name, props), { level: ClusterLevel.KKP_SEED });
  }
}

function checkTogether(check: PropsCheck, props: EdgeClusterProps): void {
  const exposeStrategy = check.areFine('exposeStrategy')
    ? (props.exposeStrategy ?? ExposeStrategy.NODE_PORT)
    : undefined;
  if (
    props.apiServerAllowedIpRanges !== undefined &&
    exposeStrategy !== undefined &&
    exposeStrategy !== ExposeStrategy.LOAD_BALANCER
  ) {
    check.add(
      'apiServerAllowedIpRanges',
      props.apiServerAllowedIpRanges,
      'only with the expose strategy LOAD_BALANCER',
      'Leave it out, or set exposeStrategy: KKP refuses it otherwise.',
    );
  }
  checkNetwork(check, props.clusterNetwork, exposeStrategy);
  checkCniPlugin(check, props.cniPlugin, ipFamilyOf(check, props.clusterNetwork));
}
