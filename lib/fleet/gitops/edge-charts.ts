import type { IConstruct } from 'constructs';
import { ClusterLevel } from '../../core/cluster-level';
import { KinsCluster } from '../../kins/kins-cluster';
import { KINS_NAMESPACE } from '../../kins/names';
import { hasOwnCluster } from '../../superedge/autonomy-level';
import type { FluxProps } from './props';
import type { PlacedChart } from './placed-chart';

/** Flux's own namespace. */
export const FLUX_NAMESPACE = 'flux-system';

/** Whether a chart is for the K3s cluster of its site. */
export function isForEdgeCluster({ level }: Pick<PlacedChart, 'level'>): boolean {
  return level === ClusterLevel.EDGE_CLUSTER;
}

/** Names of the units that a chart gives a K3s cluster to. */
export function unitsWithCluster(constructs: readonly IConstruct[]): readonly string[] {
  return constructs
    .filter((each): each is KinsCluster => each instanceof KinsCluster && hasOwnCluster(each.autonomyLevel))
    .map(({ name }) => name);
}

/** A unit with a K3s cluster of its own, and the cloud cluster that keeps its kubeconfig. */
export interface EdgeUnit {
  readonly unit: string;
  readonly cluster: string;
}

/** These units, by the name of their site. */
export function edgeUnitsBySite(charts: readonly PlacedChart[]): ReadonlyMap<string, readonly EdgeUnit[]> {
  const bySite = new Map<string, EdgeUnit[]>();
  for (const { site, cluster, edgeUnits } of charts) {
    const units = edgeUnits.map((unit) => ({ unit, cluster }));
    if (units.length > 0) bySite.set(site.name, [...(bySite.get(site.name) ?? []), ...units]);
  }
  return bySite;
}

/** Namespace of a chart's Kustomization, which must also contain the Secret with its kubeconfig. */
export function fluxNamespace(chart: Pick<PlacedChart, 'cluster' | 'level'>, props: FluxProps): string {
  const isNamed = props.kubeConfigSecrets !== undefined && Object.hasOwn(props.kubeConfigSecrets, chart.cluster);
  return isForEdgeCluster(chart) && !isNamed ? KINS_NAMESPACE : (props.namespace ?? FLUX_NAMESPACE);
}
