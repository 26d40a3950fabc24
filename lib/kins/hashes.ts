import { createHash } from 'node:crypto';
import { derive } from '../core/placeholders/placeholder';

/** Changes when one of the files does: as an annotation of a pod template it makes new pods. */
export function hashOf(...files: readonly Readonly<Record<string, string>>[]): string {
  return derive('hash', files, (known) => sha256Of(known).slice(0, 16));
}

/** The same for names, which have less room. */
export function shortHashOf(...parts: readonly unknown[]): string {
  return derive('short hash', parts, (known) => sha256Of(known).slice(0, 8));
}

/** The whole hash of values that are known. */
export function sha256Of(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
