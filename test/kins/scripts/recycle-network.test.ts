import { linkSync } from 'node:fs';
import { containerdSocket } from './support/agent';
import { prepareRecycle, recycleEnvironment } from './support/recycle';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

const LINK = 'kins-abc';
const CHAINS = { in: 'nat/PREROUTING', out: 'nat/OUTPUT', masq: 'nat/POSTROUTING' };
const FILTERS = { forward: 'filter/FORWARD', input: 'filter/INPUT' };

let world: World;
beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

/** A node with the network of unit `test`, and rules of others. */
function prepare(machine: World): void {
  prepareRecycle(machine);
  for (const [name, from] of Object.entries({ ...CHAINS, ...FILTERS })) {
    // Written twice, as by two pods at once.
    machine.write(`node-iptables/${from}`, `-j ${LINK}-${name}\n-j OTHERS\n-j ${LINK}-${name}\n`);
    machine.write(`node-iptables/${from.split('/')[0] ?? ''}/${LINK}-${name}`, '-p tcp -j ACCEPT\n');
  }
  machine.write(`network/node/links/${LINK}`, 'made 1\npair space1/links/eth0\n');
  machine.write('network/space1/links/eth0', `made 1\npair node/links/${LINK}\n`);
  machine.write(`network/node/links/${LINK}.x`, 'made 2\n');
  machine.write('network/node/links/enp1s0', 'made 3\n');
}

const env = (machine: World): Readonly<Record<string, string>> =>
  recycleEnvironment(machine, { LINK, GRACE_SECONDS: '3', LIST_SECONDS: '1' });

const left = (machine: World): unknown => ({
  rules: machine.tree('node-iptables'),
  links: Object.keys(machine.tree('network/node/links')),
  isReady: machine.has('recycled'),
});
const GONE = {
  rules: {
    filter: null,
    'filter/FORWARD': '-j OTHERS\n',
    'filter/INPUT': '-j OTHERS\n',
    nat: null,
    'nat/OUTPUT': '-j OTHERS\n',
    'nat/POSTROUTING': '-j OTHERS\n',
    'nat/PREROUTING': '-j OTHERS\n',
  },
  links: ['enp1s0'],
  isReady: true,
};

inEachShell((shell) => {
  const start = (stopAtSleep = 1): Promise<Run> => world.run(shell, 'recycle.sh', { env: env(world), stopAtSleep });
  const untouched = (): void => {
    expect(left(world)).toMatchObject({ isReady: false });
    expect(world.read('lib/test/server/k3s/db')).toBe('data');
  };

  describe('the network of the unit', () => {
    test('goes: its chains, what leads to them, and its interfaces; what others have stays', async () => {
      expect((await start()).output).toBe('recycle: nothing of unit test is left on this node\n');
      expect(left(world)).toEqual(GONE);
      expect(world.has('network/space1/links/eth0')).toBe(false);
    });

    test('goes with what its plugins remember of pods, and of no other unit', async () => {
      const results = 'proc/1/root/var/lib/cni/results';
      for (const unit of ['test', 'test-two'])
        world.write(`${results}/kins-${unit}-1a2b-eth0`, `{"kind":"cniCacheV1","networkName":"kins-${unit}"}`);
      await start();
      expect(Object.keys(world.tree(results))).toEqual(['kins-test-two-1a2b-eth0']);
    });

    test('that is gone already, or in part, keeps nothing up', async () => {
      world.remove(`network/node/links/${LINK}`);
      world.remove(`node-iptables/nat/${LINK}-out`);
      world.write('node-iptables/nat/OUTPUT', '-j OTHERS\n');
      await start();
      expect(left(world)).toEqual(GONE);
      await start();
      expect(left(world)).toEqual(GONE);
    });

    test('is tried again while the packet filter is busy, and no file is removed before', async () => {
      world.write('iptables-is-busy', '');
      world.write('at-sleep-2', 'test -e "$LIB_ROOT/test/server/k3s/db" && rm "$WORLD/iptables-is-busy"\n');
      const { output } = await start(3);
      expect(output).toContain('recycle: step remove_network is not finished yet; trying again\n');
      expect(left(world)).toEqual(GONE);
    });

    test('that can not be seen is not taken for gone', async () => {
      world.write('prelude', `${world.read('prelude')}nsenter() { return 1; }\n`);
      const { output } = await start(3);
      expect(output).toContain('recycle: step remove_network is not finished yet; trying again\n');
      untouched();
    });

    test('an interface that can not be removed is not taken for gone', async () => {
      world.write(
        'prelude',
        `${world.read('prelude')}nsenter() { case $* in *'link delete'*) return 1 ;; esac; "$WORLD/bin/nsenter" "$@"; }\n`,
      );
      await start(3);
      untouched();
    });

    test('is gone after an interruption at any point, too', async () => {
      const { calm } = await interruptedAnywhere(shell, {
        script: 'recycle.sh',
        prepare,
        env,
        outcome: left,
        stopAtSleep: 1,
      });
      expect(calm).toEqual(GONE);
    });
  });

  describe('what runs in the edge cluster', () => {
    const container = (id: string, seconds?: number): object => ({
      id,
      annotations: seconds === undefined ? {} : { 'io.kubernetes.pod.terminationGracePeriod': String(seconds) },
    });
    const stops = (): string[] => world.log().filter((line) => line.startsWith('crictl'));
    beforeEach(() => {
      linkSync(containerdSocket(), world.at('run/test/containerd.sock'));
      world.write('cgroup/memory/kins-test/runtime/cgroup.procs', '101\n');
    });

    test('gets its grace period to end, and none more than five minutes, before any process is', async () => {
      const containers = [container('c1', 5), container('c2', 600), container('c3')];
      world.write('containers', JSON.stringify({ containers }, null, 2));
      const { output } = await start();
      expect(output.split('\n')[0]).toBe('recycle: stopping 3 containers');
      const at = `at unix://${world.at('run/test/containerd.sock')}`.split(world.root).join('');
      expect(stops().sort()).toEqual([
        `crictl stop --timeout 30 c3 ${at}`,
        `crictl stop --timeout 300 c2 ${at}`,
        `crictl stop --timeout 5 c1 ${at}`,
      ]);
      const log = world.log();
      expect(log.indexOf('kill -s TERM 101')).toBeGreaterThan(log.lastIndexOf(stops().at(-1) ?? ''));
      expect(left(world)).toEqual(GONE);
    });

    test('is ended by signals where a container does not stop', async () => {
      world.write('containers', JSON.stringify({ containers: [container('c1', 5)] }, null, 2));
      world.write(
        'prelude',
        `${world.read('prelude')}crictl() { [ "$1" != stop ] || return 1; "$WORLD/bin/crictl" "$@"; }\n`,
      );
      await start();
      expect(world.log()).toContain('kill -s TERM 101');
      expect(left(world)).toEqual(GONE);
    });

    test.each([
      ['does not answer', (): void => undefined, 4],
      [
        'is not there',
        (): void => {
          world.remove('run/test/containerd.sock');
          world.write('containers', JSON.stringify({ containers: [container('c1')] }, null, 2));
        },
        0,
      ],
    ])('is ended by signals where containerd %s', async (_, make, naps) => {
      make();
      await start(naps + 3);
      expect(stops()).toEqual([]);
      expect(world.log()).toContain('kill -s TERM 101');
      expect(left(world)).toEqual(GONE);
    });

    test('goes on while a pod of the unit runs on the node, which would start it again', async () => {
      world.write('containers', JSON.stringify({ containers: [container('c1')] }, null, 2));
      world.write('proc/88/environ', 'KINS_UNIT=test\0');
      await start(3);
      expect(stops()).toEqual([]);
      untouched();
    });
  });
});
