import { recordOf, writeRecord } from './support/gate';
import {
  AFTER,
  BEFORE,
  CHANGED,
  DATA,
  does,
  env,
  OWN,
  PART,
  prepare,
  R1,
  runsUntil,
  SAVED,
  starts,
  writesData,
} from './support/trial';
import { inEachShell, World, type Run } from './support/world';

let world: World;

beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

/** The watch over the release has said all that it has to say. */
const SETTLED = '[ -e "$WORLD/record/proven-server" ] && [ ! -e "$WORLD/record/turn" ]';

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}, stopAtSleep = 2000): Promise<Run> =>
    world.run(shell, 'server.sh', { env: env(world, more), stopAtSleep });
  const trial = (): string | null => (world.has(`${PART}/trial`) ? world.read(`${PART}/trial`) : null);
  /** Seconds that have passed by the clock of the scripts. */
  const passed = (): number => Number(world.read('uptime').split(' ')[0]) - 1000;
  const known = (): string[] => Object.keys(world.tree(PART)).filter((name) => /^proven-of\.[^/]*$/.test(name));

  test('a release that stays ready has proven itself, and that of before is given up', async () => {
    does(world, 'own', `${writesData}; ${runsUntil(SETTLED)}`);
    world.write(`${PART}/refused`, 'z another one\n');
    const { output } = await start();
    expect(output).toContain(`server: ${AFTER} has proven itself on this node\n`);
    expect([world.read(`${PART}/proven`), known(), trial()]).toEqual(['b\n', ['proven-of.b'], null]);
    expect(world.tree(`${PART}/proven-of.b`)).toEqual({
      config: null,
      'config/server.yaml': 'settings: of b\n',
      'config/upgrades': 'soak 60\n',
      programs: 'r2\n',
      version: `${AFTER}\n`,
    });
    expect([world.has(SAVED), world.has(CHANGED), world.has(`${PART}/refused`)]).toEqual([false, true, false]);
    expect(recordOf(world)).toEqual({ 'proven-server': 'b' });
    await start({ KINS_REVISION: 'b' });
    expect(starts(world)).toEqual([OWN, OWN]);
  });

  test('the first node of a unit takes as long as the settings say', async () => {
    world.write('config/upgrades', 'soak 900\n');
    does(world, 'own', runsUntil(SETTLED));
    await start();
    expect(passed()).toBeGreaterThanOrEqual(900);
  });

  test('nodes that follow take a minute', async () => {
    world.write('config/upgrades', 'soak 900\n');
    writeRecord(world, { 'proven-server': 'b' });
    does(world, 'own', runsUntil(`[ ! -e "$WORLD/record/turn" ] && [ "$(cat "$WORLD/${PART}/proven")" = b ]`));
    await start();
    expect(world.read(`${PART}/proven`)).toBe('b\n');
    expect([passed() >= 60, passed() < 300]).toEqual([true, true]);
  });

  test('the first release of a unit has proven itself once it is ready', async () => {
    for (const name of ['proven', 'proven-of.a']) world.remove(`${PART}/${name}`);
    world.write('config/upgrades', 'soak 900\n');
    does(world, 'own', runsUntil('[ -e "$WORLD/record/proven-server" ]'));
    const { output } = await start();
    expect([world.read(`${PART}/proven`), known(), world.has(SAVED)]).toEqual(['b\n', ['proven-of.b'], false]);
    expect(output).not.toContain('has proven itself');
    expect(passed()).toBeLessThan(300);
  });

  describe('a release that does not get ready', () => {
    beforeEach(() => {
      // From the begin of the trial on: the gate asks, too.
      world.write('never-ready', '');
      does(world, 'own', `${writesData}; ${runsUntil('false')}`);
    });

    test('is ended, and the node goes back by itself at the next start', async () => {
      const before = world.tree(DATA);
      const { code, output } = await start();
      expect([code, starts(world)]).toEqual([143, [OWN]]);
      expect(output).toContain(`server: going back to ${BEFORE}: ${AFTER} did not get ready within 600 s\n`);
      expect(trial()).toBe('b failed 1 began r2\n');
      await start();
      expect(starts(world)).toEqual([OWN, R1]);
      expect(world.tree(DATA)).toEqual(before);
      expect(world.read(`${PART}/refused`)).toBe(`b ${AFTER} did not get ready within 600 s\n`);
    });

    test('has as long as the settings say', async () => {
      world.write('config/upgrades', 'soak 60\nready 30\n');
      const { output } = await start();
      expect(output).toContain('did not get ready within 30 s');
    });

    test('is not blamed while a majority of the others is away', async () => {
      const urls = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
      world.write('servers', urls.map((at) => `https://${at}:26443\n`).join(''));
      for (const at of urls) world.write(`version-${at}`, `"gitVersion": "${BEFORE}"\n`);
      const { wasStopped } = await start({ SERVER_COUNT: '3' }, 200);
      expect(wasStopped).toBe(true);
      expect([trial(), world.has(`${PART}/refused`)]).toEqual(['b boot-1 1 began r2\n', false]);
      expect(passed()).toBeGreaterThan(700);
    });
  });

  test('a release that stops being ready is ended, too, and the data that it has served with is kept', async () => {
    const isReady = `grep -q ready "$WORLD/${PART}/trial"`;
    does(world, 'own', `${writesData}; ${runsUntil(isReady)}; : >"$WORLD/edge-has-no-majority"; ${runsUntil('false')}`);
    world.write('config/upgrades', 'soak 1500\n');
    const { code, output } = await start();
    expect(code).toBe(143);
    expect(output).toContain(`server: going back to ${BEFORE}: ${AFTER} was not ready for 120 s\n`);
    expect(trial()).toBe('b failed 1 ready r2\n');
    world.remove('edge-has-no-majority');
    await start();
    expect(starts(world)).toEqual([OWN, R1]);
    expect(world.has(CHANGED)).toBe(true);
  });

  test('one that is away for a moment is not', async () => {
    does(world, 'own', runsUntil(SETTLED));
    world.write('at-sleep-3', ': >"$WORLD/edge-has-no-majority"\n');
    world.write('at-sleep-6', 'rm "$WORLD/edge-has-no-majority"\n');
    world.write('config/upgrades', 'soak 300\n');
    await start();
    expect([world.read(`${PART}/proven`), trial()]).toEqual(['b\n', null]);
  });

  test('where it cannot be written, the trial goes on, and the copy of the data stays', async () => {
    does(world, 'own', runsUntil('[ -e "$WORLD/tried" ]'));
    world.write(
      'prelude',
      `${world.read('prelude')}mkdir() { case $* in */.proven) : >"$WORLD/tried"; return 1 ;; esac; command mkdir "$@"; }\n`,
    );
    await start();
    expect([world.read(`${PART}/proven`), trial()]).toEqual(['a\n', 'b boot-1 1 ready r2\n']);
    expect(world.has(SAVED)).toBe(true);
  });
});
