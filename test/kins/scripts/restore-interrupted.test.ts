import { renameSync } from 'node:fs';
import { LazyDisk } from '../../support/lazy-disk';
import { afterPowerCut } from '../../support/power-cut';
import { DATA, env, FAILS, k3s, ofThree, OWN, prepare, WISH, withData } from './support/restoring-server';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

let world: World;

beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}, stopAtSleep?: number): Promise<Run> =>
    world.run(shell, 'server.sh', { env: env(world, more), stopAtSleep });

  /** All that is on the disk, with what differs from run to run taken out. */
  const disk = (machine: World): unknown =>
    Object.fromEntries(
      Object.entries(machine.tree(OWN)).map(([name, text]) => [name, name.endsWith('/life') ? 'a number' : text]),
    );
  const restart = (machine: World): void => {
    machine.remove('work');
    machine.folder('work');
  };

  test.each([
    ['on an empty disk', prepare],
    [
      'over data that was there',
      (machine: World) => {
        prepare(machine);
        withData(machine);
      },
    ],
  ])('a power cut at any point of a restore %s ends in the snapshot', async (_, prepared) => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'server.sh',
      prepare: prepared,
      env: (machine) => env(machine),
      restart,
      outcome: disk,
    });
    expect(calm).toMatchObject({
      'k3s/life': 'a number',
      'k3s/server/db/etcd/restored': 'the database of friday',
      'snapshots/friday': 'the database of friday',
    });
    expect(calm).not.toHaveProperty(['restore']);
    expect(calm).not.toHaveProperty(['k3s/restoring']);
    expect(cuts).toBeGreaterThan(20 / shell.stride);
  });

  test('what was restored counts on the disk before the wish is gone: a power cut in between must not throw it away', async () => {
    const cut = 'rm() { command rm "$@"; case $* in */lib/server/restore) kill -9 $$ ;; esac; }\n';
    world.write('prelude', `${world.read('prelude')}${cut}`);
    const disk = new LazyDisk(world.at('lib'), () => false);
    try {
      await world.run(shell, 'server.sh', { env: env(world), disk });
      expect(world.has(WISH)).toBe(false);
      const left = [...afterPowerCut(disk.moment(), 'everything').keys()];
      expect(left).toContain('/server/k3s/life');
      expect(left).not.toContain('/server/k3s/restoring');
    } finally {
      disk.stop();
    }
  });

  test('data that was set aside for a restore that never began is taken again', async () => {
    withData(world);
    world.remove(WISH);
    const data = world.tree(DATA);
    renameSync(world.at(DATA), world.at(`${DATA}.before-restore`));
    await start();
    expect(world.tree(DATA)).toMatchObject(data);
    expect(world.has(`${DATA}.before-restore`)).toBe(false);
  });

  test('a power cut at any point of a restore that fails leaves the data that was there', async () => {
    const { calm } = await interruptedAnywhere(shell, {
      script: 'server.sh',
      prepare: (machine) => {
        prepare(machine);
        withData(machine);
        k3s(machine, FAILS);
      },
      env: (machine) => env(machine),
      stopAtSleep: 1,
      restart,
      outcome: disk,
    });
    expect(calm).toMatchObject({ 'k3s/cluster-id': 'uid-1\n', restore: 'friday\n' });
  });

  test('what a power cut leaves right after a folder was made never passes for the data that was there', async () => {
    withData(world);
    k3s(world, FAILS);
    const before = world.tree(DATA);
    const prelude = world.read('prelude');
    const cut = `mkdir() { command mkdir "$@"; case $* in *${DATA}*) kill -9 $$ ;; esac; }\n`;
    world.write('prelude', `${prelude}${cut}`);
    expect((await start()).output).not.toContain('restoring');
    world.write('prelude', prelude);
    expect((await start()).code).toBe(1);
    expect(world.tree(DATA)).toEqual(before);
    expect(Object.keys(world.tree(OWN)).filter((name) => /before-restore|discarded|attempt/.test(name))).toEqual([]);
  });

  test('a power cut at any point of putting data aside loses none of it, and the server joins', async () => {
    const { calm } = await interruptedAnywhere(shell, {
      script: 'server.sh',
      prepare: (machine) => {
        prepare(machine);
        withData(machine);
        machine.write(WISH, 'elsewhere\n');
      },
      env: (machine) => env(machine, { ...ofThree, NODE_NAME: 'edge2' }),
      restart,
      outcome: (machine) => ({
        disk: disk(machine),
        config: machine.read('work/config.yaml').split(machine.root).join(''),
      }),
    });
    expect(calm).toMatchObject({
      disk: { 'k3s.left/cluster-id': 'uid-1\n', 'snapshots/friday': 'the database of friday' },
      config: expect.stringContaining('server: "https://192.0.2.1:26443"') as unknown,
    });
  });
});
