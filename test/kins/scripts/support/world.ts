import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { LAZY_DISK_PROGRAM, LazyDisk } from '../../../support/lazy-disk';
import { afterPowerCut, LOSSES } from '../../../support/power-cut';
import { removeFolder } from '../../../support/remove-folder';
import { beforeFirstCut, cutStride, oneOf } from '../../../support/sample';
import { readEntry, treeId, writeTree, type Entry, type Ignored, type Tree } from '../../../support/tree';
import { SCRIPTS } from './scripts-folder';

const STUBS = resolve(__dirname, '../stubs');

/** Commands that tests stand in for: those with a behaviour, and those of which only the call is logged. */
const ACTING = [
  ...['sleep', 'elapse', 'kubectl', 'mount', 'umount', 'kill', 'crictl', 'nsenter', 'sync', 'ip'],
  ...['timeout', 'telnet', 'ping'],
];
/** Those that no busybox has. */
const FOUND = ['iptables', 'iptables-restore'];
const LOGGED = ['k3s', 'containerd', 'chown', 'ctr', 'systemctl'];

/** What tests keep in a machine, and no script finds. */
const OF_THE_TEST = /^(bin|disk|log|prelude|script|commands|sleeps|cut|stopped|refused|uptime(\.new)?)(\/|$)/;

/** Only against a shell that hangs: no test waits for it. */
const TIME_LIMIT_MS = 60_000;

/** A shell that the scripts have to work in, and how to call it. */
export interface Shell {
  readonly name: string;
  readonly command: readonly string[];
  /** Every how many commands the power is cut: what a cut leaves depends on the script, hardly on the shell. */
  readonly stride: number;
}

type Known = Omit<Shell, 'stride'>;
const KNOWN: readonly Known[] = [
  { name: 'dash', command: ['dash'] },
  { name: 'busybox ash', command: ['busybox', 'ash'] },
];

const isThere = ({ command: [file = '', ...rest] }: Known): boolean =>
  spawnSync(file, [...rest, '-c', 'exit 0']).status === 0;

/** Scripts are interrupted at each of their commands, one start after the other. */
jest.setTimeout(1_800_000);

/** Describes tests once a shell, or in a sample for one of the shells; where one is missing, a line says so. */
export function inEachShell(declare: (shell: Shell) => void): void {
  const there = KNOWN.filter(isThere);
  oneOf(there).forEach((shell, index) => {
    describe(`in ${shell.name}`, () => {
      declare({ ...shell, stride: cutStride(index === 0 ? 48 : 192) });
    });
  });
  for (const { name } of KNOWN.filter((shell) => !there.includes(shell)))
    test.skip(`in ${name}: not tested, because it is not installed`, () => undefined);
}

/** How a script ended. */
export interface Run {
  /** Exit code; `null` when it was killed. */
  readonly code: number | null;
  readonly output: string;
  /** Whether the power was cut where `killBefore` says. */
  readonly wasCut: boolean;
  /** Whether it was still running after the last sleep. */
  readonly wasStopped: boolean;
}

/** What a run is given beyond the script. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Cuts the power at this call of sleep. @default 40 - a script that waits for something for ever */
  readonly stopAtSleep?: number;
  /** Cuts the power before the n-th command of the script, counting those of functions and subshells. @default - never */
  readonly killBefore?: number;
  /** The disk of the node. @default - one that keeps everything at once */
  readonly disk?: LazyDisk;
  /** Arguments of the script. @default - none */
  readonly args?: readonly string[];
}

/**
 * A machine of files below a temporary folder. Scripts run in it for real, in a session of their own; what they would
 * do to a machine or a cluster is done by stubs to its files.
 */
export class World {
  readonly root = mkdtempSync(join(tmpdir(), 'kins-'));

  constructor() {
    mkdirSync(this.at('bin'));
    for (const name of [...ACTING, ...FOUND]) symlinkSync(join(STUBS, `${name}.sh`), this.at(`bin/${name}`));
    for (const name of LOGGED) symlinkSync(join(STUBS, 'log.sh'), this.at(`bin/${name}`));
    // As functions too: a busybox asks its own applets first, and those would change the machine.
    const functions = [...ACTING, 'chown'].map((name) => `${name}() { "$WORLD/bin/${name}" "$@"; }\n`);
    this.write('prelude', functions.join(''));
    this.folder('disk');
    symlinkSync(LAZY_DISK_PROGRAM, this.at('disk/sync'));
    this.write('mounts', '');
    this.write('uptime', '1000.00 0.00\n');
    this.write('log', '');
  }

  /** The path of a file or folder. */
  at(path: string): string {
    return join(this.root, path);
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    // A command is a link to its stub, which all tests have.
    if (lstatSync(this.at(path), { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(this.at(path));
    writeFileSync(this.at(path), content);
  }

  folder(path: string, mode = 0o755): void {
    mkdirSync(this.at(path), { recursive: true });
    chmodSync(this.at(path), mode);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true, force: true });
  }

  has(path: string): boolean {
    return statSync(this.at(path), { throwIfNoEntry: false }) !== undefined;
  }

  /** Permissions as `ls` would show them, in octal. */
  mode(path: string): string {
    return (statSync(this.at(path)).mode & 0o7777).toString(8);
  }

  /** All commands that were called so far, without the folder's own name in them. */
  log(): string[] {
    return this.read('log').split(this.root).join('').split('\n').slice(0, -1);
  }

  /** All below a folder: the text of files, `null` for folders. */
  tree(path: string): Record<string, string | null> {
    const names = readdirSync(this.at(path), { recursive: true, encoding: 'utf8' }).sort();
    return Object.fromEntries(
      names.map((name) => {
        const file = join(path, name);
        return [name, statSync(this.at(file)).isFile() ? this.read(file) : null];
      }),
    );
  }

  /** Puts the arguments of further commands into the log, of those that a shell has built in too if it calls them. */
  logArguments(...commands: readonly string[]): void {
    for (const command of commands) {
      const real = ['/usr/bin', '/bin'].map((folder) => join(folder, command)).find((file) => existsSync(file));
      this.write(`bin/${command}`, `#!/bin/sh\necho "${command} $*" >>"$WORLD/log"\nexec ${String(real)} "$@"\n`);
      chmodSync(this.at(`bin/${command}`), 0o755);
    }
  }

  /** The same machine again, in another folder, whose name is as long. */
  copy(): World {
    const world = new World();
    rmSync(world.root, { recursive: true });
    // Sockets too, of which nobody listens to the copy.
    execFileSync('cp', ['-a', this.root, world.root]);
    for (const [path, { kind, content }] of world.files()) {
      if (kind !== 'file' || !content.includes(this.root)) continue;
      writeFileSync(
        world.at(path),
        Buffer.from(content.toString('latin1').replaceAll(this.root, world.root), 'latin1'),
      );
    }
    return world;
  }

  /** The same for machines that differ in nothing but where they are. */
  id(): string {
    const entries = [...this.files()].map(([path, entry]): [string, Entry] => {
      const content = Buffer.from(entry.content.toString('latin1').replaceAll(this.root, ''), 'latin1');
      return [path, { ...entry, content }];
    });
    return treeId(new Map(entries));
  }

  /** All that a script may find, without what tests go by. */
  private files(): Tree {
    const paths = readdirSync(this.root, { recursive: true, encoding: 'utf8' }).filter(
      (path) => !OF_THE_TEST.test(path),
    );
    return new Map(
      paths.flatMap((path) => {
        const entry = readEntry(this.at(path));
        return entry === undefined ? [] : [[path, entry] as const];
      }),
    );
  }

  dispose(): void {
    removeFolder(this.root);
  }

  /** Runs a script of the library to its end, or until the power is cut. */
  async run(shell: Shell, script: string, options: RunOptions = {}): Promise<Run> {
    for (const mark of ['stopped', 'cut']) this.remove(mark);
    this.write('sleeps', '0\n');
    this.write('commands', '0\n');
    this.write('script', readFileSync(join(SCRIPTS, script)));
    const [file = '', ...rest] = shell.command;
    const trace = options.killBefore === undefined ? [] : ['-x'];
    const child = spawn(
      file,
      [...rest, ...trace, '-c', '. "$WORLD/prelude" && . "$WORLD/script"', script, ...(options.args ?? [])],
      {
        // The script's own session: a power cut ends all that it has started, and nothing else.
        detached: true,
        cwd: this.root,
        env: {
          PATH: `${this.at('bin')}:/usr/bin:/bin`,
          WORLD: this.root,
          STOP_AT: String(options.stopAtSleep ?? 40),
          KILL_BEFORE: String(options.killBefore ?? 0),
          LAZY_DISK: options.disk?.folder ?? '',
          KINS_SCRIPTS: SCRIPTS,
          UPTIME: this.at('uptime'),
          PS4: POWER_CUT,
          ...options.env,
        },
      },
    );
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    const limit = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, TIME_LIMIT_MS);
    const code = await new Promise<number | null>((done, failed) => {
      child.on('error', failed);
      // What it left running holds its output, as a saved descriptor of the shell.
      child.on('exit', () => {
        endSession(child.pid);
      });
      child.on('close', done);
    });
    clearTimeout(limit);
    // Whatever the script makes of it.
    if (this.has('refused')) throw new Error(`refused: ${this.read('refused')}`);
    return { code, output, wasCut: this.has('cut'), wasStopped: this.has('stopped') };
  }
}

/** What a script left running in the background, as the container's end would. */
function endSession(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The shell evaluates this before each command when it traces: a counter that ends the whole session at a number. */
const POWER_CUT =
  '$(read -r n <"$WORLD/commands"; n=$((n+1)); echo "$n" >"$WORLD/commands"; ' +
  '[ "$n" -ne "$KILL_BEFORE" ] || { : >"$WORLD/cut"; command kill -9 0; })';

/** A test of a script: what it finds, how it is called, and what matters of what it leaves. */
export interface Scenario {
  readonly script: string;
  readonly prepare: (world: World) => void;
  readonly env: (world: World) => Readonly<Record<string, string>>;
  readonly outcome: (world: World) => unknown;
  /** What a new start finds changed: a folder in memory is empty again. @default - nothing */
  readonly restart?: (world: World) => void;
  /** For scripts that never end: the sleep after which the outcome is looked at. */
  readonly stopAtSleep?: number;
}

/**
 * What outlives a power cut: the folder of a unit, and /etc of the node, as cri pods and as recycle pods are given it. What a
 * test keeps beside it is in memory, or its own.
 */
const DISKS = ['/lib', '/node/etc', '/proc/1/root/etc'];
export const NOT_ON_DISK: Ignored = (path) =>
  !DISKS.some((disk) => `${path}/`.startsWith(`${disk}/`) || disk.startsWith(`${path}/`));

/** A machine, as a new start may find it after a power cut. */
interface Aftermath {
  readonly loss: string;
  readonly world: World;
}

/**
 * Runs a scenario without disturbance, and once for each of its commands with a power cut before that command. What was
 * written to the disk and not synced is lost then, in each of the ways that a disk may lose it.
 */
export async function interruptedAnywhere(shell: Shell, scenario: Scenario): Promise<{ calm: unknown; cuts: number }> {
  const { script, prepare, env, outcome, restart, stopAtSleep } = scenario;
  const seen = new Set<string>();
  const runOn = async (world: World, more: RunOptions = {}): Promise<Run> =>
    world.run(shell, script, { env: env(world), stopAtSleep, ...more });
  const using = async <T>(world: World, work: (world: World) => Promise<T>): Promise<T> => {
    try {
      return await work(world);
    } finally {
      world.dispose();
    }
  };
  const made = (): World => {
    const world = new World();
    prepare(world);
    return world;
  };

  /** The machines that a cut may leave, as far as none was like them before; `undefined` when the script had ended. */
  const cut = async (killBefore: number): Promise<Aftermath[] | undefined> =>
    using(made(), async (world) => {
      world.folder('lib');
      const disk = new LazyDisk(world.root, NOT_ON_DISK);
      try {
        if (!(await runOn(world, { killBefore, disk })).wasCut) return undefined;
        const moment = disk.moment();
        return LOSSES.flatMap((loss) => {
          const copy = world.copy();
          writeTree(copy.root, afterPowerCut(moment, loss, killBefore), NOT_ON_DISK);
          restart?.(copy);
          const id = copy.id();
          if (seen.has(id)) {
            copy.dispose();
            return [];
          }
          seen.add(id);
          return [{ loss, world: copy }];
        });
      } finally {
        disk.stop();
      }
    });

  const calm = await using(made(), async (world) => {
    await runOn(world);
    return outcome(world);
  });
  let cuts = 0;
  for (let next = 1 + beforeFirstCut(20); ; next += AT_ONCE * shell.stride) {
    const numbers = Array.from({ length: AT_ONCE }, (_, i) => next + i * shell.stride);
    const results = await Promise.all(numbers.map(async (number) => ({ number, left: await cut(number) })));
    for (const { number, left } of results) {
      if (left === undefined) return { calm, cuts };
      cuts += 1;
      const endings = left.map(({ loss, world }) =>
        using(world, async () => {
          const run = await runOn(world);
          const hasFailed = run.code !== 0 && !run.wasStopped;
          return { cut: number, loss, found: hasFailed ? run.output : outcome(world) };
        }),
      );
      for (const ending of await Promise.all(endings)) expect(ending).toEqual({ ...ending, found: calm });
    }
  }
}

const AT_ONCE = 4;
