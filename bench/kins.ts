// What a unit costs beside bare K3s, on the nodes of the lab of the e2e tests, side by side in one run: time until the
// first node is Ready, memory of a node, and requests that fail while every server and agent pod is replaced once. The
// limits hold against K3s with the same database, etcd; K3s with SQLite is told beside it.
//   ROUNDS=5 npm run bench:kins      needs what `npm run test:e2e` needs
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { AutonomyLevel, KinsUnit, PATIENCE, UNIT } from '../test/e2e/support/kins-unit';
import { type Lab } from '../test/e2e/support/lab';
import { type LabNode } from '../test/e2e/support/node';
import { until } from '../test/e2e/support/run';
import { webWorkload } from '../test/e2e/support/web-workload';
import { bareKubectl, prepareBare, rest, startBare, WITH_ETCD } from './bare-k3s';
import { median, shown } from './medians';
import { onLab } from './on-lab';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const REQUESTS = 1000;
const PORT = 30080;
/** Go gives memory back that it took while it started; its forced collections are two minutes apart. */
const SETTLE_MS = 150_000;
const LIMITS = { time: 1.5, mebibytes: 60, failed: 0 };
const NAMESPACE = 'kins-system';
const OF_UNIT = ['-n', NAMESPACE, '-l', `edge-constructs.io/unit=${UNIT}`];

/** MiB that all processes of a node hold. */
async function memoryOf(node: LabNode): Promise<number> {
  // By its input, because a node does not see every folder of this machine.
  const input = readFileSync(join(__dirname, 'resident.mjs'), 'utf8');
  return Number((await node.exec([process.execPath, '--input-type=module', '-'], { input })).stdout);
}

/** Seconds until the node list that `list` gives has a Ready node. */
async function secondsUntilReady(list: () => Promise<string>, start: number): Promise<number> {
  await until('a Ready node', async () => /"type":"Ready","status":"True"/.test(await list()), {
    ...PATIENCE,
    interval: 250,
  });
  return (Date.now() - start) / 1000;
}

/** Seconds until `k3s server` with nothing around it is Ready. */
async function bare(node: LabNode, options: readonly string[]): Promise<number> {
  await rest(node);
  await prepareBare(node, options);
  const start = Date.now();
  await startBare(node);
  return secondsUntilReady(() => bareKubectl(node, ['get', '--raw', '/api/v1/nodes']), start);
}

/** Seconds from the apply until the unit's first node is Ready. */
async function formed(lab: Lab, unit: KinsUnit, node: LabNode): Promise<number> {
  const manifests = unit.render(AutonomyLevel.L4);
  const start = Date.now();
  await lab.kubectl(['apply', '--server-side', '--field-manager=kubectl-edge-constructs', '-f', '-'], {
    input: manifests,
  });
  await unit.takeKubeconfig();
  const list = ['get', '--raw', '/api/v1/nodes'];
  return secondsUntilReady(async () => (await unit.kubectl(node, list)).stdout, start);
}

/** The downgrade, and then everything of the unit. */
async function end(lab: Lab, unit: KinsUnit): Promise<void> {
  await unit.apply(AutonomyLevel.L3);
  const progress = [
    'get',
    'daemonset',
    `${UNIT}-recycle-kins`,
    '-n',
    NAMESPACE,
    '-o',
    'jsonpath={.status.numberReady}',
  ];
  await until('the node recycled', async () => (await lab.kubectl(progress)).stdout === '1', PATIENCE);
  const kinds = 'daemonsets,configmaps,secrets,services,serviceaccounts,roles,rolebindings,networkpolicies';
  await lab.kubectl(['delete', kinds, ...OF_UNIT], { timeout: 300_000 });
  await until('end of all pods', async () => (await lab.kubectl(['get', 'pods', ...OF_UNIT])).stdout === '', PATIENCE);
}

/** Asks the workload from the LAN while every server and agent pod is replaced once. */
async function requestsDuringReplacement(
  lab: Lab,
  unit: KinsUnit,
  node: LabNode,
): Promise<{ ok: number; failed: number }> {
  const url = `http://${node.address}:${PORT}/`;
  await unit.kubectl(node, ['apply', '-f', '-'], { input: webWorkload(lab.images.web, PORT) });
  await unit.kubectl(node, ['rollout', 'status', 'deployment/web', '-n', 'default', '--timeout=300s'], {
    timeout: 310_000,
  });
  await until('an answer', () => lab.lan.exec(['curl', '-fsS', '-m', '5', url]), PATIENCE);
  const [file, ...args] = lab.lan.enter([join(lab.path, 'bin/web'), 'probe', '-interval', '20ms', url]);
  const probe = spawn(file!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let counted = '';
  probe.stdout.on('data', (chunk: Buffer) => (counted += chunk.toString()));
  const start = Date.now();
  for (const part of ['agent', 'server'] as const) {
    await lab.kubectl(['delete', 'pods', '-n', NAMESPACE, '-l', `edge-constructs.io/component=${part}`], {
      timeout: 300_000,
    });
    await unit.rolledOut(part);
    await unit.formed();
  }
  // No fewer than were promised, at 50 a second.
  await sleep(Math.max(0, REQUESTS * 20 + 5000 - (Date.now() - start)));
  probe.stdin.end();
  await new Promise((ended) => probe.once('close', ended));
  return JSON.parse(counted) as { ok: number; failed: number };
}

async function measure(lab: Lab, node: LabNode, other: LabNode): Promise<void> {
  const unit = new KinsUnit(lab, { hostPorts: [PORT] }, [node]);
  await unit.provideImages();
  const seconds = { sqlite: [] as number[], etcd: [] as number[], unit: [] as number[] };
  const mebibytes = { sqlite: [] as number[], etcd: [] as number[], unit: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round > 0) await end(lab, unit);
    seconds.sqlite.push(await bare(other, []));
    seconds.etcd.push(await bare(other, WITH_ETCD));
    await rest(other);
    const before = { unit: await memoryOf(node), bare: await memoryOf(other) };
    seconds.unit.push(await formed(lab, unit, node));
    // Side by side: both have the same time to settle.
    const datastore = round % 2 === 0 ? 'etcd' : 'sqlite';
    await bare(other, datastore === 'etcd' ? WITH_ETCD : []);
    await sleep(SETTLE_MS);
    mebibytes.unit.push((await memoryOf(node)) - before.unit);
    mebibytes[datastore].push((await memoryOf(other)) - before.bare);
    console.error(`round ${round + 1} of ${ROUNDS}: ${JSON.stringify({ seconds, mebibytes })}`);
  }
  const requests = await requestsDuringReplacement(lab, unit, node);
  const factor = median(seconds.unit) / median(seconds.etcd);
  const more = median(mebibytes.unit) - median(mebibytes.etcd);
  console.log(`apply to first node Ready (s, medians of ${ROUNDS})`);
  console.log(`  k3s server                  ${shown(seconds.sqlite)}`);
  console.log(`  k3s server --cluster-init   ${shown(seconds.etcd)}`);
  console.log(`  unit at L4                  ${shown(seconds.unit)}`);
  console.log(`  ${factor.toFixed(2)} times --cluster-init (limit ${LIMITS.time})`);
  console.log('memory of all that runs for it on the node (MiB, medians)');
  if (mebibytes.sqlite.length > 0) console.log(`  k3s server                  ${shown(mebibytes.sqlite)}`);
  console.log(`  k3s server --cluster-init   ${shown(mebibytes.etcd)}`);
  console.log(`  unit at L4                  ${shown(mebibytes.unit)}`);
  console.log(`  ${more.toFixed(0)} more than --cluster-init (limit ${LIMITS.mebibytes})`);
  console.log(
    `requests while every pod of server and agent is replaced: ${requests.ok} answered, ${requests.failed} failed`,
  );
  if (factor > LIMITS.time || more > LIMITS.mebibytes || requests.failed > LIMITS.failed || requests.ok < REQUESTS) {
    process.exitCode = 1;
  }
}

void onLab(measure);
