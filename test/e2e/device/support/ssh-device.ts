import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, until, type CommandResult } from '../../support/run';
import { makeKeyPair } from './key-pair';
import type { Link } from './link';
import type { Site } from './site';

/** How a device is connected to. */
export interface SshOptions {
  /** @default 'ubuntu' */
  readonly user?: string;
  /** The key that the device must have. @default - its own */
  readonly hostKey?: string;
  /** @default - directly, from within the site */
  readonly via?: Link;
}

/** A device with a real sshd, in network, process and mount namespaces of its own. */
export class SshDevice {
  hostKey = '';
  #boot: ChildProcess | undefined;
  #boots = 0;

  constructor(
    readonly site: Site,
    readonly name: string,
    readonly address: string,
    private readonly index: number,
  ) {}

  /** Another one each time: the kernel takes links of a device that is off away in its own time. */
  get #link(): string {
    return `d${this.index}b${this.#boots}`;
  }

  private get disk(): string {
    return join(this.site.folder, 'disks', this.name);
  }

  /** @internal */
  async prepare(diskSize: string): Promise<void> {
    const factory = mkdtempSync(join(this.site.folder, 'factory-'));
    const file = (path: string, content: string): void => {
      mkdirSync(join(factory, path, '..'), { recursive: true });
      writeFileSync(join(factory, path), content);
    };
    file('os-release', 'ID=ubuntu\nVERSION_ID="22.04"\n');
    file('machine-id', `${String(this.index).padStart(32, '0')}\n`);
    file('hostname', 'factory\n');
    // Nobody serves names on the site.
    file('nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n');
    file('fstab', '/dev/sda1 / ext4 defaults 0 1\n/swap.img none swap sw 0 0\n');
    file('apt/sources.list', `deb http://${this.site.gateway}/ubuntu jammy main\n`);
    file('stand-in.json', JSON.stringify({ name: this.name, api: this.site.api }));
    file('sudoers.d/device', 'ubuntu ALL=(ALL) NOPASSWD: ALL\n');
    file(
      'ssh/device_config',
      'HostKey /etc/ssh/device_key\nAuthorizedKeysFile /etc/ssh/authorized\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nStrictModes no\nUsePAM no\nMaxStartups 300\nPidFile none\n',
    );
    copyFileSync(join(this.site.folder, 'operator.pub'), join(factory, 'ssh/authorized'));
    makeKeyPair(join(factory, 'ssh/device_key'), this.name);
    this.hostKey = readFileSync(join(factory, 'ssh/device_key.pub'), 'utf8').trim();
    chmodSync(factory, 0o755);
    const shell = 'mkdir -p "$0/store" && mount -t tmpfs -o "size=$2" tmpfs "$0/store" && cp -r "$1" "$0/etc"';
    await run(this.site.inside(['sh', '-c', shell, this.disk, factory, diskSize]));
  }

  /** Boots it: with what is on its disk, and nothing in memory. */
  async switchOn(): Promise<void> {
    this.#boots += 1;
    const link = this.#link;
    const boot = 'ip link set lo up; until ip link set eth0 up 2>/dev/null; do sleep 0.05; done; ' +
      `ip address add ${this.address}/16 dev eth0; ip route add default via ${this.site.gateway}; exec "$0"`; // prettier-ignore
    this.#boot = this.site.spawn(
      [
        'unshare',
        '--net',
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        'sh',
        '-c',
        boot,
        join(__dirname, 'device-boot.sh'),
      ],
      { DISK: this.disk, STAND_INS: join(__dirname, 'stand-ins') },
    );
    const outside = this.#boot.pid ?? 0;
    await until('the device has a network namespace', async () => {
      const own = await run(['readlink', `/proc/${outside}/ns/net`]);
      return own.stdout !== (await run(this.site.inside(['readlink', '/proc/self/ns/net']))).stdout;
    }, { interval: 20 }); // prettier-ignore
    await run(
      this.site.inside([
        'sh',
        '-c',
        `ip link add ${link} type veth peer name eth0 netns ${outside} && ip link set ${link} master site up`,
      ]),
    );
    await until('sshd answers', async () => (await this.ssh('true', { mayFail: true })).code === 0, {
      interval: 100,
      timeout: 30_000,
    });
  }

  /** Cuts its power. */
  async cutPower(): Promise<void> {
    const boot = this.#boot;
    if (boot === undefined || boot.exitCode !== null || boot.signalCode !== null) return;
    const ended = new Promise((resolve) => boot.once('exit', resolve));
    boot.kill('SIGKILL');
    await ended;
    await run(this.site.inside(['ip', 'link', 'delete', this.#link]), { mayFail: true });
    await sleep(50);
  }

  /** The argument list of an SSH connection whose host key is verified. */
  sshArgv(command: string, { user = 'ubuntu', hostKey = this.hostKey, via }: SshOptions = {}): string[] {
    const id = createHash('sha256').update(hostKey).digest('hex').slice(0, 12);
    const known = join(this.site.folder, `known-${this.name}-${id}`);
    // One name for all ways to the device.
    writeFileSync(known, `${this.name} ${hostKey}\n`);
    const options = [
      'StrictHostKeyChecking=yes',
      `HostKeyAlias=${this.name}`,
      `UserKnownHostsFile=${known}`,
      'IdentitiesOnly=yes',
      'BatchMode=yes',
      // Hundreds of devices on one machine take a while to answer.
      'ConnectTimeout=120',
      `Port=${via?.port ?? 22}`,
    ];
    const argv = [
      'ssh',
      '-F',
      'none',
      '-i',
      join(this.site.folder, 'operator'),
      ...options.flatMap((o) => ['-o', o]),
      `${user}@${via === undefined ? this.address : '127.0.0.1'}`,
      command,
    ];
    return via === undefined ? this.site.inside(argv) : argv;
  }

  /** Runs a command on the device as `ubuntu`, by SSH. */
  async ssh(
    command: string,
    options: SshOptions & { readonly input?: string; readonly mayFail?: boolean } = {},
  ): Promise<CommandResult> {
    const { user, hostKey, via, ...rest } = options;
    return run(this.sshArgv(command, { user, hostKey, via }), rest);
  }

  /** Every file below folders that provisioning changes, with its content. */
  async state(): Promise<string> {
    const find =
      "cd / && find etc opt var/lib/edge-constructs var/lib/kubelet var/lib/cloud-instance -type f ! -name log ! -path 'etc/units/*' ! -path etc/fstab.orig \\( -newer etc/factory -o -path etc/fstab -o -path etc/hostname \\) 2>/dev/null | sort | xargs sha256sum";
    return (await this.ssh(`sudo -n sh -c ${JSON.stringify(find)}`)).stdout;
  }
}
