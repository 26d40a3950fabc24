import type { Problem } from '../../core/problem';
import { type Fact, FactKind } from '../checks/facts';
import type { FleetProps } from '../fleet-props';
import { FLUX_NAMESPACE, fluxNamespace } from './edge-charts';
import { sharedName } from './shared-folders';
import type { OutputLayout } from '../../render/output-layout';
import type { ChartPlace, PlacedChart } from './placed-chart';
import type { Site } from '../site';

/** Argo CD and Flux put a chart's name into a label of every object. */
const LONGEST_NAME = 63;

/** The names of Applications and Kustomizations: site and chart, joined by a character that is valid for both. */
export function gitOpsName(site: Pick<Site, 'name'>, chart: string): string {
  return `${site.name}-${chart}`;
}

/** The name of a fleet's ApplicationSet: its path, so that fleets with the same id differ. */
export function applicationSetName(fleet: string): string {
  return fleet.replaceAll('/', '-');
}

/** Where the names of a fleet's GitOps objects must be unique, over all fleets of the app. */
function scopesOf({ argoCd, flux }: FleetProps, fluxIn = flux?.namespace ?? FLUX_NAMESPACE): readonly string[] {
  return [
    ...(argoCd === undefined ? [] : [`Argo CD's namespace '${argoCd.namespace ?? 'argocd'}'`]),
    ...(flux === undefined ? [] : [`Flux's namespace '${fluxIn}'`]),
  ];
}

/** The names that a chart of a site takes. */
export function namesOfChart(
  placed: Pick<PlacedChart, 'site' | 'chart' | 'path' | 'cluster' | 'level'>,
  props: FleetProps,
): readonly Fact[] {
  const { site, chart, path } = placed;
  const name = gitOpsName(site, chart);
  const fluxIn = props.flux === undefined ? undefined : fluxNamespace(placed, props.flux);
  return scopesOf(props, fluxIn).map((scope) => ({ kind: FactKind.GITOPS_NAME, scope, name, path }));
}

/** The other names that a fleet uses. Fleets may use the same ones for what their sites share. */
export function namesOfFleet(
  fleet: string,
  clusters: readonly string[],
  props: FleetProps,
  layout: OutputLayout,
): readonly Fact[] {
  const sets: Fact[] =
    props.argoCd === undefined
      ? []
      : [
          {
            kind: FactKind.GITOPS_NAME,
            scope: `ApplicationSets of Argo CD's namespace '${props.argoCd.namespace ?? 'argocd'}'`,
            name: applicationSetName(fleet),
            path: fleet,
          },
        ];
  return [
    ...sets,
    ...clusters.flatMap((cluster) =>
      scopesOf(props).map((scope) => {
        const path = layout.sharedFolder(cluster);
        return { kind: FactKind.GITOPS_NAME, scope, name: sharedName(cluster), path, content: path };
      }),
    ),
  ];
}

/** Names that a label can't hold. */
export function longNameProblems(
  charts: readonly (ChartPlace & { readonly site: Site })[],
  clusters: readonly string[],
  layout: OutputLayout,
): readonly Problem[] {
  return [
    ...charts.map(({ path, site, chart }) => ({ path, name: gitOpsName(site, chart), of: 'the site or the chart' })),
    ...clusters.map((cluster) => ({
      path: layout.sharedFolder(cluster),
      name: sharedName(cluster),
      of: 'the cluster',
    })),
  ]
    .filter(({ name }) => name.length > LONGEST_NAME)
    .map(({ path, name, of }) => ({
      field: path,
      given: `'${name}', a name for GitOps`,
      allowed: `names of at most ${LONGEST_NAME} characters; this one has ${name.length}`,
      remedy: `Shorten the name of ${of}.`,
    }));
}
