import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type ImageSpec, packImage } from './image-archive';
import { buildLabImages, type LabImages } from './images';
import { K3sLayers } from './k3s-layers';
import { k3sAgent, k3sServer } from './k3s-node';
import { admitKubelets, FOR_PLAIN_KUBELETS, provideKubelet } from './kubelet-cloud';
import { LabFolder } from './lab-folder';
import { Lan } from './lan';
import { LabNode, type NodePlan } from './node';
import { type CloudNodeKind, missingPrerequisites } from './prerequisites';
import { placeK3s } from './programs';
import { type CommandOptions, type CommandResult, until } from './run';

/** How the cloud cluster of a lab is made. */
export interface LabOptions {
  /** Names of the agent nodes. @default ['edge1', 'edge2', 'edge3'] */
  readonly agents?: readonly string[];
  /** What makes the agents nodes of the cloud cluster. @default 'k3s' */
  readonly kind?: CloudNodeKind;
  /** K3s' network backend. @default 'vxlan', as K3s has it when nothing is said */
  readonly flannelBackend?: 'vxlan' | 'host-gw';
  /** Do the disks of the agents lose at a power cut what was not synced? See {@link LazyDisk}. @default false */
  readonly lazyDisks?: boolean;
}

/** The part of a Kubernetes object the lab itself reads. */
interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

const SERVER = 'cloud';
const SERVER_ADDRESS = '10.99.0.10';
const SERVER_URL = `https://${SERVER_ADDRESS}:6443`;

/**
 * A cloud cluster on this machine: a server of K3s and some agents of K3s, or plain kubelets, each a {@link LabNode}, on one {@link Lan}. The
 * machine's own network, mounts and packet filter are not touched; `stop` removes all of it, and so does the kernel with
 * its processes when the test process is killed.
 */
export class Lab {
  /** The cloud cluster's agents: the site's edge nodes. */
  public agents: readonly LabNode[] = [];

  private constructor(
    private readonly folder: LabFolder,
    /** The network of the lab; commands run in it stand for other computers of the site. */
    public readonly lan: Lan,
    /** The cloud cluster's server. */
    public readonly server: LabNode,
    /** Images that every node has. */
    public readonly images: LabImages,
    /** What images of K3s consist of. */
    public readonly layers: K3sLayers,
  ) {}

  /** The lab's folder: consoles, disks, kubeconfig. Gone after {@link stop}. */
  public get path(): string {
    return this.folder.path;
  }

  /** All nodes, the server first. */
  public get nodes(): readonly LabNode[] {
    return [this.server, ...this.agents];
  }

  /** Builds the images, boots all nodes and waits until each is Ready. */
  public static async start(options: LabOptions = {}): Promise<Lab> {
    const { kind = 'k3s', lazyDisks = false, flannelBackend = 'vxlan' } = options;
    const missing = missingPrerequisites(kind);
    if (missing !== undefined) throw new Error(`the lab cannot run here: ${missing}`);
    const folder = await LabFolder.create();
    const token = randomBytes(16).toString('hex');
    let lan: Lan | undefined;
    try {
      placeK3s(join(folder.path, 'bin'));
      const layers = new K3sLayers(join(folder.path, 'layers'));
      const images = await buildLabImages(join(folder.path, 'images'), { layers });
      if (kind === 'kubelet') await provideKubelet(folder.path);
      lan = await Lan.create();
      await lan.withoutBridgeFilter();
      const make = (plan: NodePlan, lazyDisk: boolean): LabNode =>
        new LabNode({ ...plan, lab: folder.name, folder: folder.path, lazyDisk }, lan!);
      const serverOptions = [`flannel-backend: ${flannelBackend}`, ...(kind === 'kubelet' ? FOR_PLAIN_KUBELETS : [])];
      const server = make(k3sServer(SERVER, SERVER_ADDRESS, token, serverOptions), false);
      const lab = new Lab(folder, lan, server, images, layers);
      await server.start();
      await lab.takeKubeconfig();
      const plan = kind === 'k3s' ? k3sAgent(token, SERVER_URL) : await admitKubelets(lab, SERVER_URL);
      const names = options.agents ?? ['edge1', 'edge2', 'edge3'];
      lab.agents = names.map((name, index) => make(plan(name, `10.99.0.${11 + index}`), lazyDisks));
      await Promise.all(lab.agents.map((node) => node.start()));
      await lab.ready();
      return lab;
    } catch (error) {
      await lan?.remove();
      if (process.env.LAB_KEEP === undefined) await folder.remove();
      throw error;
    }
  }

  /** Gives the agents that are on one more image. */
  public async provide(image: ImageSpec): Promise<void> {
    const archive = join(this.path, 'image.tar');
    await packImage(image, archive);
    for (const node of this.agents.filter(({ running }) => running)) await node.importImage(archive);
    rmSync(archive);
  }

  /** A node by its name. */
  public node(name: string): LabNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`the lab has no node ${name}`);
    return node;
  }

  /** Runs kubectl on the LAN as the cloud cluster's administrator. */
  public async kubectl(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const env = { PATH: process.env.PATH, HOME: this.path };
    const kubectl = [join(this.path, 'bin/kubectl'), `--kubeconfig=${join(this.path, 'kubeconfig')}`];
    return this.lan.exec([...kubectl, ...args], { env, ...options });
  }

  /** Runs kubectl and reads the JSON it prints. */
  public async get<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse((await this.kubectl(['get', '-o', 'json', ...args])).stdout) as T;
  }

  /** Applies manifests. */
  public async apply(manifests: string): Promise<CommandResult> {
    return this.kubectl(['apply', '-f', '-'], { input: manifests });
  }

  /** Names of the nodes that the cloud cluster calls Ready. */
  public async readyNodes(): Promise<string[]> {
    const { items } = await this.get<NodeList>('nodes');
    return items
      .filter(({ status }) => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  /** Waits until every node that is on is Ready. */
  public async ready(): Promise<void> {
    const expected = this.nodes.filter((node) => node.running).map((node) => node.name);
    await until(`nodes ${expected.join(', ')} Ready`, async () => {
      const now = await this.readyNodes();
      return expected.every((name) => now.includes(name));
    });
  }

  /** The cloud control plane goes dark: K3s on the server ends and stays off. */
  public async stopControlPlane(): Promise<void> {
    await this.server.stopKubernetes();
  }

  /** The cloud control plane returns. */
  public async startControlPlane(): Promise<void> {
    await this.server.startKubernetes();
    await until('cloud API server', async () => (await this.kubectl(['get', '--raw', '/readyz'])).stdout === 'ok');
  }

  /** Takes from the agents the link to the cloud cluster, or gives it back. They still reach each other. A boot gives it back, too. */
  public async link(connected: boolean): Promise<void> {
    const route = ['ip', 'route', connected ? 'delete' : 'add', 'blackhole', `${SERVER_ADDRESS}/32`];
    for (const node of this.agents) await node.exec(route, { mayFail: connected });
  }

  /** Ends every process of the lab and removes everything it made. */
  public async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.powerCut()));
    await this.lan.remove();
    await this.folder.remove();
  }

  private async takeKubeconfig(): Promise<void> {
    const config = await until('kubeconfig of the cloud cluster', async () => {
      const { stdout } = await this.server.exec(['cat', '/etc/rancher/k3s/k3s.yaml']);
      return stdout.includes('client-key-data') ? stdout : undefined;
    });
    const file = join(this.path, 'kubeconfig');
    writeFileSync(file, config.replace('https://127.0.0.1:', `https://${SERVER_ADDRESS}:`), { mode: 0o600 });
  }
}
