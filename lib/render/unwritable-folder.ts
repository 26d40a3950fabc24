import * as fs from 'node:fs';
import * as path from 'node:path';

/** Whether there is a folder, or a link to one. */
export function isFolder(folder: string): boolean {
  return fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Thrown when something cannot be written. */
export class UnwritableError extends Error {}

/** The state of an output folder that cannot be written to. */
export enum FolderState {
  /** Nothing that a reader looks at has changed. */
  AS_BEFORE,
  /** Some files are new already, and the next run completes the work from the journal. */
  HALF_WAY,
}

/**
 * Explains why nothing can be written to an output folder. Node's own errors are misleading: for a read-only file system,
 * they say that there is no such file, and for a full one, they do not say which it is.
 *
 * @param own the folder in it that could not be made or written to
 * @param error what was thrown; one that is not of the file system is given back
 */
export function unwritableFolder(outdir: string, own: string, error: unknown, state = FolderState.AS_BEFORE): unknown {
  if (!isOfFileSystem(error)) return error;
  const why = `${shortened(outdir)} cannot be written to: ${cause(own, error)}.`;
  const isFull = FULL.includes(error.code ?? '');
  const remedy = isFull
    ? "Make room, or name another folder as 'outdir',"
    : "Name another folder as 'outdir', or fix this one,";
  return new UnwritableError(
    state === FolderState.HALF_WAY
      ? `${why} Some files in it may be new already. ${isFull ? 'Make room' : 'Fix it'}, and run again: that completes it.`
      : `${why} ${isFull ? 'What was in it is as it was. ' : ''}${remedy} and run again.`,
    { cause: error },
  );
}

/**
 * Tells why a file cannot be written, in place of an error of the file system.
 * @param error what was thrown; one that is not of the file system is given back
 */
export function unwritableFile(file: string, error: unknown): unknown {
  if (!isOfFileSystem(error)) return error;
  const why = `${shortened(file)} cannot be written: ${cause(path.dirname(path.resolve(file)), error)}.`;
  const remedy = FULL.includes(error.code ?? '')
    ? 'Make room, or name another file,'
    : 'Name another file, or fix this one,';
  return new UnwritableError(`${why} ${remedy} and run again.`, { cause: error });
}

const FULL: readonly string[] = ['ENOSPC', 'EDQUOT'];

/** Node's code for paths that it does not even pass to the file system. */
const BAD_NAME = 'ERR_INVALID_ARG_VALUE';

function isOfFileSystem(error: unknown): error is NodeJS.ErrnoException {
  const { syscall, code } = error as Partial<NodeJS.ErrnoException>;
  return syscall !== undefined || code === BAD_NAME;
}

/** Shortens a path, because thousands of characters would bury the message. */
function shortened(name: string): string {
  const shown = name.replaceAll('\0', '\\0');
  return shown.length <= LONGEST ? shown : `${shown.slice(0, LONGEST)}... (${shown.length} characters)`;
}

const LONGEST = 256;

function cause(folder: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOSPC':
      return 'its file system has no space left, or none for more files (df and df -i tell which)';
    case 'EDQUOT':
      return "this user's share of its file system is used up";
    case 'ENAMETOOLONG':
      return 'its name is longer than its file system allows: most allow 255 bytes for a folder, and 4096 for a path';
    case BAD_NAME:
      return 'its name has a NUL character in it';
    default:
      return causeAround(folder, error) ?? error.message;
  }
}

/** The cause, as found at the nearest folder that exists. */
function causeAround(folder: string, { code = '' }: NodeJS.ErrnoException): string | undefined {
  let nearest = folder;
  while (!fs.existsSync(nearest) && nearest !== path.dirname(nearest)) {
    if (isLink(nearest)) return `${nearest} is a link to nowhere`;
    nearest = path.dirname(nearest);
  }
  if (!isFolder(nearest)) return `${nearest} is not a folder`;
  try {
    fs.accessSync(nearest, fs.constants.W_OK);
  } catch (error) {
    const isReadOnly = (error as NodeJS.ErrnoException).code === 'EROFS';
    return isReadOnly ? `${nearest} is on a read-only file system` : `this user may not write to ${nearest}`;
  }
  const isPseudo = nearest !== folder && ['ENOENT', 'EPERM', 'EACCES'].includes(code);
  return isPseudo ? `no folder can be created in ${nearest}` : undefined;
}

function isLink(name: string): boolean {
  try {
    return fs.lstatSync(name).isSymbolicLink();
  } catch {
    return false;
  }
}
