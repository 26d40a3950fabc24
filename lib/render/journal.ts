import * as fs from 'node:fs';
import * as path from 'node:path';
import { isPlainObject } from '../core/rules';
import { writeDurably } from './durable-file';

/**
 * What is left to do once all content has been staged: enough for the next run to finish the work of one that was stopped.
 */
export interface Journal {
  /** Staged files and where they go: number in the staging folder, path below the output folder, size in bytes. */
  readonly moves: readonly (readonly [string, string, number])[];
  readonly prune: readonly string[];
  readonly owned: readonly string[];
  /** Name of the file that lists them. */
  readonly list: string;
}

/**
 * @returns what a stopped run has left to do; `undefined` if there is nothing, or if it can't be read, which is no loss,
 * because every run renders all files
 * @throws Error when it refers to files outside of the folder
 */
export function readJournal(file: string, outdir: string): Journal | undefined {
  if (!fs.existsSync(file)) return undefined;
  const journal = parse(fs.readFileSync(file, 'utf8'));
  if (journal === undefined) return undefined;
  const files = [...journal.moves.map(([, to]) => to), ...journal.prune];
  const isSafe =
    files.every(isRelativeInside) &&
    /^files[-a-z0-9]*$/.test(journal.list) &&
    journal.moves.every(([from]) => /^[0-9]+$/.test(from));
  if (isSafe) return journal;
  throw new Error(`${file} names files outside ${outdir}. Delete it and run again.`);
}

function parse(text: string): Journal | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isPlainObject(found)) return undefined;
  const { moves, prune, owned, list } = found;
  const isMove = (move: unknown): boolean =>
    Array.isArray(move) && areTexts(move.slice(0, 2)) && move.length === 3 && typeof move[2] === 'number';
  const isWhole = Array.isArray(moves) && moves.every(isMove) && areTexts(prune) && areTexts(owned);
  return isWhole && typeof list === 'string' ? (found as unknown as Journal) : undefined;
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/**
 * Files that earlier runs have written.
 * @throws Error when the list is incomplete
 */
export function readOwned(file: string): readonly string[] {
  if (!fs.existsSync(file)) return [];
  const text = fs.readFileSync(file, 'utf8');
  if (!text.endsWith('\n') || text.includes('\0')) {
    throw new Error(
      `${file} is truncated, as after a power failure: it lists the files that may be deleted once they are no longer rendered. ` +
        'Restore it from Git, or delete it, and then delete leftover files yourself.',
    );
  }
  // The list may be in Git, where anybody can edit it, so paths that lead out of the folder are ignored.
  return text.split(/\r?\n/).filter((line) => line !== '' && isRelativeInside(line));
}

/** The content of the list of files. */
export function ownedText(owned: readonly string[]): string {
  return owned.map((each) => `${each}\n`).join('');
}

/** If there are no files, there is no list either: an empty one would look like one that was lost. */
export function writeOwned(file: string, owned: readonly string[]): void {
  const text = ownedText(owned);
  if (text === '') fs.rmSync(file, { force: true });
  else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) writeDurably(file, text);
}

function isRelativeInside(file: string): boolean {
  const normal = path.normalize(file);
  return !path.isAbsolute(normal) && normal !== '.' && normal.split(path.sep)[0] !== '..';
}
