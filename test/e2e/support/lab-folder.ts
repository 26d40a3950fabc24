import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { labsWithCgroups, removeCgroups, restoreRootControllers, rootControllers } from './cgroups';
import { run } from './run';

/** Start of every lab's name: its folder and its cgroups have it. */
export const LAB_PREFIX = 'edge-lab-';
const RECORD = 'lab.json';

/** Of how many sets of watches one user may have. The kernel's default, 128, is used up by the K3s of one lab at L5. */
const INOTIFY = 'fs/inotify/max_user_instances';
const INOTIFY_NEEDED = 1024;

/** Kernel settings that kubelets or the lab change and that no namespace keeps apart. */
const SETTINGS = [
  INOTIFY,
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
  'net/netfilter/nf_conntrack_max',
];

interface LabRecord {
  readonly owner: number;
  readonly ownerStarted: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly rootControllers: readonly string[];
}

/** When a process was started, in clock ticks since boot: with its number it names the process for good. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

const alive = (record: LabRecord): boolean => startOf(record.owner) === record.ownerStarted;

const labFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(LAB_PREFIX));

function readSettings(): Record<string, string> {
  const known = SETTINGS.filter((name) => existsSync(`/proc/sys/${name}`));
  return Object.fromEntries(known.map((name) => [name, readFileSync(`/proc/sys/${name}`, 'utf8').trim()]));
}

function raise(setting: string, least: number): void {
  const file = `/proc/sys/${setting}`;
  if (Number(readFileSync(file, 'utf8')) < least) writeFileSync(file, String(least));
}

/**
 * A lab's folder with the record of what must be put back at its end. The record outlives a killed test run, so that the next
 * run can tidy up after it.
 */
export class LabFolder {
  private constructor(public readonly name: string) {}

  public get path(): string {
    return join(tmpdir(), this.name);
  }

  /** Makes a folder with a name no other lab has, after removing what dead runs left. */
  public static async create(): Promise<LabFolder> {
    await LabFolder.removeStale();
    const folder = new LabFolder(`${LAB_PREFIX}${randomBytes(3).toString('hex')}`);
    // Under its final name it has its record from the start: a folder without one is taken for a dead run's.
    const making = join(tmpdir(), `.${folder.name}`);
    mkdirSync(making, { mode: 0o700 });
    const record: LabRecord = {
      owner: process.pid,
      ownerStarted: startOf(process.pid)!,
      // Beside other labs the settings are changed already: theirs are the machine's own.
      settings: LabFolder.otherRecords()[0]?.[1].settings ?? readSettings(),
      rootControllers: rootControllers(),
    };
    writeFileSync(join(making, RECORD), JSON.stringify(record));
    renameSync(making, folder.path);
    raise(INOTIFY, INOTIFY_NEEDED);
    return folder;
  }

  /** Labs that other processes hold on this machine now: name and the holder's process id. */
  public static others(): { readonly name: string; readonly owner: number }[] {
    return LabFolder.otherRecords().map(([name, { owner }]) => ({ name, owner }));
  }

  private static otherRecords(): [string, LabRecord][] {
    return labFolders().flatMap((name) => {
      const record = new LabFolder(name).record();
      return record !== undefined && alive(record) && record.owner !== process.pid ? [[name, record]] : [];
    });
  }

  /** Removes folders and cgroups of labs whose test process is dead (with it died all their processes). */
  public static async removeStale(): Promise<void> {
    for (const name of new Set([...labFolders(), ...labsWithCgroups(LAB_PREFIX)])) {
      const folder = new LabFolder(name);
      const record = folder.record();
      if (record === undefined || !alive(record)) await folder.remove();
    }
  }

  private record(): LabRecord | undefined {
    const file = join(this.path, RECORD);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LabRecord) : undefined;
  }

  /** Removes cgroups and folder; the last lab to leave puts the machine's settings back. Every process of the lab must be dead. */
  public async remove(): Promise<void> {
    await removeCgroups(this.name);
    const record = this.record();
    if (record !== undefined && LabFolder.otherRecords().length === 0) {
      for (const [name, value] of Object.entries(record.settings)) {
        const file = `/proc/sys/${name}`;
        if (readFileSync(file, 'utf8').trim() !== value) writeFileSync(file, value);
      }
      restoreRootControllers(record.rootControllers);
    }
    await this.unmount();
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Disks of nodes may be mounted in the folder. */
  private async unmount(): Promise<void> {
    const mounted = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(`${this.path}/`));
    for (const path of mounted.reverse()) await run(['umount', path]);
  }
}
