import * as path from 'node:path';
import { hashSources } from './source-hash';

let known: string | undefined;

/**
 * A hash of all code of this library. The build writes the hash itself in the place of this function, because in a bundle
 * there are no files of the library.
 */
export function hashOfLibrary(): string {
  if (known !== undefined) return known;
  const hashed = hashSources([path.join(__dirname, '../..')], []);
  if ('code' in hashed) throw new Error(`${hashed.file} cannot be read (${hashed.code})`);
  known = hashed.hash;
  return known;
}
