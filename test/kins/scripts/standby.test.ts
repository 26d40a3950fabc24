import { utimesSync } from 'node:fs';
import { PARTS, prepareStandby, standbyEnvironment, type Part } from './support/standby';
import { inEachShell, World, type Run } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepareStandby(world);
});
afterEach(() => {
  world.dispose();
});

/** A container that runs until it is told to end, and ends then. */
const OBEYS = (part: Part): string => `while [ ! -e "$WORLD/told-${part}" ]; do /bin/sleep 0.02; done; exit 0\n`;
/** One that takes no notice, and ends when it is removed by force. */
const STUBBORN = (part: Part): string =>
  `rm -f "$WORLD/deleted-${part}"; while [ ! -e "$WORLD/deleted-${part}" ]; do /bin/sleep 0.02; done; exit 137\n`;
/** Lets a container go on once others run, too. */
const ONCE_RUNNING = (...parts: readonly Part[]): string =>
  parts.map((part) => `until grep -q '^${part}: run' "$WORLD/log"; do /bin/sleep 0.02; done\n`).join('');

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'standby.sh', { env: standbyEnvironment(world, more), args: ['test'] });
  const does = (part: Part, text: string): void => {
    world.write(`does-${part}`, text);
  };
  /** What happened to the container of a part, in turn. */
  const lifeOf = (part: Part): string[] =>
    world.log().flatMap((line) => (line.startsWith(`${part}: `) ? [line.slice(part.length + 2)] : []));
  const runs = (part: Part): number => lifeOf(part).filter((line) => line === 'run').length;
  const given = (part: Part): string[] =>
    (JSON.parse(world.read(`config-${part}.json`)) as { process: { env: string[] } }).process.env;
  const OVER = 'standby: nothing is left to do for unit test\n';

  test('tries each part once, and does nothing more where pods have all of them', async () => {
    const { code, output } = await start();
    expect(code).toBe(0);
    expect(output).toContain(OVER);
    for (const part of PARTS) expect([part, lifeOf(part)]).toEqual([part, ['deleted', 'deleted', 'run', 'deleted']]);
  });

  test('starts a part that nobody runs, and again when it ends, until a pod has it', async () => {
    does('agent', 'echo once >>"$WORLD/times"; [ "$(grep -c once "$WORLD/times")" -gt 2 ] && exit 75; exit 3\n');
    const { code, output } = await start();
    expect(code).toBe(0);
    const again = 'standby: the agent of unit test has ended with code 3: starting it again\n';
    const started = output.split('\n').filter((line) => line.includes('runs the agent'));
    expect(started).toEqual(['standby: no pod runs the agent of unit test: starting it on this node']);
    expect(output.split(again)).toHaveLength(3);
    expect([runs('cri'), runs('agent'), runs('server')]).toEqual([1, 3, 1]);
  });

  test('goes on as long as one part is run by the node', async () => {
    does('cri', 'while [ ! -e "$WORLD/pod-is-there" ]; do /bin/sleep 0.02; done; exit 75\n');
    const sleeps = '[ "$(grep -c "^sleep 1$" "$WORLD/log")" -lt 20 ] || : >"$WORLD/pod-is-there"\n';
    world.write('while-it-waits', sleeps);
    expect((await start()).code).toBe(0);
    expect(world.log().filter((line) => line === 'sleep 1').length).toBeGreaterThanOrEqual(20);
    expect(lifeOf('cri')).not.toContain('told TERM');
  });

  test('ends what it runs, and starts nothing more, once the unit has ended', async () => {
    does('cri', OBEYS('cri'));
    does('agent', `${ONCE_RUNNING('cri')}: >"$LIB_ROOT/test/standby/ended"; exit 0\n`);
    const { code, output } = await start();
    expect(code).toBe(0);
    expect(lifeOf('cri')).toEqual(['deleted', 'deleted', 'run', 'told TERM', 'deleted']);
    expect(runs('agent')).toBe(1);
    expect(output).not.toContain('did not end in time');
  });

  test.each([
    ['that has ended already', 'test/standby/ended'],
    ['whose files are gone', ''],
  ])('starts nothing of a unit %s', async (_, mark) => {
    if (mark === '') world.remove('lib/test/standby');
    else world.write(`lib/${mark}`, '');
    const { code, output } = await start();
    expect([code, output]).toEqual([0, OVER]);
    expect(PARTS.map(runs)).toEqual([0, 0, 0]);
  });

  test('told to end, it ends all parts as a kubelet does: first they are asked to, what does not is killed', async () => {
    does('cri', OBEYS('cri'));
    does('server', STUBBORN('server'));
    does('agent', `${ONCE_RUNNING('cri', 'server')}command kill -TERM "$(cat "$WORLD/pid")"\n${OBEYS('agent')}`);
    const { code, output } = await start({ END_SECONDS: '1' });
    expect(code).toBe(0);
    for (const part of PARTS) expect([part, lifeOf(part).slice(2)]).toEqual([part, ['run', 'told TERM', 'deleted']]);
    expect(output).toContain('standby: some parts did not end in time and are killed\n');
    expect(output).toContain(OVER);
  });

  test('what a service that was killed has left is removed before anything is started', async () => {
    const roots = PARTS.map((part) => world.at(`run/test/standby/${part}/root`));
    world.write('mounts', roots.map((root) => `${root}\n`).join(''));
    for (const mark of ['stop', 'cri.done', 'agent.done', 'server.done']) world.write(`run/test/standby/${mark}`, '');
    does('cri', 'grep -c deleted "$WORLD/log" >"$WORLD/deleted"; exit 75\n');
    await start();
    expect(Number(world.read('deleted'))).toBeGreaterThanOrEqual(3);
    expect(PARTS.map(runs)).toEqual([1, 1, 1]);
    expect(world.read('mounts')).toBe('');
  });

  test.each([
    ['no release is noted', 'lib/test/standby/agent.release'],
    ['the release is gone', 'lib/test/releases/r1'],
  ])('a part of which %s is not started, and the others are', async (_, gone) => {
    if (gone.endsWith('r1')) {
      world.write('lib/test/standby/agent.release', 'r0\n');
    } else {
      world.remove(gone);
    }
    const { code } = await start();
    expect([code, ...PARTS.map(runs)]).toEqual([0, 1, 0, 1]);
  });

  test('the lock of the packet filter is there for those who mount it', async () => {
    await start();
    expect(world.read('xtables.lock')).toBe('');
  });

  describe('a clock that has begun anew', () => {
    const seen = (seconds: number): void => {
      world.write('lib/test/standby/seen', '');
      utimesSync(world.at('lib/test/standby/seen'), seconds, seconds);
    };
    const set = (): string[] => world.log().filter((line) => line.startsWith('date'));

    test('goes on from when the node was last seen working, before anything is started', async () => {
      seen(1_800_000_100);
      const { output } = await start();
      expect(set()).toEqual(['date -s @1800000100']);
      expect(output).toContain('standby: the clock says the time, which is before this node was last seen working');
      expect(world.log().indexOf('date -s @1800000100')).toBeLessThan(
        world.log().findIndex((line) => /run$/.test(line)),
      );
    });

    test('is told where it cannot be set, and the unit is started', async () => {
      seen(1_800_000_100);
      world.write('clock-is-fixed', '');
      const { output } = await start();
      expect(output).toContain('standby: the clock cannot be set: certificates of the unit may not be valid yet\n');
      expect(PARTS.map(runs)).toEqual([1, 1, 1]);
    });

    test('is left alone where it is later than that, or nobody knows', async () => {
      await start();
      seen(1_799_999_999);
      await start();
      expect(set()).toEqual([]);
    });
  });

  describe('the address of the node', () => {
    test('is the one that it had, also among several', async () => {
      world.write('addresses', '2: eth0 inet 192.0.2.99/24\n3: eth1 inet 192.0.2.20/24\n');
      await start();
      for (const part of PARTS) expect(given(part)).toContain('HERE=192.0.2.20');
    });

    test.each(['192.0.2.20\n', ''])('is that by which it reaches others when it was %j', async (known) => {
      world.write('lib/test/standby/address', known);
      world.write('addresses', '2: eth0 inet 198.51.100.7/24\n3: wlan0 inet 203.0.113.9/24\n');
      world.write('default-route', 'default via 203.0.113.1 dev wlan0\ndefault via 198.51.100.1 dev eth0 metric 9\n');
      await start();
      for (const part of PARTS) expect(given(part)).toContain('HERE=203.0.113.9');
    });

    test('is waited for, which is said once', async () => {
      world.write('addresses', '1: lo inet 127.0.0.1/8\n');
      world.write('default-route', '');
      world.write(
        'while-it-waits',
        '[ "$(grep -c "^sleep 0.1$" "$WORLD/log")" -lt 9 ] || echo "2: eth0 inet 192.0.2.20/24" >"$WORLD/addresses"\n',
      );
      const { output } = await start();
      const word = 'standby: this node has no IPv4 address on a network yet: waiting for one\n';
      expect(output.split(word).length - 1).toBeLessThanOrEqual(PARTS.length);
      expect(output).toContain(word);
      expect(given('cri')).toContain('HERE=192.0.2.20');
    });
  });

  test('names that the pods knew are known', async () => {
    await start();
    for (const part of PARTS) expect(world.read(`hosts-${part}`)).toBe('192.0.2.1 test-servers-kins\n');
  });
});
