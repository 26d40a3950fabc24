/** Folder with a folder for each cluster. It is separate, so that names of clusters can't conflict with other names. */
const CLUSTERS_FOLDER = 'clusters';

/** Folder with what the sites of a cluster share; no fleet may have this name. */
export const SHARED_FOLDER = 'shared';

/** Where the files of an output folder are: all together, or in a folder for each cluster. */
export class OutputLayout {
  readonly hasClusterFolders: boolean;

  constructor(hasClusterFolders: boolean) {
    this.hasClusterFolders = hasClusterFolders;
  }

  /** Where something for a cluster is, below the output folder. */
  placeIn(cluster: string, path: string): string {
    return this.hasClusterFolders ? `${CLUSTERS_FOLDER}/${cluster}/${path}` : path;
  }

  /** The same for all clusters, as a pattern. */
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
