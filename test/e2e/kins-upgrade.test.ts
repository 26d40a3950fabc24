import { AutonomyLevel } from './support/kins-unit';
import { describeOnTwoReleases } from './support/lab-suite';
import { ServingSite } from './support/serving-site';
import { UpgradeSite } from './support/upgrade-site';

jest.setTimeout(3_600_000);

/** For what a release needs to have proven itself, in seconds. Real units take 15 minutes. */
const SOAK = 'soak 5';

describeOnTwoReleases('an upgrade from one release of K3s to the next', () => {
  let started: UpgradeSite | undefined;
  const site = (): UpgradeSite => {
    if (started === undefined) throw new Error('the site did not start');
    return started;
  };

  beforeAll(async () => {
    started = await UpgradeSite.start({ release: (releases) => releases.other(), limits: [SOAK] });
  });

  afterAll(async () => {
    await started?.lab.stop();
  });

  /** Declares the release on PATH and waits. Nobody notices, and nothing is ever in the wrong order. */
  const upgrade = async (): Promise<void> => {
    const { first } = site().releases;
    const running = await site().containers();
    const begin = Date.now();
    const { requests, api, order } = await site().notice(async () => {
      await site().change(first);
      await site().upgraded();
    });
    process.stderr.write(
      `e2e: an upgrade at ${site().servers.length === 1 ? AutonomyLevel.L4 : AutonomyLevel.L5} took ` +
        `${Math.round((Date.now() - begin) / 1000)} s; of ${requests.answered + requests.failed.length} requests ` +
        `${requests.failed.length} failed, ${requests.slow.length} took over 0.5 s; the API was asked ${api.asked} times ` +
        `on ${site().last.name}, in vain ${api.failed.length} times, and ${api.refused.length} times while its agent was away; ` +
        `at most ${api.longestGap / 1000} s without an answer\n` +
        `e2e: in this order: ${order.versions.join(', ')}\n`,
    );
    expect({ ...requests, answered: undefined, slow: undefined, started: requests.started.length }).toEqual({
      failed: [],
      started: ServingSite.REPLICAS,
    });
    expect(order.awayTogether).toEqual([]);
    expect(order.tooNew).toEqual([]);
    expect(await site().versions()).toEqual(site().all(first));
    expect(await site().containers()).toEqual(running);
    await site().expectItServes();
  };

  test('a unit of the other release forms, and its servers and kubelets say that they are of it', async () => {
    expect(await site().versions()).toEqual(site().all(await site().releases.other()));
    await site().expectItServes();
  });

  test('L4: no request fails, no workload is started again, and the data is there', async () => {
    await upgrade();
  });

  // K3s' load balancer sends to a server from when its supervisor answers, which is some seconds before its API is ready.
  test('L5: nor is there a moment at which fewer than two servers answer', async () => {
    await site().beginAnew(await site().releases.other());
    await site().grow();
    expect(await site().versions()).toEqual(site().all(await site().releases.other()));
    await upgrade();
  });
});
