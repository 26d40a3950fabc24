import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Attached } from './attached';
import { aChart, checkArguments } from './check-arguments';
import type { Problem } from './problem';
import { problem } from './rules';

/**
 * The cluster that an object is meant for. Each level has an API server and a kubeconfig of its own, so a chart holds
 * objects of one level only.
 * @see https://docs.kubermatic.com/kubermatic/main/architecture/
 */
export enum ClusterLevel {
  /** KKP's master cluster: Seed objects. */
  KKP_MASTER = 'kkp-master',
  /** A KKP seed cluster: Cluster objects. */
  KKP_SEED = 'kkp-seed',
  /** A KKP user cluster: MachineDeployment objects. */
  KKP_USER_CLUSTER = 'kkp-user-cluster',
  /** The cluster that edge nodes have joined and that runs SuperEdge or Kins: NodeUnit objects, pods of a KinsCluster. */
  CLOUD_CLUSTER = 'cloud-cluster',
  /** A site's own K3s cluster, which a KinsCluster makes: workloads of the site. Use {@link setCluster} for charts for it. */
  EDGE_CLUSTER = 'edge-cluster',
}

/** The cluster that charts are for. */
export interface ChartCluster {
  /**
   * Level of the cluster.
   * @default - the level of the chart's objects; charts without objects of this library are for the cloud cluster
   */
  readonly level?: ClusterLevel;

  /**
   * Name of the cluster: a DNS name, as GitOps controllers know it. Charts that name the same cluster share its names, nodes
   * and ports.
   * @default - one cluster per level; in a `Fleet`, the site's cluster of the level
   */
  readonly name?: string;
}

interface Settled {
  readonly level: ClusterLevel;
  readonly by: string;
}

const settled = new WeakMap<Chart, Settled>();
/** What is stored about a declared cluster. */
interface DeclaredCluster extends ChartCluster {
  /** What else can be done about two things of the same name. @default - to call setCluster */
  readonly ifOther?: string;
}

const declared = new WeakMap<IConstruct, DeclaredCluster>();
/** The path of the first construct that has declared something for a cluster, by the constructs that contain it. */
const inUse = new WeakMap<IConstruct, string>();

/**
 * The level of a chart's objects.
 *
 * @returns the level, or `undefined` if neither {@link setCluster} nor an object of this library has determined it yet
 * @throws {@link EdgeConstructsError} when it is given something else
 */
export function clusterLevelOf(chart: Chart): ClusterLevel | undefined {
  checkArguments('clusterLevelOf', { chart: [chart, aChart()] });
  return settled.get(chart)?.level ?? declaredCluster(chart)?.level;
}

/** The cluster that was declared for a construct's chart, by the nearest construct around it. */
export function declaredCluster(construct: IConstruct): DeclaredCluster | undefined {
  return [...construct.node.scopes]
    .reverse()
    .map((scope) => declared.get(scope))
    .find((cluster) => cluster !== undefined);
}

/** Stores a declaration, which `setCluster` has checked. */
export function declareCluster(scope: IConstruct, cluster: DeclaredCluster): void {
  declared.set(scope, cluster);
}

/** Whether a cluster was declared for the construct itself, and which construct in it already relies on one. */
export function clusterStateOf(scope: IConstruct): { readonly isDeclared: boolean; readonly firstUser?: string } {
  return { isDeclared: declared.has(scope), firstUser: inUse.get(scope) };
}

const IF_OTHER_CLUSTER = 'or use setCluster to say that they are for different clusters';

/**
 * A cluster within an app. All constructs for the cluster get the same object, which is the scope of names that must be
 * unique in it.
 */
export interface ClusterAnchor {
  readonly name: string;
  /** What else can be done about two things of the same name, as the end of a sentence. */
  readonly ifOther: string;
}

const anchors = new Attached<IConstruct, Map<string, ClusterAnchor>>();

/** The cluster that a construct's objects of a level go to. */
export function clusterAt(construct: IConstruct, level: ClusterLevel): ClusterAnchor {
  const { root } = construct.node;
  const { name = level, ifOther = IF_OTHER_CLUSTER } = declaredCluster(construct) ?? {};
  const known = anchors.get(root) ?? new Map<string, ClusterAnchor>();
  anchors.set(root, known);
  const anchor = known.get(name) ?? { name, ifOther };
  known.set(name, anchor);
  return anchor;
}

/** The chart that a construct is in, or is; `undefined` outside of charts. */
export function chartAround(construct: IConstruct): Chart | undefined {
  return construct.node.scopes.reverse().find((each): each is Chart => Chart.isChart(each));
}

/** Problems with objects of a level in a construct's chart: the chart already has, or was declared for, another level. */
export function clusterLevelProblems(scope: IConstruct, level: ClusterLevel): readonly Problem[] {
  const chart = chartAround(scope);
  if (chart === undefined) {
    return [problem('scope', scope, `a chart for the ${level}, or a construct in one`, 'Declare it in a chart.')];
  }
  const before = settled.get(chart);
  const said = before?.level ?? declaredCluster(chart)?.level;
  if (said === undefined || said === level) return [];
  const why =
    before === undefined
      ? `setCluster says that it is for the ${said}`
      : `this one holds ${before.by}, which is for the ${before.level}`;
  return [
    problem(
      'scope',
      `chart '${chart.node.path}'`,
      `a chart for the ${level}; ${why}`,
      'Declare it in another chart: the two are applied to different clusters.',
    ),
  ];
}

/** Records that a construct's chart contains objects for a level, after {@link clusterLevelProblems} found no problem. */
export function settleClusterLevel(construct: IConstruct, subject: string, level: ClusterLevel): void {
  const chart = Chart.of(construct);
  const by = `${subject} '${construct.node.path}'`;
  if (!settled.has(chart)) settled.set(chart, { level, by });
  for (const each of chart.node.scopes) if (!inUse.has(each)) inUse.set(each, by);
}
