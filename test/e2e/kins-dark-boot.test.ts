import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../support/random-from';
import { AutonomyLevel, KinsUnit, PATIENCE, UNIT } from './support/kins-unit';
import { Lab } from './support/lab';
import { describeOnLab } from './support/lab-suite';
import { type LabNode } from './support/node';
import { requests } from './support/requests';
import { until } from './support/run';
import { webWorkload } from './support/web-workload';

jest.setTimeout(1_800_000);

const PORT = 30080;

/** How often the site boots in the dark while its link returns at a random moment, and the seed of the moments. */
const RETURNS = Number(process.env.KINS_DARK_RETURNS ?? 2);
const SEED = Number(process.env.KINS_DARK_SEED ?? 1);

/** From the power to a workload that answers, and some more: the link returns within this. */
const WITHIN_SECONDS = 120;

describeOnLab('a site that is switched on while its cloud cannot be reached', () => {
  let lab: Lab | undefined;
  let unit: KinsUnit;
  const theLab = (): Lab => {
    if (lab === undefined) throw new Error('the lab did not start');
    return lab;
  };
  const random = randomFrom(SEED);
  const written: string[] = [];

  const write = async (node: LabNode): Promise<void> => {
    const name = `w${written.length}`;
    const isWritten = async (): Promise<boolean> => {
      // The answer to an earlier try may have been lost.
      await unit.write(node, name).catch((error: unknown) => {
        if (!String(error).includes('AlreadyExists')) throw error;
      });
      return true;
    };
    await until('a write', isWritten, PATIENCE);
    written.push(name);
  };
  const answer = async (node: LabNode): Promise<string> => {
    const { stdout } = await theLab().lan.exec(['curl', '-fsS', '-m', '5', `http://${node.address}:${PORT}/`]);
    return stdout;
  };
  const answers = (node: LabNode): Promise<unknown> =>
    until(`an answer of ${node.name} to the LAN`, () => answer(node), PATIENCE);
  const service = async (node: LabNode): Promise<string> =>
    (await node.sh(`cat /var/log/kins-${UNIT}.service.log 2>/dev/null || true`)).stdout;
  /** Whatever the node has run itself has been handed over. */
  const handedOver = async (node: LabNode): Promise<void> => {
    const said = `nothing is left to do for unit ${UNIT}`;
    await until(`the pods on ${node.name}`, async () => (await service(node)).trim().endsWith(said), PATIENCE);
  };

  const boot = async (nodes: readonly LabNode[] = unit.nodes): Promise<void> => {
    await Promise.all(nodes.map((node) => node.powerCut()));
    await Promise.all(nodes.map((node) => node.start()));
  };
  const expectItServes = async (): Promise<void> => {
    await unit.formed();
    for (const node of unit.nodes) {
      await answers(node);
      expect(await unit.written(node)).toEqual([...written].sort());
    }
    await write(unit.nodes[0]!);
  };
  const linkReturns = async (): Promise<void> => {
    await theLab().startControlPlane();
    await theLab().ready();
    for (const node of unit.nodes) await handedOver(node);
    await unit.rolledOut('server', 'agent', 'cri');
  };

  beforeAll(async () => {
    lab = await Lab.start();
    unit = new KinsUnit(lab, { hostPorts: [PORT] });
    await unit.provideImages();
    await unit.apply(AutonomyLevel.L4);
    await unit.formed();
    const [first] = unit.nodes;
    const web = webWorkload(lab.images.web, PORT, 3);
    await until('the workload', () => unit.kubectl(first!, ['apply', '-f', '-'], { input: web }), PATIENCE);
    await Promise.all(unit.nodes.map(answers));
    await write(first!);
    await unit.rolledOut('server', 'agent', 'cri');
  });

  afterAll(async () => {
    await lab?.stop();
  });

  const goDark = (): Promise<void> => theLab().stopControlPlane();
  const grow = async (): Promise<void> => {
    await unit.apply(AutonomyLevel.L5);
    await until('three voters', async () => (await unit.voters(unit.nodes[0]!)).length === 3, PATIENCE);
    await unit.rolledOut('server', 'agent', 'cri');
  };

  test('a site with one server starts by itself, with its data, and serves, as often as it has to', async () => {
    await goDark();
    for (let time = 0; time < 2; time++) {
      await boot();
      await expectItServes();
    }
  });

  test('when the link returns, pods take over; no request fails, and no workload is started again', async () => {
    const [first] = unit.nodes;
    const running = await Promise.all(unit.nodes.map((node) => unit.containers(node)));
    const asked = requests(theLab().lan, first!.address, PORT, 120);
    await sleep(5000);
    await linkReturns();
    const { answered, failed, started } = await asked;
    expect({ failed, processes: started.length }).toEqual({ failed: [], processes: 3 });
    expect(answered).toBeGreaterThan(1200);
    expect(await Promise.all(unit.nodes.map((node) => unit.containers(node)))).toEqual(running);
    await expectItServes();
  });

  test('one of three servers starts by itself while the others go on', async () => {
    await grow();
    await goDark();
    await boot([unit.nodes[1]!]);
    await expectItServes();
    await linkReturns();
    await expectItServes();
  });

  test('three servers start by themselves, also when the cloud has forgotten their nodes by then', async () => {
    await Promise.all(unit.nodes.map((node) => node.powerCut()));
    for (const node of unit.nodes) await unit.forgetNode(node);
    await goDark();
    await Promise.all(unit.nodes.map((node) => node.start()));
    await expectItServes();
    await linkReturns();
    await expectItServes();
  });

  test(`a link that returns at any moment of the boot does no harm (${RETURNS} times, seed ${SEED})`, async () => {
    for (let time = 0; time < RETURNS; time++) {
      await goDark();
      await boot();
      await sleep(random() * WITHIN_SECONDS * 1000);
      await linkReturns();
      await expectItServes();
    }
  });

  test('the end of the unit reaches a node that runs it by itself', async () => {
    const [first, ...others] = unit.nodes;
    await first!.powerCut();
    await unit.apply(AutonomyLevel.L3);
    await unit.prune(AutonomyLevel.L5, AutonomyLevel.L3);
    await goDark();
    await first!.start();
    const isStandingIn = async (): Promise<boolean> => (await service(first!)).includes('starting its agent');
    await until('a start by the node itself', isStandingIn, PATIENCE);
    await theLab().startControlPlane();
    for (const node of [first!, ...others]) {
      const left = `ls -d /var/lib/kins/${UNIT} /run/kins/${UNIT} /etc/systemd/system/kins-* /etc/systemd/system/*/kins-* 2>/dev/null || true`;
      await until(`nothing of the unit on ${node.name}`, async () => (await node.sh(left)).stdout === '', PATIENCE);
    }
  });
});
