// What units cost the cloud cluster's API server: memory of each unit, and the time of requests that have nothing to do with
// units beside that of an API server without any, in turns. Both are real, with etcd and controller manager, as in test/api.
//   UNITS=1000 PAIRS=3000 npm run bench:cloud
import { stringify } from 'yaml';

import { AutonomyLevel } from '../lib';
import type { Cluster, Response } from '../test/api/support/cluster';
import { ControlPlane } from '../test/api/support/control-plane';
import type { KubeObject } from '../test/api/support/objects';
import { kinsObjects } from '../test/support/units';

const UNITS = Number(process.env.UNITS ?? 1000);
const PAIRS = Number(process.env.PAIRS ?? 3000);
const LIMITS = { mebibytes: 0.3, times: 1.05, policies: 2 };
const AT_ONCE = 6;
/** So long after the last change the API server has taken all in, and has let go of what it needed for that. */
const SETTLE_MS = Number(process.env.SETTLE_MS ?? 60_000);
const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
let isMissed = false;
const row = (what: string, value: string, limit?: { readonly text: string; readonly isHeld: boolean }): void => {
  const verdict = limit === undefined ? '' : `  (limit ${limit.text}: ${limit.isHeld ? 'held' : 'MISSED'})`;
  if (limit?.isHeld === false) isMissed = true;
  console.log(`${what.padEnd(62)} ${value}${verdict}`);
};

interface Memory {
  /** What is in use once everything is collected that is not. */
  readonly live: number;
  /** What the process holds; Go collects when as much again is waste. */
  readonly resident: number;
}

/** MiB of the API server. */
async function memoryOf(cluster: Cluster): Promise<Memory> {
  const resident = await metric(cluster, 'process_resident_memory_bytes');
  // What has finalizers is collected by the second.
  for (let i = 0; i < 2; i++) {
    await cluster.request('GET', '/debug/pprof/heap', { query: { gc: '1', debug: '1' }, accept: '*/*' });
  }
  return { live: await metric(cluster, 'go_memstats_heap_alloc_bytes'), resident };
}

async function metric(cluster: Cluster, name: string): Promise<number> {
  const { body } = await cluster.request('GET', '/metrics', { accept: 'text/plain' });
  const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(String(body))?.[1];
  if (found === undefined) throw new Error(`the API server has no metric ${name}`);
  return Number(found) / 2 ** 20;
}

const unit = (i: number): KubeObject[] =>
  kinsObjects(`unit-${i}`, AutonomyLevel.L4, { nodes: ['a', 'b', 'c'].map((node) => `node-${i}-${node}`) });

async function applyAll(cluster: Cluster): Promise<void> {
  const shared = new Set<string>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < UNITS; i = next++) {
      for (const object of unit(i)) {
        const path = await cluster.pathOf(object);
        if (shared.has(path)) continue;
        shared.add(path);
        const query = { fieldManager: 'kubectl-edge-constructs' };
        const contentType = 'application/apply-patch+yaml';
        expectDone(await cluster.request('PATCH', path, { contentType, query, body: object }));
      }
    }
  };
  // What all units have comes first.
  for (const object of unit(0).filter(({ kind }) => kind === 'Namespace')) {
    expectDone(await cluster.request('POST', '/api/v1/namespaces', { body: object }));
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function expectDone({ status, body }: Response): void {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
}

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { a: '1' },
});

/** Requests that are no unit's; nothing of them is stored, because etcd's share would hide what admission takes. */
const REQUESTS: Readonly<Record<string, (cluster: Cluster) => Promise<Response>>> = {
  create: (cluster) => cluster.request('POST', CONFIG_MAPS, { query: { dryRun: 'All' }, body: configMap('new') }),
  update: (cluster) =>
    cluster.request('PUT', `${CONFIG_MAPS}/there`, { query: { dryRun: 'All' }, body: configMap('there') }),
  delete: (cluster) => cluster.request('DELETE', `${CONFIG_MAPS}/there`, { query: { dryRun: 'All' } }),
};

/** Milliseconds of each request, with units and without, in turns, so that what else the machine does meets both. */
async function timesOf(
  request: (cluster: Cluster) => Promise<Response>,
  clusters: readonly Cluster[],
): Promise<readonly number[]> {
  const times = clusters.map((): number[] => []);
  for (let pair = 0; pair < PAIRS; pair++) {
    for (const i of pair % 2 === 0 ? [0, 1] : [1, 0]) {
      const start = process.hrtime.bigint();
      expectDone(await request(clusters[i]!));
      times[i]!.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  return times.map(median);
}

async function main(): Promise<void> {
  const planes: ControlPlane[] = [];
  try {
    for (let i = 0; i < 2; i++) planes.push(await ControlPlane.start());
    const [withUnits, without] = planes.map(({ cluster }) => cluster) as [Cluster, Cluster];
    for (const cluster of [withUnits, without]) {
      expectDone(await cluster.request('POST', CONFIG_MAPS, { body: configMap('there') }));
    }
    await sleep(SETTLE_MS);
    const before = await memoryOf(withUnits);
    await applyAll(withUnits);
    await sleep(SETTLE_MS);
    const after = await memoryOf(withUnits);

    const bytes = unit(0).filter(({ kind, metadata }) => kind !== 'Namespace' && !metadata.name.startsWith('kins-'));
    row('objects of a unit', String(bytes.length));
    row('a unit as YAML, KB', (stringify(bytes).length / 1000).toFixed(0));
    const { items } = (await withUnits.request('GET', POLICIES)).body as { items: unknown[] };
    row(`admission policies for ${UNITS} units`, String(items.length), {
      text: `${LIMITS.policies} for all`,
      isHeld: items.length <= LIMITS.policies,
    });
    const each = (after.live - before.live) / UNITS;
    row(`memory of the API server for a unit, of ${UNITS}, MiB`, each.toFixed(3), {
      text: `${LIMITS.mebibytes} MiB`,
      isHeld: each <= LIMITS.mebibytes,
    });
    row('  live, without and with all units, MiB', `${before.live.toFixed(0)}, ${after.live.toFixed(0)}`);
    row('  resident, waste and all, MiB', `${before.resident.toFixed(0)}, ${after.resident.toFixed(0)}`);
    for (const [name, request] of Object.entries(REQUESTS)) {
      for (let i = 0; i < 300; i++) for (const cluster of [withUnits, without]) expectDone(await request(cluster)); // warms up
      const [ours = 0, bare = 0] = await timesOf(request, [withUnits, without]);
      const times = ours / bare;
      row(`${name} of a ConfigMap that is no unit's, ms with and without`, `${ours.toFixed(3)}, ${bare.toFixed(3)}`);
      row('  times', times.toFixed(3), { text: `${LIMITS.times} times`, isHeld: times <= LIMITS.times });
    }
  } finally {
    for (const plane of planes) await plane.stop();
  }
}

main()
  .then(() => (process.exitCode = isMissed ? 1 : 0))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
