import { setTimeout as sleep } from 'node:timers/promises';

import { type KinsResources } from '../../lib';
import { UNIT } from './support/kins-unit';
import { describeOnTwoReleases } from './support/lab-suite';
import { ServingSite } from './support/serving-site';
import { UpgradeSite } from './support/upgrade-site';

jest.setTimeout(3_600_000);

/** For how long nothing may happen while changes are held back. */
const HELD_SECONDS = 45;

describeOnTwoReleases('changes of a unit with three servers', () => {
  let started: UpgradeSite | undefined;
  const site = (): UpgradeSite => {
    if (started === undefined) throw new Error('the site did not start');
    return started;
  };

  beforeAll(async () => {
    started = await UpgradeSite.start({ release: (releases) => releases.other(), limits: ['soak 5'] });
    await started.grow();
  });

  afterAll(async () => {
    await started?.lab.stop();
  });

  /** Another template for the pods of all parts. */
  const resources = (millicores: number): { readonly resources: KinsResources } => {
    const part = { cpuRequest: `${millicores}m` };
    return { resources: { server: part, cri: part, agent: part } };
  };

  /** Nobody notices what is done, and two servers are never away at once. */
  const expectNothingToNotice = async (act: () => Promise<void>): Promise<void> => {
    const running = await site().containers();
    const noticed = await site().notice(act);
    expect(noticed.requests.failed).toEqual([]);
    expect(noticed.requests.started.length).toBe(ServingSite.REPLICAS);
    expect(noticed.order.awayTogether).toEqual([]);
    expect(noticed.order.tooNew).toEqual([]);
    expect(await site().containers()).toEqual(running);
    await site().expectItServes();
  };

  test('three within twenty seconds: one server at a time, and the last one is what all run', async () => {
    await expectNothingToNotice(async () => {
      for (const millicores of [51, 52, 53]) {
        await site().change(resources(millicores));
        await sleep(8000);
      }
      await site().upgraded();
    });
  });

  const file = `/var/lib/kins/${UNIT}/releases/hold`;
  const key = async (value: string | null): Promise<void> => {
    const patch = JSON.stringify({ data: { hold: value } });
    await site().lab.kubectl([
      '-n',
      'kins-system',
      'patch',
      'configmap',
      `${UNIT}-state-kins`,
      '--type=merge',
      `-p=${patch}`,
    ]);
  };
  const onNodes = async (script: string): Promise<void> => {
    for (const node of site().unit.nodes) await node.sh(script);
  };
  const HOLDS = [
    {
      by: 'a file on the nodes',
      millicores: 61,
      hold: () => onNodes(`echo 'inventory until noon' >${file}`),
      release: () => onNodes(`rm ${file}`),
    },
    {
      by: 'a key in the cloud',
      millicores: 62,
      hold: () => key('inventory until noon'),
      release: () => key(null),
    },
  ];

  test.each(HOLDS)('held by $by nothing is replaced, and the reason is told', async ({ millicores, hold, release }) => {
    await hold();
    const before = await site().processes();
    await site().change(resources(millicores));
    await site().untilTold(/inventory until noon/);
    await sleep(HELD_SECONDS * 1000);
    expect(await site().processes()).toEqual(before);
    await release();
    await site().upgraded();
    for (const [name, processes] of await site().processes()) expect(processes).not.toEqual(before.get(name));
    expect(await site().told()).not.toContain('inventory');
    await site().expectItServes();
  });

  test('a site that loses its link in the middle of one returns to another release', async () => {
    const { first } = site().releases;
    await expectNothingToNotice(async () => {
      const before = await site().processes();
      await site().change(resources(71));
      // In the middle: when the first server has been replaced.
      await site().untilReplaced(before, 'server');
      await site().lab.link(false);
      await sleep(60_000);
      await site().change({ ...first, ...resources(72) });
      await sleep(20_000);
      await site().lab.link(true);
      await site().lab.ready();
      await site().upgraded();
    });
    expect(await site().versions()).toEqual(site().all(first));
  });
});
