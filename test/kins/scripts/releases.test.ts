import { criEnvironment, END, happens, prepareCri, putProgram } from './support/cri';
import { inEachShell, World, type Run } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepareCri(world);
  // A volume of the pod.
  world.folder('lib/standby');
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  /** The container that keeps the programs of the server. */
  const keep = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'keep-release.sh', { env: criEnvironment(world, more) });
  const releases = (): string[] =>
    world.has('lib/releases') ? Object.keys(world.tree('lib/releases')).filter((path) => !path.includes('/')) : [];

  describe('the programs of a server', () => {
    test('are kept on its node, which is noted', async () => {
      const { code, output } = await keep();
      const [release = ''] = releases();
      expect([code, output]).toEqual([
        0,
        `release: copying the programs of this release to ${world.at(`lib/releases/${release}`)}\n`,
      ]);
      expect(releases()).toEqual([release]);
      expect(world.tree(`lib/releases/${release}/bin`)).toEqual(world.tree('image/bin'));
      expect(world.read('lib/standby/server.release')).toBe(`${release}\n`);
    });

    test('are not copied again, and not noted again', async () => {
      await keep();
      world.write('log', '');
      expect(await keep()).toMatchObject({ code: 0, output: '' });
      expect(world.log()).toEqual([]);
    });

    test('are kept also where nodes do not start the unit: a node goes back to them after a failed change', async () => {
      await keep({ BOOT_WHILE_DARK: 'no' });
      expect(world.read('lib/standby/server.release')).toBe(`${releases()[0]}\n`);
    });

    test('that can not be copied are told, and keep no server from starting', async () => {
      world.write('prelude', `${world.read('prelude')}cp() { return 1; }\n`);
      const { code, output } = await keep();
      expect(code).toBe(0);
      expect(output).toContain(
        `release: could not copy K3s' programs to ${world.at('lib/releases')}, from which this node starts without the cloud, and to which it goes back after a failed change: look at the disk\n`,
      );
      expect([releases(), world.has('lib/standby/server.release')]).toEqual([[], false]);
    });

    test('that another part copies at the moment are waited for, and not copied again', async () => {
      const OTHER = 'mkdir -p "$KINS_LIB/releases/r9/bin" && echo of another part >"$KINS_LIB/releases/r9/bin/k3s"';
      world.write('prelude', `${world.read('prelude')}flock() { command flock "$@" && ${OTHER}; }\n`);
      expect(await keep({ KINS_RELEASE: 'r9' })).toMatchObject({ code: 0, output: '' });
      expect(world.tree('lib/releases')).toEqual({ r9: null, 'r9/bin': null, 'r9/bin/k3s': 'of another part\n' });
      expect(world.read('lib/standby/server.release')).toBe('r9\n');
    });
  });

  test('a part that runs from a release of the node takes it for what it is, whatever files it finds', async () => {
    await keep();
    const [release = ''] = releases();
    putProgram(world, 'runc', '#!/bin/sh\n');
    expect(await keep({ KINS_RELEASE: release })).toMatchObject({ code: 0, output: '' });
    expect(releases()).toEqual([release]);
  });

  test('one that a part would be started from stays, and goes when it would be from another', async () => {
    const pod = async (last: number, moments: Readonly<Record<number, string>> = {}): Promise<Run> => {
      happens(world, { ...moments, [last]: END });
      return world.run(shell, 'cri.sh', { env: criEnvironment(world) });
    };
    await pod(3);
    const [before = ''] = releases();
    world.write('lib/standby/agent.release', `${before}\n`);
    putProgram(world, 'runc', '#!/bin/sh\n');
    await pod(12);
    expect(releases()).toContain(before);
    expect(releases()).toHaveLength(2);
    const after = world.read('lib/standby/cri.release').trim();
    expect(after).not.toBe(before);
    world.write('lib/standby/agent.release', `${after}\n`);
    await pod(12);
    expect(releases()).toEqual([after]);
  });
});
