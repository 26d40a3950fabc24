import type * as NodeFs from 'node:fs';
import * as path from 'node:path';

type Inode = number;

/** One change of a disk, with paths below the folder that is recorded. */
type Change =
  | { readonly what: 'make' | 'rename'; readonly name: string; readonly from?: string; readonly inode: Inode }
  | { readonly what: 'folder'; readonly name: string }
  | { readonly what: 'remove'; readonly name: string }
  | { readonly what: 'content'; readonly inode: Inode; readonly content: Buffer }
  | { readonly what: 'sync'; readonly inode: Inode }
  | { readonly what: 'sync names'; readonly folder: string }
  | { readonly what: 'sync all' };

/** When the power goes, and what has reached the disk of what was not synced. */
export interface Cut {
  /** How many changes were made. */
  readonly at: number;
  /** Names that were changed before this change are on the disk, others only if their folder was synced. */
  readonly names: number;
  /** Whether contents are there that were not synced; else those files are empty. */
  readonly contents: boolean;
}

/**
 * A disk that keeps only what it is told to: `fs` with a record of what a program does below a folder, and what a power cut
 * leaves of that. Names and contents go apart. A rename is whole, as on every file system with a journal.
 */
export class LazyDisk {
  readonly #real: typeof NodeFs;
  readonly #handles = new Map<number, string>();
  #root: string | undefined;
  #changes: Change[] = [];
  #before = new Map<string, Buffer | 'folder'>();
  #inodesBefore = new Map<string, Inode>();
  #inodes = new Map<string, Inode>();
  #lastInode = 0;

  constructor(real: typeof NodeFs) {
    this.#real = real;
  }

  /** How many changes are in the record. */
  get length(): number {
    return this.#changes.length;
  }

  /** Records what `work` does below a folder. What is there before is on the disk. */
  record(root: string, work: () => void): void {
    this.#changes = [];
    this.#before = new Map();
    this.#inodes = new Map();
    for (const entry of this.#real.readdirSync(root, { recursive: true, withFileTypes: true })) {
      const full = path.join(entry.parentPath, entry.name);
      const name = path.relative(root, full);
      this.#before.set(name, entry.isDirectory() ? 'folder' : this.#real.readFileSync(full));
      if (!entry.isDirectory()) this.#inodes.set(name, ++this.#lastInode);
    }
    this.#inodesBefore = new Map(this.#inodes);
    this.#root = root;
    try {
      work();
    } finally {
      this.#root = undefined;
    }
  }

  /** Puts what a cut leaves into an empty folder. */
  restore(folder: string, { at, names, contents }: Cut): void {
    const done = this.#changes.slice(0, at);
    const written = new Map<Inode, Buffer>();
    const synced = new Map<Inode, Buffer>();
    const tree = new Map<string, Inode | 'folder'>([['.', 'folder']]);
    for (const [name, found] of this.#before) {
      const inode = this.#inodesBefore.get(name);
      tree.set(name, inode ?? 'folder');
      if (inode === undefined || found === 'folder') continue;
      written.set(inode, found);
      synced.set(inode, found);
    }
    done.forEach((change, index) => {
      switch (change.what) {
        case 'content':
          written.set(change.inode, change.content);
          return;
        case 'sync':
          synced.set(change.inode, written.get(change.inode) ?? Buffer.alloc(0));
          return;
        case 'sync names':
          return;
        case 'sync all':
          for (const [inode, content] of written) synced.set(inode, content);
          return;
        default:
          if (index >= names && !isSynced(change, done.slice(index + 1))) return;
      }
      if (change.what === 'remove') tree.delete(change.name);
      else if (tree.get(path.dirname(change.name)) === 'folder') {
        if (change.what === 'rename') tree.delete(change.from ?? '');
        tree.set(change.name, change.what === 'folder' ? 'folder' : change.inode);
      }
    });
    const made = new Set(['.']);
    for (const [name, found] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const target = path.join(folder, name);
      // A folder that is gone was empty.
      if (!made.has(path.dirname(name))) continue;
      if (found === 'folder') {
        this.#real.mkdirSync(target, { recursive: true });
        made.add(name);
      } else {
        const content = written.get(found);
        this.#real.writeFileSync(target, contents || content === synced.get(found) ? (content ?? '') : '');
      }
    }
  }

  /** What a program that is recorded gets instead of `fs`. */
  fs(): typeof NodeFs {
    const real = this.#real;
    return {
      ...real,
      mkdirSync: ((folder: string, options?: NodeFs.MakeDirectoryOptions) => {
        const missing: string[] = [];
        for (let each = path.resolve(folder); !real.existsSync(each); each = path.dirname(each)) missing.unshift(each);
        const made = real.mkdirSync(folder, options);
        for (const each of missing) this.#add(each, (name) => ({ what: 'folder', name }));
        return made;
      }) as typeof real.mkdirSync,
      writeFileSync: ((file: string, content: string | Buffer, options?: NodeFs.WriteFileOptions) => {
        const isNew = !real.existsSync(file);
        real.writeFileSync(file, content, options);
        if (isNew) this.#add(file, (name) => ({ what: 'make', name, inode: this.#newInode(name) }));
        this.#add(file, (name) => ({ what: 'content', inode: this.#inodeOf(name), content: Buffer.from(content) }));
      }) as typeof real.writeFileSync,
      appendFileSync: ((file: string, content: string | Buffer) => {
        real.appendFileSync(file, content);
        this.#add(file, (name) => ({ what: 'content', inode: this.#inodeOf(name), content: real.readFileSync(file) }));
      }) as typeof real.appendFileSync,
      renameSync: (from: string, to: string) => {
        real.renameSync(from, to);
        this.#add(to, (name) => {
          const before = this.#below(from) ?? '';
          const inode = this.#inodeOf(before);
          this.#inodes.delete(before);
          this.#inodes.set(name, inode);
          return { what: 'rename', name, from: before, inode };
        });
      },
      rmSync: ((target: string, options?: NodeFs.RmOptions) => {
        const gone = real.existsSync(target) ? [target] : [];
        if (gone.length > 0 && real.statSync(target).isDirectory())
          for (const name of real.readdirSync(target, { recursive: true, encoding: 'utf8' }).sort())
            gone.unshift(path.join(target, name));
        real.rmSync(target, options);
        for (const each of gone) this.#add(each, (name) => ({ what: 'remove', name }));
      }) as typeof real.rmSync,
      rmdirSync: ((folder: string) => {
        real.rmdirSync(folder);
        this.#add(folder, (name) => ({ what: 'remove', name }));
      }) as typeof real.rmdirSync,
      openSync: ((file: string, flags: string) => {
        const handle = real.openSync(file, flags);
        this.#handles.set(handle, file);
        return handle;
      }) as typeof real.openSync,
      // Not done: nothing here waits for a real disk.
      fsyncSync: (handle: number) => {
        const file = this.#handles.get(handle) ?? '';
        const isFolder = real.statSync(file).isDirectory();
        this.#add(file, (name) =>
          isFolder ? { what: 'sync names', folder: name } : { what: 'sync', inode: this.#inodeOf(name) },
        );
      },
    } as typeof NodeFs;
  }

  /** What the program `sync` does. */
  syncAll(): void {
    if (this.#root !== undefined) this.#changes.push({ what: 'sync all' });
  }

  #add(file: string, change: (name: string) => Change): void {
    const name = this.#below(file);
    if (name !== undefined) this.#changes.push(change(name));
  }

  #below(file: string): string | undefined {
    if (this.#root === undefined) return undefined;
    const name = path.relative(this.#root, path.resolve(file));
    return name.startsWith('..') ? undefined : name === '' ? '.' : name;
  }

  #newInode(name: string): Inode {
    this.#inodes.set(name, ++this.#lastInode);
    return this.#lastInode;
  }

  #inodeOf(name: string): Inode {
    return this.#inodes.get(name) ?? this.#newInode(name);
  }
}

/** Whether the names that a change is about were synced after it. */
function isSynced(change: Change, later: readonly Change[]): boolean {
  const names = [...('name' in change ? [change.name] : []), ...('from' in change ? [change.from ?? ''] : [])];
  return later.some(
    (each) =>
      each.what === 'sync all' ||
      (each.what === 'sync names' && names.some((name) => path.dirname(name) === each.folder)),
  );
}

/** Files as they are, whatever is recorded. */
export const realFs = jest.requireActual<typeof NodeFs>('node:fs');

/** The disk of a test that mocks `node:fs` by it. */
export const lazyDisk = new LazyDisk(realFs);
