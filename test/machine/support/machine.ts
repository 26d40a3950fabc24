import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { type Lan } from '../../e2e/support/lan';
import { need } from '../../e2e/support/prerequisites';
import { type CommandOptions, type CommandResult, run, until } from '../../e2e/support/run';
import { imageFolder } from './cache';

const PREFIX = 'edge-machine-';
const PATH = '/opt/lab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The address that image.sh sets. */
const ADDRESS = '10.99.0.11';
/** The port of the LAN that it is plugged into. */
const PORT = 'machine';

/** Not to measure anything: a computer that is emulated takes minutes for what takes seconds. */
export const PATIENCE = { timeout: 1_800_000, interval: 3000 };

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Ends a process that this one has started, at once. */
async function end(process: ChildProcess | undefined): Promise<void> {
  if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
  const ended = once(process, 'exit');
  process.kill('SIGKILL');
  await ended;
}

/**
 * A computer of its own on the LAN of a lab, emulated by qemu: Debian's kernel, systemd as its first process, cgroups of version 2. Its
 * disk outlives a power cut. Commands reach it by ssh.
 */
export class Machine {
  public readonly name = 'machine';
  public readonly address = ADDRESS;
  private qemu?: ChildProcess;
  private ssh?: ChildProcess;

  private constructor(
    /** Its disks, keys and console. Gone after {@link remove}. */
    public readonly path: string,
    private readonly image: string,
    private readonly lan: Lan,
  ) {}

  /**
   * Makes the computer; it is off. `provide` fills a folder that it has at /opt/lab, read only; `bin` in there is first on the PATH of
   * commands. Removes what runs have left that were killed.
   */
  public static async create(lan: Lan, provide: (folder: string) => Promise<void>): Promise<Machine> {
    for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(PREFIX))) {
      if (!existsSync(`/proc/${name.split('-')[2]!}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
    const image = await imageFolder();
    const machine = new Machine(mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`)), image, lan);
    try {
      await machine.makeDisks(provide);
      await lan.exec([need('ip'), 'tuntap', 'add', 'dev', PORT, 'mode', 'tap']);
      await lan.exec([need('ip'), 'link', 'set', PORT, 'master', 'lan', 'up']);
      return machine;
    } catch (error) {
      await machine.remove();
      throw error;
    }
  }

  private async makeDisks(provide: (folder: string) => Promise<void>): Promise<void> {
    const lab = join(this.path, 'lab');
    const keys = join(lab, 'ssh');
    mkdirSync(keys, { recursive: true });
    const makeKey = (file: string): Promise<unknown> =>
      run([need('ssh-keygen'), '-q', '-t', 'ed25519', '-N', '', '-C', basename(file), '-f', file]);
    await makeKey(join(this.path, 'key'));
    await makeKey(join(keys, 'host'));
    copyFileSync(join(this.path, 'key.pub'), join(keys, 'authorized'));
    chmodSync(join(keys, 'authorized'), 0o600);
    const known = readFileSync(join(keys, 'host.pub'), 'utf8');
    writeFileSync(join(this.path, 'known'), `${ADDRESS} ${known}`);
    await provide(lab);
    const disk = join(this.path, 'lab.disk');
    const patient = { timeout: 600_000 };
    await run([need('truncate'), '-s', '3G', disk]);
    await run([need('mke2fs'), '-q', '-t', 'ext4', '-L', 'lab', '-d', lab, disk], patient);
    rmSync(lab, { recursive: true });
    // No layer above another disk: what qemu knows of such layers is lost when it is killed, and with it what was written.
    await run([need('cp'), '--sparse=always', join(this.image, 'disk'), join(this.path, 'disk')], patient);
  }

  private isOn(): boolean {
    return this.qemu !== undefined;
  }

  /** What was on its console, over all boots. */
  public get console(): string {
    const file = join(this.path, 'console.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Switches it on, and waits until commands can be run. */
  public async start(): Promise<void> {
    if (this.isOn()) throw new Error('the machine is on already');
    // What it writes is in the memory of this computer's kernel at once, which outlives qemu: no need to wait for disks.
    const disk = (file: string, more: string): string =>
      `file=${join(this.path, file)},if=virtio,format=raw,cache=unsafe${more}`;
    const argv = [
      ...[need('setpriv'), '--pdeathsig', 'KILL', need('qemu-system-x86_64')],
      ...['-accel', process.env.MACHINE_ACCEL ?? 'tcg,thread=multi', '-smp', '2', '-m', '4096'],
      // Of what takes long to emulate.
      ...['-cpu', 'max,avx=off,avx2=off'],
      ...['-nodefaults', '-display', 'none'],
      ...['-chardev', `file,id=console,append=on,path=${join(this.path, 'console.log')}`, '-serial', 'chardev:console'],
      ...['-kernel', join(this.image, 'vmlinuz'), '-initrd', join(this.image, 'initrd')],
      ...['-append', 'root=/dev/vda rw console=ttyS0 net.ifnames=0 panic=10 mitigations=off nowatchdog'],
      ...['-drive', disk('disk', ''), '-drive', disk('lab.disk', ',readonly=on'), '-device', 'virtio-rng-pci'],
      ...['-netdev', `tap,id=lan,ifname=${PORT},script=no,downscript=no`, '-device', 'virtio-net-pci,netdev=lan'],
    ];
    const [enter, ...command] = this.lan.enter(argv);
    const qemu = spawn(enter!, command, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    qemu.stderr.on('data', (text: Buffer) => (said += text.toString()));
    this.qemu = qemu;
    qemu.once('error', (error) => (said += String(error)));
    qemu.once('close', () => {
      if (this.qemu === qemu) this.qemu = undefined;
    });
    try {
      await until(
        'an answer of sshd',
        async () => {
          // Asked once more, it would say the same.
          if (qemu.exitCode !== null || qemu.signalCode !== null) return 'ended';
          await run(this.shell('true'), { timeout: 60_000 });
          return 'on';
        },
        PATIENCE,
      );
      if (!this.isOn()) throw new Error(`qemu has ended: ${said.slice(-2000)}`);
    } catch (error) {
      await this.powerCut();
      throw new Error(`${(error as Error).message}\non the console:\n${this.console.slice(-3000)}`);
    }
    const [enterSsh, ...ssh] = this.shell('-N', '-o', 'ControlMaster=yes');
    this.ssh = spawn(enterSsh!, ssh, { stdio: 'ignore' });
  }

  /** One connection for all commands: to make another takes an emulated computer seconds. */
  private sshOptions(): string[] {
    const options = {
      IdentityFile: join(this.path, 'key'),
      IdentitiesOnly: 'yes',
      UserKnownHostsFile: join(this.path, 'known'),
      StrictHostKeyChecking: 'yes',
      BatchMode: 'yes',
      ConnectTimeout: '50',
      LogLevel: 'ERROR',
      ControlPath: join(this.path, 'ssh'),
    };
    return ['-F', 'none', ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
  }

  private shell(...more: readonly string[]): string[] {
    return this.lan.enter([need('ssh'), ...this.sshOptions(), `root@${ADDRESS}`, ...more]);
  }

  /** Runs a command on it, as root. */
  public async exec(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    if (!this.isOn()) throw new Error('the machine is off');
    const command = ['env', '-i', `PATH=${PATH}`, 'HOME=/root', ...argv].map(quoted).join(' ');
    return run(this.shell(command), { timeout: 600_000, ...options });
  }

  /** Runs a piece of POSIX shell on it. */
  public async sh(script: string, options: CommandOptions = {}): Promise<CommandResult> {
    return this.exec(['sh', '-euc', script], options);
  }

  /** Power cut: what its kernel has not handed to the disk by then is lost. */
  public async powerCut(): Promise<void> {
    const { qemu, ssh } = this;
    this.qemu = undefined;
    this.ssh = undefined;
    await end(qemu);
    await end(ssh);
    rmSync(join(this.path, 'ssh'), { force: true });
  }

  /** Power cut and switched on again. */
  public async powerCycle(): Promise<void> {
    await this.powerCut();
    await this.start();
  }

  /** Switches it off for good, and removes all that belongs to it but the image it was made from. */
  public async remove(): Promise<void> {
    await this.powerCut();
    if (process.env.MACHINE_KEEP === undefined) rmSync(this.path, { recursive: true, force: true });
  }
}
