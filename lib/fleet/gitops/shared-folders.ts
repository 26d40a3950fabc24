import { type KustomizationFile, kustomizationList } from '../../render/kustomization';
import type { OutputLayout } from '../../render/output-layout';
import type { OwnedFile } from '../../render/rendered-part';
import type { PlacedChart } from './placed-chart';

/** Name of the GitOps object for the shared objects of a cluster. */
export function sharedName(cluster: string): string {
  return `shared-${cluster}`;
}

/** A GitOps object that applies the shared objects of a cluster. */
export type SharedBy = 'flux' | 'argocd';

/**
 * Decides which fleet of an app applies the objects that the sites of a cluster share. If an object were in the folders of
 * many sites, each owner would take it from the others, again and again.
 */
export class SharedFolders {
  readonly layout: OutputLayout;
  readonly #seenTo = new Map<string, string>();
  readonly #objects = new Map<string, { readonly fleet: string; readonly files: Map<string, KustomizationFile> }>();

  constructor(layout: OutputLayout) {
    this.layout = layout;
  }

  /**
   * Makes a fleet responsible, unless another one is.
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

  /** Takes the shared objects of a fleet's charts. They are identical in all charts that have them. */
  add(fleet: string, charts: readonly PlacedChart[]): void {
    for (const { cluster, shared } of charts) {
      if (shared.length === 0) continue;
      const known = this.#objects.get(cluster) ?? { fleet, files: new Map<string, KustomizationFile>() };
      this.#objects.set(cluster, known);
      for (const file of shared) known.files.set(file.path, file);
    }
  }

  /** The files of what is shared in each cluster, each of the fleet that had it first, as far as any chart has it: those of units at L3 have the namespace only. */
  files(): readonly OwnedFile[] {
    return Array.from(this.#objects, ([cluster, { fleet, files }]) => {
      const objects = [...files.values()];
      return [...objects, kustomizationList(objects)].map(({ path, content }) => ({
        owner: fleet,
        path: `${this.layout.sharedFolder(cluster)}/${path}`,
        content,
      }));
    }).flat();
  }
}

/** The clusters in which charts share something, sorted, so that their order does not depend on that of the sites. */
export function sharingClusters(charts: readonly PlacedChart[]): readonly string[] {
  return [...new Set(charts.filter(({ shared }) => shared.length > 0).map(({ cluster }) => cluster))].sort();
}
