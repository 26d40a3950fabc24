import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { type ChartCluster, ClusterLevel, clusterStateOf, declareCluster } from './cluster-level';
import { aConstruct, checkArguments } from './check-arguments';
import { dnsSubdomain } from './grammars/names';
import { PropsCheck } from './props-check';
import { enumOf, optional } from './rules';

/**
 * Says which cluster charts are for: a chart, or all charts in a construct. What is nearest to a chart counts, as a whole.
 *
 * ```ts
 * for (const env of ['dev', 'prod']) {
 *   const chart = new Chart(app, env);
 *   setCluster(chart, { name: env });
 *   new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4 });
 * }
 *
 * const apps = new Chart(scope, 'apps'); // of a Fleet's site: what goes into the site's own K3s cluster
 * setCluster(apps, { level: ClusterLevel.EDGE_CLUSTER });
 * ```
 *
 * Names of units, nodes, Seeds and datacenters must be unique within a cluster, and may be reused in another. Without this,
 * all charts of an app are for one cluster per level, and those of a `Fleet` for the clusters of their site.
 *
 * @param scope a chart, or a construct outside of charts, before anything of this library is in it
 * @param cluster its level, its name, or both
 * @throws {@link EdgeConstructsError} when the cluster is wrong, was said before, or comes too late
 */
export function setCluster(scope: Construct, cluster: ChartCluster): void {
  checkArguments('setCluster', { scope: [scope, aConstruct()] });
  const check = new PropsCheck(scope.node.scope ?? scope, scope.node.id || 'App', 'setCluster');
  cluster = check.props(cluster, {
    level: optional(enumOf(ClusterLevel, 'ClusterLevel')),
    name: optional(dnsSubdomain()),
  });
  checkTogether(check, scope, cluster);
  check.throwIfAny();
  check.entered(scope);
  declareCluster(scope, cluster);
}

function checkTogether(check: PropsCheck, scope: Construct, { level, name }: ChartCluster): void {
  const inside = scope.node.scopes.find((each) => Chart.isChart(each));
  if (!Chart.isChart(scope) && inside !== undefined) {
    check.add(
      'scope',
      scope,
      `the chart itself, which is '${inside.node.path}'`,
      'A chart is applied to one cluster as a whole.',
    );
  }
  const { isDeclared, firstUser } = clusterStateOf(scope);
  if (isDeclared) check.add('scope', scope, 'a construct that has no cluster yet', 'Set both in one call.');
  if (firstUser !== undefined) {
    check.add(
      'scope',
      scope,
      `nothing in it yet; ${firstUser} is already there`,
      'Call setCluster earlier: names are compared within a cluster.',
    );
  }
  if (check.areFine('level', 'name') && level === undefined && name === undefined) {
    check.add('level', level, 'a level, a name, or both', 'Say which cluster it is.');
  }
}
