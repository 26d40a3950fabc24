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
  machine.write('guard/level', 'L3');
  machine.write('lib/test/server/k3s/db', 'data');
  machine.write('lib/test2/server/k3s/db', 'data of another unit');
  machine.write('run/test/net', '');
  machine.write('run/test2/net', '');
  machine.write('cgroup/memory/kins-test/pod1/cgroup.procs', '101\n102\n');
  machine.write('cgroup/memory/kins-test2/pod1/cgroup.procs', '201\n');
  machine.folder('cgroup/cpu/kins-test/pod1');
  machine.folder('cgroup/cpu/kins-test2');
  machine.write('proc/77/environ', 'PATH=/bin\0KINS_UNIT=test2\0');
  mountAll(machine, ['lib/test/kubelet', 'lib/test/kubelet/a volume', 'run/test/net', 'lib/test2/kubelet']);
}

function mountAll(machine: World, mounts: readonly string[]): void {
  machine.write('mounts', mounts.map((each) => `${machine.at(each)}\n`).join(''));
  machine.write(
    'proc/self/mounts',
    mounts.map((each) => `dev ${machine.at(each).replace(/ /g, '\\040')} ext4 rw 0 0\n`).join(''),
  );
}

function env(machine: World): Readonly<Record<string, string>> {
  return {
    UNIT: 'test',
    CGROUP: 'kins-test',
    LIB_ROOT: machine.at('lib'),
    RUN_ROOT: machine.at('run'),
    CGROUP_ROOT: machine.at('cgroup'),
    HOST_PROC: machine.at('proc'),
    KINS_GUARD: machine.at('guard'),
    DONE_MARK: machine.at('recycled'),
    GRACE_SECONDS: '3',
  };
}

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
    'cpu/kins-test2': null,
    memory: null,
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
      'umount -l /lib/test/kubelet/a volume',
      'umount -l /lib/test/kubelet',
    ]);
  });

  test('kills what does not end in its grace period', async () => {
    world.write('stubborn', '102\n');
    await start(4);
    expect(kills()).toEqual(['kill -s TERM 101 102', 'kill -s KILL 102']);
    expect(world.log().filter((line) => line === 'sleep 1')).toHaveLength(3);
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
    await start(6);
    expect(left()).toMatchObject({ isReady: false, lib: { 'test/server/k3s/db': 'data' } });
    expect(world.log().filter((line) => line.startsWith('umount'))).toEqual([]);
  });

  test('removes no files below a mount that stays', async () => {
    world.write('prelude', `${world.read('prelude')}umount() { echo "umount $*" >>"$WORLD/log"; return 1; }\n`);
    const { output } = await start(3);
    expect(output).toContain('recycle: step unmount_all is not through yet; trying again\n');
    expect(left()).toMatchObject({ isReady: false, lib: { 'test/server/k3s/db': 'data' } });
  });

  test('a clean node is ready at once', async () => {
    await start();
    world.write('log', '');
    await start();
    expect(left()).toEqual(CLEAN);
    expect(world.log()).toEqual(['sleep 60']);
  });

  test('on cgroups of version 2 the one group goes', async () => {
    world.remove('cgroup');
    world.write('cgroup/kins-test/pod1/cgroup.procs', '101\n');
    world.write('cgroup/kubepods/cgroup.procs', '1\n');
    await start();
    expect(kills()).toEqual(['kill -s TERM 101']);
    expect(world.tree('cgroup')).toEqual({ kubepods: null, 'kubepods/cgroup.procs': '1\n' });
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
