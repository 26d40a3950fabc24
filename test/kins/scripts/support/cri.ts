import { chmodSync, symlinkSync } from 'node:fs';
import { paths } from './node';
import type { World } from './world';

/** The interface of the unit on the node, and the stem of its chains. */
export const LINK = 'kins-abc';

/** The environment of the cri pod's container. */
export const criEnvironment = (
  machine: World,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  ...paths(machine),
  KINS_UNIT: 'test',
  CGROUP: 'kins-test',
  SERVER_UID: '10001',
  BOOT_WHILE_DARK: 'yes',
  NODE_NAME: 'edge2',
  NODE_IP: '192.0.2.20',
  LINK,
  LINK_HERE: '169.254.64.1',
  LINK_THERE: '169.254.64.2',
  UPLINK: 'eth0',
  VNI: '7',
  OVERLAY_PORT: '26446',
  API_PORT: '26443',
  LOCAL_PORT: '26445',
  SERVER_COUNT: '1',
  API_NODE_PORT: '32643',
  HOST_PORTS: '80 8443',
  NAMED_NETWORKS: machine.at('netns'),
  KERNEL_SETTINGS: machine.at('settings'),
  NET_CLASS: machine.at('class'),
  REAL_SLEEP: '0.1 0.05',
  LOOK_SECONDS: '0.1',
  RULES_SECONDS: '0.05',
  ...more,
});

/** A containerd that writes down how it was started, and lives until it is told to end, or the machine is gone. */
export const livingContainerd = (machine: World): string =>
  [
    '#!/bin/sh',
    `machine=${machine.root}`,
    'if [ "${3-}" = config ]; then echo checked >>"$machine/log"; ! grep -q refuse "$2"; exit; fi',
    'echo "started with $(grep -c password "$2") passwords" >>"$machine/log"',
    'env | sed "s/=.*//" | sort >"$machine/environment"',
    'echo "containerd speaks"',
    ': >"$machine/run/containerd.sock"',
    'trap "echo ended >>$machine/log; exit 0" TERM',
    'while [ -e "$machine/bin" ]; do /bin/sleep 0.05; done',
    '',
  ].join('\n');

/** Puts a program into the image of the pod, and where the pod finds it. */
export function putProgram(machine: World, name: string, text: string): void {
  for (const folder of ['bin', 'image/bin']) {
    machine.write(`${folder}/${name}`, text);
    chmodSync(machine.at(`${folder}/${name}`), 0o755);
  }
}

/** A node of the unit after it was switched on: nothing of the unit is there yet. */
export function prepareCri(machine: World): void {
  machine.write('mounts', '/sys/fs/cgroup\n');
  machine.write('config/containerd.toml', "bin_dirs = ['@RELEASE@/bin']\n");
  machine.write('config/cni.conflist', '{}\n');
  machine.write('config/addresses', 'edge1 10.216.0.7\nedge2 10.216.0.8\nedge20 10.216.0.9\n');
  machine.write('addresses', '1: lo inet 127.0.0.1/8\n2: enp1s0 inet 192.0.2.20/24 brd 192.0.2.255\n');
  machine.write('class/enp1s0/mtu', '1400\n');
  machine.write('settings/net/ipv4/ip_forward', '0\n');
  machine.write(`settings/net/ipv4/conf/${LINK}/route_localnet`, '0\n');
  for (const chain of ['PREROUTING', 'OUTPUT', 'POSTROUTING']) machine.write(`node-iptables/nat/${chain}`, '');
  for (const chain of ['FORWARD', 'INPUT']) machine.write(`node-iptables/filter/${chain}`, '-j DROP\n');
  for (const tree of ['memory', 'cpu']) machine.write(`cgroup/${tree}/kins-test/runtime/cgroup.procs`, '');
  machine.folder('run');
  machine.folder('work');
  machine.folder('waiting');
  machine.folder('lib/log');
  machine.folder('node/run/systemd/system');
  machine.folder('node/etc/systemd/system');
  machine.folder('image/bin');
  for (const [name, target] of [
    ['env', '/usr/bin/env'],
    ['setsid', '/usr/bin/setsid'],
    ['sh', '/bin/sh'],
    ['test', '/usr/bin/test'],
  ] as const)
    symlinkSync(target, machine.at(`image/bin/${name}`));
  putProgram(machine, 'containerd', livingContainerd(machine));
  machine.write('image/etc/ssl/cert.pem', 'authorities\n');
  machine.write('image/usr/share/zoneinfo/UTC', 'a time zone\n');
  machine.write('image/lib/libc.so', 'a library\n');
  machine.write('image/lib/modules/of-the-node', '');
  // The inode of a network is its name; a process is ended for real, the script itself included.
  machine.write(
    'prelude',
    `${machine.read('prelude')}
stat() { case $* in '-L -c %i '*/net) cat "$4" 2>/dev/null ;; *) command stat "$@" ;; esac; }
kill() { command kill "$@"; }
`,
  );
}

/** Ends the container as the kubelet does. */
export const END = 'command kill -TERM $$';

/** What happens while cri.sh waits for the n-th time between two looks at containerd, and each time that is not named. */
export function happens(machine: World, moments: Readonly<Partial<Record<number | '*', string>>>): void {
  const cases = Object.entries(moments).map(([moment, what]) => `${moment}) ${what} ;;`);
  machine.write('moments', '0\n');
  machine.write(
    'bin/moment',
    `#!/bin/sh\nread -r n <"$WORLD/moments"; echo $((n + 1)) >"$WORLD/moments"\necho $((n + 1))\n`,
  );
  chmodSync(machine.at('bin/moment'), 0o755);
  const look = `if [ "$1" = 0.1 ]; then case $(moment) in ${cases.join(' ')} esac; fi`;
  machine.write('moments.sh', `sleep() { /bin/sleep "$1"; ${look}; }\n`);
  if (!machine.read('prelude').includes('moments.sh'))
    machine.write('prelude', `${machine.read('prelude')}. "$WORLD/moments.sh"\n`);
}
