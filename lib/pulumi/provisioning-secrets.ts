import { valueAt, yamlDocuments } from '../core/yaml-documents';
import * as pulumi from '@pulumi/pulumi';
import type { ProvisioningSecretsInput } from '../device';
import type { ProvisioningScript } from '../kkp';
import { LONGEST_ANSWER_MS, reasonOf, within } from './answers';
import type { ClusterReader } from './cluster-reader';
import type { MachineObjects } from './machine-objects';
import { Patience } from './patience';
import { ToldError } from './told-error';

const TOKEN_KEY = 'token';

/** The state of a machine's Secrets. */
interface Found {
  readonly missing: readonly string[];
  readonly secrets?: ProvisioningSecretsInput;
  /** Secrets with another token than the current one. */
  readonly stale?: readonly string[];
  /** The bootstrap kubeconfig, with which the kubelet will join. */
  readonly kubeconfig?: string;
}

/** How long to wait, and what this library may do meanwhile. */
export interface WaitOptions {
  readonly timeoutSeconds: number;
  /** Whether the script Secret of an earlier machine of this name is deleted when KKP is stuck on it. */
  readonly removeLeftoverScript: boolean;
  /** Whether the device is going to join (again), for which it needs a fresh token. */
  readonly joinsAgain: boolean;
}

/**
 * Waits until KKP has created everything that provisioning needs: with a time limit, progress messages, and the cause of a
 * failure, if it is known.
 */
export class ProvisioningSecretsWait {
  constructor(
    private readonly reader: ClusterReader,
    private readonly objects: MachineObjects,
    private readonly log: pulumi.Resource,
    private readonly machine: string,
    private readonly names: ProvisioningScript,
    private readonly options: WaitOptions,
  ) {}

  /**
   * Returns the script and the CA. In a preview, returns them if they exist already, without waiting or changing anything.
   *
   * @throws Error when the time is over, with what is missing and, if known, why
   */
  async read(): Promise<ProvisioningSecretsInput | undefined> {
    if (pulumi.runtime.isDryRun()) return (await within(LONGEST_ANSWER_MS, this.#look())).secrets;
    const patience = new Patience(this.log, this.options.timeoutSeconds);
    const { secrets, stale = [], kubeconfig = '' } = await this.#until(patience, 'missing', (found) => found.missing);
    // A node that has joined does not need them. Before the supervisor provisions again, it checks them itself.
    if (stale.length > 0 && !(await this.objects.hasJoined())) throw new ToldError(this.#staleness(stale));
    await this.#freshToken(patience, kubeconfig);
    await this.objects.joinTokens.own();
    return secrets;
  }

  /**
   * Has the join token renewed if it may expire before the device joins. KKP does that only when the machine's object
   * changes.
   */
  async #freshToken(patience: Patience, old: string): Promise<void> {
    if (!(await this.objects.joinTokens.isOld(old))) return;
    if (!this.options.joinsAgain && (await this.objects.hasJoined())) return;
    await this.objects.joinTokens.renew();
    await this.#until(patience, 'not renewed', ({ missing, kubeconfig }) => {
      if (missing.length > 0) return missing;
      return kubeconfig === old ? ['a new join token'] : [];
    });
  }

  async #until(patience: Patience, state: string, missingOf: (found: Found) => readonly string[]): Promise<Found> {
    for (;;) {
      // An error may be temporary, such as a broken link to the cluster, so only the time limit ends the wait.
      const found = await within(patience.forAnswer, this.#look()).catch((error: unknown) => reasonOf(error));
      const missing = typeof found === 'string' ? [`an answer of the user cluster (${found})`] : missingOf(found);
      if (typeof found !== 'string' && missing.length === 0) return found;
      const what = missing.join(', ');
      if (this.#isStuck(missing)) await this.#freeOperator(what);
      const cause = typeof found === 'string' ? 'Check the connection to it.' : this.#cause(missing);
      if (patience.isOver) throw this.#failure(state, what, cause);
      await patience.tell(`waiting for ${typeof found === 'string' ? '' : 'KKP to create '}${what}`);
      await patience.pause();
    }
  }

  #failure(state: string, what: string, cause: string): ToldError {
    return new ToldError(
      `Machine ${this.machine}: waited ${this.options.timeoutSeconds} seconds for KKP; ${state} in namespace ` +
        `${this.names.namespace}: ${what}. ${cause} Nothing has been done on the device.`,
    );
  }

  /** The error for Secrets with an old token. KKP never updates them, because it makes them once, one from another. */
  #staleness(secrets: readonly string[]): string {
    const { namespace, secretName, requiredSecrets } = this.names;
    const { bootstrapConfig, provisioningConfig } = requiredSecrets;
    return (
      `Machine ${this.machine}: an old token is in ${secrets.join(', ')} in namespace ${namespace}: it has been rotated ` +
      'since KKP created that. Let KKP recreate all of them, in this order: ' +
      `kubectl --namespace kube-system delete operatingsystemconfig ${this.machine}-kube-system-config; ` +
      `kubectl --namespace ${namespace} delete secret ${bootstrapConfig} ${provisioningConfig}; ` +
      `kubectl --namespace ${namespace} delete secret ${secretName}; then change a label of MachineDeployment ` +
      `${this.machine}, and run this again. Nothing has been done on the device.`
    );
  }

  /** Whether KKP is stuck: the script Secret, which it makes first, exists, but others are missing. */
  #isStuck(missing: readonly string[]): boolean {
    const { secretName, requiredSecrets } = this.names;
    return missing.includes(`Secret ${requiredSecrets.bootstrapConfig}`) && !missing.includes(`Secret ${secretName}`);
  }

  /**
   * Checks the script Secret: if it is older than the machine, KKP is blocked forever, so it is removed, or the wait ends
   * now.
   */
  async #freeOperator(what: string): Promise<void> {
    const { secretName, namespace } = this.names;
    const leftover = await this.objects.leftoverScript().catch(() => undefined);
    if (leftover === undefined) return;
    if (leftover.isOwn || this.options.removeLeftoverScript) {
      await leftover.remove();
      await pulumi.log.info(`removed Secret ${secretName} of an earlier machine ${this.machine}`, this.log);
      return;
    }
    throw new ToldError(
      `Machine ${this.machine}: missing in namespace ${namespace}: ${what}. KKP's operating-system-manager is stuck on ` +
        `Secret ${secretName}, which is older than the machine and which it never replaces. Set removeLeftoverScript: ` +
        `true, or remove it: kubectl --namespace ${namespace} delete secret ${secretName}. Nothing has been done on the ` +
        'device.',
    );
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
    const stale = Object.entries({
      [secretName]: script,
      [bootstrapConfig]: bootstrap,
      [provisioningConfig]: provisioning,
    })
      .filter(([, content]) => tokensIn(content).some((each) => each !== token))
      .map(([name]) => `Secret ${name}`);
    const [config] = yamlDocuments(kubelet) ?? [];
    const ca = valueAt(config, 'clusters', 0, 'cluster', 'certificate-authority-data');
    if (typeof ca !== 'string' || ca === '')
      return { missing: [`certificate-authority-data in Secret ${kubeletBootstrapConfig}`] };
    const secrets = { script, ca: Buffer.from(ca, 'base64').toString('utf8') };
    return { missing, stale, secrets, kubeconfig: kubelet };
  }

  #cause(missing: readonly string[]): string {
    const { secretName, namespace, requiredSecrets } = this.names;
    const lacks = (name: string): boolean => missing.includes(`Secret ${name}`);
    if (lacks(requiredSecrets.getterToken)) {
      return `KKP creates Secret ${requiredSecrets.getterToken} once per user cluster: check the cluster's health.`;
    }
    if (missing.includes('a new join token')) {
      return "KKP's operating-system-manager renews it when the MachineDeployment changes, which it has: check its log.";
    }
    if (this.#isStuck(missing)) {
      return (
        "KKP's operating-system-manager is stuck on the script Secret of an earlier machine or attempt, which it never " +
        `replaces. Remove it: kubectl --namespace ${namespace} delete secret ${secretName}`
      );
    }
    return (
      "KKP's operating-system-manager has created nothing: check its log in the seed cluster, in the namespace of the " +
      'user cluster, for this MachineDeployment.'
    );
  }
}

/** The tokens in a script or a cloud-config. The files in a cloud-config are base64-encoded, each on one line. */
function tokensIn(content: string): string[] {
  const files = [...content.matchAll(/^ *([A-Za-z0-9+/]{16,}={0,2})$/gm)];
  return [content, ...files.map(([, file = '']) => Buffer.from(file, 'base64').toString('utf8'))].flatMap((text) =>
    [...text.matchAll(/Authorization: Bearer ([^ '"]*)/g)].map(([, token = '']) => token),
  );
}
