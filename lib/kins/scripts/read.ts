import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The text of a script beside this file. The build writes all of them into this module, because in a bundle there are no
 * files beside it.
 */
export function read(name: string): string {
  return readFileSync(join(__dirname, name), 'utf8');
}
