import { setTimeout as sleep } from 'node:timers/promises';

import { randomFrom } from '../support/random-from';
import { describeOnTwoReleases } from './support/lab-suite';
import { lazyDisksNeed } from './support/lazy-disk';
import { UpgradeSite } from './support/upgrade-site';
import { Writer } from './support/writer';

/** How often the power of the whole site is cut, and the seed of the moments. */
const CUTS = Number(process.env.KINS_UPGRADE_CUTS ?? 2);
const SEED = Number(process.env.KINS_UPGRADE_SEED ?? 1);

/** Within this many seconds after a change was applied: some parts have changed by then, and others wait. */
const WITHIN_SECONDS = 180;
/** For so long at most the cloud cannot be reached when the power is back. */
const DARK_SECONDS = 90;

jest.setTimeout(1_200_000 + CUTS * 1_200_000);

describeOnTwoReleases('a power cut of the whole site in the middle of an upgrade', () => {
  let started: UpgradeSite | undefined;
  let identity: string;
  let writer: Writer;
  const random = randomFrom(SEED);
  const site = (): UpgradeSite => {
    if (started === undefined) throw new Error('the site did not start');
    return started;
  };

  beforeAll(async () => {
    const missing = lazyDisksNeed();
    if (missing !== undefined) process.stderr.write(`e2e: power cuts lose nothing that was not synced: ${missing}\n`);
    started = await UpgradeSite.start({
      release: (releases) => releases.other(),
      limits: ['soak 5'],
      lab: { lazyDisks: missing === undefined },
    });
    identity = await started.unit.identity(started.first);
    writer = new Writer(started.unit);
  });

  afterAll(async () => {
    await started?.lab.stop();
  });

  /** The power is cut at a random moment, every other time while the cloud cannot be reached, which comes back later. */
  const cut = async (number: number): Promise<void> => {
    const { lab } = site();
    const moment = random() * WITHIN_SECONDS;
    const dark = number % 2 === 1 ? random() * DARK_SECONDS : undefined;
    process.stderr.write(
      `e2e: cut ${number + 1} of ${CUTS}: after ${moment.toFixed(1)} s${dark === undefined ? '' : `, dark for ${dark.toFixed(1)} s`}\n`,
    );
    await sleep(moment * 1000);
    if (dark !== undefined) await lab.stopControlPlane();
    await site().boot();
    if (dark === undefined) return;
    await sleep(dark * 1000);
    await lab.startControlPlane();
  };

  // The first change is of the release; a release cannot be gone back to, so the others are of the settings.
  const changes = Array.from({ length: CUTS }, (_, number) => number);
  test.each(changes)(`loses nothing, and the upgrade goes on to its end (change %#, seed ${SEED})`, async (number) => {
    const { first } = site().releases;
    if (number === Math.ceil(CUTS / 2)) await site().grow();
    writer.start();
    try {
      await site().change({
        ...first,
        resources: { server: { cpuRequest: `${100 + number}m` }, agent: { cpuRequest: `${50 + number}m` } },
      });
      await cut(number);
      await site().lab.ready();
      await site().unit.formed();
      await site().upgraded();
    } finally {
      await writer.stop();
    }
    expect(await site().versions()).toEqual(site().all(first));
    await writer.expectNothingLost(identity);
    expect(writer.acknowledged.length).toBeGreaterThan(0);
  });
});
