import { type KustomizationFile, kustomizationList } from '../../render/kustomization';
import type { OutputLayout } from '../../render/output-layout';
import type { OwnedFile } from '../../render/rendered-part';
import type { PlacedChart } from './placed-chart';

/** Name of the GitOps object for the shared objects of a cluster. */
export function sharedName(cluster: string): string {
  return `shared-${cluster}`;
}

/** What a GitOps controller has to apply the shared objects of a cluster with. */
export type SharedBy = 'flux' | 'argocd';

/**
 * Which of the fleets of an app takes care of the objects that the sites of a cluster share. With one object in the folders of
 * many sites, each of their owners takes it from the others, again and again.
 */
export class SharedFolders {
  readonly layout: OutputLayout;
  readonly #seenTo = new Map<string, string>();
  readonly #objects = new Map<string, { readonly fleet: string; readonly files: Map<string, KustomizationFile> }>();

  constructor(layout: OutputLayout) {
    this.layout = layout;
  }

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

  /** Takes the objects that charts of a fleet share. Charts that have the same object have the same of it. */
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

/** The clusters in which charts share something, sorted, so that their order says nothing of the sites'. */
export function sharingClusters(charts: readonly PlacedChart[]): readonly string[] {
  return [...new Set(charts.filter(({ shared }) => shared.length > 0).map(({ cluster }) => cluster))].sort();
}
