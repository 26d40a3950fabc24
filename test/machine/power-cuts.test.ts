import { setTimeout as sleep } from 'node:timers/promises';

import { AutonomyLevel } from '../e2e/support/kins-unit';
import { until } from '../e2e/support/run';
import { randomFrom } from '../support/random-from';
import { PATIENCE } from './support/machine';
import { Site } from './support/site';
import { describeOnMachine } from './support/suite';

/** How often the power is cut, and the seed of the moments: a failure tells both, to be had again. */
const CUTS = Number(process.env.MACHINE_POWER_CUTS ?? 3);
const SEED = Number(process.env.MACHINE_SEED ?? 1);

/** A cut comes within this many seconds after the edge cluster has answered. */
const WITHIN_SECONDS = 60;

jest.setTimeout(3_600_000 + CUTS * 3_600_000);

describeOnMachine('power cuts of a computer that loses what was not written', () => {
  let site: Site | undefined;
  const random = randomFrom(SEED);

  afterAll(async () => {
    await site?.stop();
  });

  test(`${CUTS} of them, some without the cloud, lose nothing that was acknowledged (seed ${SEED})`, async () => {
    site = await Site.start();
    const { lab, machine, unit } = site;
    await unit.apply(AutonomyLevel.L4);
    await unit.formed();
    await site.startWorkload();
    await site.answer();
    const identity = await unit.identity(machine);
    const acknowledged: string[] = [];
    let counter = 0;
    const writeUntil = async (moment: number): Promise<void> => {
      while (Date.now() < moment) {
        const name = `w${(counter += 1)}`;
        // One that is not acknowledged promises nothing.
        await unit.write(machine, name).then(
          () => acknowledged.push(name),
          () => undefined,
        );
      }
    };

    for (let cut = 1; cut <= CUTS; cut += 1) {
      const isDark = random() < 0.5;
      const moment = Date.now() + random() * WITHIN_SECONDS * 1000;
      if (isDark) await lab.stopControlPlane();
      else await lab.startControlPlane();
      const writing = writeUntil(moment);
      await sleep(Math.max(0, moment - Date.now()));
      await machine.powerCut();
      await writing;
      await machine.start();
      await until('the edge cluster', () => unit.kubectl(machine, ['get', '--raw', '/readyz']), PATIENCE);
      expect(await unit.identity(machine)).toBe(identity);
      const written = new Set(await until('what was written', () => unit.written(machine), PATIENCE));
      expect(acknowledged.filter((name) => !written.has(name))).toEqual([]);
      await site.answer();
    }
    expect(acknowledged.length).toBeGreaterThan(0);
    await lab.startControlPlane();
    await site.ready();
    await unit.rolledOut('cri', 'server', 'agent');
  });
});
