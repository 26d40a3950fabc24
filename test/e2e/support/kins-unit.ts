import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { App, Chart } from 'cdk8s';
import { parseAllDocuments } from 'yaml';

import { AutonomyLevel, K3sComponent, KinsCluster, type KinsClusterProps } from '../../../lib';
import { type Lab } from './lab';
import { type LabNode } from './node';
import { type CommandOptions, type CommandResult, until, type UntilOptions } from './run';

/** The unit's name: the prefix of all its objects. */
export const UNIT = 'test';

/** What the lab has no images for. */
const WITHOUT = [K3sComponent.TRAEFIK, K3sComponent.COREDNS, K3sComponent.METRICS_SERVER, K3sComponent.LOCAL_STORAGE];

/** Real time on a machine that does other things too: nothing here measures speed. */
const PATIENCE = { timeout: 600_000, interval: 1000 };

/** A change goes through all parts of all nodes, one after the other. */
const ROLL_OUT_SECONDS = 2400;

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** The parts of a unit, each with pods of its own. */
export type KinsPart = 'server' | 'agent' | 'cri';

/** What a unit is used through on a node. */
export type UnitNode = Pick<LabNode, 'name' | 'address' | 'exec' | 'sh'>;

/** The cloud cluster of a unit. */
export interface UnitCloud<N extends UnitNode> extends Pick<Lab, 'path' | 'kubectl' | 'get'> {
  readonly agents: readonly N[];
}

/** A KinsCluster on the agents of a lab, as a user would make and use it. */
export class KinsUnit<N extends UnitNode = LabNode> {
  private kubeconfig = '';
  /** Real units take 15 minutes for the first node of each part. */
  private limits = 'soak 5\n';

  public constructor(
    private readonly lab: UnitCloud<N>,
    private props: Partial<KinsClusterProps> = {},
    /** The site's nodes. */
    public readonly nodes: readonly N[] = lab.agents,
    /** How long it is waited for, and how often asked. */
    private readonly patience: UntilOptions = PATIENCE,
  ) {}

  /** Changes what the unit is declared with; it takes effect when it is applied. */
  public declare(props: Partial<KinsClusterProps>): void {
    this.props = { ...this.props, ...props };
  }

  /** Shortens the times of upgrades by lines of the file `upgrades`; it takes effect when the unit is applied. */
  public declareLimits(...lines: readonly string[]): void {
    this.limits = lines.map((line) => `${line}\n`).join('');
  }

  /** What a user renders for a level. */
  public render(level: AutonomyLevel): string {
    const outdir = mkdtempSync(join(tmpdir(), 'kins-unit-'));
    try {
      const app = new App({ outdir });
      const servers = { L3: 0, L4: 1, L5: 3 }[level];
      const nodeAddresses = Object.fromEntries(
        this.nodes.slice(0, servers).map(({ name, address }): [string, string] => [name, address]),
      );
      new KinsCluster(new Chart(app, 'unit'), UNIT, {
        nodes: this.nodes.map(({ name }) => name),
        autonomyLevel: level,
        ...(servers === 0 ? {} : { nodeAddresses, disable: WITHOUT }),
        ...this.props,
      });
      app.synth();
      return this.withLimits(readFileSync(join(outdir, 'unit.k8s.yaml'), 'utf8'));
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }

  private withLimits(manifests: string): string {
    const documents = parseAllDocuments(manifests);
    for (const document of documents) {
      if (document.getIn(['metadata', 'name']) !== `${UNIT}-config-kins`) continue;
      const file = ['data', 'upgrades'];
      // The first line of a name counts.
      document.setIn(file, `${this.limits}${(document.getIn(file) as string | undefined) ?? ''}`);
    }
    return documents.join('');
  }

  /** One server-side apply in the cloud cluster. */
  public async apply(level: AutonomyLevel): Promise<CommandResult> {
    const args = ['apply', '--server-side', '--field-manager=kubectl-edge-constructs', '-f', '-'];
    return this.lab.kubectl(args, { input: this.render(level) });
  }

  /** Deletes what is rendered for one level and not for another, as GitOps does after an apply. */
  public async prune(before: AutonomyLevel, now: AutonomyLevel): Promise<void> {
    interface Rendered {
      readonly kind: string;
      readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly annotations?: Readonly<Record<string, string>>;
      };
    }
    const rendered = (level: AutonomyLevel): Rendered[] =>
      parseAllDocuments(this.render(level)).map((document) => document.toJS() as Rendered);
    const idOf = ({ kind, metadata }: Rendered): string => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
    const kept = new Set(rendered(now).map(idOf));
    for (const object of rendered(before)) {
      const { name, namespace, annotations = {} } = object.metadata;
      if (kept.has(idOf(object)) || annotations['kustomize.toolkit.fluxcd.io/prune'] === 'disabled') continue;
      const where = namespace === undefined ? [] : ['-n', namespace];
      await this.lab.kubectl(['delete', '--ignore-not-found', object.kind.toLowerCase(), name, ...where]);
    }
  }

  /** kubectl in the cloud cluster, where the pods of the unit are. */
  private kins(...args: readonly string[]): Promise<CommandResult> {
    return this.lab.kubectl(['-n', 'kins-system', ...args]);
  }

  /** Deletes the Node of a computer that is gone: the guard keeps it until the cloud cluster has noticed that. */
  public async forgetNode({ name }: UnitNode): Promise<void> {
    await until(
      `the Node ${name} to go`,
      () => this.lab.kubectl(['delete', 'node', '--ignore-not-found', name]),
      this.patience,
    );
  }

  /** Removes what the cloud cluster knows of a unit that is at L3, while its nodes are off. */
  public async forget(): Promise<void> {
    await this.kins('delete', 'daemonset', `${UNIT}-recycle-kins`, '--cascade=orphan');
    // The API server takes a moment to go by the guard of the new level.
    await until('the state to go', () => this.kins('delete', '--ignore-not-found', 'configmap', `${UNIT}-state-kins`));
    // Nodes that are off tell nobody that their pods have ended.
    await this.kins('delete', 'pods', '--all', '--force', '--grace-period=0');
  }

  /** Puts the archives of the lab's images where a site without a registry has them. */
  public async provideImages(this: KinsUnit, nodes: readonly LabNode[] = this.nodes): Promise<void> {
    for (const node of nodes) {
      const folder = join(node.disk, 'var/lib/kins/images');
      mkdirSync(folder, { recursive: true });
      for (const name of ['pause.tar', 'web.tar']) node.bring(join(this.lab.path, 'images', name), join(folder, name));
      await node.settle();
    }
  }

  /** Takes the kubeconfig as the documentation says. */
  public async takeKubeconfig(): Promise<void> {
    const path = '-o=jsonpath={.data.kubeconfig\\.conf}';
    const ask = async (): Promise<string | undefined> => {
      const { stdout } = await this.kins('get', 'cm', `${UNIT}-cm-kins`, path);
      return stdout === '' ? undefined : stdout;
    };
    this.kubeconfig = await until('the kubeconfig in the ConfigMap', ask, this.patience);
  }

  /** kubectl on a node, with nothing but that kubeconfig. */
  public async kubectl(node: UnitNode, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const seconds = Math.ceil((this.patience.timeout ?? PATIENCE.timeout) / 30_000);
    const command = `f=$(mktemp); printf %s "$0" >"$f"; kubectl --kubeconfig "$f" --request-timeout ${seconds}s "$@" || c=$?; rm "$f"; exit \${c:-0}`;
    return node.exec(['sh', '-c', command, this.kubeconfig, ...args], options);
  }

  /** Like {@link kubectl}, reading JSON. */
  public async get<T>(node: UnitNode, ...args: readonly string[]): Promise<T> {
    return JSON.parse((await this.kubectl(node, ['get', '-o', 'json', ...args])).stdout) as T;
  }

  /** Names of the nodes that the edge cluster calls Ready, as seen from one of them. */
  public async readyNodes(from: UnitNode): Promise<string[]> {
    const { items } = await this.get<NodeList>(from, 'nodes');
    return items
      .filter(({ status }) => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  /** Waits until every node of the unit is Ready, whichever node is asked. */
  public async formed(): Promise<void> {
    // Once taken, it serves without the cloud.
    if (this.kubeconfig === '') await this.takeKubeconfig();
    const expected = this.nodes.map(({ name }) => name).join();
    for (const node of this.nodes) {
      try {
        await until(
          `all nodes Ready, seen from ${node.name}`,
          async () => (await this.readyNodes(node)).join() === expected,
          this.patience,
        );
      } catch (error) {
        const found = await this.whatIsOn(node).catch(String);
        throw new Error(`${(error as Error).message}\n${found}`);
      }
    }
  }

  /** For a failure: the lab is gone when somebody reads of it. Writes all into a file, and tells which. */
  private async whatIsOn(node: UnitNode): Promise<string> {
    const said = async (title: string, answer: Promise<CommandResult>): Promise<string> => {
      const { stdout } = await answer.catch((error: unknown) => ({ stdout: String(error) }));
      return `== ${title}\n${stdout}`;
    };
    const other = this.nodes.find((each) => each !== node) ?? node;
    const here = await this.kins('get', 'pods', '--output=name', `--field-selector=spec.nodeName=${node.name}`);
    const pods = here.stdout.split('\n').filter((pod) => /-(agent|server|cri)-kins-/.test(pod));
    const report = [
      await said('pods', this.kins('get', 'pods', '--output=wide')),
      await said('nodes, seen from another', this.kubectl(other, ['describe', 'nodes'])),
      await said('ports of the node', node.sh('iptables-save -t nat | grep -e CNI-DN -e CNI-HOSTPORT')),
      await said(
        'rules in the network of the unit',
        node.sh(`nsenter --net=/run/kins/${UNIT}/net iptables-save | grep -e KUBE-`),
      ),
      ...(await Promise.all(pods.map((pod) => said(pod, this.kins('logs', pod, '--all-containers', '--prefix'))))),
    ];
    // A Go program that is told to quit prints what it was about.
    await node.sh("pkill -QUIT -f '^k3s agent'").catch(() => undefined);
    await sleep(5000);
    const agent = pods.find((pod) => pod.includes('-agent-kins-')) ?? '';
    report.push(await said('what the agent was about', this.kins('logs', agent, '--container=agent', '--previous')));
    const file = join(tmpdir(), `${UNIT}-${node.name}-${Date.now()}.log`);
    writeFileSync(file, report.join('\n'));
    return `${report[0]}\nWhat was on ${node.name} then is in ${file}`;
  }

  /** Waits until the pods of each part are all ready, and of the newest template. */
  public async rolledOut(...parts: readonly KinsPart[]): Promise<void> {
    for (const part of parts) {
      const workload = `daemonset/${UNIT}-${part}-kins`;
      const args = ['rollout', 'status', '-n', 'kins-system', workload, `--timeout=${ROLL_OUT_SECONDS}s`];
      await this.lab.kubectl(args, { timeout: (ROLL_OUT_SECONDS + 10) * 1000 });
    }
  }

  /** What the agent on a node has said of ports that a firewall blocks, since it was started. */
  public async saidOfPorts({ name }: UnitNode): Promise<string[]> {
    const ofNode = [`--field-selector=spec.nodeName=${name},status.phase=Running`];
    const agents = ['--output=name', '--selector=edge-constructs.io/component=agent', ...ofNode];
    const { stdout: pod } = await this.kins('get', 'pods', ...agents);
    const { stdout } = await this.kins('logs', pod.trim(), '--container=agent');
    return stdout.split('\n').filter((line) => /^agent: (blocked|open again): /.test(line));
  }

  /** Containers of the edge cluster that run on a node. */
  public async containers(node: N): Promise<string[]> {
    // K3s' crictl looks for settings that only K3s' own containerd has.
    const crictl = `CRI_CONFIG_FILE=/dev/null CONTAINER_RUNTIME_ENDPOINT=unix:///run/kins/${UNIT}/containerd.sock crictl`;
    return (await node.sh(`${crictl} ps -q`)).stdout.trim().split('\n').sort();
  }

  /** What tells this cluster from any other. */
  public async identity(node: UnitNode): Promise<string> {
    return (await this.kubectl(node, ['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}'])).stdout;
  }

  /** The identity that the cloud knows, without the number of a later life; empty while the unit has not formed. */
  public async publishedIdentity(): Promise<string> {
    const path = '-o=jsonpath={.data.cluster-id}';
    return (await this.kins('get', 'cm', `${UNIT}-state-kins`, path)).stdout.replace(/\..*$/, '');
  }

  /** Writes into the edge cluster. When it returns, the write is acknowledged. */
  public async write(node: UnitNode, name: string): Promise<void> {
    await this.kubectl(node, ['create', 'configmap', name, '-n', 'default', `--from-literal=name=${name}`]);
  }

  /** Names of all that {@link write} has left. */
  public async written(node: UnitNode): Promise<string[]> {
    const list = await this.get<NodeList>(node, 'configmaps', '-n', 'default');
    return list.items
      .map(({ metadata }) => metadata.name)
      .filter((name) => name !== 'kube-root-ca.crt')
      .sort();
  }

  /** Nodes that are members of etcd, with a vote. */
  public async voters(from: UnitNode): Promise<string[]> {
    interface Nodes {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly status: {
          readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
        };
      }[];
    }
    const { items } = await this.get<Nodes>(from, 'nodes');
    return items
      .filter(({ status }) =>
        status.conditions?.some(
          ({ type, status: is, reason }) => type === 'EtcdIsVoter' && is === 'True' && reason === 'MemberNotLearner',
        ),
      )
      .map(({ metadata }) => metadata.name)
      .sort();
  }
}

export { AutonomyLevel, PATIENCE };
