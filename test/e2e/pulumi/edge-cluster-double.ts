import type { Cluster } from '../../api/support/cluster';
import type { KubeObject } from '../../api/support/objects';

const NAMESPACE = 'kins-system';
const DAEMON_SETS = `/apis/apps/v1/namespaces/${NAMESPACE}/daemonsets`;
const PERIOD_MS = 300;
/** At least as many as any unit of the tests has nodes. */
const PODS = 9;

/**
 * Plays what an API server without nodes lacks: the controller and the kubelets that get DaemonSets ready, and the first
 * server of a unit, which publishes the kubeconfigs.
 */
export class EdgeClusterDouble {
  /** Parts whose pods never get ready. */
  readonly stuck = new Set<string>();
  /** What the kubeconfigs hold, to look for it elsewhere. */
  readonly credential: string;
  /** Names of DaemonSets in the order in which they were seen first. */
  readonly seen: string[] = [];
  #stopped = false;
  readonly #cluster: Cluster;
  #running: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, credential: string) {
    this.#cluster = cluster;
    this.credential = credential;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const { body } = await this.#cluster.request('GET', DAEMON_SETS);
      const { items = [] } = body as { items?: KubeObject[] };
      const running = items.filter((daemonSet) => !isEnded(daemonSet)).map(({ metadata }) => metadata.name);
      for (const daemonSet of items) await this.#play(daemonSet, running);
      await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
    }
  }

  async #play(daemonSet: KubeObject, running: readonly string[]): Promise<void> {
    const { name, generation } = daemonSet.metadata;
    if (!this.seen.includes(name)) this.seen.push(name);
    const [, unit = '', part = ''] = /^(.*)-(server|cri|agent|recycle)-kins$/.exec(name) ?? [];
    // As recycle.sh does: ready when the unit's own pods have gone.
    const isBlocked =
      part === 'recycle' && ['cri', 'server', 'agent'].some((each) => running.includes(`${unit}-${each}-kins`));
    const scheduled = running.includes(name) ? PODS : 0;
    const ready = this.stuck.has(part) || isBlocked ? 0 : scheduled;
    await this.#cluster.request('PATCH', `${DAEMON_SETS}/${name}/status`, {
      contentType: 'application/merge-patch+json',
      body: {
        status: {
          observedGeneration: generation,
          currentNumberScheduled: scheduled,
          desiredNumberScheduled: scheduled,
          updatedNumberScheduled: scheduled,
          numberAvailable: ready,
          numberReady: ready,
          numberMisscheduled: 0,
        },
      },
    });
    if (part === 'server' && ready > 0) await this.#publish(unit);
  }

  async #publish(unit: string): Promise<void> {
    const kubeconfig = (way: string): string =>
      Buffer.from(`users: [{user: {token: ${this.credential}-${way}}}]`).toString('base64');
    await this.#cluster.request('PATCH', `/api/v1/namespaces/${NAMESPACE}/secrets/${unit}-sec-kins`, {
      contentType: 'application/merge-patch+json',
      body: { data: { 'kubeconfig.conf': kubeconfig('direct'), 'kubeconfig-tunnel.conf': kubeconfig('tunnel') } },
    });
  }
}

/** Whether there is no node that the pods could run on: what a unit's workloads become at L3. */
function isEnded({ spec }: KubeObject): boolean {
  const { template } = spec as { template: { spec: { affinity?: { nodeAffinity?: unknown } } } };
  const affinity = JSON.stringify(template.spec.affinity?.nodeAffinity ?? {});
  return affinity.includes('"operator":"Exists"') && affinity.includes('"operator":"DoesNotExist"');
}
