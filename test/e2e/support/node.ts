import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { makeCgroups, removeCgroups } from './cgroups';
import { HostState } from './host-state';
import { childOf, ended, GATEWAY, type Lan } from './lan';
import { LazyDisk } from './lazy-disk';
import { need } from './prerequisites';
import { type CommandOptions, type CommandResult, run, until } from './run';

const PATH = '/opt/lab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where the services of a node are, as far as the lab made them. */
const SERVICES = '/etc/lab/services';

/** What is installed on a node. */
export interface NodePlan {
  /** Host name and name of the Kubernetes node. */
  readonly name: string;
  /** IPv4 address on the LAN. */
  readonly address: string;
  /** Files that are on the node's disk before every boot, as an installer would have put them: path and content. */
  readonly files: Readonly<Record<string, string>>;
  /** What is started at every boot, and again when it ends: a name and a piece of POSIX shell each. */
  readonly services: Readonly<Record<string, string>>;
  /** The service that makes the computer a node of the cloud cluster: K3s, or a plain kubelet. */
  readonly kubernetes: string;
  /** Folder of the node for the archives of the lab's images. Its services import them. */
  readonly images: string;
  /** Socket of the containerd that runs the pods of the cloud cluster. */
  readonly containerd: string;
}

/** What is installed on a node with a name and an address. */
export type PlanNode = (name: string, address: string) => NodePlan;

/** What makes a node. */
interface NodeSpec extends NodePlan {
  /** Name of the lab: that of its cgroups too. */
  readonly lab: string;
  /** The lab's folder. */
  readonly folder: string;
  /** Does the disk lose at a power cut what was not synced? Else it keeps all that was written. */
  readonly lazyDisk: boolean;
}

/**
 * One computer of the lab: network, mount, UTS, IPC, process and cgroup namespaces of its own, a disk (a folder) that
 * outlives power cuts, and services, which are started again whenever they end.
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
    const services = Object.entries(this.spec.services).map(
      ([name, script]) => [`${SERVICES}/${name}`, script] as const,
    );
    for (const [path, content] of [...Object.entries(this.spec.files), ...services]) {
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
      NODE_SERVICES: SERVICES,
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
    const archives = join(this.spec.folder, 'images');
    const target = this.onDisk(this.spec.images);
    mkdirSync(target, { recursive: true });
    const there = readdirSync(target);
    for (const archive of readdirSync(archives).filter((name) => !there.includes(name))) {
      this.bring(join(archives, archive), join(target, archive));
    }
  }

  /** Puts a file of the lab onto the node's disk. */
  public bring(from: string, to: string): void {
    if (this.lazyDisk === undefined) linkSync(from, to);
    else copyFileSync(from, to);
  }

  /** Gives the pods of the cloud cluster on this node one more image, from an archive of the lab. The node must be on. */
  public async importImage(archive: string): Promise<void> {
    const path = `/var/tmp/${basename(archive)}`;
    this.bring(archive, this.onDisk(path));
    await this.exec(['ctr', '--address', this.spec.containerd, '--namespace', 'k8s.io', 'images', 'import', path], {
      timeout: 600_000,
    });
    rmSync(this.onDisk(path));
    await this.settle();
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

  /** Command line that runs something in the node's network, with this machine's files. */
  public enterNetwork(argv: readonly string[]): string[] {
    if (this.init === undefined) throw new Error(`${this.name} is off`);
    return [need('nsenter'), `--target=${this.init}`, '--net', '--', ...argv];
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

  /** Ends K3s or the kubelet as `systemctl stop` does: containers go on. It stays off until {@link startKubernetes} or the next boot. */
  public async stopKubernetes(): Promise<void> {
    const { kubernetes } = this.spec;
    const pid = `/run/lab/${kubernetes}.pid`;
    await this.sh(`rm -f /run/lab/${kubernetes}.enabled; [ ! -e ${pid} ] || kill -TERM "$(cat ${pid})"`);
    await until(`end of ${kubernetes} on ${this.name}`, async () => {
      return (await this.exec(['test', '-e', pid], { mayFail: true })).code !== 0;
    });
  }

  /** Starts K3s or the kubelet after {@link stopKubernetes}. */
  public async startKubernetes(): Promise<void> {
    await this.sh(`touch /run/lab/${this.spec.kubernetes}.enabled`);
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
