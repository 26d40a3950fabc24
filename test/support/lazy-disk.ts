import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Moment, Names } from './power-cut';
import { removeFolder } from './remove-folder';
import { readEntry, type Entry, type Ignored } from './tree';

/** Stands for `sync`, under this name, and for what else a test lets programs ask its disk. */
export const LAZY_DISK_PROGRAM = join(__dirname, 'lazy-disk.sh');

/**
 * A disk that keeps only what it was told to sync. Programs work in a folder as ever; their `sync` is
 * {@link LAZY_DISK_PROGRAM}, which finds the disk by `LAZY_DISK` in the environment. {@link afterPowerCut} says what a power
 * cut leaves of a moment.
 *
 * It is stricter than most file systems: a synced file keeps its content but not its name, which is its folder's; a synced
 * folder keeps its names, but not what is in its files or in the folders below it. `sync -f` and `sync` alone keep everything.
 */
export class LazyDisk {
  /** For the environment variable `LAZY_DISK`. */
  readonly folder = mkdtempSync(join(tmpdir(), 'lazy-disk-'));
  readonly #root: string;
  readonly #syncedNames = new Map<number, Names>();
  readonly #syncedContents = new Map<number, Buffer>();
  /** Whatever a synced folder names: until the end no other may get its number. */
  readonly #held = new Map<number, Entry>();
  /** What holds folders, which take no second name. */
  readonly #descriptors: number[] = [];
  readonly #requests: Socket;
  #failure: Error | undefined;

  /**
   * @param root a folder on the file system of temporary files; all that is in it now counts as synced
   * @param ignored what is on another disk, in memory, or the test's own
   * @param handlers what else programs may ask for, by the name of their link to {@link LAZY_DISK_PROGRAM}
   */
  constructor(
    root: string,
    private readonly ignored: Ignored,
    private readonly handlers: Readonly<Record<string, () => void>> = {},
  ) {
    this.#root = realpathSync(root);
    this.#syncAll();
    const [request, answer] = ['request', 'answer'].map((name) => {
      const path = join(this.folder, name);
      execFileSync('mkfifo', [path]);
      // For both directions: it waits for nobody, and no end of a program closes it.
      return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    }) as [number, number];
    this.#descriptors.push(answer);
    this.#requests = new Socket({ fd: request, readable: true, writable: false });
    let text = '';
    this.#requests.on('data', (chunk: Buffer) => {
      const lines = (text + chunk.toString()).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) writeSync(answer, `${String(this.#answer(line.split('\t')))}\n`);
    });
  }

  /** What programs see now, and what of it is kept. */
  moment(): Moment {
    const entries = new Map(this.#held);
    const names = new Map<number, Names>();
    for (const inode of this.#held.keys()) {
      const entry = readEntry(join(this.folder, String(inode)));
      if (entry !== undefined) entries.set(inode, entry);
    }
    this.#walk((path, inside, inode, entry) => {
      entries.set(inode, entry);
      if (entry.kind === 'folder') names.set(inode, this.#list(path, inside));
    });
    const [syncedNames, syncedContents] = [new Map(this.#syncedNames), new Map(this.#syncedContents)];
    return { root: lstatSync(this.#root).ino, entries, names, syncedNames, syncedContents };
  }

  /**
   * Programs that still run are told that it has been synced, and nothing is.
   *
   * @throws what has gone wrong in this class or a handler of its owner
   */
  stop(): void {
    this.#requests.destroy();
    for (const descriptor of this.#descriptors) closeSync(descriptor);
    removeFolder(this.folder);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Always one: a program would wait for ever. */
  #answer(request: readonly string[]): number {
    try {
      return this.#handle(request);
    } catch (error) {
      this.#failure ??= error as Error;
      return 1;
    }
  }

  /** The exit code of a request. */
  #handle([program = '', ...words]: readonly string[]): number {
    const handler = this.handlers[program];
    if (program !== 'sync') {
      handler?.();
      return handler === undefined ? 127 : 0;
    }
    const paths = words.filter((word) => !word.startsWith('-'));
    const known = paths.filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
    if (paths.length === 0 || words.includes('-f') || words.includes('--file-system')) this.#syncAll();
    else for (const path of known) this.#sync(realpathSync(path));
    return known.length === paths.length ? 0 : 1;
  }

  #syncAll(): void {
    this.#walk((path) => {
      this.#sync(path);
    });
  }

  #sync(path: string): void {
    const inside = `/${relative(this.#root, path)}`;
    if (inside.startsWith('/..') || (inside !== '/' && this.ignored(inside))) return;
    const stats = lstatSync(path);
    if (stats.isFile()) {
      this.#hold(path, stats.ino);
      this.#syncedContents.set(stats.ino, readFileSync(path));
    }
    if (!stats.isDirectory()) return;
    const names = this.#list(path, inside);
    this.#syncedNames.set(stats.ino, names);
    for (const [name, inode] of names) this.#hold(join(path, name), inode);
  }

  #hold(path: string, inode: number): void {
    const entry = readEntry(path);
    if (entry === undefined || this.#held.has(inode)) return;
    this.#held.set(inode, entry);
    if (entry.kind !== 'folder') linkSync(path, join(this.folder, String(inode)));
    else this.#descriptors.push(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY));
  }

  #walk(
    visit: (path: string, inside: string, inode: number, entry: Entry) => void,
    path = this.#root,
    inside = '/',
  ): void {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    const entry = readEntry(path);
    if (stats === undefined || entry === undefined) return;
    visit(path, inside, stats.ino, entry);
    if (entry.kind !== 'folder') return;
    for (const name of this.#list(path, inside).keys()) this.#walk(visit, join(path, name), join(inside, name));
  }

  /** Files, folders and links in a folder, as far as no program has removed them meanwhile. */
  #list(path: string, inside: string): Names {
    const names = new Map<string, number>();
    for (const name of readdirSync(path).sort()) {
      if (this.ignored(join(inside, name))) continue;
      const stats = lstatSync(join(path, name), { throwIfNoEntry: false });
      if (stats?.isFile() || stats?.isDirectory() || stats?.isSymbolicLink()) names.set(name, stats.ino);
    }
    return names;
  }
}
