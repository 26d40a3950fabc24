import { randomBytes } from 'node:crypto';
import type { Cluster } from '../../../api/support/cluster';
import type { KubeObject } from '../../../api/support/objects';
import type { Site } from './site';

const SECRETS = '/api/v1/namespaces/cloud-init-settings/secrets';
const ACCOUNTS = '/api/v1/namespaces/cloud-init-settings/serviceaccounts';
const GETTER = 'cloud-init-getter';
const TOKENS = '/api/v1/namespaces/kube-system/secrets';
const MACHINES = '/apis/cluster.k8s.io/v1alpha1/namespaces/kube-system/machinedeployments';
const FINALIZER = 'kubermatic.io/cleanup-operating-system-configs';
const PERIOD_MS = 200;
const MERGE = 'application/merge-patch+json';
const encode = (text: string): string => Buffer.from(text).toString('base64');

/**
 * Plays KKP's operating-system-manager in a real API server, as it was seen to behave: it makes the Secrets of a machine in
 * its order, gets stuck on a script Secret that is there already, renews the token to join with when the object of the
 * machine changes and less than half an hour is left of it, and leaves script and tokens behind when the machine goes.
 */
export class OperatorDouble {
  /** Whether it does anything. */
  isRunning = true;
  /** The uid of the account that the token was made for. */
  #account = '';
  readonly #handled = new Map<string, string>();
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly cluster: Cluster,
    private readonly site: Site,
  ) {}

  async start(): Promise<void> {
    await this.#create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cloud-init-settings' } }); // prettier-ignore
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      if (this.isRunning) {
        await this.#getter();
        const { body } = await this.cluster.request('GET', MACHINES);
        for (const machine of (body as { items?: KubeObject[] }).items ?? []) await this.#reconcile(machine);
      }
      await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
    }
  }

  /**
   * The token of all machines: the same bytes for the same account, however often its Secret is made, and another one, with
   * the old one refused, for an account that was made anew.
   */
  async #getter(): Promise<void> {
    await this.#create(ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: GETTER } });
    const { body } = await this.cluster.request('GET', `${ACCOUNTS}/${GETTER}`);
    const uid = String((body as KubeObject).metadata.uid);
    if (this.#account !== '' && uid !== this.#account) {
      const payload = Buffer.from(uid).toString('base64url');
      this.site.rotate(`eyJhbGciOiJSUzI1NiJ9.${payload}.VEVTVFRPS0VO`);
      await this.cluster.request('DELETE', `${SECRETS}/${GETTER}-token`);
    }
    this.#account = uid;
    await this.#secret(SECRETS, `${GETTER}-token`, { token: this.site.token });
  }

  async #reconcile({ metadata }: KubeObject): Promise<void> {
    const { name, resourceVersion = '', deletionTimestamp, finalizers = [], uid } = metadata;
    if (this.#handled.get(name) === resourceVersion) return;
    const [bootstrap, provisioning] = ['bootstrap', 'provisioning'].map(
      (stage) => `${name}-kube-system-${stage}-config`,
    );
    const kubelet = `kube-system-${name}-kubelet-bootstrap-config`;
    if (deletionTimestamp !== undefined) {
      for (const secret of [bootstrap, provisioning, kubelet])
        await this.cluster.request('DELETE', `${SECRETS}/${secret}`);
      await this.cluster.request('PATCH', `${MACHINES}/${name}`, { contentType: MERGE, body: { metadata: { finalizers: [] } } }); // prettier-ignore
      return;
    }
    if (!(finalizers as string[]).includes(FINALIZER)) {
      await this.cluster.request('PATCH', `${MACHINES}/${name}`, { contentType: MERGE, body: { metadata: { finalizers: [FINALIZER] } } }); // prettier-ignore
    }
    await this.#token(name, kubelet);
    const isMade = this.#handled.has(`${name} ${String(uid)}`);
    if (!isMade) {
      const script = { 'fetch-bootstrap-script': this.site.script(name) };
      // It creates, and never replaces: one that is there already is the end.
      if ((await this.#secret(SECRETS, `edge-provider-script-${name}-kube-system`, script)) === 409) return;
      await this.#secret(SECRETS, provisioning!, { 'cloud-config': '#cloud-config\n' });
      await this.#secret(SECRETS, bootstrap!, { 'cloud-config': `#cloud-config\nhostname: ${name}\n` });
      this.#handled.set(`${name} ${String(uid)}`, 'made');
    }
    const { body } = await this.cluster.request('GET', `${MACHINES}/${name}`);
    this.#handled.set(name, (body as KubeObject).metadata.resourceVersion ?? '');
  }

  /** The token to join with: an hour long, renewed in its second half. */
  async #token(machine: string, kubelet: string): Promise<void> {
    const label = { 'machinedeployment.k8s.io/name': `kube-system-${machine}` };
    const { body } = await this.cluster.request('GET', TOKENS, {
      query: { labelSelector: `machinedeployment.k8s.io/name=kube-system-${machine}` },
    });
    const { items } = body as { items: { data: { expiration: string } }[] };
    const isFresh = items.some(({ data }) => Date.parse(Buffer.from(data.expiration, 'base64').toString()) > Date.now() + 1_800_000); // prettier-ignore
    if (isFresh) return;
    const [id, secret] = [randomBytes(3).toString('hex'), randomBytes(8).toString('hex')];
    await this.#create(TOKENS, {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'bootstrap.kubernetes.io/token',
      metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system', labels: label },
      data: {
        'token-id': encode(id),
        'token-secret': encode(secret),
        expiration: encode(new Date(Date.now() + 3_600_000).toISOString()),
      },
    });
    this.site.change({ joinToken: `${id}.${secret}` });
    const kubeconfig = this.site.kubeconfig();
    this.site.change({ secrets: { ...this.site.world.secrets, [kubelet]: { kubeconfig } } });
    await this.cluster.request('DELETE', `${SECRETS}/${kubelet}`);
    await this.#secret(SECRETS, kubelet, { kubeconfig });
  }

  async #secret(path: string, name: string, data: Readonly<Record<string, string>>): Promise<number> {
    const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encode(value)]));
    return this.#create(path, { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: encoded });
  }

  async #create(path: string, body: object): Promise<number> {
    return (await this.cluster.request('POST', path, { body })).status;
  }
}
