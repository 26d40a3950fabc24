import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port';
import { apply } from '../../api/support/apply';
import type { Cluster } from '../../api/support/cluster';
import type { KubeObject } from '../../api/support/objects';
import { eventually } from '../../api/support/poll';
import { Supervised } from '../../api/support/process';
import type { ArgoCdEngine } from './engines';

const NAMESPACE = 'argocd';
const LIMIT_MS = 150_000;
const PART_OF = { 'app.kubernetes.io/part-of': 'argocd' };

/** What an Application says of itself. */
export interface ApplicationState {
  readonly sync: string;
  readonly revision: string;
  readonly operation: string;
  /** What its conditions and its last operation say. */
  readonly message: string;
  /** The commit that its last operation applied, or wanted to. */
  readonly syncedRevision: string;
  readonly health: string;
  /** Objects that are not as in Git. */
  readonly differing: readonly string[];
  readonly isEnding: boolean;
}

interface Application extends KubeObject {
  readonly spec?: { readonly syncPolicy?: { readonly syncOptions?: readonly string[] } };
  readonly status?: {
    readonly sync?: { readonly status: string; readonly revision?: string };
    readonly health?: { readonly status: string };
    readonly conditions?: readonly { readonly message: string }[];
    readonly operationState?: {
      readonly phase: string;
      readonly message?: string;
      readonly syncResult?: { readonly revision?: string };
    };
    readonly resources?: readonly { readonly kind: string; readonly name: string; readonly status?: string }[];
  };
}

/** Argo CD's controllers at work on the cluster of the tests, with a Git repository on disk. */
export class ArgoCd {
  readonly #cluster: Cluster;
  readonly #servers: readonly Supervised[];

  private constructor(cluster: Cluster, servers: readonly Supervised[]) {
    this.#cluster = cluster;
    this.#servers = servers;
  }

  public static async start(cluster: Cluster, { bin, crds }: ArgoCdEngine): Promise<ArgoCd> {
    for (const name of ['application', 'applicationset', 'appproject']) {
      const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '-f', join(crds, `${name}-crd.yaml`)]);
      if (code !== 0) throw new Error(`installing the CRDs of Argo CD failed: ${stderr}`);
    }
    for (const kind of ['Application', 'ApplicationSet', 'AppProject'])
      await eventually(
        `${kind} is served`,
        async () => (await cluster.resourceOf('argoproj.io/v1alpha1', kind)).kind === kind,
      );
    await apply(cluster, settings(cluster));
    const folder = join(cluster.access.folder, 'argocd');
    mkdirSync(folder, { recursive: true });
    // All that Argo CD asks of kustomize, and of the program that tells who has signed a commit: nobody has.
    const programs = {
      kustomize: `[ "$1" = version ] && echo v5.7.1 && exit\nshift\nexec ${cluster.access.kubectl} kustomize "$@"`,
      'git-verify-wrapper.sh': 'exit 0',
    };
    for (const [name, text] of Object.entries(programs))
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o700 });
    const [redis, repo, ...others] = await Promise.all(Array.from({ length: 8 }, freePort));
    const env = [
      `PATH=${folder}:${process.env.PATH}`,
      `HOME=${folder}`,
      `TMPDIR=${folder}`,
      'ARGOCD_GPG_ENABLED=false',
      'ARGOCD_SYNC_WAVE_DELAY=0',
      `ARGOCD_TLS_DATA_PATH=${folder}/tls`,
      `ARGOCD_SSH_DATA_PATH=${folder}/ssh`,
      `ARGOCD_PLUGINSOCKFILEPATH=${folder}`,
      'ARGOCD_RECONCILIATION_TIMEOUT=1h',
      'ARGOCD_REPO_SERVER_LISTEN_ADDRESS=127.0.0.1',
      `KUBECONFIG=${cluster.access.kubeconfig}`,
    ];
    const kube = [`--kubeconfig=${cluster.access.kubeconfig}`, `--namespace=${NAMESPACE}`];
    const start = (program: string, args: readonly string[]): Supervised => {
      const own = join(folder, program);
      mkdirSync(own, { recursive: true });
      return new Supervised(own, '/usr/bin/env', [
        ...env,
        program.includes('redis') ? program : join(bin, program),
        ...args,
      ]);
    };
    return new ArgoCd(cluster, [
      start('redis-server', [`--port`, String(redis), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']),
      start('argocd-repo-server', [
        '--disable-tls',
        '--client-ca-path=',
        '--address=127.0.0.1',
        '--metrics-address=127.0.0.1',
        `--port=${repo}`,
        `--metrics-port=${others[0]}`,
        `--redis=127.0.0.1:${redis}`,
        '--revision-cache-expiration=1s',
      ]),
      start('argocd-application-controller', [
        ...kube,
        '--repo-server-plaintext',
        `--repo-server=127.0.0.1:${repo}`,
        `--redis=127.0.0.1:${redis}`,
        `--metrics-port=${others[1]}`,
        '--app-resync=3600',
        '--app-resync-jitter=0',
        '--self-heal-timeout-seconds=2',
      ]),
      start('argocd-applicationset-controller', [
        ...kube,
        '--repo-server-plaintext',
        `--argocd-repo-server=127.0.0.1:${repo}`,
        `--metrics-addr=127.0.0.1:${others[2]}`,
        `--probe-addr=127.0.0.1:${others[3]}`,
        `--webhook-addr=127.0.0.1:${others[4]}`,
      ]),
    ]);
  }

  public async stop(): Promise<void> {
    for (const server of [...this.#servers].reverse()) await server.stop();
  }

  /** Commits what is in a folder and has the ApplicationSet look at it, if it is there. Returns the commit. */
  public async push(folder: string, applicationSet: string): Promise<string> {
    const git = (...args: readonly string[]): string => {
      const { stdout, stderr, status } = spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
      return stdout.trim();
    };
    git('init', '--quiet', '--initial-branch=main');
    git('add', '--all');
    git(...['-c', 'user.name=t', '-c', 'user.email=t@example.org'], 'commit', '--quiet', '--allow-empty', '-m', 'x');
    await this.refreshSet(applicationSet);
    return git('rev-parse', 'HEAD');
  }

  /** What the button Sync and `argocd app sync` do: with the options of the Application. */
  public async sync(name: string): Promise<void> {
    const found: Application | undefined = await this.#cluster.get(application(name));
    const syncOptions = found?.spec?.syncPolicy?.syncOptions ?? [];
    await this.#patch(application(name), { operation: { sync: { syncOptions } } });
  }

  /** What `argocd app delete --cascade` does, and without `cascade` what `--cascade=false` does. */
  public async delete(name: string, { cascade }: { readonly cascade: boolean }): Promise<void> {
    const path = await this.#cluster.pathOf(application(name));
    const finalizers = cascade ? ['resources-finalizer.argocd.argoproj.io'] : [];
    await this.#patch(application(name), { metadata: { finalizers } });
    await this.#cluster.request('DELETE', path);
  }

  /** What an Application says once it compares with a commit, and as long as it says it. */
  public settled(
    name: string,
    commit: string,
    wanted: (state: ApplicationState) => boolean,
  ): Promise<ApplicationState> {
    return this.#until(name, `deals with ${commit}`, (state) => state.revision === commit && wanted(state));
  }

  /** One that is not there yet comes with the next look of the ApplicationSet. */
  #refreshIfThere(name: string): (state: ApplicationState | undefined) => Promise<void> {
    return async (state) => {
      if (state !== undefined) await this.#annotate(application(name), 'refresh', 'normal');
    };
  }

  /** Has something looked at every two seconds, as its interval would: oftener, and the controller gets no further. */
  async #until(
    name: string,
    what: string,
    wanted: (state: ApplicationState) => boolean,
    refresh = this.#refreshIfThere(name),
  ): Promise<ApplicationState> {
    let last: unknown;
    try {
      return await eventually(
        `Application ${name} ${what}`,
        async () => {
          const state = await this.state(name);
          last = state;
          if (state !== undefined && wanted(state)) return state;
          await refresh(state);
          await new Promise((resolve) => setTimeout(resolve, 2000));
          return undefined;
        },
        LIMIT_MS,
      );
    } catch (error) {
      const logs = this.#servers.map((server) => server.logTail(6)).join('\n---\n');
      throw new Error(`${(error as Error).message}: ${JSON.stringify(last)}\n${logs}`, { cause: error });
    }
  }

  /** Waits until an Application says something. */
  public says(name: string, text: string): Promise<ApplicationState> {
    return this.#until(name, `says '${text}'`, ({ message }) => message.includes(text));
  }

  /** Waits until an Application that was ending is a new one of its ApplicationSet. */
  public async madeAnew(name: string, applicationSet: string): Promise<ApplicationState> {
    return this.#until(
      name,
      'is a new one',
      ({ isEnding }) => !isEnding,
      () => this.refreshSet(applicationSet),
    );
  }

  /** Waits until the ApplicationSet says something. */
  public async setSays(name: string, text: string): Promise<void> {
    await eventually(
      `ApplicationSet ${name} says '${text}'`,
      async () => {
        const found: Application | undefined = await this.#cluster.get(set(name));
        return found?.status?.conditions?.some(({ message }) => message.includes(text));
      },
      LIMIT_MS,
    );
  }

  /** Has the ApplicationSet look at the repository. */
  public refreshSet(name: string): Promise<void> {
    return this.#annotate(set(name), 'application-set-refresh', 'true');
  }

  public async state(name: string): Promise<ApplicationState | undefined> {
    const found: Application | undefined = await this.#cluster.get(application(name));
    if (found === undefined) return undefined;
    const { sync, health, conditions = [], operationState, resources = [] } = found.status ?? {};
    return {
      sync: sync?.status ?? '',
      revision: sync?.revision ?? '',
      operation: operationState?.phase ?? '',
      syncedRevision: operationState?.syncResult?.revision ?? '',
      health: health?.status ?? '',
      isEnding: found.metadata.deletionTimestamp !== undefined,
      message: [...conditions.map(({ message }) => message), operationState?.message ?? ''].join('\n'),
      differing: resources.filter(({ status }) => status === 'OutOfSync').map(({ kind, name: of }) => `${kind} ${of}`),
    };
  }

  #annotate(object: KubeObject, key: string, value: string): Promise<void> {
    return this.#patch(object, { metadata: { annotations: { [`argocd.argoproj.io/${key}`]: value } } });
  }

  async #patch(object: KubeObject, body: object): Promise<void> {
    await this.#cluster.request('PATCH', await this.#cluster.pathOf(object), {
      contentType: 'application/merge-patch+json',
      body,
    });
  }
}

function settings(cluster: Cluster): KubeObject[] {
  const own = (kind: string, name: string, more: object): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: NAMESPACE, labels: PART_OF },
    ...more,
  });
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    own('ConfigMap', 'argocd-cm', { data: { 'timeout.reconciliation': '1h' } }),
    ...['argocd-rbac-cm', 'argocd-tls-certs-cm', 'argocd-ssh-known-hosts-cm', 'argocd-gpg-keys-cm'].map((name) =>
      own('ConfigMap', name, {}),
    ),
    own('Secret', 'argocd-secret', { stringData: { 'server.secretkey': 'key-of-a-test' } }),
    clusterSecret(cluster, 'cloud-cluster', cluster.access.url),
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'default', namespace: NAMESPACE },
      spec: {
        sourceRepos: ['*'],
        destinations: [{ namespace: '*', server: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    },
  ];
}

/** An Application by name. */
function application(name: string): KubeObject {
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name, namespace: NAMESPACE } };
}

/** Makes a cluster known to Argo CD: the Secret of the guide, for the cluster of the tests under one of its addresses. */
export function clusterSecret(cluster: Cluster, name: string, server: string): KubeObject {
  const { token, caFile } = cluster.access;
  // Its certificate is for this name, whatever the address.
  const tlsClientConfig = { caData: readFileSync(caFile).toString('base64'), serverName: 'kubernetes' };
  const config = { bearerToken: token, tlsClientConfig };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE, labels: { 'argocd.argoproj.io/secret-type': 'cluster' } },
    stringData: { name, server, config: JSON.stringify(config) },
  };
}

/** The Application that a user makes for what the fleet writes for Argo CD, as the guide has it. */
export function parentApplication(name: string, folder: string): KubeObject {
  return {
    ...application(name),
    spec: {
      project: 'default',
      source: { repoURL: `file://${folder}`, targetRevision: 'HEAD', path: `dist/${name}-argocd` },
      destination: { name: 'cloud-cluster', namespace: NAMESPACE },
      syncPolicy: { automated: { prune: false, selfHeal: true } },
    },
  };
}

function set(name: string): KubeObject {
  return { ...application(name), kind: 'ApplicationSet' };
}
