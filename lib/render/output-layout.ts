/** Folder of the folders of clusters. Below one of its own, no name of a cluster is that of something else. */
const CLUSTERS_FOLDER = 'clusters';

/** Folder of what the sites of a cluster share; no fleet may have this name. */
export const SHARED_FOLDER = 'shared';

/** Where the files of an output folder are: side by side, or those of each cluster in a folder. */
export class OutputLayout {
  readonly hasClusterFolders: boolean;

  constructor(hasClusterFolders: boolean) {
    this.hasClusterFolders = hasClusterFolders;
  }

  /** Where something for a cluster is, below the output folder. */
  placeIn(cluster: string, path: string): string {
    return this.hasClusterFolders ? `${CLUSTERS_FOLDER}/${cluster}/${path}` : path;
  }

  /** Where the same is for all clusters, as a pattern. */
  placeInAny(path: string): string {
    return this.placeIn('*', path);
  }

  /** Where the shared objects of a cluster are, below the output folder. */
  sharedFolder(cluster: string): string {
    return this.hasClusterFolders ? this.placeIn(cluster, SHARED_FOLDER) : `${SHARED_FOLDER}/${cluster}`;
  }
}

/** Whether a file is in a folder, in whichever layout it was written: the layout may have changed since. */
export function isBelow(file: string, folder: string): boolean {
  const [first, , ...rest] = file.split('/');
  return file.startsWith(`${folder}/`) || (first === CLUSTERS_FOLDER && rest.join('/').startsWith(`${folder}/`));
}
