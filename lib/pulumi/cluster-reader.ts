import type { AppsV1Api, CoreV1Api, V1DaemonSet, V1Pod } from '@kubernetes/client-node' with {
  'resolution-mode': 'import',
};
import { connection, orMissing, told } from './cluster-connection';

interface Clients {
  readonly apps: AppsV1Api;
  readonly core: CoreV1Api;
}

/** Reads what Pulumi's provider does not report while it waits. Changes nothing. */
export class ClusterReader {
  readonly #clients: Promise<Clients>;

  /**
   * @param kubeconfig never shown in errors
   * @param field the argument that it was given as
   */
  constructor(kubeconfig: string, field: string) {
    this.#clients = connection(field, kubeconfig, (make, { AppsV1Api: Apps, CoreV1Api: Core }) => ({
      apps: make(Apps),
      core: make(Core),
    }));
  }

  /**
   * Checks that the kubeconfig can be used at all.
   *
   * @throws Error when it is not a kubeconfig, for which waiting would not help
   */
  async usable(): Promise<void> {
    await this.#clients;
  }

  /** The DaemonSet, if there is one. */
  async daemonSet(namespace: string, name: string): Promise<V1DaemonSet | undefined> {
    const { apps } = await this.#clients;
    return orMissing(apps.readNamespacedDaemonSet({ namespace, name }));
  }

  /** The content of a Secret, decoded; empty if there is no such Secret. */
  async secret(namespace: string, name: string): Promise<Readonly<Record<string, string>>> {
    const { core } = await this.#clients;
    const secret = await orMissing(core.readNamespacedSecret({ namespace, name }));
    return Object.fromEntries(
      Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
    );
  }

  /** Pods by label. */
  async pods(namespace: string, labelSelector: string): Promise<readonly V1Pod[]> {
    const { core } = await this.#clients;
    return (await told(core.listNamespacedPod({ namespace, labelSelector }))).items;
  }

  /** Those of the given nodes that exist, and whether each is ready. */
  async nodes(names: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
    const { core } = await this.#clients;
    const found = new Map<string, boolean>();
    for (const name of names) {
      const node = await orMissing(core.readNode({ name }));
      if (node === undefined) continue;
      found.set(
        name,
        node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
      );
    }
    return found;
  }
}
