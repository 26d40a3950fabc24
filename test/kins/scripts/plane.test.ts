import { criEnvironment, END, happens, LINK, prepareCri, putProgram } from './support/cri';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

/** A node on which the pod ends a moment after all has been made. */
function prepare(machine: World): void {
  prepareCri(machine);
  putProgram(machine, 'containerd', '#!/bin/sh\n');
  // Each time, however often it is started.
  happens(machine, {});
  machine.write('moments.sh', `sleep() { /bin/sleep "$1"; if [ "$1" = 0.1 ]; then ${END}; fi; }\n`);
}

const withoutNumbers = (tree: Readonly<Record<string, string | null>>, name: string): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(tree).map(([path, text]) => [
      path,
      text?.replace(/^made .*\n/m, '').replace(`pair ${name}/`, 'pair unit/') ?? null,
    ]),
  );

/** What the unit has of the node's network. */
function plane(machine: World): unknown {
  const name = machine.read('run/net').trim();
  return {
    node: withoutNumbers(machine.tree('network/node'), name),
    unit: withoutNumbers(machine.tree(`network/${name}`), name),
    rules: machine.tree('node-iptables'),
    settings: machine.tree('settings'),
    isOwn: machine.read('run/net.own').trim() === name,
    mounts: machine
      .read('mounts')
      .split('\n')
      .filter((line) => line.endsWith('/run/net')).length,
    address: machine.read('run/address'),
  };
}

const DNAT = (port: number): string => `--dport ${port} -j DNAT --to-destination 10.216.0.8:${port}`;

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'cri.sh', { env: criEnvironment(world, more) });
  const rules = (chain: string): string[] => world.read(`node-iptables/${chain}`).split('\n').slice(0, -1);
  const links = (): Record<string, string | null> => world.tree('network');

  test('is made: a network of its own, a pair of interfaces with the address of the node, and a VXLAN', async () => {
    expect((await start()).code).toBe(0);
    expect(plane(world)).toMatchObject({
      node: {
        [`links/${LINK}`]: 'address 169.254.64.1/30\nmtu 1400\npair unit/links/eth0\nup\n',
        'routes/10.216.0.8_32': `10.216.0.8/32 dev ${LINK}\n`,
      },
      unit: {
        'links/eth0': `address 10.216.0.8/32\naddress 169.254.64.2/30\nmtu 1400\npair node/links/${LINK}\nup\n`,
        'links/flannel.7': 'with mtu 1350 type vxlan id 7 dstport 26446 nolearning\n',
        'routes/default': 'default via 169.254.64.1 dev eth0 src 10.216.0.8\n',
      },
      settings: { 'net/ipv4/ip_forward': '1\n', [`net/ipv4/conf/${LINK}/route_localnet`]: '1\n' },
      isOwn: true,
      mounts: 1,
      address: '10.216.0.8\n',
    });
    expect(world.has(`network/node/links/${LINK}.x`)).toBe(false);
  });

  test('leads ports of the node to workloads, the kubeconfig to the API, and nothing else into the unit', async () => {
    await start();
    for (const port of [80, 8443]) {
      expect(rules(`nat/${LINK}-in`).filter((rule) => rule.endsWith(DNAT(port)))).toHaveLength(1);
      expect(rules(`nat/${LINK}-out`).filter((rule) => rule.endsWith(DNAT(port)))).toHaveLength(1);
    }
    expect(rules(`nat/${LINK}-out`)).toContain(
      '-d 127.0.0.1/32 -p tcp -m tcp --dport 26445 -j DNAT --to-destination 10.216.0.8:32643',
    );
    expect(rules(`nat/${LINK}-masq`)).toEqual([
      '-s 169.254.64.2 -j MASQUERADE',
      '-s 10.216.0.8 -j MASQUERADE',
      `-s 127.0.0.0/8 -o ${LINK} -j MASQUERADE`,
    ]);
    expect(rules(`filter/${LINK}-forward`)).toEqual([
      `-i ${LINK} -j ACCEPT`,
      `-o ${LINK} -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT`,
      `-o ${LINK} -j DROP`,
    ]);
    expect(rules(`filter/${LINK}-input`)).toEqual([
      `-i ${LINK} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-i ${LINK} -d 127.0.0.0/8 -j DROP`,
      `-i ${LINK} -p tcp -m tcp --dport 26443 -j ACCEPT`,
    ]);
  });

  test('its rules come before those of others, which drop what they do not know', async () => {
    await start();
    expect([rules('filter/FORWARD'), rules('filter/INPUT')]).toEqual([
      [`-j ${LINK}-forward`, '-j DROP'],
      [`-j ${LINK}-input`, '-j DROP'],
    ]);
    expect([rules('nat/PREROUTING'), rules('nat/OUTPUT'), rules('nat/POSTROUTING')]).toEqual([
      [`-j ${LINK}-in`],
      [`-j ${LINK}-out`],
      [`-j ${LINK}-masq`],
    ]);
  });

  test('a second start makes nothing anew, and takes nothing away that others have added', async () => {
    await start();
    const space = world.read('run/net').trim();
    // As flannel and the CNI plugins leave it.
    world.write(`network/${space}/routes/10.42.1.0_24`, '10.42.1.0/24 via 10.42.1.0 dev flannel.7 onlink\n');
    world.write(`network/${space}/links/cni0`, 'made 99\n');
    const before = { links: links(), rules: world.tree('node-iptables'), run: world.tree('run') };
    world.write('log', '');
    expect((await start()).code).toBe(0);
    expect({ links: links(), rules: world.tree('node-iptables'), run: world.tree('run') }).toEqual(before);
    expect(world.log().filter((line) => /link (add|delete)|self\/ns\/net|umount .*\/run/.test(line))).toEqual([]);
  });

  test('the network of a pod of before is none of its own: it is replaced', async () => {
    world.write('run/net', 'pod\n');
    world.write('mounts', `/sys/fs/cgroup\n${world.at('run/net')}\n${world.at('run/net')}\n`);
    await start();
    expect(plane(world)).toMatchObject({ isOwn: true, mounts: 1 });
    expect(world.read('run/net')).not.toBe('pod\n');
    expect(world.has('network/pod')).toBe(false);
  });

  test('without the VXLAN where something else leads from node to node', async () => {
    await start({ FLANNEL_BACKEND: 'none' });
    expect(Object.keys(links()).filter((path) => /flannel|\.x$/.test(path))).toEqual([]);
    expect(world.read('run/address')).toBe('10.216.0.8\n');
  });

  test('a LAN whose MTU nobody can tell is taken for one of 1500 bytes', async () => {
    world.remove('class');
    await start();
    expect(plane(world)).toMatchObject({
      unit: { 'links/flannel.7': 'with mtu 1450 type vxlan id 7 dstport 26446 nolearning\n' },
    });
  });

  test('a node that is not in the table of addresses is told, and nothing is made', async () => {
    world.write('config/addresses', 'edge20 10.216.0.9\n');
    const { code, output } = await start();
    expect(code).toBe(1);
    expect(output).toBe(
      `cri: copying the programs of this release to ${world.at('lib/releases')}/${Object.keys(world.tree('lib/releases'))[0] ?? ''}\n` +
        'cri: the table of addresses has none for edge2\n' +
        'cri: could not make the network of the unit on this node\n',
    );
    expect([world.has('network/node/links'), world.has('run/net')]).toEqual([false, false]);
  });

  test.each([
    [
      'all rules',
      'for f in "$WORLD"/node-iptables/*/*; do case ${f##*/} in kins*) rm "$f" ;; *) : >"$f" ;; esac; done',
    ],
    ['those of one chain', ': >"$WORLD/node-iptables/filter/INPUT"'],
  ])('rules are written again when somebody has flushed %s', async (_, flush) => {
    await start();
    const before = Object.keys(world.tree('node-iptables'));
    world.write('flush', flush);
    const lines = `cat "$WORLD"/node-iptables/*/${LINK}-* | wc -l`;
    // FORWARD, INPUT, OUTPUT and the two that end in ROUTING, but none that is just being written.
    world.write(
      'are-whole',
      `cd "$WORLD/node-iptables" && [ "$(${lines})" = "$(cat "$WORLD/lines")" ] &&
       [ "$(grep -l -e '^-j ${LINK}-' */*[DGT] | wc -l)" = 5 ]`,
    );
    happens(world, {
      1: `${lines} >"$WORLD/lines"; . "$WORLD/flush"; echo flushed >>"$WORLD/log"`,
      // However busy the machine is; a hundred looks are enough for any.
      100: END,
      '*': `if sh "$WORLD/are-whole" 2>/dev/null; then ${END}; fi`,
    });
    await start();
    expect(world.log()).toContain('flushed');
    expect(Object.keys(world.tree('node-iptables'))).toEqual(before);
    expect(rules('filter/INPUT')[0]).toBe(`-j ${LINK}-input`);
    expect(rules(`nat/${LINK}-out`)).toHaveLength(3);
  });

  test('rules that can not be written are said, and tried again', async () => {
    happens(world, {
      1: ': >"$WORLD/node-iptables/nat/OUTPUT"; : >"$WORLD/iptables-is-busy"',
      5: 'rm "$WORLD/iptables-is-busy"',
      100: END,
      '*': `if [ ! -e "$WORLD/iptables-is-busy" ] && grep -q ${LINK}-out "$WORLD/node-iptables/nat/OUTPUT"; then ${END}; fi`,
    });
    const { output } = await start();
    expect(output).toContain('cri: could not write the rules of the node; trying again\n');
    expect(rules('nat/OUTPUT')).toEqual([`-j ${LINK}-out`]);
  });

  describe('can be interrupted anywhere', () => {
    const scenario = (restart: (machine: World) => void): Parameters<typeof interruptedAnywhere>[1] => ({
      script: 'cri.sh',
      prepare,
      env: criEnvironment,
      restart: (machine) => {
        const kept = machine
          .read('mounts')
          .split('\n')
          .filter((each) => each.endsWith('/net'));
        machine.write('mounts', [...kept, '/sys/fs/cgroup', ''].join('\n'));
        restart(machine);
      },
      outcome: plane,
    });

    test('by the end of the pod', async () => {
      const { calm, cuts } = await interruptedAnywhere(
        shell,
        scenario(() => undefined),
      );
      expect(calm).toMatchObject({ isOwn: true, mounts: 1 });
      expect(cuts).toBeGreaterThan(20 / shell.stride);
    });

    test('by a power cut, which leaves nothing of it', async () => {
      await interruptedAnywhere(
        shell,
        scenario((machine) => {
          const fresh = new World();
          prepareCri(fresh);
          for (const folder of ['run', 'network', 'node-iptables', 'settings']) machine.remove(folder);
          for (const folder of ['node-iptables', 'settings'])
            for (const [path, text] of Object.entries(fresh.tree(folder)))
              if (text !== null) machine.write(`${folder}/${path}`, text);
          machine.folder('run');
          machine.write('mounts', '/sys/fs/cgroup\n');
          fresh.dispose();
        }),
      );
    });
  });
});
