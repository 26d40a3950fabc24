import { valueAt, yamlDocuments } from '../core/yaml-documents';
import type { ClusterObjects, ObjectKey } from './cluster-objects';

const RENEWED_LABEL = 'edge-constructs.io/token-renewed';
const MACHINE_NAMESPACE = 'kube-system';
/** Tokens are valid for an hour, and KKP renews them in the second half of it. */
const MIN_TOKEN_SECONDS = 1800;

/** The MachineDeployment of a machine. */
export function machineKey(name: string): ObjectKey {
  return { apiVersion: 'cluster.k8s.io/v1alpha1', kind: 'MachineDeployment', name, namespace: MACHINE_NAMESPACE };
}

/** The tokens with which the device of a machine joins; KKP makes them. */
export class JoinTokens {
  readonly #objects: ClusterObjects;
  readonly #machine: string;

  constructor(objects: ClusterObjects, machine: string) {
    this.#objects = objects;
    this.#machine = machine;
  }

  /** Whether the token in a kubelet's bootstrap kubeconfig may expire before the device has joined with it. */
  async isOld(kubeconfig: string): Promise<boolean> {
    const [config] = yamlDocuments(kubeconfig) ?? [];
    const id = /^([a-z0-9]{6})\.[a-z0-9]{16}$/.exec(String(valueAt(config, 'users', 0, 'user', 'token')))?.[1];
    if (id === undefined) return false;
    const token = await this.#objects.get({ ...SECRETS, name: `bootstrap-token-${id}` });
    const expiration = Buffer.from(token?.data?.expiration ?? '', 'base64').toString('utf8');
    // The comparison is also true for a token that was removed, which has no expiration.
    return !(Date.parse(expiration) - Date.now() > MIN_TOKEN_SECONDS * 1000);
  }

  /** Makes KKP renew the token, by changing a label. A changed annotation would make KKP delete the machine's Secrets. */
  async renew(): Promise<void> {
    await this.#objects.change(machineKey(this.#machine), () => ({
      metadata: { labels: { [RENEWED_LABEL]: String(Math.floor(Date.now() / 1000)) } },
    }));
  }

  /** Makes Kubernetes delete the tokens together with the machine. KKP would leave them until they expire. */
  async own(): Promise<void> {
    const key = machineKey(this.#machine);
    const uid = (await this.#objects.get(key))?.metadata?.uid;
    if (uid === undefined) return;
    const owner = { apiVersion: key.apiVersion, kind: key.kind, name: key.name, uid };
    const selector = `machinedeployment.k8s.io/name=${MACHINE_NAMESPACE}-${this.#machine}`;
    for (const { metadata } of await this.#objects.list(SECRETS, selector)) {
      await this.#objects.change({ ...SECRETS, name: metadata?.name ?? '' }, (live) => {
        const owners = live.metadata?.ownerReferences ?? [];
        if (owners.some((each) => each.uid === uid)) return undefined;
        return { metadata: { ownerReferences: [...owners, owner] } };
      });
    }
  }
}

const SECRETS: Omit<ObjectKey, 'name'> = { apiVersion: 'v1', kind: 'Secret', namespace: MACHINE_NAMESPACE };
