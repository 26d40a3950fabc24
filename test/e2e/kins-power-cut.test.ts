import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { randomFrom } from '../support/random-from';
import { AutonomyLevel, KinsUnit, PATIENCE, UNIT } from './support/kins-unit';
import { Lab } from './support/lab';
import { describeOnLab } from './support/lab-suite';
import { lazyDisksNeed } from './support/lazy-disk';
import { until } from './support/run';
import { Writer } from './support/writer';

/** How often the power of the whole site is cut, and the seed of the moments: a failure tells both, to be had again. */
const CUTS = Number(process.env.KINS_POWER_CUTS ?? 6);
const SEED = Number(process.env.KINS_POWER_CUT_SEED ?? 1);

/** Cuts of one unit in each part of its life, before the next unit starts from nothing. */
const PART = 3;

/** A cut comes within this many seconds after the power came (or something was applied): long enough to be all started. */
const WITHIN_SECONDS = 40;

/** How long a node waits for pods before it starts the unit by itself. */
const WAITS_FOR_PODS_SECONDS = 60;

jest.setTimeout(600_000 + CUTS * 300_000);

describeOnLab('a power cut of the whole site', () => {
  let lab: Lab | undefined;
  let unit: KinsUnit;
  const random = randomFrom(SEED);

  /** Writes in the life of the present unit. */
  let writer: Writer;

  const cutAll = async (): Promise<void> => {
    await Promise.all(unit.nodes.map((node) => node.powerCut()));
  };
  const startAll = async (): Promise<void> => {
    await Promise.all(unit.nodes.map((node) => node.start()));
  };

  /** A site of new computers, and a unit that never was: cheaper than a new lab. */
  const beginLife = async (): Promise<void> => {
    await cutAll();
    for (const node of unit.nodes) {
      rmSync(join(node.disk, 'var/lib/kins', UNIT), { recursive: true, force: true });
      await node.settle();
    }
    await unit.apply(AutonomyLevel.L3);
    await unit.forget();
    // The API server takes a moment to go by the guard of L3, which lets a unit become anything.
    await until('the new unit', () => unit.apply(AutonomyLevel.L4));
    await startAll();
    writer = new Writer(unit);
  };

  const cutAtRandomMoments = async (times: number): Promise<void> => {
    for (let cut = 0; cut < times; cut += 1) {
      const moment = random() * WITHIN_SECONDS;
      await sleep(moment * 1000);
      await cutAll();
      await startAll();
    }
  };

  /** Every other time the cloud cannot be reached when the power returns, and the link comes back at any moment, too. */
  const cutInTheDark = async (times: number): Promise<void> => {
    for (let cut = 0; cut < times; cut += 1) {
      await sleep(random() * WITHIN_SECONDS * 1000);
      await lab!.stopControlPlane();
      await cutAll();
      await startAll();
      await sleep(random() * (WAITS_FOR_PODS_SECONDS + WITHIN_SECONDS) * 1000);
      if (cut % 2 === 1) await cutAll().then(startAll);
      await lab!.startControlPlane();
    }
  };

  const expectNothingLost = async (servers: number): Promise<void> => {
    await unit.formed();
    const [first] = unit.nodes;
    await until(`${servers} voters`, async () => (await unit.voters(first!)).length === servers, PATIENCE);
    const published = await until(
      'published identity',
      async () => (await unit.publishedIdentity()) || undefined,
      PATIENCE,
    );
    await writer.expectNothingLost(published);
  };

  beforeAll(async () => {
    const missing = lazyDisksNeed();
    if (missing !== undefined) process.stderr.write(`e2e: power cuts lose nothing that was not synced: ${missing}\n`);
    lab = await Lab.start({ lazyDisks: missing === undefined });
    unit = new KinsUnit(lab);
    await unit.provideImages();
  });

  afterAll(async () => {
    await lab?.stop();
  });

  // Whatever etcd has taken over of the cluster by then: cut too early, it would come back as a member who knows nobody.
  test.each([0, 100, 150])('a cut %i ms after the etcd of a joining server has made its files', async (moment) => {
    await beginLife();
    await unit.formed();
    await writer.write(unit.nodes[0]!);
    await unit.apply(AutonomyLevel.L5);
    const log = `var/lib/kins/${UNIT}/server/k3s/server/db/etcd/member/wal`;
    await until(
      'the log of a joining etcd',
      () => Promise.resolve(unit.nodes.slice(1).some(({ disk }) => existsSync(join(disk, log)))),
      { ...PATIENCE, interval: 2 },
    );
    await sleep(moment);
    await cutAll();
    await startAll();
    await expectNothingLost(3);
  });

  let left = CUTS;
  const lives = Math.ceil(CUTS / (3 * PART));
  const share = (): number => {
    const cuts = Math.min(Math.ceil(CUTS / (3 * lives)), left);
    left -= cuts;
    return cuts;
  };
  const plan = Array.from({ length: lives }, (_, life) => ({
    life: life + 1,
    forming: share(),
    growing: share(),
    running: share(),
  }));

  test.each(plan)(
    `unit $life: $forming cuts while it forms, $growing while it grows, $running while it runs, half of them in the dark (seed ${SEED})`,
    async ({ forming, growing, running }) => {
      await beginLife();
      await unit.takeKubeconfig();
      writer.start();
      try {
        await cutAtRandomMoments(forming);
        await expectNothingLost(1);
        await unit.apply(AutonomyLevel.L5);
        await cutAtRandomMoments(growing);
        await expectNothingLost(3);
        await cutAtRandomMoments(Math.ceil(running / 2));
        await expectNothingLost(3);
        await cutInTheDark(Math.floor(running / 2));
        await expectNothingLost(3);
      } finally {
        await writer.stop();
      }
      expect(writer.acknowledged.length).toBeGreaterThan(0);
    },
  );
});
