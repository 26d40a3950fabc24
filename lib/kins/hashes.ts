import { createHash } from 'node:crypto';
import { derive } from '../core/placeholders/placeholder';

/** A hash of files. As an annotation of a pod template, it replaces the pods when a file changes. */
export function hashOf(...files: readonly Readonly<Record<string, string>>[]): string {
  return derive('hash', files, (known) => sha256Of(known).slice(0, 16));
}

/** A short hash of values, for use in names. */
export function shortHashOf(...parts: readonly unknown[]): string {
  return derive('short hash', parts, (known) => sha256Of(known).slice(0, 8));
}

/** The full hash of values, which must not be placeholders. */
export function sha256Of(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
