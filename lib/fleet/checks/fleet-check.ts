import { Chart, YamlOutputType } from 'cdk8s';
import type { Construct } from 'constructs';
import { declaredCluster } from '../../core/cluster-level';
import { instanceOf } from '../../core/instance-of';
import type { PropsCheck } from '../../core/props-check';
import { parseNetwork } from '../../core/grammars/networks';
import { FleetApp } from '../fleet-app';
import type { FleetProps } from '../fleet-props';
import { SHARED_FOLDER } from '../../render/output-layout';

/** Checks that involve several props of a fleet, or its place in the tree. */
export function checkTogether(check: PropsCheck, scope: Construct, id: string, props: FleetProps): void {
  const { root } = scope.node;
  if (!(root instanceof FleetApp)) {
    check.value(
      'scope',
      root,
      instanceOf(FleetApp, 'a FleetApp, or a construct in one', 'Replace new App() by new FleetApp().'),
    );
  } else if (
    ![YamlOutputType.FILE_PER_CHART, YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE].includes(root.yamlOutputType)
  ) {
    check.add(
      'scope',
      `an app with yamlOutputType ${YamlOutputType[root.yamlOutputType]}`,
      'FILE_PER_CHART or FOLDER_PER_CHART_FILE_PER_RESOURCE',
      'Each site has its own files, so that one site can change without the others.',
    );
  }
  const inChart = scope.node.scopes.find((each) => Chart.isChart(each));
  if (inChart !== undefined) {
    check.add(
      'scope',
      `chart '${inChart.node.path}'`,
      'an app, or a construct outside all charts',
      'A fleet creates charts: declare it beside this one.',
    );
  }
  const cluster = declaredCluster(scope);
  if (cluster !== undefined) {
    check.add(
      'scope',
      `a construct that setCluster says the ${cluster.name === undefined ? 'level' : 'cluster'} of`,
      'one without a cluster: sites name their own',
      "Name them with 'clusters' of the sites, their region or defaults, or call setCluster on the charts of a site.",
    );
  }
  const path = [...scope.node.scopes.map((each) => each.node.id), id].filter((part) => part !== '');
  if (!path.every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part))) {
    check.add('id', path.join('/'), 'DNS labels: each site has a folder with its name', 'Rename it.');
  }
  if (path[0] === SHARED_FOLDER) {
    check.add(
      'id',
      path.join('/'),
      `any name except '${SHARED_FOLDER}', the folder for what sites share`,
      'Rename it.',
    );
  }
  if (
    check.areFine('kustomize') &&
    props.kustomize === false &&
    (props.argoCd !== undefined || props.flux !== undefined)
  ) {
    check.add('kustomize', false, 'true with argoCd or flux: both apply folders', 'Leave it out.');
  }
  if (check.areFine('addressPlan')) checkPools(check, props);
}

function checkPools(check: PropsCheck, { addressPlan }: FleetProps): void {
  if (addressPlan === undefined) return;
  for (const kind of ['pods', 'services'] as const) {
    const pool = addressPlan[kind];
    if (pool === undefined) continue;
    const prefixLength = parseNetwork(pool.network)?.prefixLength ?? 0;
    if (pool.sitePrefix < prefixLength) {
      check.add(
        `addressPlan.${kind}.sitePrefix`,
        pool.sitePrefix,
        `${prefixLength} or more: ${pool.network} has no larger blocks`,
        'Use a wider network, or smaller blocks.',
      );
    }
  }
  const ports = addressPlan.nodePorts;
  if (ports !== undefined && ports.to - ports.from + 1 < ports.perSite) {
    check.add(
      'addressPlan.nodePorts',
      `${ports.from} to ${ports.to}`,
      `at least ${ports.perSite} ports, which one site gets`,
      'Widen the range.',
    );
  }
}
