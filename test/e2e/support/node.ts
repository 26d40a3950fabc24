import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { makeCgroups, removeCgroups } from './cgroups';
import { HostState } from './host-state';
import { childOf, ended, GATEWAY, type Lan } from './lan';
import { LazyDisk } from './lazy-disk';
import { need } from './prerequisites';
import { type CommandOptions, type CommandResult, run, until } from './run';

const PATH = '/opt/lab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What makes a node. */
export interface NodeSpec {
  /** Name of the lab: that of its cgroups too. */
  readonly lab: string;
  /** The lab's folder. */
  readonly folder: string;
  /** Host name and name of the Kubernetes node. */
  readonly name: string;
  /** IPv4 address on the LAN. */
  readonly address: string;
  /** What K3s runs as on this node. */
  readonly role: 'server' | 'agent';
  /** Files that are on the node's disk before every boot, as an installer would have put them: path and content. */
  readonly files: Readonly<Record<string, string>>;
  /** Folder with image archives that K3s imports on this node. */
  readonly images: string;
  /** Does the disk lose at a power cut what was not synced? Else it keeps all that was written. */
  readonly lazyDisk: boolean;
}

/**
 * One computer of the lab: network, mount, UTS, IPC, process and cgroup namespaces of its own, a disk (a folder) that
 * outlives power cuts, and K3s, which is started again whenever it ends.
 */
export class LabNode {
  private boot?: ChildProcess;
  private init?: number;
  private readonly lazyDisk?: LazyDisk;
  private hasDisk = false;

  public constructor(
    private readonly spec: NodeSpec,
    private readonly lan: Lan,
  ) {
    if (spec.lazyDisk) this.lazyDisk = new LazyDisk(join(dirname(this.disk), 'disk.img'), this.disk);
  }

  public get name(): string {
    return this.spec.name;
  }

  public get address(): string {
    return this.spec.address;
  }

  /** Folder on this machine that is the node's disk. */
  public get disk(): string {
    return join(this.spec.folder, 'nodes', this.name, 'disk');
  }

  /** What K3s logged on this node, over all boots. */
  public get log(): string {
    const file = join(this.disk, 'var/log/k3s.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  public get running(): boolean {
    return this.boot !== undefined;
  }

  private get port(): string {
    return `p${this.address.split('.')[3]!}`;
  }

  /** Where a file of the node lies on its disk. */
  private onDisk(path: string): string {
    const moved: Record<string, string> = {
      '/var/': 'var',
      '/etc/rancher/': 'etc-rancher',
      '/etc/cni/': 'etc-cni',
      '/opt/': 'opt',
    };
    const prefix = Object.keys(moved).find((start) => path.startsWith(start));
    return prefix === undefined
      ? join(this.disk, 'root', path)
      : join(this.disk, moved[prefix]!, path.slice(prefix.length));
  }

  /** Switches the node on. */
  public async start(): Promise<void> {
    if (this.running) throw new Error(`${this.name} is on already`);
    const mnt = join(dirname(this.disk), 'mnt');
    mkdirSync(mnt, { recursive: true });
    if (!this.hasDisk) await this.lazyDisk?.insert();
    this.hasDisk = true;
    for (const [path, content] of Object.entries(this.spec.files)) {
      mkdirSync(dirname(this.onDisk(path)), { recursive: true });
      writeFileSync(this.onDisk(path), content, { mode: 0o600 });
    }
    this.provideImages();
    await this.settle();
    const env = {
      PATH,
      NODE_NAME: this.name,
      NODE_DISK: this.disk,
      NODE_MNT: mnt,
      NODE_BIN: join(this.spec.folder, 'bin'),
      NODE_IP: `${this.address}/24`,
      NODE_GATEWAY: GATEWAY,
      NODE_ROLE: this.spec.role,
    };
    const cgroups = makeCgroups(this.spec.lab, this.name);
    const scripts = [join(__dirname, 'node-enter.sh'), ...cgroups, '--', 'sh', join(__dirname, 'node-boot.sh')];
    const console = openSync(join(dirname(this.disk), 'console.log'), 'a');
    const boot = spawn(need('nsenter'), [`--target=${this.lan.pid}`, '--pid', '--', 'sh', ...scripts], {
      env,
      stdio: ['ignore', console, console],
    });
    closeSync(console);
    this.boot = boot;
    boot.once('exit', () => {
      this.boot = undefined;
      this.init = undefined;
    });
    // nsenter forks for the process namespace, unshare once more for the node's own.
    const outer = await childOf(boot, `${this.name}'s boot`);
    const init = await until(
      `init of ${this.name}`,
      () => Promise.resolve(Number(readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').trim()) || undefined),
      { timeout: 30_000, interval: 20 },
    );
    this.init = init;
    await this.lan.plug(this.port, init);
    await until(`boot of ${this.name} (${join(dirname(this.disk), 'console.log')})`, async () => {
      if (!this.running) throw new Error(readFileSync(join(dirname(this.disk), 'console.log'), 'utf8').slice(-2000));
      return (await this.exec(['test', '-e', '/run/lab/booted'], { mayFail: true })).code === 0;
    });
  }

  private provideImages(): void {
    const target = join(this.disk, 'var/lib/rancher/k3s/agent/images');
    mkdirSync(target, { recursive: true });
    const there = readdirSync(target);
    for (const archive of readdirSync(this.spec.images).filter((name) => !there.includes(name))) {
      this.bring(join(this.spec.images, archive), join(target, archive));
    }
    // With this file K3s remembers what it imported and does not do it again at every start.
    if (!there.includes('.cache.json')) writeFileSync(join(target, '.cache.json'), '');
  }

  /** Puts a file of the lab onto the node's disk. */
  public bring(from: string, to: string): void {
    if (this.lazyDisk === undefined) linkSync(from, to);
    else copyFileSync(from, to);
  }

  /** All that was written to the disk survives a power cut from now on. */
  public async settle(): Promise<void> {
    await this.lazyDisk?.sync();
  }

  /** Command line that runs something on the node. */
  public enter(argv: readonly string[]): string[] {
    if (this.init === undefined) throw new Error(`${this.name} is off`);
    return [
      need('nsenter'),
      `--target=${this.init}`,
      '--all',
      '--',
      'env',
      '-i',
      `PATH=${PATH}`,
      'HOME=/root',
      ...argv,
    ];
  }

  /** Runs a command on the node, with its root file system, network and processes. */
  public async exec(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return run(this.enter(argv), options);
  }

  /** Runs a piece of POSIX shell on the node. */
  public async sh(script: string, options: CommandOptions = {}): Promise<CommandResult> {
    return this.exec(['sh', '-euc', script], options);
  }

  /**
   * Power cut: every process of the node, containers included, is killed at once. A lazy disk then has what was synced, any other
   * all that was written.
   */
  public async powerCut(): Promise<void> {
    const { boot, init } = this;
    if (boot === undefined || init === undefined) return;
    process.kill(init, 'SIGKILL');
    await ended(boot);
    await this.lan.unplug(this.port);
    await this.lazyDisk?.cut();
    await removeCgroups(this.spec.lab, this.name);
  }

  /** Power cut and switched on again. */
  public async powerCycle(): Promise<void> {
    await this.powerCut();
    await this.start();
  }

  /** Loses the disk. The node must be off; its next boot is that of a new computer with the same name and address. */
  public async wipeDisk(): Promise<void> {
    if (this.running) throw new Error(`${this.name} is on: cut its power before its disk is wiped`);
    if (this.lazyDisk === undefined) rmSync(this.disk, { recursive: true, force: true });
    else await this.lazyDisk.replace();
  }

  /** Ends K3s as `systemctl stop k3s` does: containers go on. It stays off until {@link startK3s} or the next boot. */
  public async stopK3s(): Promise<void> {
    await this.sh('rm -f /run/lab/k3s.enabled; [ ! -e /run/lab/k3s.pid ] || kill -TERM "$(cat /run/lab/k3s.pid)"');
    await until(`end of K3s on ${this.name}`, async () => {
      return (await this.exec(['test', '-e', '/run/lab/k3s.pid'], { mayFail: true })).code !== 0;
    });
  }

  /** Starts K3s after {@link stopK3s}. */
  public async startK3s(): Promise<void> {
    await this.sh('touch /run/lab/k3s.enabled');
  }

  /** Kills K3s (not the containers); init starts it again, as systemd would. */
  public async killK3s(): Promise<void> {
    await this.sh('kill -KILL "$(cat /run/lab/k3s.pid)"');
  }

  /** Pulls the node's network cable, or puts it back. */
  public async cable(connected: boolean): Promise<void> {
    await this.lan.cable(this.port, connected);
    if (!connected) return;
    await until(`link of ${this.name}`, async () => {
      return (await this.exec(['ip', '-o', 'link', 'show', 'eth0'])).stdout.includes('LOWER_UP');
    });
  }

  /** Everything that is on the node: processes, mounts, network, packet filter, cgroups, and the files below some folders. */
  public async state(folders: readonly string[] = ['/etc', '/opt', '/run', '/var']): Promise<HostState> {
    return HostState.through((args, input) => this.exec(['sh', ...args], { input }), folders);
  }
}
