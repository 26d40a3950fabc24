import { createHash, type Hash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** Folders with files that others wrote, or that this run is writing. */
const SKIPPED = new Set(['node_modules', '.git', '.edge-constructs']);

/** Why sources can't be hashed. */
export interface UnreadableSource {
  readonly file: string;
  /** `ENOENT` and the like. */
  readonly code: string;
}

/**
 * A hash of the content of files, and of all files in folders. Links are followed, but not back into a folder that contains
 * them; broken links are ignored.
 *
 * @param without what to leave out: outputs and site files, which in many projects are among the sources
 */
export function hashSources(
  sources: readonly string[],
  without: readonly string[],
): { readonly hash: string } | UnreadableSource {
  const hash = createHash('sha256');
  const excluded = new Set(without.flatMap((each) => realPath(each) ?? []));
  let file = '';
  try {
    for (const source of sources) {
      file = source;
      fs.statSync(source);
      add({ hash, without: excluded, reach: (each) => (file = each) }, source, path.basename(source), []);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { file, code };
  }
  return { hash: hash.digest('hex') };
}

interface Walk {
  readonly hash: Hash;
  readonly without: ReadonlySet<string>;
  /** Told of each file before it is read. */
  readonly reach: (file: string) => void;
}

function add(walk: Walk, file: string, name: string, parents: readonly string[]): void {
  walk.reach(file);
  const real = realPath(file);
  if (real === undefined || walk.without.has(real) || parents.includes(real)) return;
  const stat = fs.statSync(real);
  if (stat.isDirectory()) {
    for (const entry of fs.readdirSync(real).sort()) {
      if (!SKIPPED.has(entry)) add(walk, path.join(file, entry), `${name}/${entry}`, [...parents, real]);
    }
  } else if (stat.isFile()) {
    walk.hash.update(`${name}\0${stat.size}\0`).update(fs.readFileSync(real));
  }
}

/** Without links; `undefined` if they lead nowhere. */
function realPath(file: string): string | undefined {
  try {
    return fs.realpathSync.native(file);
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
