import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';

import { which } from './prerequisites';
import { run, until } from './run';

const TOOLS = ['losetup', 'mkfs.ext4', 'mount', 'umount', 'xfs_io'];

/** Sparse: it takes the room that is written to. */
const SIZE = 32 * 1024 ** 3;

/**
 * How the disk is mounted. Without auto_da_alloc a file that replaces another may come back empty, as on other file
 * systems; the long interval between commits makes a cut cost more.
 */
const OPTIONS = 'loop,noauto_da_alloc,commit=30';

/** What this machine lacks for disks that forget, in one line, or `undefined` when nothing does. */
export function lazyDisksNeed(): string | undefined {
  const lacks = TOOLS.filter((name) => which(name) === undefined);
  if (lacks.length > 0) return `not on PATH: ${lacks.join(', ')} (packages e2fsprogs and xfsprogs)`;
  return existsSync('/dev/loop-control') ? undefined : 'the kernel has no loop devices';
}

/**
 * A disk that loses at a power cut what was written and not synced, as real ones do: ext4 in a file. At a cut the file
 * system is shut down without writing its log, so nothing that was only in memory reaches the file.
 */
export class LazyDisk {
  public constructor(
    private readonly image: string,
    /** Where the disk is mounted on this machine. */
    private readonly folder: string,
  ) {}

  /** Mounts the disk; the first time, makes it. */
  public async insert(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    if (!existsSync(this.image)) {
      writeFileSync(this.image, '', { mode: 0o600 });
      truncateSync(this.image, SIZE);
      await run([which('mkfs.ext4')!, '-q', '-E', 'lazy_itable_init=1,lazy_journal_init=1', this.image]);
    }
    await run([which('mount')!, '-o', OPTIONS, this.image, this.folder]);
  }

  /** Everything that was written is on the disk from now on. */
  public async sync(): Promise<void> {
    await run(['sync', '--file-system', this.folder]);
  }

  /** The power is gone. Whoever wrote to the disk must be dead. */
  public async cut(): Promise<void> {
    await run([which('xfs_io')!, '-x', '-c', 'shutdown', this.folder]);
    await this.remove();
    await this.insert();
  }

  /** Takes the disk out; what was synced stays in its file. */
  public async remove(): Promise<void> {
    await run([which('umount')!, this.folder]);
    // The mount namespaces of killed processes go a moment later, and with the last one the file system.
    await until(
      `the end of the file system of ${this.image}`,
      async () => (await run([which('losetup')!, '--associated', this.image])).stdout === '',
      { timeout: 60_000, interval: 50 },
    );
  }

  /** A new, empty disk in its place. */
  public async replace(): Promise<void> {
    await this.remove();
    rmSync(this.image);
    await this.insert();
  }
}
