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
  /** A site's own K3s cluster, which a KinsCluster makes: what runs at the site. {@link setCluster} says that a chart is for it. */
  EDGE_CLUSTER = 'edge-cluster',
}

/** Which cluster charts are for. */
export interface ChartCluster {
  /**
   * Level of the cluster.
   * @default - what the chart's objects say; charts with none of this library's objects are for the cloud cluster
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
/** What is kept of a declared cluster. */
interface DeclaredCluster extends ChartCluster {
  /** What else can be done about two things of one name. @default - to call setCluster */
  readonly ifOther?: string;
}

const declared = new WeakMap<IConstruct, DeclaredCluster>();
/** The first construct that declares something for a cluster, by what it is in. */
const inUse = new WeakMap<IConstruct, string>();

/**
 * The level of a chart's objects.
 *
 * @returns the level, or `undefined` while neither {@link setCluster} nor an object of this library has said so
 * @throws {@link EdgeConstructsError} when it is given something else
 */
export function clusterLevelOf(chart: Chart): ClusterLevel | undefined {
  checkArguments('clusterLevelOf', { chart: [chart, aChart()] });
  return settled.get(chart)?.level ?? declaredCluster(chart)?.level;
}

/** What was said of the cluster of a construct's chart: by the nearest of the constructs that it is in. */
export function declaredCluster(construct: IConstruct): DeclaredCluster | undefined {
  return [...construct.node.scopes]
    .reverse()
    .map((scope) => declared.get(scope))
    .find((cluster) => cluster !== undefined);
}

/** Keeps what was said; `setCluster` checks it. */
export function declareCluster(scope: IConstruct, cluster: DeclaredCluster): void {
  declared.set(scope, cluster);
}

/** Whether a cluster was declared for the construct itself, and who in it has settled on one by now. */
export function clusterStateOf(scope: IConstruct): { readonly isDeclared: boolean; readonly firstUser?: string } {
  return { isDeclared: declared.has(scope), firstUser: inUse.get(scope) };
}

const IF_OTHER_CLUSTER = 'or use setCluster to say that they are for different clusters';

/** One cluster in one app: the same object for all constructs that are for it, which what must be unique in it is kept by. */
export interface ClusterAnchor {
  readonly name: string;
  /** What else can be done about two things of one name: the end of a sentence. */
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

/** What rules out objects of a level in a construct's chart: one for another level that is there, or was announced. */
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

/** Says that a construct's chart holds objects for a level, which nothing stood against. */
export function settleClusterLevel(construct: IConstruct, subject: string, level: ClusterLevel): void {
  const chart = Chart.of(construct);
  const by = `${subject} '${construct.node.path}'`;
  if (!settled.has(chart)) settled.set(chart, { level, by });
  for (const each of chart.node.scopes) if (!inUse.has(each)) inUse.set(each, by);
}
