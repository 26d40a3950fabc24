// From the power to a workload that answers the LAN, while the cloud can't be reached: a unit beside bare K3s with the same
// database that a service starts, on the nodes of the lab of the e2e tests, in turns.
//   ROUNDS=5 npm run bench:kins-boot      needs what `npm run test:e2e` needs
import { AutonomyLevel, KinsUnit, PATIENCE } from '../test/e2e/support/kins-unit';
import { type Lab } from '../test/e2e/support/lab';
import { type LabNode } from '../test/e2e/support/node';
import { until } from '../test/e2e/support/run';
import { webWorkload } from '../test/e2e/support/web-workload';
import { bareKubectl, prepareBare, rest, startBare, startBareAtBoot, WITH_ETCD } from './bare-k3s';
import { median, shown } from './medians';
import { onLab } from './on-lab';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const LIMIT = 1.2;
const PORT = 30080;

async function answers(lab: Lab, node: LabNode): Promise<void> {
  const argv = ['curl', '-fsS', '-m', '1', `http://${node.address}:${PORT}/`];
  await until(`an answer of ${node.name}`, () => lab.lan.exec(argv), { ...PATIENCE, interval: 250 });
}

/** Seconds from the power to an answer. */
async function boot(lab: Lab, node: LabNode): Promise<number> {
  await node.powerCut();
  const start = Date.now();
  await node.start();
  await answers(lab, node);
  return (Date.now() - start) / 1000;
}

async function provideBare(lab: Lab, node: LabNode): Promise<void> {
  await rest(node);
  await prepareBare(node, WITH_ETCD);
  const images = '/var/lib/bare/agent/images';
  await node.sh(`mkdir -p ${images}; cp /var/lib/rancher/k3s/agent/images/*.tar ${images}/`);
  await startBare(node);
  const web = webWorkload(lab.images.web, PORT, 1);
  await until('the workload of bare K3s', () => bareKubectl(node, ['apply', '-f', '-'], web), PATIENCE);
  await answers(lab, node);
  // As a unit does not, K3s imports them at each start.
  await node.sh(`rm ${images}/*.tar`);
  await startBareAtBoot(node);
}

async function provideUnit(lab: Lab, node: LabNode): Promise<void> {
  const unit = new KinsUnit(lab, { hostPorts: [PORT] }, [node]);
  await unit.provideImages();
  await unit.apply(AutonomyLevel.L4);
  await unit.formed();
  const web = webWorkload(lab.images.web, PORT, 1);
  await until('the workload of the unit', () => unit.kubectl(node, ['apply', '-f', '-'], { input: web }), PATIENCE);
  await answers(lab, node);
  await unit.rolledOut('server', 'agent', 'cri');
}

async function measure(lab: Lab, node: LabNode, other: LabNode): Promise<void> {
  await provideUnit(lab, node);
  await node.powerCut();
  await provideBare(lab, other);
  await other.powerCut();
  await lab.stopControlPlane();
  const seconds = { bare: [] as number[], unit: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    seconds.unit.push(await boot(lab, node));
    await node.powerCut();
    seconds.bare.push(await boot(lab, other));
    await other.powerCut();
    console.error(`round ${round + 1} of ${ROUNDS}: ${JSON.stringify(seconds)}`);
  }
  const factor = median(seconds.unit) / median(seconds.bare);
  console.log(`power to an answer of a workload, without the cloud (s, medians of ${ROUNDS})`);
  console.log(`  k3s server --cluster-init   ${shown(seconds.bare)}`);
  console.log(`  unit at L4                  ${shown(seconds.unit)}`);
  console.log(`  ${factor.toFixed(2)} times --cluster-init (limit ${LIMIT})`);
  if (factor > LIMIT) process.exitCode = 1;
}

void onLab(measure);
