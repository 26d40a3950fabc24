import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { apply } from '../../api/support/apply';
import type { Cluster } from '../../api/support/cluster';
import type { KubeObject } from '../../api/support/objects';
import { eventually } from '../../api/support/poll';
import { Supervised } from '../../api/support/process';
import type { FluxEngine } from './engines';

const NAMESPACE = 'flux-system';
const LIMIT_MS = 90_000;

/** A Kustomization by its name, in Flux's own namespace if none is given. */
export type KustomizationName = string | { readonly name: string; readonly namespace: string };

/** What a Kustomization says of itself. */
export interface KustomizationState {
  readonly ready: string;
  readonly reason: string;
  readonly message: string;
  readonly revision: string;
  readonly isEnding: boolean;
}

interface Kustomization extends KubeObject {
  readonly status?: {
    readonly lastAttemptedRevision?: string;
    readonly lastHandledReconcileAt?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly observedGeneration?: number;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

/**
 * Flux's kustomize-controller at work on the cluster of the tests. Its source is a folder that the test hands over, as a
 * tarball, in the place of Flux's source-controller.
 */
export class Flux {
  readonly #cluster: Cluster;
  readonly #controller: Supervised;
  readonly #server: Server;
  readonly #tarballs = new Map<string, Buffer>();
  #count = 0;

  private constructor(cluster: Cluster, controller: Supervised, server: Server) {
    this.#cluster = cluster;
    this.#controller = controller;
    this.#server = server;
    server.on('request', (request, response) => {
      const tarball = this.#tarballs.get(request.url ?? '');
      response.statusCode = tarball === undefined ? 404 : 200;
      response.end(tarball);
    });
  }

  public static async start(cluster: Cluster, { program, crds }: FluxEngine): Promise<Flux> {
    const { code, stderr } = await cluster.kubectl(['apply', '--server-side', `--filename=${crds}`]);
    if (code !== 0) throw new Error(`installing the CRDs of Flux failed: ${stderr}`);
    await apply(cluster, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }]);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const folder = join(cluster.access.folder, 'flux');
    mkdirSync(folder, { recursive: true });
    await eventually('the kinds of Flux are served', async () => {
      const { status } = await cluster.request('GET', '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations');
      return status === 200;
    });
    const controller = new Supervised(folder, '/usr/bin/env', [
      `KUBECONFIG=${cluster.access.kubeconfig}`,
      `RUNTIME_NAMESPACE=${NAMESPACE}`,
      `TMPDIR=${folder}`,
      program,
      '--metrics-addr=0',
      '--health-addr=0',
      '--requeue-dependency=1s',
      '--min-retry-delay=1s',
      '--max-retry-delay=3s',
      '--interval-jitter-percentage=0',
    ]);
    return new Flux(cluster, controller, server);
  }

  public async stop(): Promise<void> {
    await this.#controller.stop();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Hands over the folder `dist` in a folder as a new revision, as a push to the branch does. Returns the revision. */
  public async push(folder: string): Promise<string> {
    const { stdout, status } = spawnSync('tar', ['-czf', '-', '-C', folder, 'dist'], { maxBuffer: 64 << 20 });
    if (status !== 0) throw new Error('tar failed');
    this.#count++;
    const path = `/${this.#count}.tar.gz`;
    this.#tarballs.set(path, stdout);
    const revision = `main@sha1:${String(this.#count).padStart(40, '0')}`;
    const repository = {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'fleet', namespace: NAMESPACE },
      spec: { interval: '1h', url: 'https://git.example.org/fleet.git' },
    };
    await apply(this.#cluster, [repository]);
    const { port } = this.#server.address() as AddressInfo;
    const response = await this.#cluster.request('PATCH', `${await this.#cluster.pathOf(repository)}/status`, {
      contentType: 'application/merge-patch+json',
      body: {
        status: {
          artifact: {
            digest: `sha256:${createHash('sha256').update(stdout).digest('hex')}`,
            lastUpdateTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
            path,
            revision,
            url: `http://127.0.0.1:${port}${path}`,
          },
          conditions: [
            {
              type: 'Ready',
              status: 'True',
              reason: 'Succeeded',
              message: 'stored',
              lastTransitionTime: new Date().toISOString(),
            },
          ],
        },
      },
    });
    if (response.status !== 200) throw new Error(`the artifact was refused: ${JSON.stringify(response.body)}`);
    return revision;
  }

  /** What a Kustomization says once it has dealt with a revision; undefined when it is gone. */
  public async settled(name: string, revision: string): Promise<KustomizationState> {
    let last: unknown;
    try {
      return await eventually(
        `Kustomization ${name} has dealt with ${revision}`,
        async () => {
          const kustomization = await this.get(name);
          last = kustomization?.status?.conditions;
          const state = kustomization && stateOf(kustomization);
          return state !== undefined && state.ready !== 'Unknown' && state.revision === revision ? state : undefined;
        },
        LIMIT_MS,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${JSON.stringify(last)}\n${this.#controller.logTail(8)}`, {
        cause: error,
      });
    }
  }

  /** Waits until a Kustomization says something. */
  public async says(name: KustomizationName, message: RegExp): Promise<KustomizationState> {
    return eventually(
      `Kustomization ${kustomization(name).metadata.name} says ${String(message)}`,
      async () => {
        const kustomization = await this.get(name);
        const state = kustomization && stateOf(kustomization);
        return state !== undefined && message.test(state.message) ? state : undefined;
      },
      LIMIT_MS,
    );
  }

  public async get(name: KustomizationName): Promise<Kustomization | undefined> {
    return await this.#cluster.get(kustomization(name));
  }

  /** Has a Kustomization do its work once more, as its interval would. */
  public async reconcile(name: KustomizationName): Promise<KustomizationState> {
    const at = new Date().toISOString();
    const body = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': at } } };
    await this.#cluster.request('PATCH', await this.#cluster.pathOf(kustomization(name)), {
      contentType: 'application/merge-patch+json',
      body,
      query: { fieldManager: 'flux' },
    });
    return eventually(
      `Kustomization ${kustomization(name).metadata.name} was reconciled again`,
      async () => {
        const found = await this.get(name);
        if (found?.status?.lastHandledReconcileAt !== at) return undefined;
        const state = stateOf(found);
        return state.ready === 'Unknown' ? undefined : state;
      },
      LIMIT_MS,
    );
  }
}

/** The Kustomization that a user makes for what the fleet writes for Flux, as the guide has it. */
export function parentKustomization(name: string): KubeObject {
  return {
    ...kustomization(name),
    spec: {
      interval: '10m',
      path: `./dist/${name}-flux`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
    },
  };
}

function kustomization(name: KustomizationName): KubeObject {
  const metadata = typeof name === 'string' ? { name, namespace: NAMESPACE } : name;
  return { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata };
}

function stateOf({ metadata, status }: Kustomization): KustomizationState {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    // Not the generation beside the conditions: that is the last one that Flux succeeded with.
    ready: ready !== undefined && ready.observedGeneration === metadata.generation ? ready.status : 'Unknown',
    reason: ready?.reason ?? '',
    message: ready?.message ?? '',
    revision: status?.lastAttemptedRevision ?? '',
    isEnding: metadata.deletionTimestamp !== undefined,
  };
}
