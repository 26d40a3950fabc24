import { setTimeout as sleep } from 'node:timers/promises';

import { type KinsClusterProps } from '../../lib';
import { AutonomyLevel, type KinsPart, PATIENCE } from './support/kins-unit';
import { describeOnLab } from './support/lab-suite';
import { type Fault } from './support/releases';
import { until } from './support/run';
import { ServingSite } from './support/serving-site';
import { UpgradeSite } from './support/upgrade-site';

jest.setTimeout(3_600_000);

/** How long a release has to run to have proven itself, in seconds: one that crashes after a minute must not have by then. */
const soak = (seconds: number): readonly string[] => [`soak ${seconds}`, 'ready 90'];

/** For how long nothing more may happen once a release was refused: the other nodes would have followed by then. */
const QUIET_SECONDS = 45;

/** A change that must not get further than one node. */
interface BadChange {
  readonly part: KinsPart;
  readonly props: Partial<KinsClusterProps>;
  /** Does anything of it start? If not, the cloud's kubelet says why, and no node is touched. */
  readonly starts: boolean;
  readonly reason: RegExp;
}

const REASONS: Readonly<Record<Fault, RegExp>> = {
  missing: /(ErrImagePull|ImagePullBackOff).*k3s-missing/,
  'wrong-architecture': /exec format error/,
  exits: /v1\.\d+\.\d+\+k3s1 ended several times/,
  'never-ready': /v1\.\d+\.\d+\+k3s1 did not get ready/,
  'crashes-later': /v1\.\d+\.\d+\+k3s1 ended several times/,
};
const FAULTS = Object.keys(REASONS) as readonly Fault[];

describeOnLab('a bad release', () => {
  let started: UpgradeSite | undefined;
  const site = (): UpgradeSite => {
    if (started === undefined) throw new Error('the site did not start');
    return started;
  };

  beforeAll(async () => {
    started = await UpgradeSite.start({ release: ({ first }) => first, limits: soak(5) });
  });

  afterAll(async () => {
    await started?.lab.stop();
  });

  /** Nodes on which another process of K3s runs than before. */
  const touched = (before: ReadonlyMap<string, readonly string[]>, now: typeof before): string[] =>
    [...before].filter(([name, processes]) => now.get(name)?.join() !== processes.join()).map(([name]) => name);

  /** One place where a user reads why: the ConfigMap of the unit, or what the cloud's kubelet says where nothing starts. */
  const told = async ({ part, starts, reason }: BadChange): Promise<string | false> => {
    const text = starts ? await site().told() : await site().podsSay();
    if (!reason.test(text)) return false;
    if (starts) expect(text).toMatch(new RegExp(`^refused-${part} .*edge\\d`, 'm'));
    return text;
  };

  const expectItStops = async (change: BadChange): Promise<void> => {
    const { first } = site().releases;
    const running = await site().containers();
    const before = await site().processes();
    const { requests, order } = await site().notice(async () => {
      await site().change(change.props);
      await until('the reason', () => told(change), { timeout: 1_200_000, interval: 2000 });
      const isBack = async (): Promise<boolean> => {
        expect(await site().versions()).toEqual(site().all(first));
        return true;
      };
      await until('the old release on all nodes', isBack, PATIENCE);
      await sleep(QUIET_SECONDS * 1000);
    });
    expect(touched(before, await site().processes()).length).toBe(change.starts ? 1 : 0);
    expect((await site().refusedOn(change.part)).length).toBe(change.starts ? 1 : 0);
    expect((await site().record())[`refused-${change.part}`] ?? '').toMatch(change.starts ? change.reason : /^$/);
    expect(requests.failed).toEqual([]);
    expect(requests.started.length).toBe(ServingSite.REPLICAS);
    expect(order.awayTogether).toEqual([]);
    expect(await site().containers()).toEqual(running);
    await site().change({ ...first, agentOptions: {} });
    await site().upgraded();
    expect(await site().refusedOn(change.part)).toEqual([]);
    expect(await site().versions()).toEqual(site().all(first));
    await site().expectItServes();
  };

  for (const level of [AutonomyLevel.L4, AutonomyLevel.L5]) {
    test.each(FAULTS)(
      `${level}, %s: the site serves on the old release, and setting it back is all it takes`,
      async (fault) => {
        if (level === AutonomyLevel.L5) await site().grow();
        const starts = fault !== 'missing' && fault !== 'wrong-architecture';
        const props = await site().releases.bad(fault);
        site().unit.declareLimits(...soak(fault === 'crashes-later' ? 300 : 5));
        await expectItStops({ part: 'server', props, starts, reason: REASONS[fault] });
      },
    );
  }

  test('an option that the kubelet does not know stops at the first node', async () => {
    await site().grow();
    const props = { agentOptions: { 'kubelet-arg': ['no-such-option=1'] } };
    await expectItStops({ part: 'agent', props, starts: true, reason: /v1\.\d+\.\d+\+k3s1 ended several times/ });
  });
});
