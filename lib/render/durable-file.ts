import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** Of more than these, asking the file system as a whole is faster than asking for each: a wait for the disk takes 1 ms. */
const MANY = 200;

/**
 * Writes a file whole or not at all, and so that a power cut right afterwards takes nothing of it: a file that is only
 * renamed into place can be empty after one. A link stays a link.
 *
 * @param content all of it, or pieces: no text can have more than half a gigabyte
 * @param fresh where the content is until it is complete, on the same file system: by default beside the file
 */
export function writeDurably(file: string, content: string | Buffer | Iterable<string>, fresh?: string): void {
  const target = fs.existsSync(file) ? fs.realpathSync(file) : path.resolve(file);
  const folder = path.dirname(target);
  makeFolderDurably(folder);
  rename(fresh ?? `${target}.${process.pid}.new`, target, content);
  syncFolder(folder);
}

function rename(fresh: string, target: string, content: string | Buffer | Iterable<string>): void {
  try {
    if (typeof content === 'string' || Buffer.isBuffer(content)) fs.writeFileSync(fresh, content);
    else writePieces(fresh, content);
    syncFile(fresh);
    fs.renameSync(fresh, target);
  } catch (error) {
    fs.rmSync(fresh, { force: true });
    throw error;
  }
}

function writePieces(file: string, pieces: Iterable<string>): void {
  fs.writeFileSync(file, '');
  for (const piece of pieces) fs.appendFileSync(file, piece);
}

/** Makes a folder and those it is in, so that they outlive a power cut. */
export function makeFolderDurably(folder: string): void {
  for (const made of makeFolder(folder)) syncFolder(path.dirname(made));
}

/**
 * Makes a folder and those it is in, or none of them. Node's own way never ends where nobody can make a folder, as in /proc.
 * @returns the folders that were not there, the outermost first; the names of them are still to be synced
 */
export function makeFolder(folder: string): readonly string[] {
  const made: string[] = [];
  try {
    for (const each of missingFolders(path.resolve(folder))) if (makeOne(each)) made.push(each);
  } catch (error) {
    for (const each of made.reverse()) removeIfEmpty(each);
    throw error;
  }
  return made;
}

function missingFolders(folder: string): readonly string[] {
  const missing: string[] = [];
  for (let each = folder; !fs.existsSync(each) && each !== path.dirname(each); each = path.dirname(each)) {
    missing.unshift(each);
  }
  return missing;
}

/** @returns whether it is new: another run may have been quicker */
function makeOne(folder: string): boolean {
  try {
    fs.mkdirSync(folder);
    return true;
  } catch (error) {
    if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return false;
    throw error;
  }
}

/** @returns whether it is gone: what is not empty, or no folder, stays */
export function removeIfEmpty(folder: string): boolean {
  try {
    fs.rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/** Waits until files, and the names in folders, are on the disk. All must be on the file system that `root` is on. */
export function syncAll(root: string, files: readonly string[], folders: readonly string[]): void {
  if (files.length + folders.length > MANY && syncFileSystem(root)) return;
  files.forEach(syncFile);
  folders.forEach(syncFolder);
}

/** By the program `sync`, where it can do that; nothing in Node does. */
function syncFileSystem(root: string): boolean {
  return process.platform === 'linux' && spawnSync('sync', ['-f', root], { stdio: 'ignore' }).status === 0;
}

/** Waits until the content of a file is on the disk. */
function syncFile(file: string): void {
  sync(file, 'r+');
}

/** Waits until the names in a folder are on the disk. */
export function syncFolder(folder: string): void {
  try {
    sync(folder, 'r');
  } catch (error) {
    // Windows opens no folders, and some network file systems sync none.
    const { code } = error as NodeJS.ErrnoException;
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EBADF'].includes(code ?? '')) throw error;
  }
}

function sync(file: string, flags: string): void {
  const handle = fs.openSync(file, flags);
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
