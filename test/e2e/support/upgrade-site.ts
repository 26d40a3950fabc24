import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type KinsClusterProps } from '../../../lib';
import { type ApiSeen, apiSeen, type OrderSeen, orderSeen, watchApiOn, watchServers } from './api-watch';
import { AutonomyLevel, type KinsPart, PATIENCE, UNIT } from './kins-unit';
import { Lab, type LabOptions } from './lab';
import { type LabNode } from './node';
import { type Release, Releases } from './releases';
import { endlessRequests, type Requests } from './requests';
import { until } from './run';
import { PORT, ServingSite } from './serving-site';

/** How a site of upgrades starts. */
export interface UpgradeSiteOptions {
  /** The release with which its unit forms. */
  readonly release: (releases: Releases) => Release | Promise<Release>;
  /** Times that are shorter than those of real units, by lines of the unit's file `upgrades`. */
  readonly limits: readonly string[];
  /** How its lab is made. @default - as it is by default */
  readonly lab?: LabOptions;
}

/** What was to be noticed of a site while something was done to it. */
export interface Noticed {
  readonly requests: Requests;
  /** The API as a client on a node sees it, through the load balancer of the agent. */
  readonly api: ApiSeen;
  readonly order: OrderSeen;
}

/** For an upgrade of three nodes. */
const UPGRADE_PATIENCE = { timeout: 2_400_000, interval: 2000 };

/** Prints the K3s processes of the unit on a node: `server` or `agent`, process id, start time. */
const PROCESSES = `
net=$(stat -Lc %i /run/kins/${UNIT}/net 2>/dev/null || :)
for process in /proc/[0-9]*; do
  title=$(tr '\\0' ' ' <"$process/cmdline" 2>/dev/null) || continue
  case $title in
    'k3s agent'*) [ "$(readlink "$process/ns/net")" = "net:[$net]" ] || continue ;;
    'k3s server'*) ;;
    *) continue ;;
  esac
  title=\${title#k3s }
  echo "\${title%% *} \${process#/proc/} $(sed 's/.*) //' "$process/stat" | cut -d ' ' -f 20)"
done`;

/** A site with a unit whose release changes. */
export class UpgradeSite extends ServingSite {
  private level = AutonomyLevel.L4;

  private constructor(
    lab: Lab,
    public readonly releases: Releases,
  ) {
    super(lab);
  }

  /** Forms the unit at L4. */
  public static async start({ release, limits, lab: options }: UpgradeSiteOptions): Promise<UpgradeSite> {
    const lab = await Lab.start(options);
    try {
      const site = new UpgradeSite(lab, await Releases.of(lab));
      site.unit.declareLimits(...limits);
      site.unit.declare(await release(site.releases));
      await site.form();
      return site;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Nodes with a control plane. */
  public get servers(): readonly LabNode[] {
    return this.unit.nodes.slice(0, this.level === AutonomyLevel.L4 ? 1 : 3);
  }

  /** A node whose agent reaches servers that are not on it. */
  public get last(): LabNode {
    return this.unit.nodes.at(-1)!;
  }

  /** Sees to it that the unit has three servers. */
  public override async grow(): Promise<void> {
    if (this.level === AutonomyLevel.L5) return;
    this.level = AutonomyLevel.L5;
    await super.grow();
    await this.upgraded();
  }

  /** Declares something else, and applies it. */
  public async change(props: Partial<KinsClusterProps> = {}): Promise<void> {
    this.unit.declare(props);
    await this.unit.apply(this.level);
  }

  /** Waits until all nodes run what is declared, and have proven it: one part of one node after the other. */
  public async upgraded(): Promise<void> {
    interface DaemonSets {
      readonly items: readonly {
        readonly metadata: { readonly name: string; readonly generation: number };
        readonly status: {
          readonly observedGeneration?: number;
          readonly desiredNumberScheduled: number;
          readonly updatedNumberScheduled?: number;
          readonly numberAvailable?: number;
        };
      }[];
    }
    const isDone = async (): Promise<boolean> => {
      const { items } = await this.lab.get<DaemonSets>('daemonsets', '-n', 'kins-system');
      const parts = items.filter(({ metadata }) => /-(server|cri|agent)-kins$/.test(metadata.name));
      return (
        parts.every(
          ({ metadata, status }) =>
            status.observedGeneration === metadata.generation &&
            status.updatedNumberScheduled === status.desiredNumberScheduled &&
            status.numberAvailable === status.desiredNumberScheduled,
        ) && (await this.record()).turn === undefined
      );
    };
    await until('all parts to run what is declared', isDone, UPGRADE_PATIENCE);
  }

  /** New computers, and a unit that never was: quicker than another lab. */
  public async beginAnew(release: Release): Promise<void> {
    const { unit } = this;
    await Promise.all(unit.nodes.map((node) => node.powerCut()));
    for (const node of unit.nodes) rmSync(join(node.disk, 'var/lib/kins'), { recursive: true, force: true });
    await unit.apply(AutonomyLevel.L3);
    await unit.forget();
    this.level = AutonomyLevel.L4;
    this.forgetWritten();
    unit.declare(release);
    // The API server takes a moment to go by the guard of L3, which lets a unit become anything.
    await until('the new unit', () => unit.apply(AutonomyLevel.L4));
    await Promise.all(unit.nodes.map((node) => node.start()));
    await this.form();
  }

  /** Looks at the site while something is done to it. */
  public async notice(act: () => Promise<void>): Promise<Noticed> {
    const requests = endlessRequests(this.lab.lan, this.first.address, PORT);
    const api = await watchApiOn(this.last);
    const servers = await watchServers(this.lab.lan, this.servers);
    const stop = async (): Promise<Noticed> => ({
      requests: await requests.stop(),
      api: apiSeen(await api.stop()),
      order: orderSeen(await servers.stop(), this.servers.length),
    });
    try {
      await sleep(5000);
      await act();
      await sleep(5000);
    } catch (error) {
      const { requests: asked, api: seen, order } = await stop();
      const noticed = JSON.stringify({ failed: asked.failed, gap: seen.longestGap, order }, undefined, 1);
      throw new Error(`${(error as Error).message}\nnoticed until then: ${noticed}\n${await this.situation()}`);
    }
    return stop();
  }

  /** What the cloud says of upgrades of this unit. */
  public async told(): Promise<string> {
    const args = ['-n', 'kins-system', 'get', 'configmap', `${UNIT}-state-kins`, '-o=jsonpath={.data.upgrade}'];
    return (await this.lab.kubectl(args)).stdout;
  }

  /** What the edge cluster says of them. */
  public async record(from: LabNode = this.first): Promise<Readonly<Record<string, string>>> {
    const args = ['-n', 'kube-system', 'get', 'configmap', 'kins-upgrade', '--ignore-not-found', '-o=jsonpath={.data}'];
    const { stdout } = await this.unit.kubectl(from, args);
    return stdout === '' ? {} : (JSON.parse(stdout) as Record<string, string>);
  }

  /** What keeps containers of the unit's pods from running, what their probes say, and the last that agents said. */
  public async podsSay(): Promise<string> {
    const path =
      '{range .items[*]}{.metadata.name} {.spec.nodeName}{range .status.initContainerStatuses[*]} {.state}{end}' +
      '{range .status.containerStatuses[*]} {.state} {.lastState}{end}{"\\n"}{end}';
    const pods = await this.lab.kubectl(['-n', 'kins-system', 'get', 'pods', `-o=jsonpath=${path}`]);
    const events = ['-n', 'kins-system', 'get', 'events', '-o=jsonpath={range .items[*]}{.message}{"\\n"}{end}'];
    const logs = ['-n', 'kins-system', 'logs', '--selector=edge-constructs.io/component=agent', '--ignore-errors'];
    const said = await Promise.all(
      [events, [...logs, '--all-containers', '--tail=3']].map((args) => this.lab.kubectl(args, { mayFail: true })),
    );
    return [pods, ...said].map(({ stdout }) => stdout).join('');
  }

  /** Versions that servers and kubelets say they are. */
  public async versions(): Promise<Readonly<Record<string, string>>> {
    const found = new Map<string, string>();
    for (const { address, name } of this.servers) {
      const args = ['--server', `https://${address}:26443`, 'version', '-o', 'json'];
      const { stdout } = await this.unit.kubectl(this.last, args);
      const { serverVersion } = JSON.parse(stdout) as { serverVersion: { gitVersion: string } };
      found.set(`server ${name}`, serverVersion.gitVersion);
    }
    const path = '{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}';
    const { stdout } = await this.unit.kubectl(this.last, ['get', 'nodes', `-o=jsonpath=${path}`]);
    for (const line of stdout.trim().split('\n')) {
      const [node, version] = line.split(' ') as [string, string];
      found.set(`kubelet ${node}`, version);
    }
    return Object.fromEntries(found);
  }

  /** What {@link versions} says when the whole unit has one release. */
  public all({ version }: Release): Readonly<Record<string, string>> {
    return Object.fromEntries([
      ...this.servers.map(({ name }) => [`server ${name}`, version]),
      ...this.unit.nodes.map(({ name }) => [`kubelet ${name}`, version]),
    ]) as Record<string, string>;
  }

  /** K3s processes of the unit, by node. Another process is another line. */
  public async processes(): Promise<ReadonlyMap<string, readonly string[]>> {
    const nodes = this.unit.nodes.map(async (node) => {
      const { stdout } = await node.sh(PROCESSES);
      return [node.name, stdout.trim().split('\n').sort()] as const;
    });
    return new Map(await Promise.all(nodes));
  }

  /** Waits until another process of K3s runs as `part` on some node. */
  public async untilReplaced(before: ReadonlyMap<string, readonly string[]>, part: 'server' | 'agent'): Promise<void> {
    const old = new Set([...before.values()].flat());
    const isReplaced = async (): Promise<boolean> =>
      [...(await this.processes()).values()].flat().some((process) => process.startsWith(part) && !old.has(process));
    await until(`another ${part}`, isReplaced, PATIENCE);
  }

  /** Nodes on which a part of the unit has been refused. */
  public async refusedOn(part: KinsPart): Promise<string[]> {
    const folder = part === 'server' ? 'server/standby' : `standby/${part}`;
    const asked = this.unit.nodes.map(async (node) => {
      const { stdout } = await node.sh(`cat /var/lib/kins/${UNIT}/${folder}/refused 2>/dev/null || true`);
      return stdout === '' ? [] : [node.name];
    });
    return (await Promise.all(asked)).flat();
  }

  /** For a failure: all that says what upgrades were about. */
  public async situation(): Promise<string> {
    const files = `cd /var/lib/kins/${UNIT} && grep -H . server/standby/proven server/standby/trial server/standby/refused \\
      standby/*/proven standby/*/trial standby/*/refused 2>/dev/null || true`;
    const said = async (title: string, answer: Promise<string>): Promise<string> =>
      `== ${title}\n${await answer.catch(String)}`;
    const pods = ['-n', 'kins-system', 'get', 'pods', '-o=wide'];
    const logs = async (part: KinsPart): Promise<string> => {
      const selector = `--selector=edge-constructs.io/component=${part}`;
      const args = ['-n', 'kins-system', 'logs', selector, '--all-containers', '--prefix', '--tail=60'];
      return (await this.lab.kubectl([...args, '--max-log-requests=50', '--ignore-errors'])).stdout;
    };
    const lines = [
      said('cloud', this.told()),
      said(
        'edge',
        this.record(this.last).then((record) => JSON.stringify(record, undefined, 1)),
      ),
      said(
        'pods',
        this.lab.kubectl(pods).then(({ stdout }) => stdout),
      ),
      said('pods say', this.podsSay()),
      ...this.unit.nodes.map((node) =>
        said(
          node.name,
          node.sh(files).then(({ stdout }) => stdout),
        ),
      ),
    ];
    const found = (await Promise.all(lines)).join('\n');
    const parts = (['server', 'cri', 'agent'] as const).map((part) => said(`logs of ${part}`, logs(part)));
    const report = join(tmpdir(), `upgrade-${Date.now()}.log`);
    writeFileSync(report, [found, ...(await Promise.all(parts))].join('\n'));
    return `${found}\nWith logs this is in ${report}`;
  }

  /** Waits for a sentence in the cloud. */
  public async untilTold(sentence: RegExp): Promise<string> {
    return until(
      `the cloud to say ${sentence.source}`,
      async () => {
        const text = await this.told();
        return sentence.test(text) && text;
      },
      PATIENCE,
    );
  }
}
