export { K3sComponent } from './component';
export type { K3sOptions } from './options';
export { DEFAULT_K3S_VERSION } from './version';
