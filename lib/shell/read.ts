import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The text of a script below `lib`, for instance `shell/clock.sh`. The build writes all of them into this module, because
 * in a bundle there are no files beside it.
 */
export function readScript(path: string): string {
  return readFileSync(join(__dirname, '..', path), 'utf8');
}
