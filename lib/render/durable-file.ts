import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** For more files than this, syncing the whole file system is faster than syncing each file, which takes about 1 ms. */
const MANY = 200;

/**
 * Writes a file completely or not at all, and so that it survives a power cut right afterwards: a file that is only renamed
 * into place may be empty then. A link stays a link.
 *
 * @param content the content, or pieces of it, because a string can't be larger than half a gigabyte
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

/** Makes a folder and its parents, so that they survive a power cut. */
export function makeFolderDurably(folder: string): void {
  for (const made of makeFolder(folder)) syncFolder(path.dirname(made));
}

/**
 * Makes a folder and its parents, or none of them. Node's own function never returns where folders can't be created, as in
 * /proc.
 * @returns the folders that were created, the outermost first; their names are not synced yet
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

/** @returns whether it was created: another run may have been faster */
function makeOne(folder: string): boolean {
  try {
    fs.mkdirSync(folder);
    return true;
  } catch (error) {
    if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return false;
    throw error;
  }
}

/** @returns whether it was removed: it stays if it is not an empty folder */
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

/** Uses the program `sync`, if it supports that, because Node has no function for it. */
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
    // Windows can't open folders, and some network file systems can't sync them.
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
