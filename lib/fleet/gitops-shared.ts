import type { ExtraFile } from './chart-source';
import type { PlacedChart } from './placed-chart';

/** Folder of what the sites of a cluster share, below the output folder; no fleet may have this name. */
export const SHARED_FOLDER = 'shared';

/** Name of the GitOps object for the shared objects of a cluster. */
export function sharedName(cluster: string): string {
  return `shared-${cluster}`;
}

/** Where the shared objects of a cluster are, below the output folder. */
export function sharedFolder(cluster: string): string {
  return `${SHARED_FOLDER}/${cluster}`;
}

/** What a GitOps controller has to apply the shared objects of a cluster with. */
export type SharedBy = 'files' | 'flux' | 'argocd';

/**
 * Who of the fleets of an app sees to the objects that the sites of a cluster share. With one object in the folders of
 * many sites, each of their owners takes it from the others, again and again.
 */
export class SharedFolders {
  readonly #seenTo = new Map<string, string>();

  /**
   * Takes it on, unless it is seen to.
   * @param where namespace of who does
   * @returns the namespace of who does, and whether that is news
   */
  take(by: SharedBy, cluster: string, where: string): { readonly where: string; readonly isNew: boolean } {
    const key = `${by}\0${cluster}`;
    const known = this.#seenTo.get(key);
    if (known !== undefined) return { where: known, isNew: false };
    this.#seenTo.set(key, where);
    return { where, isNew: true };
  }
}

/** The clusters in which charts share something, sorted, so that their order says nothing of the sites'. */
export function sharingClusters(charts: readonly PlacedChart[]): readonly string[] {
  return [...new Set(charts.filter(({ shared }) => shared.length > 0).map(({ cluster }) => cluster))].sort();
}

/** The files of what is shared: those of the first chart that has it, since all have the same. */
export function sharedFiles(charts: readonly PlacedChart[], taken: SharedFolders): readonly ExtraFile[] {
  return sharingClusters(charts)
    .filter((cluster) => taken.take('files', cluster, '').isNew)
    .flatMap((cluster) => {
      const first = charts.find((placed) => placed.cluster === cluster && placed.shared.length > 0);
      return (first?.shared ?? []).map(({ path, content }) => ({ path: `${sharedFolder(cluster)}/${path}`, content }));
    });
}
