import type { ChildProcess } from 'node:child_process';
import { recordOf, writeRecord } from './support/gate';
import {
  AFTER,
  BEFORE,
  CHANGED,
  DATA,
  does,
  earlierPod,
  env,
  OWN,
  PART,
  prepare,
  R1,
  SAVED,
  starts,
  runsUntil,
  writesData,
} from './support/trial';
import { inEachShell, World, type Run } from './support/world';

let world: World;
let earlier: ChildProcess | undefined;

beforeEach(() => {
  world = new World();
  prepare(world);
  world.write('never-ready', '');
});
afterEach(() => {
  if (earlier?.pid !== undefined && earlier.exitCode === null) process.kill(-earlier.pid, 'SIGKILL');
  earlier = undefined;
  world.dispose();
});

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}, stopAtSleep = 2000): Promise<Run> =>
    world.run(shell, 'server.sh', { env: env(world, more), stopAtSleep });
  const trial = (): string | null => (world.has(`${PART}/trial`) ? world.read(`${PART}/trial`) : null);
  const hold = (): void => {
    world.write('lib/releases/hold', 'ask Ann');
  };
  const held = (): string => `held on this node by ${world.at('lib/releases/hold')}: ask Ann`;

  test('a pod of the release that has proven itself just starts', async () => {
    await start({ KINS_REVISION: 'a' });
    expect(starts(world)).toEqual([OWN]);
    expect([trial(), world.has(SAVED), recordOf(world)]).toEqual([null, false, {}]);
  });

  describe('while the earlier pod runs the server', () => {
    test('one of another release waits at a shut gate, says why, and takes nothing', async () => {
      hold();
      earlier = await earlierPod(world);
      const { wasStopped, output } = await start({}, 60);
      expect(wasStopped).toBe(true);
      expect(output).toBe(`server: another release waits: ${held()}\n`);
      expect(world.tree('waiting')).toEqual({ shut: `another release waits: ${held()}\n` });
      expect([starts(world), trial(), world.has(`${PART}/wanted`), world.has(SAVED)]).toEqual([[], null, false, false]);
    });

    test('it takes over once the gate opens: the data is copied after the earlier pod has ended', async () => {
      hold();
      earlier = await earlierPod(world);
      world.write('at-sleep-20', 'rm "$WORLD/lib/releases/hold"\n');
      does(world, 'own', writesData);
      const { output } = await start();
      expect(output).toContain(`server: changing from ${BEFORE} to ${AFTER}\n`);
      expect(world.log().filter((line) => line === 'ended' || line === OWN)).toEqual(['ended', OWN]);
      expect(trial()).toBe('b boot-1 1 began r2\n');
      expect(world.has(CHANGED)).toBe(true);
      expect({ ...world.tree(SAVED), 'server/db/changed': 'more\n' }).toEqual(world.tree(DATA));
      expect(world.has(`${SAVED}/server/db/changed`)).toBe(false);
      expect(recordOf(world)).toEqual({ turn: 'server edge1 b' });
      expect(world.tree('waiting')).toEqual({ open: '' });
    });
  });

  test('where nobody runs the server while the gate is shut, the pod runs the release of before', async () => {
    hold();
    const { output } = await start();
    expect(starts(world)).toEqual([R1]);
    expect(output).toContain(`server: runs ${BEFORE} instead\n`);
    expect([trial(), world.has(SAVED)]).toEqual([null, false]);
  });

  test('and ends it once the gate opens, to start with the other', async () => {
    hold();
    does(world, 'r1', `rm "$WORLD/lib/releases/hold"; ${runsUntil('false')}`);
    const { code, output } = await start();
    expect([code, starts(world)]).toEqual([143, [R1]]);
    expect(output).toContain(`server: changing from ${BEFORE} to ${AFTER}\n`);
    await start();
    expect(starts(world)).toEqual([R1, OWN]);
  });

  test('programs of before that are gone are told, and nothing is changed', async () => {
    hold();
    world.remove('lib/releases/r1');
    const { code, output } = await start();
    expect(code).toBe(1);
    expect(output).toContain(`K3s' programs are missing in ${world.at('lib/releases/r1')}`);
    expect(starts(world)).toEqual([]);
  });

  describe('a release that ends by itself', () => {
    test('is started once more, then the node goes back by itself, with the data of before, and tries it no more', async () => {
      const before = world.tree(DATA);
      does(world, 'own', `${writesData}; exit 1`);
      await start();
      await start();
      expect(starts(world)).toEqual([OWN, OWN]);
      const { output } = await start();
      expect(starts(world)).toEqual([OWN, OWN, R1]);
      expect(output).toContain(
        `server: going back to ${BEFORE}: ${AFTER} ended several times before it had proven itself\n`,
      );
      expect(world.tree(DATA)).toEqual(before);
      expect([trial(), world.has(SAVED)]).toEqual([null, false]);
      expect(world.read(`${PART}/refused`)).toBe(`b ${AFTER} ended several times before it had proven itself\n`);
      await start();
      expect(starts(world)).toEqual([OWN, OWN, R1, R1]);
    });

    test('says so to the other nodes, and gives its turn back', async () => {
      writeRecord(world, { turn: 'server edge1 b' });
      world.write(`${PART}/refused`, `b ${AFTER} ended several times\n`);
      does(world, 'r1', runsUntil('[ -e "$WORLD/record/refused-server" ]'));
      await start();
      expect(recordOf(world)).toEqual({ 'refused-server': `b edge1 ${AFTER} ended several times` });
    });

    test('is not blamed for the power: each boot counts anew', async () => {
      does(world, 'own', 'exit 1');
      for (const boot of ['1', '1', '2', '3', '4']) {
        world.write('boot-id', `boot-${boot}\n`);
        await start();
      }
      expect(starts(world)).toEqual([OWN, OWN, OWN, OWN, OWN]);
      expect(trial()).toBe('b boot-4 1 began r2\n');
    });

    test('after it had been ready, keeps what others have written since, unless K3s of before cannot go on with it', async () => {
      const before = world.tree(DATA);
      world.remove('never-ready');
      does(world, 'own', `${writesData}; ${runsUntil(`grep -q ready "$WORLD/${PART}/trial"`)}`);
      await start();
      expect(trial()).toBe('b boot-1 1 ready r2\n');
      await start();
      // K3s of before does not get ready.
      world.write('edge-has-no-majority', '');
      await start();
      expect(starts(world)).toEqual([OWN, OWN, R1]);
      expect(world.has(CHANGED)).toBe(true);
      expect(trial()).toMatch(/^b boot-1 1 back r2\n$/);
      await start();
      expect(world.has(CHANGED)).toBe(true);
      await start();
      expect(starts(world)).toEqual([OWN, OWN, R1, R1, R1]);
      expect(world.tree(DATA)).toEqual(before);
      expect([trial(), world.has(SAVED)]).toEqual([null, false]);
    });

    test('and K3s of before that gets ready with that data ends the trial', async () => {
      world.write(`${PART}/trial`, 'b failed 1 ready r2\n');
      world.write(`${SAVED}/cluster-id`, 'uid-1\n');
      world.write(CHANGED, 'more\n');
      does(world, 'r1', runsUntil(`[ ! -e "$WORLD/${PART}/trial" ] && [ ! -e "$WORLD/${SAVED}" ]`));
      await start();
      expect(starts(world)).toEqual([R1]);
      expect([trial(), world.has(SAVED), world.has(CHANGED)]).toEqual([null, false, true]);
    });
  });

  test('who sets the version back gets the data of before, and no release is refused', async () => {
    const before = world.tree(DATA);
    does(world, 'own', `${writesData}; exit 1`);
    await start();
    expect(world.tree(DATA)).not.toEqual(before);
    does(world, 'own', ':');
    const { output } = await start({ KINS_REVISION: 'a' });
    expect(output).not.toContain('going back');
    expect(world.tree(DATA)).toEqual(before);
    expect([trial(), world.has(SAVED), world.has(`${PART}/refused`)]).toEqual([null, false, false]);
  });

  test('a disk without room for the copy has the server stay with the release of before', async () => {
    world.write(
      'prelude',
      `${world.read('prelude')}cp() { case $* in *before-upgrade*) return 1 ;; esac; command cp "$@"; }\n`,
    );
    const { output } = await start();
    expect(output).toContain(`staying with ${BEFORE}: what ${AFTER} needs could not be prepared\n`);
    expect(starts(world)).toEqual([R1]);
    expect([trial(), world.has(SAVED)]).toEqual([null, false]);
  });

  test('one of several servers copies nothing: the others have the data', async () => {
    const urls = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
    world.write('servers', urls.map((at) => `https://${at}:26443\n`).join(''));
    for (const at of urls) world.write(`version-${at}`, `"gitVersion": "${BEFORE}"\n`);
    await start({ SERVER_COUNT: '3' });
    expect(starts(world)).toEqual([OWN]);
    expect([trial(), world.has(SAVED)]).toEqual(['b boot-1 1 began r2\n', false]);
  });

  describe('a node that starts the server by itself', () => {
    test('goes on with the release that has proven itself', async () => {
      await start({ STANDBY: 'yes' });
      expect(starts(world)).toEqual([R1]);
    });

    test('goes on with a trial that has begun, from its programs on the node', async () => {
      world.write(`${PART}/trial`, 'b boot-0 1 began r1\n');
      await start({ STANDBY: 'yes' });
      expect(starts(world)).toEqual(['r1 server settings: of b']);
      expect(trial()).toBe('b boot-1 1 began r1\n');
    });
  });
});
