import { ClusterLevel } from '../../core/cluster-level';
import { edgeClusterName } from '../cluster-names';
import type { OutputLayout } from '../../render/output-layout';
import type { PlacedChart } from '../gitops/placed-chart';
import { type ReadmeEntry, SITE } from './readme';

/** The objects that all sites of a cluster share. */
export function sharedEntry(cluster: string, layout: OutputLayout): ReadmeEntry {
  const path = `${layout.sharedFolder(cluster)}/`;
  return { path, isKustomization: true, level: ClusterLevel.CLOUD_CLUSTER, clusters: [cluster] };
}

/**
 * One entry for what the sites have alike, so that a new site changes nothing.
 *
 * @param layout where files are
 * @param filesAt the files of a chart, by its place below the output folder
 */
export function siteEntries(
  fleet: string,
  charts: readonly PlacedChart[],
  isKustomization: boolean,
  layout: OutputLayout,
  filesAt: (place: string) => string,
): readonly ReadmeEntry[] {
  const found = new Map<string, ReadmeEntry>();
  for (const { chart, level, cluster: name, site } of charts) {
    // A name for all of them, where each site has a cluster of its own.
    const cluster = name === edgeClusterName(site.name) ? edgeClusterName(SITE) : name;
    const path = filesAt(layout.placeIn(cluster, `${fleet}/${SITE}/${chart}`));
    const key = `${path} ${level ?? ''}`;
    const clusters = new Set([...(found.get(key)?.clusters ?? []), cluster]);
    found.set(key, { path, isKustomization, level, clusters: [...clusters].sort() });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
