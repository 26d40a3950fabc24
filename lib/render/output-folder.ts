import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeFolder, makeFolderDurably, removeIfEmpty, syncAll, syncFolder, writeDurably } from './durable-file';
import { type Journal, ownedText, readJournal, readOwned, writeOwned } from './journal';
import { RunLock } from './run-lock';
import { FolderState, isFolder, unwritableFolder } from './unwritable-folder';

/** What a run did to the output folder. */
export interface WrittenFiles {
  /** Files that are new or have new content, relative to the output folder, in the order they were rendered. */
  readonly written: readonly string[];
  /** Number of files whose content was there already. */
  readonly unchanged: number;
  /** Files of earlier runs that are no longer rendered and were deleted. */
  readonly pruned: readonly string[];
}

/** A file as a run left it. */
export interface FileStamp {
  /** Path below the output folder. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly hash: string;
}

/** Folder with what runs leave for the next one: the list of the files that are ours, and the journal. */
export const OWN_FOLDER = '.edge-constructs';

/** Without an extension, like all our files here, because tools that apply whole folders read every .json file. */
const JOURNAL = 'journal';

const IGNORE = '.gitignore';

/** The app of this process that wrote a file, so that no app treats another's files as leftovers of an earlier run. */
const writers = new Map<string, object>();

/** Makes files that were written so far count as those of an earlier process. */
export function forgetWriters(): void {
  writers.clear();
}

/** Who writes to an output folder. */
export interface OutputOwner {
  /** The app. */
  readonly app: object;
  /** Name of the list of its files; apps that share a folder need different ones. */
  readonly list: string;
}

/**
 * An output folder that goes from one complete set of files to the next.
 *
 * New content is staged below {@link OWN_FOLDER} first; nothing that a reader of the folder looks at changes until
 * everything has been rendered. Then a journal is written, files are renamed into place, and files of earlier runs that
 * are no longer rendered are deleted. A run that was stopped before the journal leaves the old files; one that
 * was stopped after it is completed by the next run. Each step is on the disk before the next one relies on it, so that the
 * same holds for a power cut.
 */
export class OutputFolder {
  readonly #outdir: string;
  readonly #own: string;
  readonly #staging: string;
  readonly #lock: RunLock;
  readonly #owner: OutputOwner;
  readonly #hadFolder: boolean;
  readonly #hadOwn: boolean;
  readonly #before: ReadonlySet<string>;
  readonly #owned: string[] = [];
  readonly #written: string[] = [];
  readonly #moves: [string, string, number][] = [];
  /** Folders that this run has made, the outermost first. */
  readonly #made: string[] = [];
  #unchanged = 0;
  #state = FolderState.AS_BEFORE;

  /**
   * @throws Error when another run is writing to the folder, or nothing can be written to it
   */
  constructor(outdir: string, owner: OutputOwner = { app: {}, list: 'files' }) {
    this.#owner = owner;
    this.#outdir = path.resolve(outdir);
    this.#own = path.join(this.#outdir, OWN_FOLDER);
    this.#staging = path.join(this.#own, 'staging');
    this.#hadFolder = fs.existsSync(this.#outdir);
    this.#hadOwn = fs.existsSync(this.#own);
    try {
      makeFolderDurably(this.#own);
      this.#lock = RunLock.take(path.join(this.#own, 'lock'));
    } catch (error) {
      this.#removeNewFolders();
      throw unwritableFolder(this.#outdir, this.#own, error);
    }
    try {
      this.#finishStoppedRun();
      this.#state = FolderState.AS_BEFORE;
      this.#before = new Set(readOwned(path.join(this.#own, this.#owner.list)));
      fs.mkdirSync(this.#staging);
    } catch (error) {
      this.#lock.release();
      this.#removeNewFolders();
      throw unwritableFolder(this.#outdir, this.#own, error, this.#state);
    }
  }

  /**
   * Takes a file of the new set; its content is staged, unless it is in place already.
   * @returns where the content is now
   * @throws Error when it cannot be written there, as on a full disk
   */
  put(file: string, content: string): string {
    this.#owned.push(file);
    const bytes = Buffer.from(content, 'utf8');
    const target = path.join(this.#outdir, file);
    if (this.#hasContent(target, bytes)) {
      this.#unchanged++;
      return target;
    }
    this.#written.push(file);
    return this.#stage(file, bytes);
  }

  /** Path of the list of this app's files, below the folder. */
  get listFile(): string {
    return path.posix.join(OWN_FOLDER, this.#owner.list);
  }

  /**
   * Refuses to overwrite a file that somebody else has put here.
   *
   * @param mark how files of ours begin, in case the list was lost
   * @throws Error when there is such a file
   */
  refuseFileOfOthers(file: string, mark: string, remedy: string): void {
    const target = path.join(this.#outdir, file);
    if (this.#before.has(file) || !fs.existsSync(target) || fs.readFileSync(target, 'utf8').startsWith(mark)) return;
    throw new Error(`${target} was not written by this app, and would be overwritten. ${remedy}`);
  }

  /** Takes a file for the next run, which is of no use for readers of the folder. */
  putOwn(name: string, content: string): void {
    this.#stage(path.join(OWN_FOLDER, name), Buffer.from(content, 'utf8'));
  }

  #stage(file: string, bytes: Buffer): string {
    const staged = String(this.#moves.length);
    try {
      fs.writeFileSync(path.join(this.#staging, staged), bytes);
    } catch (error) {
      throw unwritableFolder(this.#outdir, this.#own, error);
    }
    this.#moves.push([staged, file, bytes.length]);
    return path.join(this.#staging, staged);
  }

  /** Keeps a file of an earlier run as it is, without knowing its content. */
  keep(file: string): void {
    this.#owned.push(file);
    this.#unchanged++;
  }

  /** The existing files of a kind, if the new set has none of that kind, so that all would be deleted. */
  lost(isOfKind: (file: string) => boolean): readonly string[] {
    if (this.#owned.some(isOfKind)) return [];
    return [...this.#before].filter((file) => isOfKind(file) && fs.existsSync(path.join(this.#outdir, file)));
  }

  /**
   * Puts the new set in place.
   * @throws Error when the lock was lost, for instance to a `cdk8s synth` that deleted the folder: nothing is changed then
   * @throws Error when something cannot be written, as on a full disk: nothing is changed then, or the next run completes it
   */
  commit(): WrittenFiles {
    try {
      return this.#commit();
    } catch (error) {
      throw unwritableFolder(this.#outdir, this.#own, error, this.#state);
    }
  }

  #commit(): WrittenFiles {
    if (!this.#lock.isHeld()) {
      throw new Error(`Another run has taken over ${this.#outdir}; nothing was written. Run again when it has ended.`);
    }
    const owned = [...this.#owned].sort();
    const isOwned = new Set(owned);
    const prune = [...this.#before].filter((file) => !isOwned.has(file)).sort();
    this.#refuseFilesOfOtherApps(prune);
    const isSame = owned.length === this.#before.size && prune.length === 0;
    if (this.#moves.length > 0 || !isSame) {
      this.#stageLists(owned, isSame);
      const parents = this.#makeFolders();
      const journal: Journal = { moves: this.#moves, prune, owned, list: this.#owner.list };
      const staged = this.#moves.map(([name]) => path.join(this.#staging, name));
      syncAll(this.#own, staged, [this.#staging, this.#own, ...parents]);
      this.#writeJournal(journal);
      this.#state = FolderState.HALF_WAY;
      this.#finish(journal);
      this.#state = FolderState.AS_BEFORE;
    }
    for (const file of owned) writers.set(path.join(this.#outdir, file), this.#owner.app);
    fs.rmSync(this.#staging, { recursive: true, force: true });
    this.#lock.release();
    return { written: this.#written, unchanged: this.#unchanged, pruned: prune };
  }

  #writeJournal(journal: Journal): void {
    const file = path.join(this.#own, JOURNAL);
    try {
      writeDurably(file, JSON.stringify(journal));
    } catch (error) {
      // The journal may have been written without being synced, and what it refers to is about to be removed.
      fs.rmSync(file, { force: true });
      throw error;
    }
  }

  /** Gives up: the folder stays as it was before the run, or half-way, from where the next run continues. */
  abandon(): void {
    if (!this.#lock.isHeld()) return;
    if (this.#state === FolderState.AS_BEFORE) {
      fs.rmSync(this.#staging, { recursive: true, force: true });
      for (const folder of this.#made.reverse()) removeIfEmpty(folder);
    }
    this.#lock.release();
    this.#removeNewFolders();
  }

  #removeNewFolders(): void {
    if (!this.#hadOwn && fs.existsSync(this.#own)) removeIfEmpty(this.#own);
    if (!this.#hadFolder && fs.existsSync(this.#outdir)) removeIfEmpty(this.#outdir);
  }

  /** Everything that takes space is written before the journal, so a full disk leaves the folder as it was. */
  #stageLists(owned: readonly string[], isSame: boolean): void {
    if (!isSame && owned.length > 0) this.putOwn(this.#owner.list, ownedText(owned));
    // Only the lists of our files belong into Git, and nothing else in this folder.
    if (!fs.existsSync(path.join(this.#own, IGNORE))) this.putOwn(IGNORE, '*\n!.gitignore\n!files*\n');
  }

  /** @returns the folders whose names have to be synced */
  #makeFolders(): readonly string[] {
    for (const folder of new Set(this.#moves.map(([, file]) => path.dirname(path.join(this.#outdir, file))))) {
      for (const made of makeFolder(folder)) this.#made.push(made);
    }
    return [...new Set(this.#made.map((folder) => path.dirname(folder)))];
  }

  #refuseFilesOfOtherApps(prune: readonly string[]): void {
    const foreign = prune.find((file) => {
      const writer = writers.get(path.join(this.#outdir, file));
      return writer !== undefined && writer !== this.#owner.app;
    });
    if (foreign === undefined) return;
    throw new Error(
      `${foreign} in ${this.#outdir} was written by another FleetApp of this program and would be deleted as a leftover. ` +
        "Give one of the two apps another 'name' or 'outdir'.",
    );
  }

  #finishStoppedRun(): void {
    const journal = readJournal(path.join(this.#own, JOURNAL), this.#outdir);
    if (journal === undefined) fs.rmSync(path.join(this.#own, JOURNAL), { force: true });
    else {
      this.#state = FolderState.HALF_WAY;
      this.#finish(journal);
    }
    fs.rmSync(this.#staging, { recursive: true, force: true });
    for (const name of fs.readdirSync(this.#own)) {
      // Earlier versions had files that end in .json.
      if (/\.(?:new|json)$/.test(name)) fs.rmSync(path.join(this.#own, name));
    }
  }

  /** Every step can be repeated, so it does not matter where the last run was stopped. */
  #finish({ moves, prune, owned, list }: Journal): void {
    const changed = new Set<string>();
    for (const [staged, file, size] of moves) {
      const target = path.join(this.#outdir, file);
      const folder = path.dirname(target);
      if (!changed.has(folder)) makeFolder(folder).forEach((each) => changed.add(path.dirname(each)));
      changed.add(folder);
      const from = path.join(this.#staging, staged);
      // A file that is missing was moved already, or is lost, and then this run renders it again.
      if (fs.statSync(from, { throwIfNoEntry: false })?.size === size) fs.renameSync(from, target);
    }
    for (const file of prune) this.#prune(file, changed);
    syncAll(
      this.#own,
      [],
      [...changed].filter((folder) => fs.existsSync(folder)),
    );
    writeOwned(path.join(this.#own, list), owned);
    fs.rmSync(path.join(this.#own, JOURNAL), { force: true });
    // If the journal came back after a power cut, it would undo later changes to the files.
    syncFolder(this.#own);
  }

  #prune(file: string, changed: Set<string>): void {
    const target = path.join(this.#outdir, file);
    let folder = path.dirname(target);
    // A run that was stopped may have deleted the file, and some of the folders that it was in.
    while (folder !== this.#outdir && !isFolder(folder)) folder = path.dirname(folder);
    // A folder that was replaced by a link leads to files that are not ours.
    if (!isInside(fs.realpathSync(folder), fs.realpathSync(this.#outdir))) return;
    if (folder === path.dirname(target)) {
      const stat = fs.lstatSync(target, { throwIfNoEntry: false });
      if (stat !== undefined && !stat.isFile()) return;
      fs.rmSync(target, { force: true });
      changed.add(folder);
    }
    while (folder !== this.#outdir && removeIfEmpty(folder)) changed.add((folder = path.dirname(folder)));
  }

  #hasContent(file: string, bytes: Buffer): boolean {
    if (!this.#hadFolder) return false;
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat?.isDirectory()) throw new Error(`${file} is a folder where a file is to be written. Move it away.`);
    return stat?.isFile() === true && stat.size === bytes.length && fs.readFileSync(file).equals(bytes);
  }
}

function isInside(folder: string, parent: string): boolean {
  return folder === parent || folder.startsWith(parent + path.sep);
}
