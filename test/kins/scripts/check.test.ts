import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

let world: World;

beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

const NOW = 1_800_000_000;
const HEADER = 'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n';
const SOCKETS = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** What the commands that look at a machine say, on a machine on which all is well. */
const WELL = `
uname() { [ "$*" = -m ] && cat "$WORLD/machine"; }
df() { cat "$WORLD/df$1"; }
ip() { echo "ip $*" >>"$WORLD/log"; ! grep -qx "\${5-none}" "$WORLD/no-interfaces"; }
iptables() { [ "$*" = '-w 5 -t nat -S' ] && [ ! -e "$WORLD/no-nat" ]; }
modprobe() { echo "modprobe $*" >>"$WORLD/log"; }
date() { [ "$*" = +%s ] && echo ${NOW}; }
mount() { echo "mount $2" >>"$WORLD/log"; [ ! -e "$WORLD/no-overlay" ]; }
umount() { echo "umount $*" >>"$WORLD/log"; }
`;

function prepare(machine: World): void {
  machine.write('prelude', machine.read('prelude') + WELL);
  machine.write('machine', 'x86_64\n');
  machine.write('no-interfaces', '');
  free(machine, '-Pk', 52_428_800, 20_971_520);
  free(machine, '-Pi', 3_000_000, 2_000_000);
  for (const controller of ['cpu', 'cpuset', 'memory', 'pids']) machine.folder(`cgroup/${controller}`);
  machine.write('settings/net/bridge/bridge-nf-call-iptables', '1');
  machine.write('net/route', `${HEADER}eth0 00000000 0100000A 0003 0 0 0 00000000 0 0 0\n`);
  machine.write('net/tcp', SOCKETS);
  machine.write('net/tcp6', SOCKETS);
  machine.folder('proc');
  machine.folder('lib');
  machine.folder('tmp');
  token(machine, NOW - 5);
}

function free(machine: World, option: string, all: number, left: number): void {
  machine.write(`df${option}`, `Filesystem Blocks Used Available Capacity Mounted\n/dev/x ${all} 0 ${left} 0% /\n`);
}

function token(machine: World, made: number): void {
  const claims = Buffer.from(JSON.stringify({ aud: ['ü?>'], exp: made + 3607, iat: made, sub: 'x' })).toString(
    'base64url',
  );
  machine.write('token', `head.${claims}.signature`);
}

/** A socket that listens, as the kernel tells it. */
const listening = (address: string, port: number, user = 0, inode = 77): string =>
  `${SOCKETS}   0: ${address}:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A 0:0 00:0 0 ${user} 0 ${inode} 1\n`;

function env(machine: World, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    UNIT: 'test',
    NODE_NAME: 'edge1',
    NODE_IP: '192.168.7.9',
    CHECKS: 'architecture cgroups kernel disk networks ports clock',
    HAS_RUN: machine.at('has-run'),
    KINS_LIB: machine.at('lib'),
    KINS_WORK: machine.at('tmp'),
    CLUSTER_CIDR: '10.214.0.0/16',
    SERVICE_CIDR: '10.215.0.0/16',
    NODE_CIDR: '10.216.0.0/16',
    OWN_LINK: 'kins-abc',
    OVERLAY_PORT: '26446',
    ROUTES: machine.at('net/route'),
    NET: machine.at('net'),
    PORTS: '26443:apiPort 2379:etcd',
    PORT_SECONDS: '1',
    TOKEN: machine.at('token'),
    CGROUP_ROOT: machine.at('cgroup'),
    KERNEL_SETTINGS: machine.at('settings'),
    HOST_PROC: machine.at('proc'),
    TERMINATION_LOG: machine.at('message'),
    ...more,
  };
}

inEachShell((shell) => {
  const start = (more?: Readonly<Record<string, string>>): Promise<Run> =>
    world.run(shell, 'check.sh', { env: env(world, more) });
  const told = (): string[] => world.read('message').split(world.root).join('').split('\n').slice(1, -1);

  test('says nothing where all is well, and leaves nothing', async () => {
    expect(await start()).toMatchObject({ code: 0, output: '' });
    expect(world.has('message')).toBe(false);
    expect(world.tree('lib')).toEqual({});
    expect(world.log().filter((line) => line.startsWith('ip link'))).toEqual([
      'ip link add kins-check type bridge',
      'ip link delete kins-check',
      'ip link add kins-check type veth',
      'ip link delete kins-check',
      'ip link add kins-check type vxlan id 16777215 dstport 26446',
      'ip link delete kins-check',
    ]);
  });

  const PROBLEMS: readonly [string, () => void, string][] = [
    [
      'another processor',
      () => {
        world.write('machine', 'riscv64\n');
      },
      '- the processor is riscv64: take the node out of the unit: K3s is tested on amd64 and arm64',
    ],
    [
      'a controller that is off, cgroups of version 1',
      () => {
        world.remove('cgroup/memory');
      },
      "- the cgroup controller memory is missing: enable it: cgroup_enable=memory on the kernel's command line, then reboot",
    ],
    [
      'a controller that is off, cgroups of version 2',
      () => {
        world.remove('cgroup');
        world.write('cgroup/cgroup.controllers', 'cpuset cpu io pids\n');
      },
      "- the cgroup controller memory is missing: enable it: cgroup_enable=memory on the kernel's command line, then reboot",
    ],
    [
      'no vxlan',
      () => {
        world.write('no-interfaces', 'vxlan\n');
      },
      "- the kernel cannot create vxlan interfaces: load the module vxlan on the node (modprobe vxlan), or install the kernel's extra modules",
    ],
    [
      'no br_netfilter',
      () => {
        world.remove('settings');
      },
      '- bridged packets bypass iptables: load the module br_netfilter on the node (modprobe br_netfilter)',
    ],
    [
      'no nat',
      () => {
        world.write('no-nat', '');
      },
      '- iptables has no nat table: load the modules nf_tables and nft_chain_nat, or iptable_nat, on the node',
    ],
    [
      'no overlay',
      () => {
        world.write('no-overlay', '');
      },
      '- the kernel cannot mount an overlay file system in /lib: load the module overlay on the node, and put /var/lib on ext4, or on XFS created with ftype=1',
    ],
    [
      'a full disk',
      () => {
        free(world, '-Pk', 20_971_520, 1_048_575);
      },
      '- the disk of /lib has 1023 MiB free (4%): free at least 1024 MiB and 6% of it, or use a larger disk',
    ],
    [
      'no inodes',
      () => {
        free(world, '-Pi', 1_000_000, 19_999);
      },
      '- the disk of /lib has 19999 free inodes (1%): remove files you do not need: at least 20000 inodes and 6% of all must be free',
    ],
    [
      'a route into the pods',
      () => {
        world.write('net/route', `${HEADER}eth1 0007D60A 00000000 0001 0 0 0 00FFFFFF 0 0 0\n`);
      },
      '- clusterCidr 10.214.0.0/16 overlaps the route to 10.214.7.0/24 by eth1: set clusterCidr to a network that the site does not use',
    ],
    [
      'a route to addresses of nodes',
      () => {
        world.write('net/route', `${HEADER}eth1 0507D80A 00000000 0001 0 0 0 FFFFFFFF 0 0 0\n`);
      },
      '- nodeCidr 10.216.0.0/16 overlaps the route to 10.216.7.5/32 by eth1: set nodeCidr to a network that the site does not use',
    ],
    [
      'a network that the Services lie in',
      () => {
        world.write('net/route', `${HEADER}wg0 0000D70A 00000000 0001 0 0 0 0080FFFF 0 0 0\n`);
      },
      '- serviceCidr 10.215.0.0/16 overlaps the route to 10.215.0.0/17 by wg0: set serviceCidr to a network that the site does not use',
    ],
    [
      'a port taken on all addresses, by a program that can be seen',
      () => {
        world.write('net/tcp6', listening('0'.repeat(32), 26443));
        world.write('proc/4711/comm', 'nginx\n');
        world.write(
          'prelude',
          `${world.read('prelude')}readlink() { [ "$1" = "$WORLD/proc/4711/fd/3" ] && echo 'socket:[77]'; }\n`,
        );
        world.write('proc/4711/fd/3', '');
      },
      '- port 26443 (apiPort) of the node is taken by nginx (process 4711): stop that program, or have it listen on another port',
    ],
    [
      'a port taken on loopback, by somebody who cannot be seen',
      () => {
        world.write('net/tcp', listening('0100007F', 2379, 1001));
      },
      '- port 2379 (etcd) of the node is taken by a process of user 1001: stop that program, or have it listen on another port',
    ],
    [
      'a port taken on the address of the node',
      () => {
        world.write('net/tcp', listening('0907A8C0', 2379, 1001));
      },
      '- port 2379 (etcd) of the node is taken by a process of user 1001: stop that program, or have it listen on another port',
    ],
    [
      'a clock that is behind',
      () => {
        token(world, NOW + 7200);
      },
      "- the clock is 7200 seconds or more behind the cloud's: set it, and run a time service on the node",
    ],
    [
      'a clock that is ahead',
      () => {
        token(world, NOW - 7207);
      },
      "- the clock is 3600 seconds or more ahead of the cloud's: set it, and run a time service on the node",
    ],
  ];

  test.each(PROBLEMS)('%s is told, with the remedy', async (_what, spoil, line) => {
    spoil();
    const { code, output } = await start();
    expect(code).toBe(1);
    expect(told()).toEqual([line]);
    expect(output).toBe(world.read('message'));
    expect(output).toContain('Unit test cannot start on node edge1; it keeps trying until it can:\n');
  });

  const UNREADABLE = "can't be read: see the log of this container, and the kernel log for a failing disk";
  test.each([
    [
      'the free space',
      () => {
        world.remove('df-Pk');
      },
      `- the free space of /lib ${UNREADABLE}`,
    ],
    [
      'the routes',
      () => {
        world.remove('net/route');
      },
      `- the routing table /net/route ${UNREADABLE}`,
    ],
    [
      'the listeners',
      () => {
        world.remove('net/tcp');
      },
      `- the socket table /net/tcp ${UNREADABLE}`,
    ],
    [
      'the token',
      () => {
        world.write('token', '');
      },
      `- the pod's token /token ${UNREADABLE}`,
    ],
  ])('%s that can not be read is told, and not taken for well', async (_what, spoil, line) => {
    spoil();
    expect((await start()).code).toBe(1);
    expect(told()).toEqual([line]);
  });

  test.each([
    [
      'without IPv6 there is one table of listeners',
      () => {
        world.remove('net/tcp6');
      },
    ],
    [
      'not every df counts inodes',
      () => {
        world.remove('df-Pi');
      },
    ],
  ])('%s', async (_what, change) => {
    change();
    expect((await start()).code).toBe(0);
  });

  test.each([
    ['another address of the node', listening('0207A8C0', 2379)],
    ['another port', listening('00000000', 2378)],
    ['a connection, not a listener', listening('00000000', 2379).replace(' 0A ', ' 01 ')],
  ])('%s does not matter', async (_what, table) => {
    world.write('net/tcp', table);
    expect(await start()).toMatchObject({ code: 0, output: '' });
  });

  test('the route of the unit itself to the address of its node does not matter', async () => {
    world.write('net/route', `${HEADER}kins-abc 0507D80A 00000000 0001 0 0 0 FFFFFFFF 0 0 0\n`);
    expect(await start()).toMatchObject({ code: 0, output: '' });
  });

  test.each([
    ['behind', NOW + 30],
    ['ahead of', NOW - 3630],
  ])('a clock that is 30 seconds %s the cloud is no problem', async (_, made) => {
    token(world, made);
    expect(await start()).toMatchObject({ code: 0, output: '' });
  });

  test('file systems without a number of inodes do not lack any', async () => {
    free(world, '-Pi', 0, 0);
    expect(await start()).toMatchObject({ code: 0, output: '' });
  });

  test('all problems come in one message', async () => {
    world.write('machine', 'armv6l\n');
    free(world, '-Pk', 20_971_520, 1000);
    token(world, NOW + 300);
    await start();
    expect(told().map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      '- the processor',
      '- the disk',
      '- the clock',
    ]);
  });

  test('waits a moment for a listener of before to end', async () => {
    world.write('net/tcp', listening('00000000', 26443, 10001));
    world.write('at-sleep-1', `: >"$WORLD/net/tcp"\n`);
    expect(await start()).toMatchObject({ code: 0, output: '' });
    expect(world.log().filter((line) => line.startsWith('sleep'))).toEqual(['sleep 0.2']);
  });

  test('a unit that has run is told, but not kept from running', async () => {
    world.write('has-run', '');
    free(world, '-Pk', 20_971_520, 1000);
    const { code } = await start();
    expect(code).toBe(0);
    expect(world.read('message')).toContain(
      'Unit test starts on node edge1, but something is wrong there:\n- the disk',
    );
  });

  test.each([
    ['yes', 1],
    ['no', 0],
  ])('a port that somebody else has keeps a unit that has run from running, where it must: %s', async (block, code) => {
    world.write('has-run', '');
    world.write('net/tcp', listening('00000000', 26443));
    expect((await start({ PORTS_BLOCK: block })).code).toBe(code);
  });

  test('ports that lead to workloads are told where somebody has them, each by itself, and stop nothing on a new node', async () => {
    world.write('net/tcp', [listening('00000000', 80), listening('00000000', 8443)].join(''));
    const ports = { PORTS: '80:hostPorts 8080:hostPorts 8443:hostPorts', PORTS_BLOCK: 'no', PORT_REMEDY: 'remedy' };
    expect(await start(ports)).toMatchObject({ code: 0 });
    expect(world.read('message')).toContain('Unit test starts on node edge1, but something is wrong there:\n');
    expect(told()).toEqual([
      expect.stringMatching(/^- port 80 \(hostPorts\) of the node is taken by .*: remedy$/),
      expect.stringMatching(/^- port 8443 \(hostPorts\) of the node is taken by .*: remedy$/),
    ]);
    world.write('machine', 'riscv64\n');
    expect(await start(ports)).toMatchObject({ code: 1 });
    expect(told()).toHaveLength(3);
  });

  test('a power cut at any point changes nothing of what is found', async () => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'check.sh',
      prepare,
      env,
      outcome: (machine) => ({ lib: machine.tree('lib'), told: machine.has('message') }),
    });
    expect(calm).toEqual({ lib: {}, told: false });
    expect(cuts).toBeGreaterThan(20 / shell.stride);
  });
});
