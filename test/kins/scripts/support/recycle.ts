import type { World } from './world';

/** The environment of the container that takes unit `test` off a node. */
export const recycleEnvironment = (
  machine: World,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  UNIT: 'test',
  CGROUP: 'kins-test',
  LINK: 'kins-abc',
  LIB_ROOT: machine.at('lib'),
  RUN_ROOT: machine.at('run'),
  CGROUP_ROOT: machine.at('cgroup'),
  HOST_PROC: machine.at('proc'),
  KINS_GUARD: machine.at('guard'),
  KINS_WORK: machine.at('tmp'),
  DONE_MARK: machine.at('recycled'),
  ...more,
});

/** A node that may be taken out of unit `test`: it has data of it, and neither processes nor mounts. */
export function prepareRecycle(machine: World): void {
  machine.write('guard/level', 'L3');
  machine.write('lib/test/server/k3s/db', 'data');
  machine.folder('run/test');
  machine.folder('tmp');
  machine.write('cgroup/memory/cgroup.procs', '1\n');
  machine.write('proc/1/environ', '');
  machine.folder('proc/1/root');
  machine.write('proc/self/mounts', '');
}
