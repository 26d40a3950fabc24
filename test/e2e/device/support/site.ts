import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { which } from '../../support/prerequisites';
import type { Link } from './link';
import { run, until, type CommandResult } from '../../support/run';

const NEEDED = [
  'curl',
  'dash',
  'flock',
  'ip',
  'jq',
  'nsenter',
  'openssl',
  'ssh',
  'sshd',
  'ssh-keygen',
  'sudo',
  'unshare',
];
const GETTER_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnZXR0ZXIifQ.VEVTVFRPS0VO';
/** Address of the API server, and of a server for packages. */
export const GATEWAY = '10.77.0.1';

let told = false;

/** What this machine lacks for devices with real SSH. */
export function missingForSsh(): string[] {
  const missing = NEEDED.filter((program) => which(program) === undefined);
  if (process.getuid?.() !== 0) return [...missing, 'root'];
  return missing.length > 0 || canMakeDevices() ? missing : ['the right to make namespaces and overlays'];
}

/** What a device is made of, tried once: containers are often not allowed to. */
function canMakeDevices(): boolean {
  const tryIt =
    'mount --make-rprivate / && ip link add site type bridge && mount -t tmpfs tmpfs /mnt && cd /mnt && ' +
    'mkdir upper work root && mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root';
  const argv = ['--net', '--mount', '--pid', '--fork', 'sh', '-c', tryIt];
  return spawnSync('unshare', argv, { stdio: 'ignore' }).status === 0;
}

/** `describe` for tests with real SSH connections: without what they need they are skipped, and one line says what that is. */
export function describeWithSsh(title: string, body: () => void): void {
  const missing = missingForSsh();
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  if (!told)
    process.stderr.write(`e2e/device: not run, missing: ${missing.join(', ')} (Debian: openssh-server, sudo)\n`);
  told = true;
  describe.skip(title, body);
}

/** What the API server says; all of it can be changed while it runs. */
export interface World {
  readonly tokens: readonly string[];
  readonly joinToken: string;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Seconds that the server's clock is ahead. */
  readonly clockOff?: number;
  /** Answer to every question but those for the version. */
  readonly status?: number;
  readonly ready?: string;
}

/** A network namespace with an API server, an operator and devices behind links of their own. */
export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'edge-site-'));
  readonly api = `https://${GATEWAY}:6443`;
  readonly token = GETTER_TOKEN;
  #world: World = { tokens: [GETTER_TOKEN], joinToken: 'abcdef.0123456789abcdef', secrets: {} };
  readonly #processes: ChildProcess[] = [];
  #relay: Promise<string> | undefined;
  #holder = 0;
  #devices = 0;
  #said = '';

  static async start(): Promise<Site> {
    const site = new Site();
    try {
      await site.#start();
      return site;
    } catch (error) {
      await site.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const shell = 'mount --make-rprivate / && ip link set lo up && ip link add site type bridge && ip link set site up && ' +
      `ip address add ${GATEWAY}/16 dev site && mkdir "$0/disks" && mount -t tmpfs tmpfs "$0/disks" && : >"$0/up" && exec sleep infinity`; // prettier-ignore
    const holder = this.#spawn(['unshare', '--net', '--mount', 'sh', '-c', shell, this.folder]);
    this.#holder = holder.pid ?? 0;
    await until('the site is up', () => Promise.resolve(existsSync(join(this.folder, 'up'))), { interval: 20 });
    this.#certificates();
    this.change({});
    const server = this.#spawn(this.inside(['node', join(__dirname, 'api-server.mjs'), this.folder]));
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      'operator',
      '-f',
      join(this.folder, 'operator'),
    ]);
  }

  #certificates(): void {
    const shell = `
      set -e; cd "$0"; umask 077
      new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -subj "$2" "$@" 2>/dev/null; }
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 30 2>/dev/null
      sign() {
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -subj "$2" -out "$1.csr" 2>/dev/null
        printf 'subjectAltName=IP:${GATEWAY}\\n' >extensions
        openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out "$1.crt" 2>/dev/null
      }
      sign server /CN=kubernetes; sign kubelet /O=system:nodes/CN=system:node:edge1; cat kubelet.crt kubelet.key >kubelet.pem`;
    execFileSync('sh', ['-c', shell, this.folder]);
  }

  /** What everything that runs in the site has said, for a test that fails. */
  get said(): string {
    return this.#said.slice(-4000);
  }

  /** Nodes that have joined, one line `NAME MACHINE-ID` each time. */
  get joined(): readonly string[] {
    const file = join(this.folder, 'joined');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  }

  get ca(): string {
    return readFileSync(join(this.folder, 'ca.crt'), 'utf8');
  }

  get world(): World {
    return this.#world;
  }

  /** Changes what the API server says from now on. */
  change(part: Partial<World>): void {
    this.#world = { ...this.#world, ...part };
    writeFileSync(join(this.folder, 'world.json'), JSON.stringify(this.#world));
  }

  /** The command as it is run inside the site. */
  inside(argv: readonly string[]): string[] {
    return ['nsenter', `--target=${this.#holder}`, '--net', '--mount', ...argv];
  }

  /** A device that is switched on, and KKP's Secrets for it. */
  async device(name: string, diskSize = '64m'): Promise<SshDevice> {
    this.#devices += 1;
    const device = new SshDevice(
      this,
      name,
      `10.77.${Math.floor(this.#devices / 200)}.${10 + (this.#devices % 200)}`,
      this.#devices,
    );
    const config = `${name}-kube-system-bootstrap-config`;
    const kubeconfig = this.kubeconfig();
    this.change({
      secrets: {
        ...this.#world.secrets,
        [config]: { 'cloud-config': `#cloud-config\nhostname: ${name}\ntoken: ${this.token}\n` },
        [`${name}-kube-system-provisioning-config`]: { 'cloud-config': '#cloud-config\n' },
        [`kube-system-${name}-kubelet-bootstrap-config`]: { kubeconfig },
      },
    });
    await device.prepare(diskSize);
    await device.switchOn();
    return device;
  }

  /** What the kubelet joins with, as KKP makes it. */
  kubeconfig(): string {
    const ca = Buffer.from(this.ca).toString('base64');
    return `kind: Config\nclusters:\n- cluster:\n    certificate-authority-data: ${ca}\nusers:\n- user:\n    token: ${this.#world.joinToken}\n`;
  }

  /** Path of the socket by which this machine reaches devices. */
  relay(): Promise<string> {
    this.#relay ??= this.#startRelay();
    return this.#relay;
  }

  async #startRelay(): Promise<string> {
    const path = join(this.folder, 'relay');
    const relay = this.#spawn(this.inside(['node', join(__dirname, 'relay.mjs'), path]));
    await new Promise((resolve) => relay.stdout?.once('data', resolve));
    return path;
  }

  /** The key that devices let in. */
  get privateKey(): string {
    return readFileSync(join(this.folder, 'operator'), 'utf8');
  }

  /** KKP's six lines for a machine. */
  script(name: string, token = this.token): string {
    const config = `${name}-kube-system-bootstrap-config`;
    return (
      `apt-get update -y\napt-get install jq -y\ncurl -s -k -v --header 'Authorization: Bearer ${token}' ` +
      `${this.api}/api/v1/namespaces/cloud-init-settings/secrets/${config} | jq '.data["cloud-config"]' -r| base64 -d > ` +
      `/etc/cloud/cloud.cfg.d/${config}.cfg \ncloud-init --file /etc/cloud/cloud.cfg.d/${config}.cfg init\n` +
      'systemctl enable bootstrap.service\nsystemctl restart bootstrap.service\n'
    );
  }

  /** @internal */
  spawn(argv: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return this.#spawn(this.inside(argv), env);
  }

  #spawn(argv: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    child.stdout.resume();
    child.stderr.on('data', (piece: Buffer) => (this.#said += piece.toString()));
    this.#processes.push(child);
    return child;
  }

  /** Ends everything that was started here, and removes all files. */
  async stop(): Promise<void> {
    for (const child of this.#processes.reverse()) {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

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
    file('apt/sources.list', `deb http://${GATEWAY}/ubuntu jammy main\n`);
    file('stand-in.json', JSON.stringify({ name: this.name, api: this.site.api }));
    file('sudoers.d/device', 'ubuntu ALL=(ALL) NOPASSWD: ALL\n');
    file(
      'ssh/device_config',
      'HostKey /etc/ssh/device_key\nAuthorizedKeysFile /etc/ssh/authorized\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nStrictModes no\nUsePAM no\nMaxStartups 300\nPidFile none\n',
    );
    copyFileSync(join(this.site.folder, 'operator.pub'), join(factory, 'ssh/authorized'));
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      this.name,
      '-f',
      join(factory, 'ssh/device_key'),
    ]);
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
      `ip address add ${this.address}/16 dev eth0; ip route add default via ${GATEWAY}; exec "$0"`; // prettier-ignore
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
