import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { LazyDisk } from '../../support/lazy-disk';
import { afterPowerCut } from '../../support/power-cut';
import { prepareRecycle, recycleEnvironment } from './support/recycle';
import { inEachShell, interruptedAnywhere, NOT_ON_DISK, World, type Run } from './support/world';

const UNITS = 'proc/1/root/etc/systemd/system';
const UNIT = `${UNITS}/kins-test.service`;
const LINK = `${UNITS}/multi-user.target.wants/kins-test.service`;
const GROUP = 'cgroup/memory/kins-test/standby/cri/cgroup.procs';

let world: World;
beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

/** A node that ran a unit, with a service that starts it, and another unit beside it. */
function prepare(machine: World): void {
  prepareRecycle(machine);
  machine.write('lib/test/standby/start', '#!/bin/sh\n');
  for (const unit of ['test', 'test2']) {
    machine.write(`${UNITS}/kins-${unit}.service`, '[Unit]\n');
    machine.folder(`${UNITS}/multi-user.target.wants`);
    symlinkSync(`../kins-${unit}.service`, machine.at(`${UNITS}/multi-user.target.wants/kins-${unit}.service`));
  }
}

const env = (machine: World): Readonly<Record<string, string>> => recycleEnvironment(machine, { STANDBY_SECONDS: '1' });

/** Services of units that the node would start, and the files of the unit. */
const left = (machine = world): unknown => ({
  services: Object.keys(machine.tree(UNITS)).filter((path) => path.includes('kins')),
  lib: machine.tree('lib'),
  isReady: machine.has('recycled'),
});
const CLEAN = {
  services: ['kins-test2.service', 'multi-user.target.wants/kins-test2.service'],
  lib: {},
  isReady: true,
};

inEachShell((shell) => {
  const start = (stopAtSleep = 1): Promise<Run> => world.run(shell, 'recycle.sh', { env: env(world), stopAtSleep });

  test('takes away the service of the unit, and that of no other', async () => {
    await start();
    expect(left()).toEqual(CLEAN);
    expect(world.log()).toContain('systemctl daemon-reload');
  });

  test.each([
    ['the service alone', LINK],
    ['its link alone', UNIT],
  ])('also where a power cut has left %s', async (_, gone) => {
    world.remove(gone);
    await start();
    expect(left()).toEqual(CLEAN);
  });

  test('also where the node has its services elsewhere, which is not elsewhere in the pod', async () => {
    const [there, ofNode] = [world.at('elsewhere'), `proc/1/root${world.at('elsewhere')}`];
    mkdirSync(dirname(world.at(ofNode)), { recursive: true });
    renameSync(world.at(UNITS), world.at(ofNode));
    symlinkSync(there, world.at(UNITS));
    // What the pod has there.
    world.write('elsewhere/kins-test.service', 'of the pod\n');
    await start();
    const services = Object.keys(world.tree(ofNode)).filter((path) => path.includes('kins'));
    expect([services, world.has('recycled')]).toEqual([CLEAN.services, true]);
    expect(world.tree('elsewhere')).toEqual({ 'kins-test.service': 'of the pod\n' });
  });

  test('the service cannot come back from a power cut by the time its node counts as clean', async () => {
    // Of which nothing would have to be removed after it.
    for (const folder of ['lib/test', 'run/test']) world.remove(folder);
    const disk = new LazyDisk(world.root, NOT_ON_DISK);
    try {
      await world.run(shell, 'recycle.sh', { env: env(world), stopAtSleep: 1, disk });
      const services = [...afterPowerCut(disk.moment(), 'everything').keys()].filter((path) => path.includes('kins-'));
      expect(services.map((path) => path.split('/system/')[1]).sort()).toEqual(CLEAN.services);
    } finally {
      disk.stop();
    }
    expect(world.has('recycled')).toBe(true);
  });

  test.each([
    ['cannot be removed', `rm() { case $* in *kins-test.service*) return 1 ;; esac; command rm "$@"; }`],
    ['cannot be seen', `rm -r "$HOST_PROC/1/root"`],
  ])('a node whose service %s is not clean, and nothing else is removed', async (_, made) => {
    world.write('prelude', `${world.read('prelude')}${made}\n`);
    const { output } = await start(2);
    expect(output).toBe('recycle: could not remove the service kins-test.service from this node\n');
    expect(world.has('recycled')).toBe(false);
    expect(world.read('lib/test/server/k3s/db')).toBe('data');
  });

  test('waits until what the node runs itself has ended, and touches nothing before', async () => {
    world.write(GROUP, '301\n');
    // It looks like a pod of the unit.
    world.write('proc/301/environ', 'KINS_UNIT=test\0');
    const ended = [
      'test -e "$LIB_ROOT/test/standby/ended" && test -e "$LIB_ROOT/test/server/k3s/db"',
      `rm -r "$HOST_PROC/301" "$CGROUP_ROOT/memory/kins-test"`,
    ];
    world.write('at-sleep-3', `${ended.join(' && ')}\n`);
    const { output } = await start(40);
    expect(left()).toEqual(CLEAN);
    expect(world.log().filter((line) => line.startsWith('kill'))).toEqual([]);
    expect(output).not.toContain('waiting for the pods');
  });

  test('says what it waits for, and removes nothing as long as that has not ended', async () => {
    world.write(GROUP, '301\n');
    const { output } = await start(20);
    expect(output).toContain('recycle: waiting for what this node runs of unit test by itself to end\n');
    expect(left()).toMatchObject({ isReady: false, lib: { 'test/server/k3s/db': 'data', 'test/standby/ended': '' } });
    expect(world.log().filter((line) => line.startsWith('kill'))).toEqual([]);
  });

  test('a unit that has its cluster is not told to end', async () => {
    world.write('guard/level', 'L4');
    await start(2);
    expect(world.has('lib/test/standby/ended')).toBe(false);
    expect(world.has(UNIT)).toBe(true);
  });

  test('a unit of a version that had no service is taken off as before', async () => {
    world.remove('lib/test/standby');
    world.remove('proc/1/root/etc');
    await start();
    expect([world.tree('lib'), world.has('recycled')]).toEqual([{}, true]);
    expect(world.log()).not.toContain('systemctl daemon-reload');
  });

  test('can be interrupted anywhere', async () => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'recycle.sh',
      prepare,
      env,
      outcome: left,
      stopAtSleep: 1,
    });
    expect(calm).toEqual(CLEAN);
    expect(cuts).toBeGreaterThan(0);
  });
});
