import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  decommissioningScript,
  provisioningInput,
  provisioningSupervisor,
  type SupervisorOptions,
} from '../../../lib/device';
import { LAZY_DISK_PROGRAM, type LazyDisk } from '../../support/lazy-disk';
import { removeFolder } from '../../support/remove-folder';
import { oneOf } from '../../support/sample';

/** The shells that the scripts must work in. */
export const ALL_SHELLS = ['dash', 'busybox ash'] as const;
export type Shell = (typeof ALL_SHELLS)[number];
/** Those that a suite tries: in a sample one of them. */
export const SHELLS: readonly Shell[] = oneOf(ALL_SHELLS);

export const NAME = 'edge1';
export const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnZXR0ZXIifQ.c2lnbmF0dXJl';
const JOIN_TOKEN = 'abcdef.0123456789abcdef';
export const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const STUB = join(__dirname, 'stub.sh');
const LIMITS = join(__dirname, 'limits.sh');

const PROGRAMS = [
  'apt-get', 'apt-mark', 'cloud-init', 'curl', 'date', 'df', 'dpkg', 'dpkg-query', 'getent', 'hostnamectl', 'id', 'ip',
  'journalctl', 'stat', 'swapon', 'sysctl', 'systemctl', 'umount', 'uname', 'update-ca-certificates', 'update-grub',
]; // prettier-ignore
/** busybox takes its own of these, whatever PATH says, so the shell must be told. */
const BUSYBOX_PROGRAMS = [
  'date', 'df', 'dpkg', 'id', 'ip', 'stat', 'swapon', 'sync', 'sysctl', 'umount', 'uname',
]; // prettier-ignore

/** How a run ended. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** How a program is run on a {@link FakeDevice}. */
export interface RunOptions {
  readonly shell?: Shell;
  /** Runs on the program's text before it is run. */
  readonly change?: (text: string) => string;
  /** The disk that the device is on, which keeps what is synced; its programs ask it for `snapshot`, too. */
  readonly disk?: LazyDisk;
  /** A command that runs the shell, with the shell as its last arguments. */
  readonly within?: readonly string[];
}

/** KKP's script, with the device's root folder put before the one path that it writes to. */
export const kkpScript = (root: string, token = TOKEN, name = NAME): string => {
  const config = `${name}-kube-system-bootstrap-config`;
  return [
    'apt-get update -y',
    'apt-get install jq -y',
    `curl -s -k -v --header 'Authorization: Bearer ${token}' https://api.example.com:6443/api/v1/namespaces/cloud-init-settings/secrets/${config} | jq '.data["cloud-config"]' -r| base64 -d > ${root}/etc/cloud/cloud.cfg.d/${config}.cfg `,
    `cloud-init --file ${root}/etc/cloud/cloud.cfg.d/${config}.cfg init`,
    'systemctl enable bootstrap.service',
    'systemctl restart bootstrap.service',
    '',
  ].join('\n');
};

/** What KKP's operator puts into a cloud-config: the files that fetch the rest, encoded, with the token inside. */
export const cloudConfig = (token = TOKEN): string => {
  const file = `#!/bin/bash\nset -xeuo pipefail\ncurl -s -k -v --header 'Authorization: Bearer ${token}'\thttps://api.example.com:6443/x | jq .\n`;
  return [
    '#cloud-config', 'hostname: edge1', 'ssh_pwauth: false', 'write_files:', "- path: '/opt/bin/supervise.sh'",
    "  permissions: '0755'", "  encoding: 'b64'", '  content: |-',
    `    ${Buffer.from('#!/bin/bash\nwhile ! "$@"; do sleep 1; done\n').toString('base64')}`,
    "- path: '/opt/bin/bootstrap'", "  permissions: '0755'", "  encoding: 'b64'", '  content: |-',
    `    ${Buffer.from(file).toString('base64')}`, '',
  ].join('\n'); // prettier-ignore
};

/** A folder that a script takes for a whole device, and programs that take it for one, too. */
export class FakeDevice {
  readonly root = mkdtempSync(join(tmpdir(), 'edge-device-'));
  /** Each the leader of a session: when a test fails because it waits, what it waits for must not go on for ever. */
  readonly #running = new Set<ChildProcess>();

  /** @param model a device that this one is a copy of; a new one without it */
  constructor(model?: FakeDevice) {
    if (model !== undefined) {
      cpSync(model.root, this.root, { recursive: true, verbatimSymlinks: true });
      return;
    }
    const bin = join(this.root, 'bin');
    mkdirSync(bin);
    for (const program of PROGRAMS) symlinkSync(STUB, join(bin, program));
    for (const program of ['timeout', 'sleep']) symlinkSync(LIMITS, join(bin, program));
    for (const program of ['sync', 'snapshot']) symlinkSync(LAZY_DISK_PROGRAM, join(bin, program));
    this.write('/etc/os-release', 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="22.04"\n');
    this.write('/etc/machine-id', '0123456789abcdef0123456789abcdef\n');
    this.write('/etc/hostname', 'factory\n');
    this.write('/etc/fstab', '/dev/sda1 / ext4 defaults 0 1\n/swap.img none swap sw 0 0\n');
    this.write('/etc/environment', 'PATH="/usr/bin"\n');
    this.write('/etc/apt/sources.list', 'deb http://archive.ubuntu.com/ubuntu jammy main\n');
    this.write('/proc/meminfo', 'MemTotal:        2000000 kB\n');
    this.write('/proc/self/mounts', '');
    symlinkSync('/proc/uptime', join(this.root, 'proc/uptime'));
    for (const folder of ['etc/cloud/cloud.cfg.d', 'run/systemd/system', 'var/lib', 'etc/systemd/system']) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    for (const folder of ['fail', 'curl', 'active', 'enabled', 'masked', 'secrets']) {
      mkdirSync(join(this.root, 'world', folder), { recursive: true });
    }
    const world: Record<string, string> = {
      uid: '0', machine: 'x86_64', 'run-type': 'tmpfs', free: '20000000', hosts: '', token: TOKEN, ready: 'True',
      'join-token': JOIN_TOKEN, packages: 'bash\ncurl\n',
      'active/ufw': '', 'enabled/ufw': '', 'enabled/cloud-init': '',
      [`secrets/${NAME}-kube-system-bootstrap-config`]: cloudConfig(),
      [`secrets/${NAME}-kube-system-provisioning-config`]: cloudConfig(),
      [`secrets/kube-system-${NAME}-kubelet-bootstrap-config`]: `kind: Config\nusers:\n- user:\n    token: ${JOIN_TOKEN}\n`,
    }; // prettier-ignore
    for (const [name, content] of Object.entries(world)) this.world(name, content);
  }

  /** Sets something about the world that the stand-ins look at. */
  world(name: string, content: string): void {
    this.write(`/world/${name}`, content);
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  /** Stops the device's clock; from now on each look at the cluster takes so many seconds of it. */
  takeTime(secondsALook: number): void {
    this.remove('/proc/uptime');
    this.write('/proc/uptime', '1000.00 2000.00\n');
    this.world('seconds-a-look', String(secondsALook));
  }

  /** What has been called since the last time this was asked, one call a line. */
  calls(): string {
    const calls = this.has('/world/calls') ? this.read('/world/calls') : '';
    this.remove('/world/calls');
    return calls;
  }

  /** Everything below a folder with its content, but for what no two runs have in common. */
  state(): Record<string, string> {
    const files = readdirSync(this.root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.root.length))
      .filter((path) => !/^\/(bin|world\/calls|run|proc)|^\/var\/lib\/edge-constructs\/log/.test(path));
    return Object.fromEntries(files.sort().map((path) => [path, this.read(path)]));
  }

  supervisor(options: Partial<SupervisorOptions> = {}, script = kkpScript(this.root)): string {
    const patience = { lockTimeout: '20s', scriptTimeout: '20s', readyTimeout: '1s', repeatTimeout: '1s' };
    const supervisor = provisioningSupervisor({ name: NAME, ...patience, ...options });
    if (script !== '') return provisioningInput(supervisor, { script, ca: CA });
    // Only who writes the lines without this library can send an empty one.
    return provisioningInput(supervisor, { script: 'none', ca: CA }).replace(/^script .*$/m, 'script ');
  }

  async provision(options: Partial<SupervisorOptions> & RunOptions = {}): Promise<Outcome> {
    const { shell, change, within, disk, ...rest } = options;
    return this.run(this.supervisor(rest), { shell, change, within, disk });
  }

  async decommission(options: RunOptions = {}): Promise<Outcome> {
    return this.run(decommissioningScript({ name: NAME, lockTimeout: '20s' }), options);
  }

  /** Gives a program to a shell's standard input, as ssh does. */
  async run(
    program: string,
    { shell = 'dash', change = (text) => text, within = [], disk }: RunOptions = {},
  ): Promise<Outcome> {
    const shadow =
      shell === 'dash' ? [] : BUSYBOX_PROGRAMS.map((p) => `${p}() { STUB_NAME=${p} "$EDGE_ROOT/bin/${p}" "$@"; }`);
    // busybox' timeout starts busybox' own programs, again whatever PATH says.
    const timeout = shell === 'dash' ? [] : ['timeout() { shift 3; "$@"; }'];
    const [file = '', ...args] = [...within, ...shell.split(' ')];
    const child = spawn(file, args, {
      env: {
        PATH: `${this.root}/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        EDGE_ROOT: this.root,
        NAME,
        LAZY_DISK: disk?.folder ?? '',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stdin.on('error', () => undefined);
    this.#running.add(child);
    child.stdin.end([...shadow, ...timeout, change(program)].join('\n'));
    const [code, signal] = await new Promise<[number | null, string | null]>((done) =>
      child.on('close', (...outcome) => {
        done(outcome);
      }),
    );
    this.#running.delete(child);
    if (this.has('/world/unlimited')) throw new Error(`without a time limit: ${this.read('/world/unlimited')}`);
    return { code, signal, output };
  }

  destroy(): void {
    for (const { pid } of this.#running) {
      try {
        if (pid !== undefined) process.kill(-pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    removeFolder(this.root);
  }
}
