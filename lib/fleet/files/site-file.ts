import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Problem } from '../../core/problem';
import { showGiven } from '../../core/given';
import { isPlainObject } from '../../core/rules';
import { readCsv } from './csv';
import { inWordsOfFile } from './words-of-file';
import { readJson, readYaml } from './yaml';
import type { Position } from './text-positions';
import { type FileContent, UnreadableFile } from './unreadable-file';

/** A site file that was read: its data, and its problems with file, line and column. */
export interface SiteFile {
  readonly data: Readonly<Record<string, unknown>>;
  /** Problems of the text itself. */
  readonly problems: readonly Problem[];
  /** Converts a problem of the data to one of the file. */
  readonly inFile: (problem: Problem) => Problem;
  /** The position of a field of the data: file, line and column. */
  readonly placeOf: (field: string) => string;
}

/** Enough for some 30,000 sites a file; parsed data takes up to 60 times the memory. */
const LARGEST_MIB = 8;

const READERS: Readonly<Record<string, (text: string) => FileContent>> = {
  '.yaml': readYaml,
  '.yml': readYaml,
  '.json': readJson,
  '.csv': readCsv,
};

/**
 * Reads a file of sites.
 *
 * @returns the file, or the one problem that kept it from being read
 */
export function readSiteFile(file: string): SiteFile | Problem {
  const at = (position: Position | undefined, field: string): string =>
    `${file}${position === undefined ? '' : `:${position.line}:${position.column}`}${field === '' ? '' : ` ${field}`}`;
  try {
    const read = READERS[path.extname(file).toLowerCase()];
    if (read === undefined) {
      throw new UnreadableFile({
        given: showGiven(path.extname(file)),
        allowed: `files named ${Object.keys(READERS).join(', ')}`,
        remedy: 'Rename or convert it.',
      });
    }
    const { data, locate, problems = [] } = read(readText(file));
    if (!isPlainObject(data)) {
      throw new UnreadableFile(
        {
          given: Array.isArray(data) ? 'a list' : data === null ? 'nothing' : `a ${typeof data}`,
          allowed: 'a map with sites, defaults, templates, regions, rings',
          remedy: 'Put the sites under sites:.',
        },
        { line: 1, column: 1 },
      );
    }
    const isCsv = read === readCsv;
    // Editors find the schema of a JSON file by this key.
    const { $schema, ...content } = data;
    return {
      data: typeof $schema === 'string' ? content : data,
      problems: problems.map(({ problem, position }) => ({ ...problem, field: at(position, '') })),
      inFile: (problem) => ({
        ...(isCsv ? problem : inWordsOfFile(problem)),
        field: at(locate(problem.field), problem.field),
      }),
      placeOf: (field) => at(locate(field), ''),
    };
  } catch (error) {
    if (error instanceof UnreadableFile) return { ...error.problem, field: at(error.position, '') };
    throw error;
  }
}

function readText(file: string): string {
  const bytes = readBytes(file);
  // The byte order mark that some editors write is not part of the text.
  const text = decode(bytes);
  const nul = text.indexOf('\u0000');
  if (nul === -1) return text;
  throw new UnreadableFile({
    given: `a NUL character at offset ${nul}`,
    allowed: 'text in UTF-8',
    remedy: 'Save it as UTF-8; UTF-16 has such characters.',
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableFile({
      given: 'bytes that are not UTF-8',
      allowed: 'text in UTF-8',
      remedy: 'Save it as UTF-8.',
    });
  }
}

function readBytes(file: string): Buffer {
  let handle: number | undefined;
  try {
    const stat = fs.statSync(file);
    // A pipe or a device could block, or never end.
    if (!stat.isFile()) {
      throw new UnreadableFile({ given: 'not a regular file', allowed: 'a file', remedy: 'Name a file.' });
    }
    const most = LARGEST_MIB * 1024 * 1024;
    handle = fs.openSync(file, 'r');
    const buffer = Buffer.allocUnsafe(Math.min(stat.size, most) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = fs.readSync(handle, buffer, length, buffer.length - length, null);
    }
    if (length > most) {
      throw new UnreadableFile({
        given: `${stat.size} bytes`,
        allowed: `at most ${LARGEST_MIB} MiB per file`,
        remedy: 'Split the sites over several files.',
      });
    }
    return buffer.subarray(0, length);
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UnreadableFile({
      given: code === 'ENOENT' ? 'no such file' : `a file that cannot be read (${code ?? String(error)})`,
      allowed: 'a file that can be read',
      remedy: 'Check the name; it is relative to the working directory.',
    });
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}
