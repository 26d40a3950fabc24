import { Construct } from 'constructs';
import { clusterAt, type ClusterAnchor, ClusterLevel } from '../core/cluster-level';
import { PropsCheck } from '../core/props-check';
import { checkedName } from '../core/construct-name';
import { datacenterManifest } from './edge-datacenter-manifest';
import { DATACENTER_FIELDS, DATACENTER_NAME, type EdgeDatacenterProps } from './edge-datacenter-props';
import { addDatacenter } from './seed-datacenters';

const KIND = 'datacenter of any Seed';

/**
 * A datacenter of a KKP seed whose nodes are edge devices: this activates KKP's edge provider.
 *
 * It is an entry in the Seed object of `seed`, not an object of its own, so it may be declared in any chart of the app.
 * Removing it removes the entry; KKP refuses that as long as a cluster uses the datacenter.
 *
 * Not offered, because they do nothing for edge: machine flavor filters, CSI drivers, provider reconciliation; and pod
 * security policies, which no Kubernetes version that KKP runs still has.
 *
 * @see https://docs.kubermatic.com/kubermatic/main/architecture/supported-providers/edge/
 */
export class EdgeDatacenter extends Construct {
  /** Name of the datacenter, for the `datacenter` prop of an {@link EdgeCluster}. */
  readonly name: string;

  /**
   * @param scope any construct of the app
   * @param id the construct's id, which is the default name
   * @throws {@link EdgeConstructsError} when a prop is wrong or a Seed of the same cluster has a datacenter of this name
   */
  constructor(scope: Construct, id: string, props: EdgeDatacenterProps) {
    const check = new PropsCheck(scope, id, 'EdgeDatacenter');
    props = check.props(props, DATACENTER_FIELDS);
    const name = checkedName(check, id, props, DATACENTER_NAME);
    checkTogether(check, scope, props);
    if (check.areFine('seed')) {
      const within = masterOf(props);
      const remedy = `Rename one of the two, since clusters find their datacenter by name alone, ${within.ifOther}.`;
      check.unique({ within, kind: KIND, name, remedy });
    }
    check.throwIfAny();

    super(scope, id);
    check.entered(this);
    this.name = name;
    addDatacenter(props.seed, name, datacenterManifest(props));
  }
}

/** The cluster that the Seed is in: a datacenter goes wherever that goes. */
function masterOf({ seed }: EdgeDatacenterProps): ClusterAnchor {
  return clusterAt(seed, ClusterLevel.KKP_MASTER);
}

function checkTogether(check: PropsCheck, scope: Construct, props: EdgeDatacenterProps): void {
  if (check.areFine('seed') && props.seed.node.root !== scope.node.root) {
    check.add(
      'seed',
      props.seed,
      'a Seed of the same app',
      'The Seed of another app would be rendered without this datacenter: declare both in one app.',
    );
  }
  if (
    check.areFine('enforceAuditLogging') &&
    props.enforcedAuditWebhookSettings !== undefined &&
    props.enforceAuditLogging !== true
  ) {
    check.add(
      'enforcedAuditWebhookSettings',
      props.enforcedAuditWebhookSettings,
      'only together with enforceAuditLogging: true',
      'KKP ignores the webhook otherwise.',
    );
  }
}
