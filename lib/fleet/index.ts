export { kustomizationFiles, type KustomizationFile } from './kustomization';
export { writeKustomizations } from './write-kustomizations';
