import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What is at a path: a folder, a file with its bytes, or a link with its target. */
export interface Entry {
  readonly kind: 'folder' | 'file' | 'link';
  readonly mode: number;
  /** When it was changed, in seconds. */
  readonly time: number;
  readonly content: Buffer;
}

/** All below a folder by paths like `/etc/fstab`, parents first. */
export type Tree = ReadonlyMap<string, Entry>;

/** Which paths, as in `/run`, are no part of a tree: with all that is below them. */
export type Ignored = (path: string) => boolean;

const NOTHING = Buffer.alloc(0);

/** The entry at a path; `undefined` for what is none of the kinds, and for what a program has removed meanwhile. */
export function readEntry(path: string): Entry | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const own = { mode: stats.mode & 0o7777, time: stats.mtimeMs / 1000 };
  if (stats.isDirectory()) return { kind: 'folder', ...own, content: NOTHING };
  try {
    if (stats.isSymbolicLink()) return { kind: 'link', ...own, content: Buffer.from(readlinkSync(path)) };
    return stats.isFile() ? { kind: 'file', ...own, content: readFileSync(path) } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes a folder what a tree says; what is ignored stays as it is. */
export function writeTree(root: string, tree: Tree, ignored: Ignored): void {
  clear(root, '/', ignored);
  for (const [path, { kind, mode, time, content }] of tree) {
    const file = join(root, path);
    if (kind === 'link') {
      symlinkSync(content.toString(), file);
      continue;
    }
    if (kind === 'folder') mkdirSync(file, { recursive: true });
    else writeFileSync(file, content);
    chmodSync(file, mode);
    utimesSync(file, time, time);
  }
}

function clear(root: string, path: string, ignored: Ignored): void {
  for (const name of readdirSync(join(root, path))) {
    const inside = join(path, name);
    if (ignored(inside)) continue;
    const file = join(root, inside);
    if (!lstatSync(file).isDirectory()) {
      rmSync(file);
      continue;
    }
    clear(root, inside, ignored);
    if (readdirSync(file).length === 0) rmdirSync(file);
  }
}

/** The same for trees with the same names, modes and contents, whenever they were made. */
export function treeId(tree: Tree): string {
  const hash = createHash('sha1');
  for (const path of [...tree.keys()].sort()) {
    const entry = tree.get(path);
    hash.update(`${path}\0${String(entry?.kind)}\0${String(entry?.mode)}\0${String(entry?.content.length)}\0`);
    hash.update(entry?.content ?? NOTHING);
  }
  return hash.digest('hex');
}
