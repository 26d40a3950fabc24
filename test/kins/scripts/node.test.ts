import { linkSync } from 'node:fs';
import { parse } from 'yaml';
import { createServer, type Server } from 'node:net';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

const HASH = 'c'.repeat(64);
const UID = String(process.getuid?.() ?? 0);
let world: World;
/** A socket that other machines get a link to, since only a process can make one. */
let listening: World;
let server: Server;

beforeAll(async () => {
  listening = new World();
  server = createServer();
  await new Promise<void>((done) => server.listen(listening.at('socket'), done));
});
afterAll(async () => {
  await new Promise((done) => server.close(done));
  listening.dispose();
});
beforeEach(() => {
  world = new World();
});
afterEach(() => {
  world.dispose();
});

const paths = (machine: World): Readonly<Record<string, string>> => ({
  KINS_LIB: machine.at('lib'),
  KINS_RUN: machine.at('run'),
  KINS_STATE: machine.at('state'),
  KINS_SECRETS: machine.at('secrets'),
  KINS_CONFIG: machine.at('config'),
  KINS_WORK: machine.at('work'),
  KINS_WAITING: machine.at('waiting'),
  KINS_ADMISSION: machine.at('admission'),
  KINS_IMAGES: machine.at('images'),
  CGROUP_ROOT: machine.at('cgroup'),
  POD_IPS: '2001:db8::20,192.0.2.20',
  // The watch over the network of the cri pod, beside the agent.
  REAL_SLEEP: '2',
  MACHINE_ID: machine.at('machine-id'),
});

const NODE = {
  NODE_NAME: 'edge2',
  SERVERS: 'edge1,edge10',
  JOIN_URL: 'https://test-servers-kins:26443',
  OWN_URL: 'https://192.0.2.2:26443',
};

/** Trees of cgroups as the kernel shows them, with the unit's own not made yet. */
const cgroups = {
  v1: (machine: World): void => {
    machine.folder('cgroup/memory');
    machine.write('cgroup/cpuset/cpuset.cpus', '0-3\n');
    machine.write('cgroup/cpuset/cpuset.mems', '0\n');
  },
  v2: (machine: World): void => {
    machine.write('cgroup/cgroup.controllers', 'cpuset cpu memory pids\n');
    machine.write('cgroup/cgroup.subtree_control', '');
  },
};

inEachShell((shell) => {
  describe('prepare.sh', () => {
    const env = (machine: World): Readonly<Record<string, string>> => ({ ...paths(machine), SERVER_UID: UID });
    const prepare = (machine: World): void => {
      machine.folder('lib');
      machine.folder('run');
    };
    const modes = (machine: World): Record<string, string> =>
      Object.fromEntries(Object.keys(machine.tree('lib')).map((name) => [name, machine.mode(`lib/${name}`)]));
    beforeEach(() => {
      prepare(world);
    });

    test('makes the folders of a unit, closed to everybody but their owners', async () => {
      expect((await world.run(shell, 'prepare.sh', { env: env(world) })).code).toBe(0);
      expect(modes(world)).toMatchObject({
        access: '700',
        agent: '700',
        cni: '700',
        containerd: '700',
        kubelet: '700',
        node: '700',
        server: '700',
      });
      expect([world.mode('lib'), world.mode('run')]).toEqual(['711', '711']);
      expect(world.has('run/flannel') && world.has('lib/log')).toBe(true);
    });

    test("gives away the control plane's folder alone, never what is in it", async () => {
      world.write('lib/server/k3s/link', '');
      await world.run(shell, 'prepare.sh', { env: env(world) });
      expect(world.log()).toEqual([`chown ${UID}:${UID} /lib/server`]);
    });

    test('makes a machine id once', async () => {
      await world.run(shell, 'prepare.sh', { env: env(world) });
      const id = world.read('lib/node/machine-id');
      expect(id).toMatch(/^[0-9a-f]{32}$/);
      await world.run(shell, 'prepare.sh', { env: env(world) });
      expect(world.read('lib/node/machine-id')).toBe(id);
    });

    test('can be interrupted anywhere', async () => {
      const { cuts } = await interruptedAnywhere(shell, {
        script: 'prepare.sh',
        prepare,
        env,
        outcome: (machine) => ({
          modes: Object.entries(modes(machine)).filter(([name]) => !name.endsWith('.new')),
          id: machine.read('lib/node/machine-id').length,
          owned: machine.log().at(-1),
        }),
      });
      expect(cuts).toBeGreaterThan(20 / shell.stride);
    });
  });

  describe('agent.sh', () => {
    const prepare = (machine: World): void => {
      cgroups.v1(machine);
      machine.folder('work');
      machine.folder('waiting');
      machine.folder('admission');
      machine.write('run/net', '');
      machine.write('lib/node/password', 'of this disk');
      machine.write('mounts', '/sys/fs/cgroup\n/sys/fs/cgroup/memory\n');
      machine.write('lib/node/machine-id', 'abc');
      machine.write('run/resolv.conf', 'nameserver 192.0.2.53\n');
      linkSync(listening.at('socket'), machine.at('run/containerd.sock'));
      machine.write('state/ca-hash', HASH);
      machine.write('secrets/agent-token', 'agent-secret');
      machine.write('config/agent.yaml', 'pause-image: pause\n');
    };
    const env = (machine: World, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
      ...paths(machine),
      ...NODE,
      CGROUP: 'kins-test',
      ...more,
    });
    const start = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
      world.run(shell, 'agent.sh', { env: env(world, more) });
    beforeEach(() => {
      prepare(world);
    });

    test('starts K3s in the network of the cri pod, with a token that carries the CA', async () => {
      expect((await start()).code).toBe(0);
      expect(world.log()).toContain('nsenter --net=/run/net -- k3s agent --config /work/config.yaml');
      expect(world.read('work/config.yaml').split(world.root).join('')).toBe(
        'pause-image: pause\nnode-name: edge2\nserver: https://test-servers-kins:26443\ntoken-file: /work/token\n',
      );
      expect(world.read('work/token')).toBe(`K10${HASH}::node:agent-secret`);
      expect([world.mode('work/token'), world.mode('work/config.yaml')]).toEqual(['600', '600']);
      expect(world.read('machine-id')).toBe('abc');
    });

    test.each([
      ['edge1', 'https://192.0.2.2:26443'],
      ['edge10', 'https://192.0.2.2:26443'],
      ['edge', 'https://test-servers-kins:26443'],
      ['dge1', 'https://test-servers-kins:26443'],
    ])('on %s it goes to %s: to the server beside it, if there is one', async (node, url) => {
      world.write('lib/server/k3s/ca-hash', `${HASH}\n`);
      await start({ NODE_NAME: node });
      expect(world.read('work/config.yaml')).toContain(`\nserver: ${url}\n`);
    });

    test('it goes to the others while the server beside it has not joined yet', async () => {
      await start({ NODE_NAME: 'edge1' });
      expect(world.read('work/config.yaml')).toContain('\nserver: https://test-servers-kins:26443\n');
    });

    test("the CA of this node's server comes before what the cloud says", async () => {
      world.write('lib/server/k3s/ca-hash', `${'d'.repeat(64)}\n`);
      await start();
      expect(world.read('work/token')).toBe(`K10${'d'.repeat(64)}::node:agent-secret`);
    });

    test('waits for the containerd of the cri pod, which brings the machine id, and for the cluster', async () => {
      world.remove('run/containerd.sock');
      world.remove('lib/node/machine-id');
      world.remove('state/ca-hash');
      const arrives = `echo abc >"$KINS_LIB/node/machine-id"; ln "${listening.at('socket')}" "$KINS_RUN/containerd.sock"\n`;
      world.write('at-sleep-2', arrives);
      world.write('at-sleep-4', `echo ${HASH} >"$KINS_STATE/ca-hash"\n`);
      const { code, output } = await start();
      expect(code).toBe(0);
      expect(output).toBe(
        'agent: waiting for the containerd of the cri pod\n' +
          'agent: waiting for the first server to form the cluster\n' +
          'agent: starting K3s on edge2\n',
      );
      expect(world.log().filter((line) => line === 'sleep 0.2')).toHaveLength(4);
    });

    test('no token is printed or given to a command', async () => {
      const { output } = await start();
      expect(`${output}${world.log().join('\n')}${world.read('work/config.yaml')}`).not.toContain('agent-secret');
    });

    test('on cgroups of version 1 the unit gets a group in every tree, with processors and memory', async () => {
      await start();
      expect(world.tree('cgroup')).toMatchObject({
        'cpuset/kins-test/cpuset.cpus': '0-3\n',
        'cpuset/kins-test/cpuset.mems': '0\n',
        'memory/kins-test': null,
      });
    });

    test('on cgroups of version 2 the unit gets one group, and the controllers are given on', async () => {
      world.remove('cgroup');
      cgroups.v2(world);
      await start();
      expect(world.has('cgroup/kins-test')).toBe(true);
      // Of a real file each write would be taken; of this one the last is left.
      expect(world.read('cgroup/cgroup.subtree_control')).toBe('+pids\n');
    });

    test("sees the node's cgroups only", async () => {
      await start();
      expect(world.log()).toEqual(
        expect.arrayContaining(['umount -l /sys/fs/cgroup', 'mount -o rbind /host/sys/fs/cgroup /sys/fs/cgroup']),
      );
      expect(world.read('mounts')).toBe('/sys/fs/cgroup\n');
    });

    const node = (address: string): string => `{"status": {"addresses": [{"address": "${address}"}]}}\n`;
    const joinedAtOtherAddress = (machine: World): void => {
      machine.write('lib/agent/agent/kubelet.kubeconfig', 'of this node');
      machine.write('run/address', '192.0.2.20\n');
      machine.write('node.json', node('192.0.2.10'));
    };

    describe('when it has joined before', () => {
      beforeEach(() => {
        joinedAtOtherAddress(world);
      });

      test('it tells the edge cluster the address that it has now, before K3s starts', async () => {
        const { code, output } = await start();
        expect(code).toBe(0);
        expect(output).toContain('agent: the address of this node is 192.0.2.20 now\nagent: starting K3s on edge2\n');
        expect(world.read('node.json')).toBe(node('192.0.2.20'));
        expect(world.log().filter((line) => line.includes('kubelet.kubeconfig'))).toEqual([
          'kubectl --kubeconfig /lib/agent/agent/kubelet.kubeconfig --server https://test-servers-kins:26443 --request-timeout 5s get node edge2 --output json',
          'kubectl --kubeconfig /lib/agent/agent/kubelet.kubeconfig --server https://test-servers-kins:26443 --request-timeout 5s replace --raw /api/v1/nodes/edge2/status --filename /work/status.json',
        ]);
      });

      test('an address that is known is not told again', async () => {
        world.write('node.json', node('192.0.2.20'));
        expect((await start()).output).toBe('agent: starting K3s on edge2\n');
        expect(world.log().filter((line) => line.includes('replace'))).toEqual([]);
      });

      test('it waits for a server to tell it to', async () => {
        world.write('edge-of-kubelet-is-down', '');
        world.write('at-sleep-3', 'rm "$WORLD/edge-of-kubelet-is-down"\n');
        expect((await start()).code).toBe(0);
        expect(world.read('node.json')).toBe(node('192.0.2.20'));
      });

      test('without an answer K3s is started all the same, and the log says why', async () => {
        world.write('edge-of-kubelet-is-down', '');
        const { code, output } = await world.run(shell, 'agent.sh', { env: env(world), stopAtSleep: 100 });
        expect(code).toBe(0);
        expect(output).toBe('The connection to the server was refused\nagent: starting K3s on edge2\n');
        expect(world.log().filter((line) => line.startsWith('sleep'))).toHaveLength(60);
      });
    });

    test('with a new disk it asks for admission first, and names the CA by which the server is known', async () => {
      world.remove('lib/node/password');
      world.write('state/ca.crt', 'the CA of the unit\n');
      world.write('at-sleep-2', 'test -e "$KINS_ADMISSION/ask" && : >"$KINS_ADMISSION/admitted"\n');
      const { code, output } = await start();
      expect(code).toBe(0);
      expect(output).toContain('agent: waiting for a server to forget the password of the disk before this one\n');
      expect(world.tree('admission')).toEqual({
        admitted: '',
        'ca.crt': 'the CA of the unit\n',
        url: 'https://test-servers-kins:26443\n',
      });
    });

    test('images from the node are imported once, pinned, and again when they were replaced', async () => {
      world.write('images/a.tar', 'one');
      world.write('images/notes.txt', '');
      const imports = (): string[] => world.log().filter((line) => line.startsWith('ctr'));
      await start();
      await start();
      expect(imports()).toEqual([
        'ctr --address /run/containerd.sock --namespace k8s.io images import --label io.cri-containerd.pinned=pinned /images/a.tar',
      ]);
      world.write('images/a.tar', 'another');
      await start();
      expect(imports()).toHaveLength(2);
    });

    test('can be interrupted anywhere', async () => {
      const { calm, cuts } = await interruptedAnywhere(shell, {
        script: 'agent.sh',
        prepare: (machine) => {
          prepare(machine);
          joinedAtOtherAddress(machine);
        },
        env: (machine) => env(machine),
        restart: (machine) => {
          // A new container has mounts and memory of its own.
          machine.remove('work');
          machine.folder('work');
          machine.write('mounts', '/sys/fs/cgroup\n/sys/fs/cgroup/memory\n');
        },
        outcome: (machine) => ({
          // What is left of telling the address depends on how often it was told.
          work: Object.keys(machine.tree('work')).filter(
            (name) => !/^(network|address)\.log$|^(node|status)\.json$/.test(name),
          ),
          node: machine.read('node.json'),
          token: machine.read('work/token'),
          cgroup: machine.tree('cgroup'),
          starts: machine.log().includes('nsenter --net=/run/net -- k3s agent --config /work/config.yaml'),
        }),
      });
      expect(calm).toMatchObject({
        work: ['config.yaml', 'started', 'token'],
        node: node('192.0.2.20'),
        starts: true,
      });
      expect(cuts).toBeGreaterThan(20 / shell.stride);
    });
  });

  describe('cri.sh', () => {
    const prepare = (machine: World): void => {
      machine.write('mounts', `/sys/fs/cgroup\n${machine.at('run/net')}\n${machine.at('run/net')}\n`);
      machine.write('run/net', '');
      machine.write('run/containerd.sock', 'left by the last pod');
    };
    const outcome = (machine: World): unknown => ({
      mounts: machine.read('mounts').split(machine.root).join('').split('\n').sort(),
      run: Object.keys(machine.tree('run')),
      last: machine.log().at(-1),
    });
    const EXPECTED = {
      mounts: ['', '/run/net', '/sys/fs/cgroup'],
      run: ['address', 'net', 'resolv.conf'],
      last: 'containerd --config /etc/kins/config/containerd.toml',
    };

    test('publishes its network namespace in place of any older one, then starts containerd', async () => {
      prepare(world);
      expect((await world.run(shell, 'cri.sh', { env: paths(world) })).code).toBe(0);
      expect(outcome(world)).toEqual(EXPECTED);
      expect(world.read('run/address')).toBe('192.0.2.20\n');
      expect(world.log()).toContain('mount -o bind /proc/self/ns/net /run/net');
    });

    test('can be interrupted anywhere', async () => {
      const { calm } = await interruptedAnywhere(shell, {
        script: 'cri.sh',
        prepare,
        env: paths,
        // The mount of the namespace is the node's; a new container has the cgroups it always gets.
        restart: (machine) => {
          const kept = machine
            .read('mounts')
            .split('\n')
            .filter((each) => each.endsWith('/net'));
          machine.write('mounts', [...kept, '/sys/fs/cgroup', ''].join('\n'));
        },
        outcome,
      });
      expect(calm).toEqual(EXPECTED);
    });
  });

  describe('access.sh', () => {
    const prepare = (machine: World): void => {
      machine.folder('lib/access', 0o700);
      machine.write('lib/agent/agent/server-ca.crt', 'CA 1\n');
      machine.write('secrets/admin-token', 'admin-secret');
    };
    const start = (rounds: number): Promise<Run> =>
      world.run(shell, 'access.sh', { env: { ...paths(world), ...NODE }, stopAtSleep: rounds });
    beforeEach(() => {
      prepare(world);
    });

    test('puts CA and token where the kubeconfig on the node names them, readable by their owner alone', async () => {
      const { output } = await start(1);
      expect(world.tree('lib/access')).toEqual({ 'ca.crt': 'CA 1\n', token: 'admin-secret' });
      expect([world.mode('lib/access/ca.crt'), world.mode('lib/access/token')]).toEqual(['600', '600']);
      expect(output).toBe('');
    });

    test('follows changes, and looks often until both are there', async () => {
      world.remove('lib/agent/agent/server-ca.crt');
      world.write('at-sleep-2', 'echo CA 2 >"$KINS_LIB/agent/agent/server-ca.crt"\n');
      world.write('at-sleep-3', 'echo another >"$KINS_SECRETS/admin-token"\n');
      await start(4);
      expect(world.tree('lib/access')).toEqual({ 'ca.crt': 'CA 2\n', token: 'another\n' });
      expect(world.log()).toEqual(['sleep 0.2', 'sleep 0.2', 'sleep 60', 'sleep 60']);
    });

    test('lets a node with a new disk in, by the administrator, only when the agent asks', async () => {
      world.write('admission/ca.crt', 'CA 1\n');
      world.write('admission/url', 'https://test-servers-kins:26443\n');
      world.write('at-sleep-1', ': >"$KINS_ADMISSION/ask"\n');
      await start(3);
      expect(world.log().filter((line) => line.startsWith('kubectl'))).toEqual([
        'kubectl --kubeconfig /admission/admin.yaml --request-timeout 10s --namespace kube-system delete secret edge2.node-password.k3s --ignore-not-found',
      ]);
      expect(world.has('admission/admitted')).toBe(true);
      expect(parse(world.read('admission/admin.yaml'))).toMatchObject({
        clusters: [{ cluster: { server: 'https://test-servers-kins:26443' } }],
        users: [{ user: { tokenFile: world.at('secrets/admin-token') } }],
      });
    });

    test('keeps what it has when a source is gone', async () => {
      world.write('at-sleep-1', ': >"$KINS_SECRETS/admin-token"; rm "$KINS_LIB/agent/agent/server-ca.crt"\n');
      await start(2);
      expect(world.tree('lib/access')).toEqual({ 'ca.crt': 'CA 1\n', token: 'admin-secret' });
    });

    test('can be interrupted anywhere', async () => {
      await interruptedAnywhere(shell, {
        script: 'access.sh',
        prepare,
        env: paths,
        stopAtSleep: 1,
        outcome: (machine) => machine.tree('lib/access'),
      });
    });
  });

  describe('stop-workloads.sh', () => {
    const container = (id: string, seconds?: number): object => ({
      id,
      annotations: seconds === undefined ? {} : { 'io.kubernetes.pod.terminationGracePeriod': String(seconds) },
    });
    const start = (): Promise<Run> =>
      world.run(shell, 'stop-workloads.sh', {
        env: {
          KINS_RUN: '/run/kins/test',
          STOP_SECONDS: '20',
          KINS_WORK: world.at('work'),
          NET_TABLES: world.at('net'),
        },
      });
    beforeEach(() => {
      world.folder('work');
      world.write('containers', '');
    });

    test('stops all containers of the unit, each with its grace period, and none longer than there is time', async () => {
      const containers = [container('c1', 5), container('c2', 600), container('c3')];
      world.write('containers', JSON.stringify({ containers }, null, 2));
      expect((await start()).code).toBe(0);
      expect(world.log().sort()).toEqual(
        [
          ['c1', 5],
          ['c2', 20],
          ['c3', 20],
        ]
          .map(([id, seconds]) => `crictl stop --timeout ${seconds} ${id} at unix:///run/kins/test/containerd.sock`)
          .sort(),
      );
    });

    test('waits for the kubelet to end, which would start again what is stopped, but not for ever', async () => {
      world.write('net/tcp', '   0: 00000000:280A 00000000:0000 0A 00000000:00000000\n');
      expect((await start()).code).toBe(0);
      expect(world.log()).toEqual(Array.from({ length: 10 }, () => 'sleep 1'));
    });

    test('says so when the containers can not be listed', async () => {
      world.remove('containers');
      const { code, output } = await start();
      expect(code).toBe(1);
      expect(output).toContain('No such file');
    });
  });

  describe('ready.sh', () => {
    test('is ready when its file is there, and in turns while the state is waited for', async () => {
      world.folder('waiting');
      const ready = async (): Promise<boolean> =>
        (await world.run(shell, 'ready.sh', { env: paths(world), args: [world.at('mark')] })).code === 0;
      expect(await ready()).toBe(false);
      world.write('mark', '');
      expect(await ready()).toBe(true);
      world.write('waiting/state', '');
      expect([await ready(), await ready(), await ready(), await ready()]).toEqual([true, false, true, false]);
    });
  });
});
