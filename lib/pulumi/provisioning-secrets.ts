import * as pulumi from '@pulumi/pulumi';
import type { ProvisioningSecretsInput } from '../device';
import type { ProvisioningScript } from '../kkp';
import type { ClusterReader } from './cluster-reader';

const PERIOD_MS = 2000;
const TOKEN_KEY = 'token';

/** What is there of a machine's Secrets. */
interface Found {
  readonly missing: readonly string[];
  readonly secrets?: ProvisioningSecretsInput;
}

/** Waits until KKP has made everything that provisioning needs: bounded, with progress, and with the known cause if not. */
export class ProvisioningSecretsWait {
  constructor(
    private readonly reader: ClusterReader,
    private readonly log: pulumi.Resource,
    private readonly machine: string,
    private readonly names: ProvisioningScript,
    private readonly timeoutSeconds: number,
  ) {}

  /**
   * The script and the CA. In a preview, what is there already; nothing is waited for.
   *
   * @throws Error when the time is over; it names what is missing, and why that is known to happen
   */
  async read(): Promise<ProvisioningSecretsInput | undefined> {
    const deadline = Date.now() + this.timeoutSeconds * 1000;
    let told = '';
    for (;;) {
      // The link to the cluster may break for a while, which is what the time limit is for.
      const { missing, secrets } = await this.#look().catch((error: unknown): Found => {
        if (pulumi.runtime.isDryRun() || Date.now() > deadline) throw error;
        return { missing: ['an answer of the user cluster'] };
      });
      if (secrets !== undefined || pulumi.runtime.isDryRun()) return secrets;
      const what = missing.join(', ');
      if (Date.now() > deadline) {
        throw new Error(
          `Machine ${this.machine}: waited ${this.timeoutSeconds} seconds for KKP; missing in namespace ` +
            `${this.names.namespace}: ${what}. ${this.#cause(missing)} Nothing has been done on the device.`,
        );
      }
      if (told !== what) await pulumi.log.info(`waiting for KKP to make ${what}`, this.log);
      told = what;
      await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
    }
  }

  async #look(): Promise<Found> {
    const { namespace, secretName, key, requiredSecrets } = this.names;
    const { getterToken, bootstrapConfig, provisioningConfig, kubeletBootstrapConfig } = requiredSecrets;
    const value = async (name: string, field: string): Promise<string> =>
      (await this.reader.secret(namespace, name))[field] ?? '';
    const [script, token, bootstrap, provisioning, kubelet] = await Promise.all([
      value(secretName, key),
      value(getterToken, TOKEN_KEY),
      value(bootstrapConfig, 'cloud-config'),
      value(provisioningConfig, 'cloud-config'),
      value(kubeletBootstrapConfig, 'kubeconfig'),
    ]);
    const missing = Object.entries({
      [secretName]: script,
      [getterToken]: token,
      [bootstrapConfig]: bootstrap,
      [provisioningConfig]: provisioning,
      [kubeletBootstrapConfig]: kubelet,
    }).flatMap(([name, content]) => (content === '' ? [`Secret ${name}`] : []));
    if (missing.length > 0) return { missing };
    // A script of before the token was rotated can fetch nothing any more.
    if (!script.includes(token)) return { missing: [`a script with the current token in Secret ${secretName}`] };
    const ca = /certificate-authority-data: *"?([A-Za-z0-9+/=]+)/.exec(kubelet)?.[1];
    if (ca === undefined) return { missing: [`certificate-authority-data in Secret ${kubeletBootstrapConfig}`] };
    return { missing, secrets: { script, ca: Buffer.from(ca, 'base64').toString('utf8') } };
  }

  #cause(missing: readonly string[]): string {
    const { secretName, namespace, requiredSecrets } = this.names;
    const lacks = (name: string): boolean => missing.includes(`Secret ${name}`);
    if (lacks(requiredSecrets.getterToken)) {
      return `KKP makes Secret ${requiredSecrets.getterToken} once for a user cluster: look at the cluster's health.`;
    }
    if (!lacks(secretName)) {
      return (
        "KKP's operating-system-manager is stuck on the script Secret of an earlier machine or try, which it never " +
        `replaces. Remove it: kubectl --namespace ${namespace} delete secret ${secretName}`
      );
    }
    return (
      "KKP's operating-system-manager has made nothing: look at its log in the seed cluster, in the namespace of the " +
      'user cluster, for this MachineDeployment.'
    );
  }
}
