import * as fs from 'node:fs';
import * as os from 'node:os';

/** Who holds a lock, as written into its file. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, where the system tells. */
  readonly started?: string;
  /** Tells two holders of the same process number apart. */
  readonly token: string;
}

let counter = 0;

/**
 * Keeps two runs from writing to one folder at the same time: a file that only one process can make. It is not synced,
 * because a power cut also ends the process that holds the lock.
 */
export class RunLock {
  readonly #file: string;
  readonly #text: string;

  private constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  /**
   * @throws Error when another run holds the lock; a lock left behind by a process that is gone is taken over
   */
  static take(file: string): RunLock {
    const token = `${process.pid}-${process.hrtime.bigint()}-${counter++}`;
    const text = JSON.stringify({
      pid: process.pid,
      host: os.hostname(),
      started: startOf(process.pid),
      token,
    } satisfies Holder);
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        fs.writeFileSync(file, text, { flag: 'wx' });
        return new RunLock(file, text);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
          // On a full disk, the file may have been created with only a part of the text.
          if (text.startsWith(readText(file) ?? '-')) fs.rmSync(file, { force: true });
          throw error;
        }
      }
      removeIfLeftBehind(file, token);
    }
    throw busy(file, readText(file));
  }

  /** Whether this run still holds the lock: `cdk8s synth` deletes the whole folder, lock included, when it starts. */
  isHeld(): boolean {
    return readText(this.#file) === this.#text;
  }

  release(): void {
    if (this.isHeld()) fs.rmSync(this.#file, { force: true });
  }
}

function removeIfLeftBehind(file: string, token: string): void {
  const found = readText(file);
  if (found === undefined) return;
  if (isAlive(found)) throw busy(file, found);
  // Only one of several runs can rename the file. If this has caught a new lock of another run, that run notices it before
  // it changes anything, because it checks isHeld().
  const aside = `${file}.${token}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  fs.rmSync(aside, { force: true });
}

function isAlive(text: string): boolean {
  const holder = parse(text);
  // A lock cut off by a full disk, or by a crash while it was written, has no holder.
  if (holder === undefined) return false;
  if (holder.host !== os.hostname()) return true;
  // Synthesis is synchronous, so a lock with this process' number is from an earlier process, as happens in containers.
  if (holder.pid === process.pid) return false;
  // Process numbers are reused, and soon after a restart.
  const started = startOf(holder.pid);
  if (holder.started !== undefined && started !== undefined && holder.started !== started) return false;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, if the system tells: an id of the boot, and the time since then. */
function startOf(pid: number): string | undefined {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name of the program, in brackets, may have blanks and brackets in it.
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\)\s+/s, '')
      .split(' ');
    return `${boot} ${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return typeof holder?.pid === 'number' && typeof holder.host === 'string' ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function busy(file: string, text: string | undefined): Error {
  const holder = parse(text ?? '');
  const who = holder === undefined ? 'another run' : `process ${holder.pid} on ${holder.host}`;
  return new Error(
    `${who} is writing to this folder. Wait for it to end; if it is gone for good, delete ${file} and run again.`,
  );
}
