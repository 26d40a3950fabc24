import type { ProvisioningScript } from '../kkp';
import type { ClusterObjects, LiveObject, ObjectKey } from './cluster-objects';
import { JoinTokens, machineKey } from './join-tokens';

/** Label of a script Secret, with the uid of the MachineDeployment that it was made for. */
export const MACHINE_UID_LABEL = 'edge-constructs.io/machine-uid';

/** The same label in version 0.1. */
const FORMER_MACHINE_UID_LABEL = 'edge-constructs/machine-uid';

/** Looks at a machine's objects in the user cluster, and removes leftovers of an earlier machine. */
export class MachineObjects {
  readonly joinTokens: JoinTokens;
  readonly #objects: ClusterObjects;
  readonly #machine: string;
  readonly #script: ObjectKey;

  constructor(objects: ClusterObjects, machine: string, { secretName, namespace }: ProvisioningScript) {
    this.#objects = objects;
    this.#machine = machine;
    this.#script = { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName };
    this.joinTokens = new JoinTokens(objects, machine);
  }

  /**
   * The script Secret of an earlier machine of this name, on which KKP's operating-system-manager gets stuck.
   *
   * @returns the Secret, if it exists, and whether this library has labelled it, so that it may be deleted without asking
   */
  async leftoverScript(): Promise<{ readonly remove: () => Promise<void>; readonly isOwn: boolean } | undefined> {
    const [script, deployment] = await Promise.all([
      this.#objects.get(this.#script),
      this.#objects.get(machineKey(this.#machine)),
    ]);
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
}

/** When an object was created, in milliseconds. Kubernetes stores whole seconds. */
function timeOf({ metadata }: LiveObject): number {
  const created = metadata?.creationTimestamp;
  return created instanceof Date ? created.getTime() : Date.parse(String(created));
}
