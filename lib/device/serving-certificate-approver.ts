import { Construct } from 'constructs';
import { ClusterLevel } from '../core/cluster-level';
import { addObject } from '../core/edge-object';
import { imageReference } from '../core/grammars/images';
import { duration, secondsOf } from '../core/grammars/durations';
import { dnsLabel, dnsSubdomain } from '../core/grammars/names';
import { PropsCheck } from '../core/props-check';
import { listOf, optional } from '../core/rules';
import type { Rule } from '../core/rule';
import { DEFAULT_K3S_VERSION, k3sImage } from '../k3s/version';
import { checkedName } from '../core/construct-name';
import { approverManifests } from './serving-certificate-manifests';

/** Props of a {@link ServingCertificateApprover}. */
export interface ServingCertificateApproverProps {
  /**
   * Name of the approver's objects in `kube-system`: CronJob, ConfigMap, ServiceAccount, roles.
   * @default - the construct's id
   */
  readonly name?: string;

  /** How often it looks for requests, in whole minutes: `1m` to `30m`. A request is valid for 24 hours. @default '5m' */
  readonly interval?: string;

  /**
   * Image with a POSIX shell, awk and kubectl.
   * @default - K3s' image `docker.io/rancher/k3s`, which has them
   */
  readonly image?: string;

  /** Names of Secrets in `kube-system` to pull the image with. @default - none */
  readonly imagePullSecrets?: readonly string[];
}

const FIELDS: Readonly<Record<keyof ServingCertificateApproverProps, Rule>> = {
  name: optional(dnsLabel({ maxLength: 52 })),
  interval: optional(duration({ min: '1m', max: '30m', step: '1m' })),
  image: optional(imageReference()),
  imagePullSecrets: optional(listOf(dnsSubdomain())),
};

const RENAMED = { intervalMinutes: "interval: '5m'" };

const KIND = 'approver of serving certificates';

/**
 * Approves the serving certificates of the kubelets of edge machines, the first one and all renewals. Nothing else does so
 * in a KKP user cluster with edge nodes, and without such certificates `kubectl logs` and `exec` fail. One approver per
 * cluster is enough; several do no harm.
 *
 * It is a CronJob that looks at pending requests and exits. It approves a request only if
 * - its signer is `kubernetes.io/kubelet-serving`, and its usages are those of a serving certificate,
 * - it was made by the kubelet of the node that it names, its subject is that node's, and it contains nothing that kubelets
 * don't request,
 * - a machine (MachineDeployment) of that name exists and does not ask for approval by hand
 *   (`approveServingCertificates: false`),
 * - its only DNS name is the node's, and its addresses are those declared for the machine (`addresses`); for a machine
 * without declared ones, those that the node has. None may be another node's or the API server's.
 *
 * All other requests are left pending, with the cause in the CronJob's log. It may read requests, nodes, machines and the
 * Service `kubernetes`, approve requests of that one signer, and nothing else.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 */
export class ServingCertificateApprover extends Construct {
  /** Name of the approver's objects. */
  readonly name: string;

  /**
   * @param scope the chart, or a construct in it, for objects of a KKP user cluster
   * @param id the construct's id, which is the default name
   * @throws {@link EdgeConstructsError} when a prop is wrong, or the chart holds objects for another cluster
   */
  constructor(scope: Construct, id: string, props: ServingCertificateApproverProps = {}) {
    const check = new PropsCheck(scope, id, 'ServingCertificateApprover');
    props = check.props(props, FIELDS, RENAMED);
    const name = checkedName(check, id, props, dnsLabel({ maxLength: 52 }));
    check.unique({ kind: KIND, name, remedy: 'One per cluster is enough.' });
    check.level(ClusterLevel.KKP_USER_CLUSTER);
    check.throwIfAny();

    super(scope, id);
    check.entered(this);
    this.name = name;
    const manifests = approverManifests({
      name,
      intervalMinutes: secondsOf(props.interval ?? '5m') / 60,
      image: props.image ?? k3sImage(DEFAULT_K3S_VERSION),
      imagePullSecrets: props.imagePullSecrets ?? [],
    });
    for (const [own, manifest] of Object.entries(manifests)) {
      addObject(this, own, manifest, { level: ClusterLevel.KKP_USER_CLUSTER });
    }
  }
}
