import { rmSync } from 'node:fs';

const TRIES = 100;
const PAUSE_MS = 20;

/** Removes a folder in which something that a script has started may still be writing. */
export function removeFolder(folder: string): void {
  for (let left = TRIES; ; left--) {
    try {
      // Not by its option `maxRetries`: then it does not look again for what has come meanwhile.
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || left === 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
