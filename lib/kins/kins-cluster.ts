import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { claim } from '../core/claims';
import { clusterAt, ClusterLevel } from '../core/cluster-level';
import { addObject, type Manifest } from '../core/edge-object';
import { ownCopy } from '../core/own-copy';
import { PropsCheck } from '../core/props-check';
import { NODE_CLAIM, UNIT_NAME_CLAIM } from '../superedge/claims';
import { hasOwnCluster, type AutonomyLevel } from '../superedge/autonomy-level';
import { handOver } from '../superedge/hand-over';
import { subjectNames } from './config-files';
import { guardPolicies } from './guard/guard-policies';
import { checkKinsCluster } from './checks/kins-cluster-check';
import type { KinsClusterProps } from './kins-cluster-props';
import { kinsName, KINS_NAMESPACE, NAMESPACE_ID } from './names';
import { kinsNamespace } from './namespace';
import { kinsObjects, Wave } from './objects';
import { scriptsConfigMap, scriptsFor } from './pods/unit-scripts';

/**
 * An independent K3s cluster on a group of edge nodes: it works without the cloud, is reached from it through a tunnel,
 * and ends only by a downgrade to L3.
 *
 * ```ts
 * new KinsCluster(chart, 'test', { nodes: ['edge1', 'edge2', 'edge3'], autonomyLevel: AutonomyLevel.L4 });
 * ```
 *
 * K3s runs in pods of the cloud cluster, which needs no controller for it, and Kubernetes 1.30 or newer. All objects are
 * in namespace `kins-system` and have the unit's name as their prefix, as SuperEdge's Kins names them. Apply them with
 * server-side apply, so that what the cluster fills in (tokens, state) stays.
 *
 * At L4 and L5 the objects of the unit cannot be deleted. To end it, set the level to L3 and apply: that destroys the K3s
 * cluster and all its data on every node, and the readiness of DaemonSet `<unit>-recycle-kins` tells when it is done;
 * afterwards remove the construct.
 */
export class KinsCluster extends Construct {
  /** Name of the unit and prefix of its objects. */
  readonly name: string;

  /** Names of the unit's nodes. */
  readonly nodes: readonly string[];

  /** Names of the nodes that run the control plane: none at L3. */
  readonly servers: readonly string[];

  /** The unit's level. */
  readonly autonomyLevel: AutonomyLevel;

  /**
   * Names and addresses in the certificate of the edge cluster's API: those of its Service and servers, and `tlsSans`.
   * Empty at L3.
   */
  readonly subjectNames: readonly string[];

  /** Where to find the edge cluster's kubeconfig. */
  readonly kubeconfig: KinsKubeconfig;

  /**
   * @param scope where it is declared; its chart is for the cluster that the nodes have joined
   * @param id the construct's id, also the unit's name unless `name` or `nodeUnit` is given
   * @param props which nodes, which level, and what should differ from the defaults
   * @throws {@link EdgeConstructsError} when a prop is wrong, a node is in another unit of the cluster already, another
   * unit of it has the name, or the chart is for another cluster
   */
  constructor(scope: Construct, id: string, props: KinsClusterProps) {
    props = ownCopy(props);
    const check = new PropsCheck(scope, id, 'KinsCluster');
    const model = checkKinsCluster(check, scope, id, props);
    super(scope, id);
    check.entered(this);
    const { unit, nodes } = model;
    if (props.nodeUnit === undefined) {
      const cluster = clusterAt(this, ClusterLevel.CLOUD_CLUSTER);
      claim(cluster, UNIT_NAME_CLAIM, unit, this.node.path);
      nodes.forEach((node) => claim(cluster, NODE_CLAIM, node, this.node.path));
    } else {
      handOver(props.nodeUnit, this.node.path);
    }

    this.name = unit;
    this.nodes = nodes;
    this.servers = Object.freeze([...model.servers]);
    this.autonomyLevel = model.level;
    this.subjectNames = Object.freeze(model.servers.length === 0 ? [] : [...subjectNames(model)]);
    this.kubeconfig = {
      namespace: KINS_NAMESPACE,
      configMapName: kinsName(unit, 'cm'),
      secretName: kinsName(unit, 'sec'),
      key: 'kubeconfig.conf',
      tunnelKey: 'kubeconfig-tunnel.conf',
      tunnelProxyUrl: model.tunnelProxyUrl,
    };

    const chart = Chart.of(this);
    const namespace = sharedObject(chart, NAMESPACE_ID, kinsNamespace(), true);
    const shared = [
      ...(hasOwnCluster(model.level) ? guardOf(chart, namespace) : []),
      ...scriptsOf(chart, namespace, scriptsFor(model.level, model.prepullImage !== undefined)),
    ];
    for (const { id: objectId, manifest, wave } of kinsObjects(model)) {
      // Objects depend on the namespace only, because cdk8s takes time in proportion to the number of paths between them.
      const object = addObject(this, objectId, manifest, { level: ClusterLevel.CLOUD_CLUSTER, wave });
      object.addDependency(namespace);
      if (wave <= Wave.GUARD) object.addDependency(...shared);
    }
  }
}

/** Names under which the kubeconfig of an edge cluster is kept in the cloud cluster, at L4 and L5. */
export interface KinsKubeconfig {
  /** Namespace of ConfigMap and Secret. */
  readonly namespace: string;
  /** ConfigMap with the kubeconfig for use on the unit's nodes, under `key`. */
  readonly configMapName: string;
  /** Secret with the kubeconfigs that hold a credential: direct under `key`, through the tunnel under `tunnelKey`. */
  readonly secretName: string;
  /** Key in both. */
  readonly key: string;
  /** URL of the HTTP proxy that the kubeconfig for the tunnel names. */
  readonly tunnelProxyUrl: string;
  /** Key of the kubeconfig for the tunnel, in the Secret. */
  readonly tunnelKey: string;
}

const SHARED_WAVE = -5;

/** The policies that the bindings of all units refer to. At L3 no binding does, so the guard does not block the removal. */
function guardOf(chart: Chart, namespace: ApiObject): ApiObject[] {
  return guardPolicies().map(([part, manifest]) => {
    const policy = sharedObject(chart, `kins-${part}-policy`, manifest, false);
    policy.addDependency(namespace);
    return policy;
  });
}

/** The ConfigMaps with the scripts that the pods of all units run. */
function scriptsOf(chart: Chart, namespace: ApiObject, kinds: ReturnType<typeof scriptsFor>): ApiObject[] {
  return kinds.map((of) => {
    const scripts = sharedObject(chart, `kins-${of}-scripts`, scriptsConfigMap(of), false);
    scripts.addDependency(namespace);
    return scripts;
  });
}

/** Declares an object that all units of a cluster share, once per chart, by the first unit that needs it. */
function sharedObject(chart: Chart, id: string, manifest: Manifest, isCoOwned: boolean): ApiObject {
  const existing = chart.node.tryFindChild(id);
  if (existing !== undefined) return ApiObject.of(existing);
  const options = { level: ClusterLevel.CLOUD_CLUSTER, wave: SHARED_WAVE, isCoOwned, isShared: true };
  return addObject(chart, id, manifest, options);
}
