import * as fs from 'node:fs';
import * as path from 'node:path';

/** Whether there is a folder, or a link to one. */
export function isFolder(folder: string): boolean {
  return fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Tells why nothing can be written to an output folder, in place of an error of the file system: for a file system that is
 * read-only, Node's says that there is no such file.
 *
 * @param own the folder in it that could not be made or written to
 * @param error what was thrown; one that is not of the file system is given back
 */
export function unwritableFolder(outdir: string, own: string, error: unknown): unknown {
  if ((error as Partial<NodeJS.ErrnoException>).syscall === undefined) return error;
  return new Error(
    `${outdir} cannot be written to: ${cause(own) ?? (error as Error).message}. ` +
      "Name another folder as 'outdir', or mend this one, and run again.",
    { cause: error },
  );
}

function cause(own: string): string | undefined {
  let nearest = own;
  while (!fs.existsSync(nearest)) nearest = path.dirname(nearest);
  if (!isFolder(nearest)) return `${nearest} is not a folder`;
  try {
    fs.accessSync(nearest, fs.constants.W_OK);
    return undefined;
  } catch (error) {
    const isReadOnly = (error as NodeJS.ErrnoException).code === 'EROFS';
    return isReadOnly ? `${nearest} is on a read-only file system` : `this user may not write to ${nearest}`;
  }
}
