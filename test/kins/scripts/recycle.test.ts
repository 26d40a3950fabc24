import { chmodSync, renameSync, symlinkSync } from 'node:fs';
import { LazyDisk } from '../../support/lazy-disk';
import { afterPowerCut } from '../../support/power-cut';
import { prepareRecycle, recycleEnvironment } from './support/recycle';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

let world: World;

beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

/** A node of version 1 cgroups with what is left of unit `test`, and unit `test2` beside it. */
function prepare(machine: World): void {
  prepareRecycle(machine);
  machine.write('lib/test2/server/k3s/db', 'data of another unit');
  machine.write('run/test/net', '');
  machine.write('run/test2/net', '');
  for (const tree of ['memory', 'cpu']) machine.write(`cgroup/${tree}/cgroup.procs`, '1\n');
  machine.write('cgroup/memory/kins-test/pod1/cgroup.procs', '101\n102\n');
  machine.write('cgroup/memory/kins-test2/pod1/cgroup.procs', '201\n');
  machine.folder('cgroup/cpu/kins-test/pod1');
  machine.folder('cgroup/cpu/kins-test2');
  machine.write('proc/77/environ', 'PATH=/bin\0KINS_UNIT=test2\0');
  mountAll(machine, ['lib/test/kubelet/pods', 'lib/test/kubelet/pods/a volume', 'run/test/net', 'lib/test2/kubelet']);
}

/** As the kernel writes a path into its table of mounts. */
const escaped = (path: string): string =>
  path.replace(/[ #\\]/g, (sign) => `\\0${sign.charCodeAt(0).toString(8)}`.replace('\\0134', '\\134'));

function mountAll(machine: World, mounts: readonly string[]): void {
  machine.write('mounts', mounts.map((each) => `${machine.at(each)}\n`).join(''));
  machine.write('proc/self/mounts', mounts.map((each) => `dev ${escaped(machine.at(each))} ext4 rw 0 0\n`).join(''));
}

const env = (machine: World): Readonly<Record<string, string>> => recycleEnvironment(machine, { GRACE_SECONDS: '3' });

/** What is left, without the table of mounts that the stubs keep. */
function left(machine = world): unknown {
  return {
    lib: machine.tree('lib'),
    run: machine.tree('run'),
    cgroup: machine.tree('cgroup'),
    mounts: machine.read('mounts').split(machine.root).join(''),
    isReady: machine.has('recycled'),
  };
}

const CLEAN = {
  lib: {
    test2: null,
    'test2/server': null,
    'test2/server/k3s': null,
    'test2/server/k3s/db': 'data of another unit',
  },
  run: { test2: null, 'test2/net': '' },
  cgroup: {
    cpu: null,
    'cpu/cgroup.procs': '1\n',
    'cpu/kins-test2': null,
    memory: null,
    'memory/cgroup.procs': '1\n',
    'memory/kins-test2': null,
    'memory/kins-test2/pod1': null,
    'memory/kins-test2/pod1/cgroup.procs': '201\n',
  },
  mounts: '/lib/test2/kubelet\n',
  isReady: true,
};

inEachShell((shell) => {
  const start = (stopAtSleep = 1): Promise<Run> => world.run(shell, 'recycle.sh', { env: env(world), stopAtSleep });
  const kills = (): string[] => world.log().filter((line) => line.startsWith('kill'));

  test('takes everything of the unit off the node, and nothing of the unit beside it', async () => {
    const { output } = await start();
    expect(left()).toEqual(CLEAN);
    expect(kills()).toEqual(['kill -s TERM 101 102']);
    expect(output).toContain('recycle: nothing of unit test is left on this node\n');
    expect(world.log().at(-1)).toBe('sleep 60');
  });

  test('unmounts the deepest first, names with spaces too', async () => {
    await start();
    expect(world.log().filter((line) => line.startsWith('umount'))).toEqual([
      'umount -l /run/test/net',
      'umount -l /lib/test/kubelet/pods/a volume',
      'umount -l /lib/test/kubelet/pods',
    ]);
  });

  test('kills what does not end in its grace period', async () => {
    world.write('stubborn', '102\n');
    await start(16);
    expect(kills()).toEqual(['kill -s TERM 101 102', 'kill -s KILL 102']);
    // By the clock: to look for processes takes time, too.
    const seconds = world.log().map((line) => Number(/^sleep ([\d.]+)$/.exec(line)?.[1] ?? 0));
    expect(seconds.slice(0, -1).reduce((sum, each) => sum + each, 0)).toBeCloseTo(3);
    expect(left()).toEqual(CLEAN);
  });

  test('waits while a pod of the unit runs, and touches nothing until it has ended', async () => {
    world.write('proc/88/environ', 'PATH=/bin\0KINS_UNIT=test\0');
    world.write('recycled', '');
    world.write('at-sleep-2', 'test -e "$LIB_ROOT/test/server/k3s/db" && rm -r "$HOST_PROC/88"\n');
    const { output } = await start(3);
    expect(output).toContain('recycle: waiting for the pods of unit test on this node to end\n');
    expect(world.log().slice(0, 2)).toEqual(['sleep 2', 'sleep 2']);
    expect(left()).toEqual(CLEAN);
  });

  test('is not through before all groups are gone, and removes no file before', async () => {
    world.write('cgroup/cpu/kins-test/pod1/kept', '');
    world.write('at-sleep-2', 'test -e "$LIB_ROOT/test/server/k3s/db" && rm "$CGROUP_ROOT/cpu/kins-test/pod1/kept"\n');
    const { output } = await start(3);
    expect(output).toContain('recycle: step remove_cgroups is not finished yet; trying again\n');
    expect(left()).toEqual(CLEAN);
  });

  test('waits while it cannot be read whose a process is', async () => {
    world.folder('proc/88/environ');
    await start(3);
    expect(left()).toMatchObject({ isReady: false, lib: { 'test/server/k3s/db': 'data' } });
  });

  test('is not ready while a pod of the unit runs, even if it was before', async () => {
    world.write('proc/88/environ', 'KINS_UNIT=test\0');
    world.write('recycled', '');
    await start(3);
    expect(left()).toMatchObject({ isReady: false, lib: { 'test/server/k3s/db': 'data' } });
  });

  test.each([
    ['L4', 'L4'],
    ['', 'an unknown level'],
  ])('touches nothing while the guard says "%s"', async (level, said) => {
    world.write('guard/level', level);
    world.write('recycled', '');
    const before = world.tree('lib');
    const { output } = await start(3);
    expect(output).toBe(`recycle: unit test is at ${said}, so nothing on this node is touched\n`);
    expect(kills()).toEqual([]);
    expect([world.tree('lib'), world.has('recycled')]).toEqual([before, false]);
  });

  test('stops between two steps when the unit is given its cluster back', async () => {
    world.write('stubborn', '102\n');
    world.write('at-sleep-1', 'echo L4 >"$KINS_GUARD/level"\n');
    await start(20);
    expect(left()).toMatchObject({ isReady: false, lib: { 'test/server/k3s/db': 'data' } });
    expect(world.log().filter((line) => line.startsWith('umount'))).toEqual([]);
  });

  test('removes no files below a mount that stays', async () => {
    world.write('prelude', `${world.read('prelude')}umount() { echo "umount $*" >>"$WORLD/log"; return 1; }\n`);
    const { output } = await start(3);
    expect(output).toContain('recycle: step unmount_all is not finished yet; trying again\n');
    expect(left()).toMatchObject({ isReady: false, lib: { 'test/server/k3s/db': 'data' } });
  });

  test('a guard that does not say the level yet is waited for, and the container does not end', async () => {
    world.remove('guard/level');
    const { wasStopped, output } = await start(2);
    expect({ wasStopped, output }).toEqual({
      wasStopped: true,
      output: expect.stringContaining('unit test is at an unknown level, so nothing on this node is touched') as string,
    });
    expect(world.has('recycled')).toBe(false);
  });

  test('a clean node is ready at once', async () => {
    await start();
    world.write('log', '');
    await start();
    expect(left()).toEqual(CLEAN);
    expect(world.log().filter((line) => !line.startsWith('nsenter'))).toEqual(['sleep 60']);
  });

  describe('with a disk of its own', () => {
    const mounts = (...paths: readonly string[]): void => {
      mountAll(world, [...paths, 'run/test/net', 'lib/test/kubelet/a volume', 'lib/test2/kubelet']);
    };
    const table = (): string[] => world.read('mounts').split(world.root).join('').split('\n').slice(0, -1);
    const said = (output: string): string => output.split(world.root).join('').split('\n').slice(-2)[0] ?? '';

    test('for the unit, it removes what is on it, leaves the disk where the node has it, and says so', async () => {
      mounts('lib/test');
      world.write('lib/test/lost+found/old', 'of the file system');
      world.write('lib/test/.hidden', 'too');
      const { output } = await start();
      expect(world.tree('lib/test')).toEqual({ 'lost+found': null, 'lost+found/old': 'of the file system' });
      expect(table()).toEqual(['/lib/test', '/lib/test2/kubelet']);
      expect(said(output)).toBe(
        "recycle: nothing of unit test is left on this node; the disk at /lib/test stays mounted, without the unit's files",
      );
      expect(world.has('recycled')).toBe(true);
    });

    test.each(['server', 'containerd', 'kubelet', 'server/k3s', 'server/k3s/server/db'])(
      'for %s, it removes what is on it too',
      async (folder) => {
        mounts(`lib/test/${folder}`);
        world.write(`lib/test/${folder}/a file`, 'of the unit');
        await start();
        const parts = folder.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'));
        expect(world.tree('lib/test')).toEqual(Object.fromEntries(parts.map((part) => [part, null])));
        expect(table()).toEqual([`/lib/test/${folder}`, '/lib/test2/kubelet']);
      },
    );

    test.each(['backup', 'server/snapshots', 'a # share\\of mine'])(
      'it never goes into a mount that is not of the unit (%s), and says what it has left',
      async (folder) => {
        mounts('lib/test', `lib/test/${folder}`);
        world.write(`lib/test/${folder}/kept/copy`, 'of last year');
        world.write('lib/test/node/password', 'of the unit');
        const { output } = await start();
        const files = Object.entries(world.tree('lib/test')).filter(([, text]) => text !== null);
        expect(files).toEqual([[`${folder}/kept/copy`, 'of last year']]);
        expect(table()).toContain(`/lib/test/${folder}`);
        expect(said(output)).toContain(`; /lib/test/${folder} is not a mount of the unit: nothing on it was touched`);
      },
    );

    test('what can not be removed above such a mount is not taken for gone', async () => {
      mounts('lib/test/server/k3s');
      world.write('lib/test/server/token', 'of the unit');
      const refuse = 'mv() { case $* in */server/token*) return 1 ;; esac; command mv "$@"; }\n';
      world.write('prelude', `${world.read('prelude')}${refuse}`);
      const { output } = await start(3);
      expect(output).toContain('recycle: step remove_files is not finished yet; trying again\n');
      expect(world.has('recycled')).toBe(false);
      expect(world.read('lib/test/server/token')).toBe('of the unit');
    });

    test('a power cut at any point ends in an empty disk', async () => {
      const { calm } = await interruptedAnywhere(shell, {
        script: 'recycle.sh',
        prepare: (machine) => {
          prepare(machine);
          mountAll(machine, ['lib/test', 'lib/test/server', 'lib/test/backup']);
          machine.write('lib/test/backup/copy', 'of last year');
          machine.write('lib/test/.hidden', 'too');
        },
        env,
        outcome: (machine) => machine.tree('lib/test'),
        stopAtSleep: 1,
      });
      expect(calm).toEqual({ backup: null, 'backup/copy': 'of last year', server: null });
    });
  });

  describe('what can not be seen is not taken for nothing', () => {
    const untouched = async (reason: string): Promise<void> => {
      const { output } = await start(3);
      expect(output.split(world.root).join('')).toContain(reason);
      expect(left()).toMatchObject({ isReady: false, lib: { 'test/server/k3s/db': 'data' } });
    };

    test('the table of mounts', async () => {
      world.remove('proc/self/mounts');
      await untouched('recycle: step unmount_all is not finished yet; trying again\n');
    });

    test('a mount with a line break in its name', async () => {
      world.write('proc/self/mounts', `dev ${world.at('lib/test/my\\012share')} nfs rw 0 0\n`);
      await untouched('/lib/test/my\\012share');
    });

    test('the cgroups', async () => {
      for (const tree of ['memory', 'cpu']) world.remove(`cgroup/${tree}/cgroup.procs`);
      await untouched('recycle: there are no cgroups in /cgroup, so the processes of the unit cannot be identified');
    });

    test('which groups the unit has', async () => {
      world.write(
        'bin/find',
        '#!/bin/sh\ncase $* in *cgroup.procs*) exit 1 ;; esac\nPATH=/usr/bin:/bin exec find "$@"\n',
      );
      chmodSync(world.at('bin/find'), 0o755);
      await untouched('recycle: ');
    });

    test('the processes of the node', async () => {
      world.remove('proc/1');
      await untouched("recycle: the processes of this node can't be seen in /proc, so nothing on it is touched\n");
    });

    test('a folder behind a link', async () => {
      renameSync(world.at('lib/test'), world.at('elsewhere'));
      symlinkSync('/data/test', world.at('lib/test'));
      const { output } = await start(3);
      expect(output.split(world.root).join('')).toBe(
        'recycle: /lib/test is a link to /data/test, which this pod cannot see: remove that folder and the link by hand\n',
      );
      expect(world.has('recycled')).toBe(false);
    });
  });

  test('who reads that nothing is left may remove the unit: a power cut brings nothing back', async () => {
    const disk = new LazyDisk(world.at('lib'), () => false);
    try {
      await world.run(shell, 'recycle.sh', { env: env(world), stopAtSleep: 1, disk });
      expect(world.has('recycled')).toBe(true);
      const left = [...afterPowerCut(disk.moment(), 'everything').keys()];
      expect(left.filter((path) => !path.startsWith('/test2'))).toEqual([]);
    } finally {
      disk.stop();
    }
  });

  test('members of a group of threads are found in the group above it', async () => {
    world.write('cgroup/memory/kins-test/pod1/threads/cgroup.type', 'threaded\n');
    world.folder('cgroup/memory/kins-test/pod1/threads/cgroup.procs');
    await start();
    expect(kills()).toEqual(['kill -s TERM 101 102']);
  });

  test('on cgroups of version 2 the one group goes', async () => {
    world.remove('cgroup');
    world.write('cgroup/cgroup.procs', '1\n');
    world.write('cgroup/kins-test/pod1/cgroup.procs', '101\n');
    world.write('cgroup/kubepods/cgroup.procs', '1\n');
    await start();
    expect(kills()).toEqual(['kill -s TERM 101']);
    expect(world.tree('cgroup')).toEqual({
      'cgroup.procs': '1\n',
      kubepods: null,
      'kubepods/cgroup.procs': '1\n',
    });
  });

  test('a power cut at any point ends in a clean node', async () => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'recycle.sh',
      prepare,
      env,
      outcome: left,
      stopAtSleep: 1,
    });
    expect(calm).toEqual(CLEAN);
    expect(cuts).toBeGreaterThan(20 / shell.stride);
  });
});
