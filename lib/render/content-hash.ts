import { createHash } from 'node:crypto';

/** A hash that identifies content. */
export function contentHash(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('base64');
}
