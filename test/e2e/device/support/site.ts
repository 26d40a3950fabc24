import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../support/run';
import { makeCertificates } from './certificates';
import { makeKeyPair } from './key-pair';
import { SshDevice } from './ssh-device';

const GETTER_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnZXR0ZXIifQ.VEVTVFRPS0VO';

/** What the API server says; all of it can be changed while it runs. */
export interface World {
  readonly tokens: readonly string[];
  readonly joinToken: string;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Seconds that the server's clock is ahead. */
  readonly clockOff?: number;
  /** Answer to every question but those for the version. */
  readonly status?: number;
}

/** A network namespace with an API server, an operator and devices behind links of their own. */
export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'edge-site-'));
  /** Address of the API server, and of a server for packages. */
  readonly gateway = '10.77.0.1';
  readonly api = `https://${this.gateway}:6443`;
  token = GETTER_TOKEN;
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
      `ip address add ${this.gateway}/16 dev site && mkdir "$0/disks" && mount -t tmpfs tmpfs "$0/disks" && : >"$0/up" && exec sleep infinity`; // prettier-ignore
    const holder = this.#spawn(['unshare', '--net', '--mount', 'sh', '-c', shell, this.folder]);
    this.#holder = holder.pid ?? 0;
    await until('the site is up', () => Promise.resolve(existsSync(join(this.folder, 'up'))), { interval: 20 });
    makeCertificates(this.folder, this.gateway);
    this.change({});
    const server = this.#spawn(this.inside(['node', join(__dirname, 'api-server.mjs'), this.folder]));
    await new Promise((resolve) => server.stdout?.once('data', resolve));
    makeKeyPair(join(this.folder, 'operator'), 'operator');
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

  /** Replaces the token that all machines share: the old one is refused from now on. */
  rotate(token: string): void {
    this.token = token;
    this.change({ tokens: [token] });
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
