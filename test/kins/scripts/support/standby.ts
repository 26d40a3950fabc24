import { chmodSync } from 'node:fs';
import { SCRIPTS } from './scripts-folder';
import type { World } from './world';

export const PARTS = ['cri', 'agent', 'server'] as const;
export type Part = (typeof PARTS)[number];

/**
 * Runs a container by doing what the test has written down for its part; without, a pod has the part. What it was given is
 * kept, and it is noted who was told to end, by a file that the containers may wait for.
 */
const RUNC = `#!/bin/sh
[ "$1 $2" = "--root $RUN_ROOT/test/standby/runc" ] || { echo "runc $*" >>"$WORLD/refused"; exit 1; }
shift 2
for id in "$@"; do case $id in kins-test-*) part=\${id#kins-test-} ;; esac; done
case $1 in
  run)
    cp "$3/config.json" "$WORLD/config-$part.json"
    cp "$3/hosts" "$WORLD/hosts-$part"
    echo "$part: run" >>"$WORLD/log"
    [ -e "$WORLD/does-$part" ] || exit 75
    . "$WORLD/does-$part"
    ;;
  kill) echo "$part: told $3" >>"$WORLD/log"; : >"$WORLD/told-$part" ;;
  delete) echo "$part: deleted" >>"$WORLD/log"; : >"$WORLD/deleted-$part" ;;
esac
`;

/** What the machine is like: a clock that the test sets, and time that passes quickly. */
const MACHINE = `
echo $$ >"$WORLD/pid"
sleep() { echo "sleep $1" >>"$WORLD/log"; /bin/sleep 0.02; [ ! -e "$WORLD/while-it-waits" ] || . "$WORLD/while-it-waits"; }
date() {
  case $1 in
    +%s) cat "$WORLD/now" ;;
    -s) echo "date $*" >>"$WORLD/log"; [ ! -e "$WORLD/clock-is-fixed" ] ;;
    *) echo 'the time' ;;
  esac
}
`;

/** A node of the unit that has just been switched on. */
export function prepareStandby(machine: World): void {
  machine.write('bin/runc', RUNC);
  chmodSync(machine.at('bin/runc'), 0o755);
  machine.write('prelude', `${machine.read('prelude')}${MACHINE}`);
  machine.write('now', '1800000000\n');
  machine.write('status', 'Name:\tsh\nCapBnd:\t000001ffffffffff\n');
  machine.write('resolv.conf', 'nameserver 192.0.2.53\n');
  machine.write('addresses', '1: lo inet 127.0.0.1/8\n2: eth0 inet 192.0.2.20/24 brd 192.0.2.255\n');
  machine.write('default-route', 'default via 192.0.2.1 dev eth0 proto dhcp\n');
  machine.write('lib/test/standby/hosts', '192.0.2.1 test-servers-kins\n');
  machine.write('lib/test/standby/address', '192.0.2.20\n');
  for (const folder of ['bin', 'etc/ssl', 'lib', 'usr']) machine.folder(`lib/test/releases/r1/${folder}`);
  machine.write('lib/test/releases/r1/bin/k3s', '#!/bin/sh\n');
  chmodSync(machine.at('lib/test/releases/r1/bin/k3s'), 0o755);
  for (const part of PARTS) machine.write(`lib/test/standby/${part}.release`, 'r1\n');
}

/** What the service starts the program with. */
export const standbyEnvironment = (
  machine: World,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  scripts: SCRIPTS,
  SERVER_UID: '10001',
  LIB_ROOT: machine.at('lib'),
  RUN_ROOT: machine.at('run'),
  PACKET_FILTER_LOCK: machine.at('xtables.lock'),
  RESOLV_CONF: machine.at('resolv.conf'),
  PROC_STATUS: machine.at('status'),
  UPTIME: '/proc/uptime',
  RETRY_SECONDS: '0.1',
  END_SECONDS: '60',
  ...more,
});
