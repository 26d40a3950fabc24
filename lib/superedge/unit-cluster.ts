import { lastingImage } from '../core/grammars/images';
import { optional, problem } from '../core/rules';
import type { Rule } from '../core/rule';
import { shapeRefusing, type Refusal } from './refused';

/**
 * Parameters for SuperEdge's own site-manager, which makes a unit's K3s cluster at L4 and L5.
 *
 * SuperEdge reads four parameters; `service-cidr` is not offered, because setting it breaks the cluster's DNS and its
 * kubeconfig.
 */
export interface UnitClusterProps {
  /**
   * The image of server and agent, with a tag or digest. It must contain `/k3s` and `/bin/sh`, so the images of rancher/k3s
   * can't be used.
   *
   * Changing it on a unit that is at L4 or L5 makes SuperEdge restart the servers, and each restart wipes the server's
   * data store.
   * @default - SuperEdge's own, `ccr.ccs.tencentyun.com/tkeedge/k3s:v1.22.6-revison-1` (spelled so)
   */
  readonly k3sImage?: string;

  /**
   * The image of the CRI wrapper, with a tag or digest.
   * @default - SuperEdge's own, `ccr.ccs.tencentyun.com/tkeedge/cri-w:v0.1.0`
   */
  readonly criwImage?: string;

  /**
   * The ports for Services of type NodePort in the K3s cluster, as `first-last`, both included. The cloud cluster's
   * kube-proxy serves them on the same nodes, so they must not touch its range (30000-32767).
   * @default - SuperEdge's own, `40000-41000`
   */
  readonly nodePortRange?: string;
}

/** The names of the parameters in the resource. */
const PARAMETER_NAMES = {
  k3sImage: 'k3s-image',
  criwImage: 'criw-image',
  nodePortRange: 'node-port-range',
} as const;

const NO_SERVICE_CIDR: Refusal = {
  allowed:
    'nothing: with another service network SuperEdge puts DNS on the broadcast address and its kubeconfig still says 26.0.0.1',
  remedy: 'Leave it out, or declare a KinsCluster, whose networks can be chosen.',
};

const CLOUD_NODE_PORTS = { first: 30000, last: 32767 };

/** The parameters as SuperEdge reads them. */
export function unitClusterParameters(props: UnitClusterProps): Readonly<Record<string, string>> {
  const keys = Object.keys(PARAMETER_NAMES) as (keyof typeof PARAMETER_NAMES)[];
  return Object.fromEntries(
    keys.flatMap((key) => (props[key] === undefined ? [] : [[PARAMETER_NAMES[key], props[key]]])),
  );
}

/** The rule for {@link UnitClusterProps}. */
export function unitCluster(): Rule {
  return shapeRefusing(
    { k3sImage: optional(lastingImage()), criwImage: optional(lastingImage()), nodePortRange: optional(nodePortRange) },
    { serviceCidr: NO_SERVICE_CIDR, 'service-cidr': NO_SERVICE_CIDR },
  );
}

function nodePortRange(value: unknown, field: string): ReturnType<Rule> {
  const parts = typeof value === 'string' ? /^([1-9]\d{0,4})-([1-9]\d{0,4})$/.exec(value) : null;
  const [first, last] = [Number(parts?.[1]), Number(parts?.[2])];
  if (!(first >= 1024 && first <= last && last <= 65535)) {
    return [
      problem(
        field,
        value,
        'two ports from 1024 to 65535 as first-last',
        'Write it like 40000-41000, lower port first.',
      ),
    ];
  }
  const isApart = last < CLOUD_NODE_PORTS.first || first > CLOUD_NODE_PORTS.last;
  if (isApart) return [];
  return [
    problem(
      field,
      value,
      `a range that does not overlap ${CLOUD_NODE_PORTS.first}-${CLOUD_NODE_PORTS.last}, which the cloud cluster uses on the same nodes`,
      'Choose another range, for instance 40000-41000.',
    ),
  ];
}
