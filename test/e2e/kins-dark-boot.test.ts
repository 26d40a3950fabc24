import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../support/random-from';
import { DarkSite } from './support/dark-site';
import { describeOnLab } from './support/lab-suite';

jest.setTimeout(1_800_000);

/** How often the site boots in the dark while its link returns at a random moment, and the seed of the moments. */
const RETURNS = Number(process.env.KINS_DARK_RETURNS ?? 2);
const SEED = Number(process.env.KINS_DARK_SEED ?? 1);

/** From the power to a workload that answers, and some more: the link returns within this. */
const WITHIN_SECONDS = 120;

/** What makes computers of the site nodes of the cloud cluster. */
const CLOUDS = [
  { kind: 'k3s', nodes: 'agents of K3s' },
  { kind: 'kubelet', nodes: 'plain kubelets' },
] as const;

for (const { kind, nodes } of CLOUDS) {
  describeOnLab(
    `a site of ${nodes} that is switched on while its cloud cannot be reached`,
    () => {
      let started: DarkSite | undefined;
      const site = (): DarkSite => {
        if (started === undefined) throw new Error('the site did not start');
        return started;
      };
      const random = randomFrom(SEED);

      beforeAll(async () => {
        started = await DarkSite.start(kind);
      });

      afterAll(async () => {
        await started?.lab.stop();
      });

      /** While something is done to the cloud or its nodes, no request may fail, and no workload be started again. */
      const expectNothingToNotice = async (seconds: number, act: () => Promise<void>): Promise<void> => {
        const running = await site().containers();
        const asked = site().requests(seconds);
        await sleep(5000);
        await act();
        const { answered, failed, slow, started: processes } = await asked;
        const why = failed.length === 0 ? [] : slow;
        expect({ failed, why, processes: processes.length }).toEqual({
          failed: [],
          why: [],
          processes: DarkSite.REPLICAS,
        });
        expect(answered).toBeGreaterThan(seconds * 10);
        expect(await site().containers()).toEqual(running);
        await site().expectItServes();
      };

      test('when kubelets of the cloud are started again, no request fails, and no workload is started again', async () => {
        await expectNothingToNotice(60, async () => {
          for (const node of site().unit.nodes) {
            await node.stopKubernetes();
            await node.startKubernetes();
          }
          await site().lab.ready();
        });
        await site().rolledOut();
      });

      test('with one server it starts by itself, with its data, and serves, as often as it has to', async () => {
        await site().goDark();
        for (let time = 0; time < 2; time++) {
          await site().boot();
          await site().expectItServes();
        }
      });

      test('when the link returns, pods take over; no request fails, and no workload is started again', async () => {
        await expectNothingToNotice(120, () => site().linkReturns());
      });

      test('one of three servers starts by itself while the others go on', async () => {
        await site().grow();
        await site().goDark();
        await site().boot([site().unit.nodes[1]!]);
        await site().expectItServes();
        await site().linkReturns();
        await site().expectItServes();
      });

      test('three servers start by themselves, also when the cloud has forgotten their nodes by then', async () => {
        const { unit } = site();
        await Promise.all(unit.nodes.map((node) => node.powerCut()));
        for (const node of unit.nodes) await unit.forgetNode(node);
        await site().goDark();
        await Promise.all(unit.nodes.map((node) => node.start()));
        await site().expectItServes();
        await site().linkReturns();
        await site().expectItServes();
      });

      test(`a link that returns at any moment of the boot does no harm (${RETURNS} times, seed ${SEED})`, async () => {
        for (let time = 0; time < RETURNS; time++) {
          await site().goDark();
          await site().boot();
          await sleep(random() * WITHIN_SECONDS * 1000);
          await site().linkReturns();
          await site().expectItServes();
        }
      });

      test('the end of the unit reaches a node that runs it by itself', async () => {
        await site().end();
        await site().ended();
      });
    },
    kind,
  );
}
