import { createHash, type Hash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** Folders that hold what others wrote, or what this run is writing. */
const SKIPPED = new Set(['node_modules', '.git', '.edge-constructs']);

/**
 * A hash of the content of files, and of all files in folders.
 *
 * @param without what to leave out: outputs and site files, which lie among the sources of many projects
 * @returns the hash, or the path that could not be read
 */
export function hashSources(
  sources: readonly string[],
  without: readonly string[],
): { readonly hash: string } | { readonly missing: string } {
  const hash = createHash('sha256');
  const excluded = new Set(without.map((each) => path.resolve(each)));
  for (const source of sources) {
    if (!fs.existsSync(source)) return { missing: source };
    add(hash, path.resolve(source), path.basename(source), excluded);
  }
  return { hash: hash.digest('hex') };
}

function add(hash: Hash, file: string, name: string, without: ReadonlySet<string>): void {
  if (without.has(file)) return;
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    for (const entry of fs.readdirSync(file).sort()) {
      if (!SKIPPED.has(entry)) add(hash, path.join(file, entry), `${name}/${entry}`, without);
    }
  } else if (stat?.isFile()) {
    hash.update(`${name}\0${stat.size}\0`).update(fs.readFileSync(file));
  }
}
