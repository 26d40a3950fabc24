import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Entry, Tree } from './tree';

/**
 * What a power cut takes of that which was not synced:
 * - `nothing`: the disk happened to have written everything,
 * - `contents`: what was written into files; their names are there, as after a rename without a sync,
 * - `names`: what was made, renamed and removed in folders,
 * - `everything`: both,
 * - `some contents`: of some files and not of others, for no order is promised.
 */
export const LOSSES = ['nothing', 'contents', 'names', 'everything', 'some contents'] as const;
export type Loss = (typeof LOSSES)[number];

/** What is in a folder, by the numbers that the file system has for them. */
export type Names = ReadonlyMap<string, number>;

/** A disk at a moment. */
export interface Moment {
  /** The number of the uppermost folder. */
  readonly root: number;
  /** All files, folders and links, and those that have lost their names since the folder was synced. */
  readonly entries: ReadonlyMap<number, Entry>;
  /** Folders as programs see them. */
  readonly names: ReadonlyMap<number, Names>;
  /** Folders as they were when they were synced. */
  readonly syncedNames: ReadonlyMap<number, Names>;
  /** Bytes of files as they were when they were synced. */
  readonly syncedContents: ReadonlyMap<number, Buffer>;
}

const NOTHING = Buffer.alloc(0);

/**
 * What is on the disk when the power fails at this moment.
 *
 * @param seed which contents are lost of `some`
 */
export function afterPowerCut(moment: Moment, loss: Loss, seed = 0): Tree {
  const keepsNames = loss === 'nothing' || loss === 'contents' || loss === 'some contents';
  const keepsContent = (path: string): boolean =>
    loss === 'some contents' ? coin(`${String(seed)} ${path}`) : loss === 'nothing' || loss === 'names';
  const tree = new Map<string, Entry>();
  const add = (folder: string, inode: number): void => {
    const names = (keepsNames ? moment.names : moment.syncedNames).get(inode);
    for (const [name, child] of names ?? []) {
      const path = join(folder, name);
      const entry = moment.entries.get(child);
      if (entry === undefined) continue;
      const isWhole = entry.kind !== 'file' || keepsContent(path);
      tree.set(path, isWhole ? entry : { ...entry, content: synced(entry.content, moment.syncedContents.get(child)) });
      if (entry.kind === 'folder') add(path, child);
    }
  };
  add('/', moment.root);
  return tree;
}

/** What was added is gone; of what was written anew, everything. */
function synced(content: Buffer, before: Buffer | undefined): Buffer {
  return before !== undefined && content.subarray(0, before.length).equals(before) ? before : NOTHING;
}

function coin(text: string): boolean {
  return (createHash('sha1').update(text).digest()[0] ?? 0) % 2 === 0;
}
