import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { unified } from './cgroups';
import { buildLabImages, type LabImages } from './images';
import { LabFolder } from './lab-folder';
import { Lan } from './lan';
import { LabNode, type NodeSpec } from './node';
import { missingPrerequisites } from './prerequisites';
import { placeK3s } from './programs';
import { type CommandOptions, type CommandResult, until } from './run';

/** How the cloud cluster of a lab is made. */
export interface LabOptions {
  /** Names of the agent nodes. @default ['edge1', 'edge2', 'edge3'] */
  readonly agents?: readonly string[];
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
/** Parts of K3s that the lab has no images for. */
const WITHOUT = ['coredns', 'local-storage', 'metrics-server', 'servicelb', 'traefik'];

/**
 * A cloud cluster of real K3s on this machine: one server and some agents, each a {@link LabNode}, on one {@link Lan}. The
 * machine's own network, mounts and packet filter are not touched; `stop` removes all of it, and so does the kernel with
 * its processes when the test process is killed.
 */
export class Lab {
  private constructor(
    private readonly folder: LabFolder,
    /** The network of the lab; commands run in it stand for other computers of the site. */
    public readonly lan: Lan,
    /** The cloud cluster's server. */
    public readonly server: LabNode,
    /** The cloud cluster's agents: the site's edge nodes. */
    public readonly agents: readonly LabNode[],
    /** Images that every node has. */
    public readonly images: LabImages,
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
    const missing = missingPrerequisites();
    if (missing !== undefined) throw new Error(`the lab cannot run here: ${missing}`);
    const folder = await LabFolder.create();
    let lan: Lan | undefined;
    try {
      placeK3s(join(folder.path, 'bin'));
      const images = await buildLabImages(join(folder.path, 'images'));
      lan = await Lan.create();
      await lan.withoutBridgeFilter();
      const specs = nodeSpecs(folder, options);
      const [server, ...agents] = specs.map((spec) => new LabNode(spec, lan!));
      const lab = new Lab(folder, lan, server!, agents, images);
      await Promise.all(lab.nodes.map((node) => node.start()));
      await lab.takeKubeconfig();
      await lab.ready();
      return lab;
    } catch (error) {
      await lan?.remove();
      if (process.env.LAB_KEEP === undefined) await folder.remove();
      throw error;
    }
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
    await this.server.stopK3s();
  }

  /** The cloud control plane returns. */
  public async startControlPlane(): Promise<void> {
    await this.server.startK3s();
    await until('cloud API server', async () => (await this.kubectl(['get', '--raw', '/readyz'])).stdout === 'ok');
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

/** K3s' configuration file and what belongs to it, for every node. */
function nodeSpecs(folder: LabFolder, options: LabOptions): NodeSpec[] {
  const token = randomBytes(16).toString('hex');
  const kubelet = [
    'apiVersion: kubelet.config.k8s.io/v1beta1',
    'kind: KubeletConfiguration',
    // The disk is this machine's, however full that is; images of the lab cannot be had again.
    'imageGCHighThresholdPercent: 100',
    'imageGCLowThresholdPercent: 99',
    // Newer kubelets refuse cgroup v1 unless told otherwise; v2 machines must not notice a difference.
    ...(unified() ? [] : ['failCgroupV1: false']),
  ];
  const spec = (name: string, address: string, role: 'server' | 'agent', lines: readonly string[]): NodeSpec => ({
    lab: folder.name,
    folder: folder.path,
    name,
    address,
    role,
    images: join(folder.path, 'images'),
    lazyDisk: role === 'agent' && options.lazyDisks === true,
    files: {
      '/etc/rancher/k3s/config.yaml': [
        `node-name: ${name}`,
        `node-ip: ${address}`,
        'token-file: /etc/rancher/k3s/token',
        'kubelet-arg: [config=/etc/rancher/k3s/kubelet.yaml]',
        ...lines,
        '',
      ].join('\n'),
      '/etc/rancher/k3s/token': `${token}\n`,
      '/etc/rancher/k3s/kubelet.yaml': `${kubelet.join('\n')}\n`,
    },
  });
  const names = options.agents ?? ['edge1', 'edge2', 'edge3'];
  return [
    spec(SERVER, SERVER_ADDRESS, 'server', [
      `disable: [${WITHOUT.join(', ')}]`,
      'disable-helm-controller: true',
      'disable-network-policy: true',
      `flannel-backend: ${options.flannelBackend ?? 'vxlan'}`,
      'write-kubeconfig-mode: "0600"',
    ]),
    ...names.map((name, index) =>
      spec(name, `10.99.0.${11 + index}`, 'agent', [`server: https://${SERVER_ADDRESS}:6443`]),
    ),
  ];
}
