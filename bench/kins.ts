// What a unit costs beside bare K3s, on the nodes of the lab of the e2e tests, side by side in one run: time until the
// first node is Ready, memory of a node, and requests that fail while every server and agent pod is replaced once.
//   ROUNDS=5 npm run bench:kins      needs what `npm run test:e2e` needs
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { AutonomyLevel, KinsUnit, PATIENCE, UNIT } from '../test/e2e/support/kins-unit';
import { Lab } from '../test/e2e/support/lab';
import { type LabNode } from '../test/e2e/support/node';
import { missingPrerequisites } from '../test/e2e/support/prerequisites';
import { until } from '../test/e2e/support/run';
import { webWorkload } from '../test/e2e/support/web-workload';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const REQUESTS = 1000;
const PORT = 30080;
/** Memory settles for a while after a node is Ready. */
const SETTLE_MS = 20_000;
const LIMITS = { time: 1.5, mebibytes: 60, failed: 0 };
const NAMESPACE = 'kins-system';
const OF_UNIT = ['-n', NAMESPACE, '-l', `edge-constructs.io/unit=${UNIT}`];

interface Sample {
  readonly seconds: number;
  readonly mebibytes: number;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const shown = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(', ');

/** What all processes of a node hold; pages that several share are counted once. */
async function memoryOf(node: LabNode): Promise<number> {
  const { stdout } = await node.sh(
    "cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ { sum += $2 } END { print sum }'",
  );
  return Number(stdout) / 1024;
}

/** Seconds until the node list that `list` gives has a Ready node. */
async function secondsUntilReady(list: () => Promise<string>, start: number): Promise<number> {
  await until('a Ready node', async () => /"type":"Ready","status":"True"/.test(await list()), {
    ...PATIENCE,
    interval: 250,
  });
  return (Date.now() - start) / 1000;
}

/** `k3s server` with nothing around it, on a node of which the cloud's own K3s is off. */
async function bare(node: LabNode): Promise<Sample> {
  await node.powerCut();
  await node.start();
  await node.stopK3s();
  await node.sh(`rm -rf /var/lib/bare; printf '%s\\n' 'data-dir: /var/lib/bare' 'node-name: bare' \
    'write-kubeconfig: /run/bare.yaml' 'kubelet-arg: [config=/etc/rancher/k3s/kubelet.yaml]' \
    'disable: [coredns, local-storage, metrics-server, traefik]' >/run/bare-config.yaml`);
  const before = await memoryOf(node);
  const start = Date.now();
  await node.sh('setsid k3s server --config /run/bare-config.yaml >/var/log/bare.log 2>&1 </dev/null & sleep 0');
  const list = ['kubectl', '--kubeconfig', '/run/bare.yaml', 'get', '--raw', '/api/v1/nodes'];
  const seconds = await secondsUntilReady(async () => (await node.exec(list)).stdout, start);
  await sleep(SETTLE_MS);
  return { seconds, mebibytes: (await memoryOf(node)) - before };
}

async function formed(lab: Lab, unit: KinsUnit, node: LabNode): Promise<Sample> {
  const before = await memoryOf(node);
  const manifests = unit.render(AutonomyLevel.L4);
  const start = Date.now();
  await lab.kubectl(['apply', '--server-side', '--field-manager=edge-constructs', '-f', '-'], { input: manifests });
  await unit.takeKubeconfig();
  const list = ['get', '--raw', '/api/v1/nodes'];
  const seconds = await secondsUntilReady(async () => (await unit.kubectl(node, list)).stdout, start);
  await sleep(SETTLE_MS);
  return { seconds, mebibytes: (await memoryOf(node)) - before };
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
  const kinds = 'daemonsets,jobs,configmaps,secrets,services,serviceaccounts,roles,rolebindings,networkpolicies';
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

function report(what: string, unit: string, ours: readonly number[], theirs: readonly number[], verdict: string): void {
  console.log(`${what} (${unit}, medians of ${ours.length})`);
  console.log(`  bare k3s server  ${median(theirs).toFixed(1)}   of ${shown(theirs)}`);
  console.log(`  unit at L4       ${median(ours).toFixed(1)}   of ${shown(ours)}   ${verdict}`);
}

async function main(): Promise<void> {
  const missing = missingPrerequisites();
  if (missing !== undefined) {
    console.log(`bench: not run: ${missing}`);
    return;
  }
  const lab = await Lab.start({ agents: ['edge1', 'edge2'] });
  try {
    const [node, other] = [lab.node('edge1'), lab.node('edge2')];
    const unit = new KinsUnit(lab, { hostPorts: [PORT] }, [node]);
    unit.provideImages();
    const ours: Sample[] = [];
    const theirs: Sample[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round > 0) await end(lab, unit);
      theirs.push(await bare(other));
      await other.powerCut();
      ours.push(await formed(lab, unit, node));
    }
    const requests = await requestsDuringReplacement(lab, unit, node);
    const [time, bareTime] = [ours, theirs].map((samples) => samples.map(({ seconds }) => seconds));
    const [memory, bareMemory] = [ours, theirs].map((samples) => samples.map(({ mebibytes }) => mebibytes));
    const factor = median(time!) / median(bareTime!);
    const more = median(memory!) - median(bareMemory!);
    report('apply to first node Ready', 's', time!, bareTime!, `${factor.toFixed(2)} times (limit ${LIMITS.time})`);
    report('memory of the node', 'MiB', memory!, bareMemory!, `${more.toFixed(0)} more (limit ${LIMITS.mebibytes})`);
    console.log(
      `requests while every pod of server and agent is replaced: ${requests.ok} answered, ${requests.failed} failed`,
    );
    if (factor > LIMITS.time || more > LIMITS.mebibytes || requests.failed > LIMITS.failed || requests.ok < REQUESTS) {
      process.exitCode = 1;
    }
  } finally {
    await lab.stop();
  }
}

void main();
