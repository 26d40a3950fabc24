import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { EdgeConstructsError } from './error';
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
}

interface Settled {
  readonly level: ClusterLevel;
  readonly by: string;
}

const settled = new WeakMap<Chart, Settled>();

/**
 * The level of a chart's objects.
 *
 * @returns the level, or `undefined` while the chart holds none of this library's objects
 */
export function clusterLevelOf(chart: Chart): ClusterLevel | undefined {
  return settled.get(chart)?.level;
}

/**
 * Says that a construct's chart holds objects for a level.
 *
 * @throws {@link EdgeConstructsError} when the chart already holds an object of another level; it names both.
 */
export function settleClusterLevel(scope: IConstruct, path: string, subject: string, level: ClusterLevel): void {
  const chart = Chart.of(scope);
  const before = settled.get(chart);
  if (before === undefined) {
    settled.set(chart, { level, by: `${subject} '${path}'` });
  } else if (before.level !== level) {
    throw new EdgeConstructsError(path, subject, [
      problem(
        'scope',
        `chart '${chart.node.path}'`,
        `a chart for the ${level}; this one holds ${before.by}, which is for the ${before.level}`,
        'Declare it in another chart: the two are applied to different clusters.',
      ),
    ]);
  }
}
