import { rmSync } from 'node:fs';

/** Removes a folder in which something that a script has started may still be writing. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 });
}
