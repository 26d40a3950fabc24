import type { V1DaemonSet, V1Pod } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import * as pulumi from '@pulumi/pulumi';
import type { KinsKubeconfig } from '../kins';
import { COMPONENT_LABEL, kinsName, UNIT_LABEL, type KinsPart } from '../kins/names';
import { reasonOf, within } from './answers';
import type { ClusterReader } from './cluster-reader';
import { Patience } from './patience';
import { ToldError } from './told-error';

/** The kubeconfigs that an edge cluster publishes, if they exist already. */
export interface UnitKubeconfigs {
  readonly direct?: string;
  readonly tunnel?: string;
}

/** The properties of a unit that are needed to wait for it. */
export interface UnitFacts {
  readonly unitName: string;
  readonly nodes: readonly string[];
  readonly servers: readonly string[];
  readonly kubeconfig: KinsKubeconfig;
}

/** How to wait for a unit. */
export interface UnitWaitOptions {
  readonly timeoutSeconds: number;
  /** Whether names of nodes must not be shown. The unit's name is never secret, because names of objects contain it. */
  readonly isSecret: boolean;
}

/** The requests that are made to the cluster. */
export type UnitReader = Pick<ClusterReader, 'daemonSet' | 'nodes' | 'pods' | 'secret' | 'usable'>;

/** Waits for a unit, with a time limit, progress messages, and the cause of a failure. */
export class UnitWait {
  readonly #log: pulumi.Resource;
  readonly #facts: UnitFacts;
  readonly #reader: UnitReader;
  readonly #options: UnitWaitOptions;

  constructor(log: pulumi.Resource, facts: UnitFacts, reader: UnitReader, options: UnitWaitOptions) {
    this.#log = log;
    this.#facts = facts;
    this.#reader = reader;
    this.#options = options;
  }

  /** Waits until the unit works, then returns its kubeconfigs. A preview returns those that are already there. */
  async kubeconfigs(): Promise<UnitKubeconfigs> {
    if (!pulumi.runtime.isDryRun()) {
      const patience = await this.#begin();
      await this.#until(patience, 'the servers are ready', () => this.#notReady('server', 'ready'));
      await this.#until(patience, 'all nodes have joined', () => this.#notReady('agent', 'joined'));
      await this.#until(patience, 'the kubeconfigs are published', async () => {
        const { direct, tunnel } = await this.#published();
        return direct === undefined || tunnel === undefined ? 'the first server has not published them yet' : undefined;
      });
    }
    return this.#published();
  }

  /**
   * Waits until nothing of the unit is left on its nodes. Pulumi deletes removed resources only after the program has
   * ended, so until then everything that the nodes need for the cleanup stays.
   */
  async clean(): Promise<void> {
    if (pulumi.runtime.isDryRun()) return;
    await this.#until(
      await this.#begin(),
      'all nodes are clean',
      () => this.#notReady('recycle', 'clean'),
      ' A node that is gone for good never becomes clean: remove the unit from the program to give it up.',
    );
  }

  async #published(): Promise<UnitKubeconfigs> {
    const { namespace, secretName, key, tunnelKey } = this.#facts.kubeconfig;
    const data = await this.#reader.secret(namespace, secretName);
    return { direct: data[key], tunnel: data[tunnelKey] };
  }

  /** @returns why not all pods of a part are ready; `undefined` if they are */
  async #notReady(part: KinsPart, state: string): Promise<string | undefined> {
    const { unitName, nodes: all, servers, kubeconfig } = this.#facts;
    const { namespace } = kubeconfig;
    const name = kinsName(unitName, part);
    const wanted = part === 'server' ? servers : all;
    const daemonSet = await this.#reader.daemonSet(namespace, name);
    if (daemonSet === undefined) return `DaemonSet ${namespace}/${name} does not exist`;
    const ready = readyPods(daemonSet);
    if (ready >= wanted.length) return undefined;
    const selector = `${UNIT_LABEL}=${unitName},${COMPONENT_LABEL}=${part}`;
    const pods = await this.#reader.pods(namespace, selector);
    const nodes = await this.#reader.nodes(wanted);
    const causes = wanted.flatMap((node, index) => {
      const shown = this.#options.isSecret ? `number ${index + 1}` : node;
      const pod = pods.find(({ spec }) => spec?.nodeName === node);
      return causeFor(shown, nodes.get(node), pod) ?? [];
    });
    return `${ready} of ${wanted.length} ${state}${causes.length === 0 ? '' : `: ${causes.join('; ')}`}`;
  }

  async #begin(): Promise<Patience> {
    await this.#reader.usable();
    return new Patience(this.#log, this.#options.timeoutSeconds);
  }

  /** @throws Error when the time is over, with what was missing last */
  async #until(patience: Patience, goal: string, missing: () => Promise<string | undefined>, more = ''): Promise<void> {
    for (;;) {
      // An error may be temporary, such as a broken link to the cluster, so only the time limit ends the wait.
      const found = await within(patience.forAnswer, missing()).catch(
        (error: unknown) => `the cluster cannot be queried (${reasonOf(error)})`,
      );
      if (found === undefined) {
        await patience.done(goal);
        return;
      }
      if (patience.isOver) {
        throw new ToldError(
          `Unit ${this.#facts.unitName}: gave up after ${patience.seconds} seconds waiting until ${goal}: ${found}. ` +
            `Nothing is rolled back: fix the cause and run 'pulumi up' again.${more}`,
        );
      }
      await patience.tell(`waiting until ${goal}: ${found}`);
      await patience.pause();
    }
  }
}

function readyPods({ metadata, status }: V1DaemonSet): number {
  // A status for an older template says nothing about this one.
  const isCurrent = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  return isCurrent ? (status?.numberReady ?? 0) : 0;
}

/** Why there is no ready pod on a node. */
function causeFor(node: string, isNodeReady: boolean | undefined, pod: V1Pod | undefined): string | undefined {
  if (isNodeReady === undefined) return `node ${node} is not in the cluster`;
  if (!isNodeReady) return `node ${node} is not ready`;
  if (pod === undefined) return `no pod on node ${node} yet`;
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const waiting = containers.find(({ state }) => state?.waiting?.reason !== undefined);
  if (waiting !== undefined) {
    return `on ${node} container ${waiting.name} waits: ${String(waiting.state?.waiting?.reason)}`;
  }
  const unready = containers.find(({ ready }) => !ready);
  return unready === undefined ? undefined : `on ${node} container ${unready.name} is not ready`;
}
