import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { run } from '../../e2e/support/run';

/** Folder outside of the checkout in which Debian's files and the disk made of them stay. */
export function cacheFolder(): string {
  const { MACHINE_CACHE, XDG_CACHE_HOME } = process.env;
  return MACHINE_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'edge-constructs', 'machine');
}

/** Whether Debian's packages need not be fetched. */
export const hasTree = (): boolean => existsSync(join(cacheFolder(), 'tree'));

/** Folder with the disk, the kernel and the first file system of Debian; made if it is not there. */
export async function imageFolder(): Promise<string> {
  await run(['sh', join(__dirname, 'image.sh'), cacheFolder()], { timeout: 3_600_000 });
  return join(cacheFolder(), 'image');
}
