import { parse } from 'yaml';
import { DATA, env, ofThree, OWN, prepare, WISH } from './support/restoring-server';
import { inEachShell, World, type Run } from './support/world';

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
  const told = (): Record<string, unknown> => parse(world.read('work/config.yaml')) as Record<string, unknown>;

  describe('snapshots', () => {
    const old = `${DATA}/server/db/snapshots`;
    const kept = (): Record<string, string | null> => world.tree(`${OWN}/snapshots`);
    beforeEach(() => {
      world.remove(WISH);
    });

    test('where K3s puts them by itself are moved out of the data before that is discarded', async () => {
      world.write(`${old}/monday`, 'of monday');
      world.write(`${old}/friday`, 'another friday');
      world.write(`${DATA}.discarded/server/db/snapshots/sunday`, 'of sunday');
      world.write(`${DATA}.discarded/server/db/snapshots/friday`, 'the database of friday');
      world.write(`${DATA}/server/db/etcd/name`, 'edge2-1234');
      await start({ ...ofThree, NODE_NAME: 'edge2' });
      expect(told()).toMatchObject({ server: 'https://192.0.2.1:26443' });
      expect(kept()).toEqual({
        monday: 'of monday',
        sunday: 'of sunday',
        friday: 'the database of friday',
        'friday.1': 'another friday',
      });
    });

    test('of a founding that was cut short stay, too', async () => {
      for (const file of ['cluster-id', 'ca-hash']) world.remove(`state/${file}`);
      world.write(`${old}/monday`, 'of monday');
      await start();
      expect(told()).toMatchObject({ 'cluster-init': true });
      expect(kept()).toMatchObject({ monday: 'of monday' });
    });

    test('of data on a disk of its own are copied, and what a cut start has left of a copy costs none', async () => {
      world.write(`${old}/monday`, 'of monday');
      world.write(`${old}/tuesday`, 'of tuesday');
      world.write(`${OWN}/snapshots/.moving`, 'of mon');
      world.write('prelude', `${world.read('prelude')}ln() { return 1; }\n`);
      await start({ ...ofThree, NODE_NAME: 'edge2' });
      expect(kept()).toEqual({ monday: 'of monday', tuesday: 'of tuesday', friday: 'the database of friday' });
    });

    test.each(['ln', 'cp', 'mv'])(
      'are all there after a power cut right after %s, also of another disk',
      async (program) => {
        for (const day of ['monday', 'tuesday']) world.write(`${old}/${day}`, `of ${day}`);
        const prelude = world.read('prelude');
        const cut = `${program}() { command ${program} "$@"; kill -9 $$; }\n`;
        world.write('prelude', `${prelude}${program === 'ln' ? '' : 'ln() { return 1; }\n'}${cut}`);
        expect((await start({ ...ofThree, NODE_NAME: 'edge2' })).code).not.toBe(0);
        world.write('prelude', prelude);
        await start({ ...ofThree, NODE_NAME: 'edge2' });
        expect(kept()).toMatchObject({ monday: 'of monday', tuesday: 'of tuesday', friday: 'the database of friday' });
      },
    );

    test('that are kept already need no room on a full disk', async () => {
      world.write(`${old}/friday`, 'the database of friday');
      world.write('prelude', `${world.read('prelude')}ln() { return 1; }\ncp() { return 1; }\n`);
      expect((await start({ ...ofThree, NODE_NAME: 'edge2' })).code).toBe(0);
      expect(kept()).toEqual({ friday: 'the database of friday' });
    });

    test('that can not be moved keep everything else where it is', async () => {
      world.write(`${old}/monday`, 'of monday');
      world.write('prelude', `${world.read('prelude')}ln() { return 1; }\ncp() { return 1; }\n`);
      const { code, output } = await start({ ...ofThree, NODE_NAME: 'edge2' });
      expect(code).toBe(1);
      expect(output).toContain(`server: the snapshot ${world.at(`${old}/monday`)} could not be moved to `);
      expect(world.read(`${old}/monday`)).toBe('of monday');
    });

    test('are told of where they could help: the only server has lost its data', async () => {
      const { output } = await start();
      expect(output).toContain(
        `there are snapshots in ${world.at(`${OWN}/snapshots`)}, the newest is friday. Write the name`,
      );
      expect(output).toContain(` into ${world.at(WISH)}, `);
    });

    test('are told of where they could help: one of three waits for the others', async () => {
      world.write('edge-is-down', '');
      const { output } = await start(ofThree, 3);
      expect(output).toContain(
        `server: waiting for the other servers to let this one in. If they are up and a firewall is in the way, the log of ` +
          `this node's agent names the ports. If no server has data any more, one has to be restored ` +
          `by ${world.at(WISH)} on its node: there are snapshots in ${world.at(`${OWN}/snapshots`)}, the newest is friday\n`,
      );
    });
  });
});
