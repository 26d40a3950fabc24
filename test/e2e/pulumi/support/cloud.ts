import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cluster } from '../../../api/support/cluster';
import { ControlPlane } from '../../../api/support/control-plane';
import type { KubeObject } from '../../../api/support/objects';
import { EdgeClusterDouble } from '../edge-cluster-double';
import { Backend, type Stack } from '../engine';

/** What a cluster and an engine are made of while tests run. */
interface Running {
  readonly plane: ControlPlane;
  readonly double: EdgeClusterDouble;
  readonly backend: Backend;
}

/** A cloud cluster with a stand-in for its edge clusters, and a backend for stacks. */
export class Cloud {
  /** Texts that the backend must not hold in clear. */
  readonly secrets: string[] = [];
  #running: Running | undefined;

  async start(): Promise<void> {
    const plane = await ControlPlane.start();
    const double = new EdgeClusterDouble(plane.cluster, randomBytes(20).toString('hex'));
    double.start();
    this.#running = { plane, double, backend: new Backend() };
    this.secrets.push(plane.cluster.access.token, double.credential);
  }

  async stop(): Promise<void> {
    const { plane, double, backend } = this.#parts;
    backend.dispose();
    await double.stop();
    await plane.stop();
  }

  get cluster(): Cluster {
    return this.#parts.plane.cluster;
  }

  get double(): EdgeClusterDouble {
    return this.#parts.double;
  }

  get backend(): Backend {
    return this.#parts.backend;
  }

  get kubeconfig(): string {
    return readFileSync(this.cluster.access.kubeconfig, 'utf8');
  }

  async exists(apiVersion: string, kind: string, name: string, namespace?: string): Promise<boolean> {
    return (await this.cluster.get({ apiVersion, kind, metadata: { name, namespace } })) !== undefined;
  }

  /** The generation or resource version of every object with a label, which tells whether one was changed. */
  async versions(label: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const kind of [
      'configmaps',
      'secrets',
      'services',
      'serviceaccounts',
      'daemonsets.apps',
      'roles.rbac.authorization.k8s.io',
    ]) {
      const { stdout } = await this.cluster.kubectl(['get', kind, '-A', '-l', label, '-o', 'json']);
      for (const { kind: each, metadata } of (JSON.parse(stdout) as { items: KubeObject[] }).items) {
        found[`${each}/${metadata.name}`] = String(metadata.generation ?? metadata.resourceVersion);
      }
    }
    return found;
  }

  get #parts(): Running {
    if (this.#running === undefined) throw new Error('the cloud cluster is used before it has started');
    return this.#running;
  }
}

/** A cloud for the tests of a block; after each of them, no secret may be in clear in the backend. */
export function withCloud(): Cloud {
  const cloud = new Cloud();
  beforeAll(() => cloud.start());
  afterAll(() => cloud.stop());
  afterEach(() => {
    for (const secret of cloud.secrets) expect(cloud.backend.occurrences(secret)).toEqual([]);
  });
  return cloud;
}

/** Up again, previewed and refreshed: nothing changes. */
export async function isSettled(stack: Stack): Promise<void> {
  await stack.run('preview', '--expect-no-changes');
  await stack.run('up', '--yes', '--skip-preview', '--expect-no-changes');
  await stack.run('refresh', '--yes', '--skip-preview', '--expect-no-changes');
}
