import type { ProvisioningScript } from '../kkp';
import type { ClusterObjects, LiveObject, ObjectKey } from './cluster-objects';

/** Label of a script Secret that was made for a machine of this library: the uid of its MachineDeployment. */
export const MACHINE_UID_LABEL = 'edge-constructs.io/machine-uid';

/** The same on Secrets that version 0.1 has seen made. */
const FORMER_MACHINE_UID_LABEL = 'edge-constructs/machine-uid';

const RENEWED_LABEL = 'edge-constructs.io/token-renewed';
const MACHINE_NAMESPACE = 'kube-system';
/** KKP renews a token in the second half of its hour. */
const MIN_TOKEN_SECONDS = 1800;

/** What is done to a machine's objects in the user cluster besides declaring them. */
export class MachineObjects {
  readonly #objects: ClusterObjects;
  readonly #machine: string;
  readonly #script: ObjectKey;

  constructor(objects: ClusterObjects, machine: string, { secretName, namespace }: ProvisioningScript) {
    this.#objects = objects;
    this.#machine = machine;
    this.#script = secretKey(namespace, secretName);
  }

  /**
   * The script Secret of an earlier machine of this name, on which KKP's operating-system-manager gets stuck.
   *
   * @returns whether it is there, and whether this library has seen it made, so that it may go without asking
   */
  async leftoverScript(): Promise<{ readonly remove: () => Promise<void>; readonly isOwn: boolean } | undefined> {
    const [script, deployment] = await Promise.all([this.#objects.get(this.#script), this.#deployment()]);
    if (script === undefined || deployment === undefined) return undefined;
    if (timeOf(script) >= timeOf(deployment)) return undefined;
    const { labels } = script.metadata ?? {};
    const uid = labels?.[MACHINE_UID_LABEL] ?? labels?.[FORMER_MACHINE_UID_LABEL];
    const isOwn = uid !== undefined && uid !== deployment.metadata?.uid;
    return { isOwn, remove: () => this.#objects.delete(this.#script, script) };
  }

  /** Whether a device has joined as this node. */
  async hasJoined(): Promise<boolean> {
    const node = await this.#objects.get({ apiVersion: 'v1', kind: 'Node', name: this.#machine });
    return (node?.status?.nodeInfo?.machineID ?? '') !== '';
  }

  /** Whether the token in a kubelet's bootstrap kubeconfig will be gone before a device could join with it. */
  async isJoinTokenOld(kubeconfig: string): Promise<boolean> {
    const id = /^ *token: *"?([a-z0-9]{6})\.[a-z0-9]{16}"? *$/m.exec(kubeconfig)?.[1];
    if (id === undefined) return false;
    const token = await this.#objects.get(secretKey(MACHINE_NAMESPACE, `bootstrap-token-${id}`));
    const expiration = Buffer.from(token?.data?.expiration ?? '', 'base64').toString('utf8');
    // One that has been removed has no time left either.
    return !(Date.parse(expiration) - Date.now() > MIN_TOKEN_SECONDS * 1000);
  }

  /** Makes KKP look at the machine. A changed annotation would do, too, but it would destroy the machine's Secrets. */
  async askForNewToken(): Promise<void> {
    await this.#objects.change(this.#deploymentKey(), () => ({
      metadata: { labels: { [RENEWED_LABEL]: String(Math.floor(Date.now() / 1000)) } },
    }));
  }

  /** Makes the machine's tokens to join with go when the machine goes: KKP would leave them until they expire. */
  async ownTokens(): Promise<void> {
    const deployment = await this.#deployment();
    const uid = deployment?.metadata?.uid;
    if (uid === undefined) return;
    const { apiVersion, kind, name } = this.#deploymentKey();
    const owner = { apiVersion, kind, name, uid };
    const selector = `machinedeployment.k8s.io/name=${MACHINE_NAMESPACE}-${this.#machine}`;
    for (const { metadata } of await this.#objects.list(secretKind(MACHINE_NAMESPACE), selector)) {
      await this.#objects.change(secretKey(MACHINE_NAMESPACE, metadata?.name ?? ''), (live) => {
        const owners = live.metadata?.ownerReferences ?? [];
        if (owners.some((each) => each.uid === uid)) return undefined;
        return { metadata: { ownerReferences: [...owners, owner] } };
      });
    }
  }

  #deploymentKey(): ObjectKey {
    return {
      apiVersion: 'cluster.k8s.io/v1alpha1',
      kind: 'MachineDeployment',
      name: this.#machine,
      namespace: MACHINE_NAMESPACE,
    };
  }

  #deployment(): Promise<LiveObject | undefined> {
    return this.#objects.get(this.#deploymentKey());
  }
}

function secretKind(namespace: string): Omit<ObjectKey, 'name'> {
  return { apiVersion: 'v1', kind: 'Secret', namespace };
}

function secretKey(namespace: string, name: string): ObjectKey {
  return { ...secretKind(namespace), name };
}

/** In milliseconds, of whole seconds: Kubernetes keeps no others. */
function timeOf({ metadata }: LiveObject): number {
  const created = metadata?.creationTimestamp;
  return created instanceof Date ? created.getTime() : Date.parse(String(created));
}
