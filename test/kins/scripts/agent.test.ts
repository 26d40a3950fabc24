import { chmodSync } from 'node:fs';
import {
  agentEnvironment,
  cgroups,
  containerdSocket,
  HASH,
  joinedAtOtherAddress,
  nodeAt,
  prepareAgent,
} from './support/agent';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepareAgent(world);
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'agent.sh', { env: agentEnvironment(world, more) });
  test('starts K3s in the network of the unit, with a token that carries the CA', async () => {
    expect((await start()).code).toBe(0);
    expect(world.log()).toContain('nsenter --net=/run/net -- k3s agent --config /work/config.yaml');
    expect(world.read('work/config.yaml').split(world.root).join('')).toBe(
      'pause-image: pause\nnode-name: "edge2"\nnode-ip: "10.216.0.2"\nnode-external-ip: "192.0.2.20"\nserver: "https://test-servers-kins:26443"\ntoken-file: "/work/token"\n',
    );
    expect(world.read('work/token')).toBe(`K10${HASH}::node:agent-secret`);
    expect([world.mode('work/token'), world.mode('work/config.yaml')]).toEqual(['600', '600']);
    expect(world.read('machine-id')).toBe('abc');
  });

  test('writes what containerd knows of registries first, and starts K3s once that has been taken, or not in time', async () => {
    world.write('config/registry.r.example.com.toml', 'server = "https://r.example.com"\n');
    world.write('config/registries', 'token r.example.com kins-system/r refresh - r.example.com\n');
    world.write('registries/r.example.com/token', 'hunter2');
    const untaken = await start({ TAKE_SECONDS: '2' });
    expect(untaken.output).toContain('agent: containerd of the unit has not loaded the registry credentials');
    expect(untaken.output).not.toContain('hunter2');
    expect(world.read('run/registries/certs.d/r.example.com/hosts.toml')).toBe('server = "https://r.example.com"\n');
    world.write('run/registries/taken.toml', world.read('run/registries/auth.toml'));
    const taken = await start();
    expect(taken.output).not.toContain('has not loaded the registry credentials');
    expect(world.log().filter((line) => line.includes('k3s agent'))).toHaveLength(2);
  });

  test.each([
    ['edge1', 'https://192.0.2.2:26443'],
    ['edge10', 'https://192.0.2.2:26443'],
    ['edge', 'https://test-servers-kins:26443'],
    ['dge1', 'https://test-servers-kins:26443'],
  ])('on %s it goes to %s: to the server beside it, if there is one', async (node, url) => {
    world.write('lib/server/k3s/ca-hash', `${HASH}\n`);
    await start({ NODE_NAME: node });
    expect(world.read('work/config.yaml')).toContain(`\nserver: "${url}"\n`);
  });

  test('it goes to the others while the server beside it has not joined yet', async () => {
    await start({ NODE_NAME: 'edge1' });
    expect(world.read('work/config.yaml')).toContain('\nserver: "https://test-servers-kins:26443"\n');
  });

  test("the CA of this node's server comes before what the cloud says", async () => {
    world.write('lib/server/k3s/ca-hash', `${'d'.repeat(64)}\n`);
    await start();
    expect(world.read('work/token')).toBe(`K10${'d'.repeat(64)}::node:agent-secret`);
  });

  test('waits for containerd of the unit, whose pod brings the machine id, and for the cluster', async () => {
    world.remove('run/containerd.sock');
    world.remove('lib/node/machine-id');
    world.remove('state/ca-hash');
    const arrives = `echo abc >"$KINS_LIB/node/machine-id"; ln "${containerdSocket()}" "$KINS_RUN/containerd.sock"\n`;
    world.write('at-sleep-2', arrives);
    world.write('at-sleep-4', `echo ${HASH} >"$KINS_STATE/ca-hash"\n`);
    const { code, output } = await start();
    expect(code).toBe(0);
    expect(output).toBe(
      'agent: waiting for containerd of the unit, which the cri pod starts\n' +
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

  test('a controller that can not be given on holds nothing up', async () => {
    world.remove('cgroup');
    cgroups.v2(world);
    world.remove('cgroup/cgroup.subtree_control');
    world.folder('cgroup/cgroup.subtree_control');
    await start();
    expect(world.has('cgroup/kins-test')).toBe(true);
    expect(world.log()).toContainEqual(expect.stringContaining('k3s agent'));
  });

  test("sees the node's cgroups only", async () => {
    await start();
    expect(world.log()).toEqual(
      expect.arrayContaining(['umount -l /sys/fs/cgroup', 'mount -o rbind /host/sys/fs/cgroup /sys/fs/cgroup']),
    );
    expect(world.read('mounts')).toBe('/sys/fs/cgroup\n');
  });

  describe('when it has joined before', () => {
    beforeEach(() => {
      joinedAtOtherAddress(world);
    });

    test('it tells the edge cluster the address that it has now, before K3s starts', async () => {
      const { code, output } = await start();
      expect(code).toBe(0);
      expect(output).toContain('agent: the address of this node is now 192.0.2.20\nagent: starting K3s on edge2\n');
      expect(world.read('node.json')).toBe(nodeAt('192.0.2.20'));
      expect(world.log().filter((line) => line.includes('kubelet.kubeconfig'))).toEqual([
        'kubectl --kubeconfig /lib/agent/agent/kubelet.kubeconfig --server https://test-servers-kins:26443 --request-timeout 5s get node edge2 --output json',
        'kubectl --kubeconfig /lib/agent/agent/kubelet.kubeconfig --server https://test-servers-kins:26443 --request-timeout 5s replace --raw /api/v1/nodes/edge2/status?fieldManager=edge-constructs-kins --filename /work/status.json',
      ]);
    });

    test('an address that is known is not told again', async () => {
      world.write('node.json', nodeAt('192.0.2.20'));
      expect((await start()).output).toBe('agent: starting K3s on edge2\n');
      expect(world.log().filter((line) => line.includes('replace'))).toEqual([]);
    });

    test('it waits for a server to tell it to', async () => {
      world.write('edge-of-kubelet-is-down', '');
      world.write('at-sleep-3', 'rm "$WORLD/edge-of-kubelet-is-down"\n');
      expect((await start()).code).toBe(0);
      expect(world.read('node.json')).toBe(nodeAt('192.0.2.20'));
    });

    test('without an answer K3s is started all the same, and the log says why', async () => {
      world.write('edge-of-kubelet-is-down', '');
      const { code, output } = await world.run(shell, 'agent.sh', { env: agentEnvironment(world), stopAtSleep: 100 });
      expect(code).toBe(0);
      expect(output).toBe('The connection to the server was refused\nagent: starting K3s on edge2\n');
      expect(world.log().filter((line) => line.startsWith('sleep'))).toHaveLength(75);
    });
  });

  test('a server that does not answer is asked for the address for so many seconds, not so many times', async () => {
    joinedAtOtherAddress(world);
    world.write('edge-of-kubelet-is-down', '5');
    expect((await start()).code).toBe(0);
    expect(world.log().filter((line) => line.includes(' get node '))).toHaveLength(3);
  });

  test('a containerd that was killed is not taken for one that lives', async () => {
    world.remove('bin/ctr');
    world.write('bin/ctr', '#!/bin/sh\necho "ctr $*" >>"$WORLD/log"\n[ ! -e "$WORLD/containerd-is-dead" ]\n');
    chmodSync(world.at('bin/ctr'), 0o755);
    world.write('containerd-is-dead', '');
    world.write('at-sleep-3', 'rm "$WORLD/containerd-is-dead"\n');
    world.write('images/a.tar', 'one');
    const { code, output } = await start();
    expect(code).toBe(0);
    expect(output).toContain('agent: waiting for containerd of the unit, which the cri pod starts\n');
    expect(output).not.toContain('could not import');
    expect(world.has('lib/containerd/imported-archives/a.tar')).toBe(true);
  });

  test('with a new disk it asks for admission first, and names the CA by which the server is known', async () => {
    world.remove('lib/node/password');
    world.write('state/ca.crt', 'the CA of the unit\n');
    world.write('at-sleep-2', 'test -e "$KINS_ADMISSION/ask" && : >"$KINS_ADMISSION/admitted"\n');
    const { code, output } = await start();
    expect(code).toBe(0);
    expect(output).toContain('agent: waiting for a server to forget the password from the previous disk\n');
    expect(world.tree('admission')).toEqual({
      admitted: '',
      'ca.crt': 'the CA of the unit\n',
      url: 'https://test-servers-kins:26443\n',
    });
  });

  test('an admission of before is not taken for one of the disk that is there now', async () => {
    world.remove('lib/node/password');
    world.write('state/ca.crt', 'the CA of the unit\n');
    world.write('admission/admitted', '');
    const { wasStopped } = await start();
    expect(wasStopped).toBe(true);
    expect(Object.keys(world.tree('admission')).sort()).toEqual(['ask', 'ca.crt', 'url']);
    expect(world.has('waiting/open')).toBe(false);
  });

  test('can be interrupted anywhere', async () => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'agent.sh',
      prepare: (machine) => {
        prepareAgent(machine);
        joinedAtOtherAddress(machine);
      },
      env: agentEnvironment,
      restart: (machine) => {
        // A new container has mounts and memory of its own.
        machine.remove('work');
        machine.folder('work');
        machine.write('mounts', '/sys/fs/cgroup\n/sys/fs/cgroup/memory\n');
      },
      outcome: (machine) => ({
        // What is left of telling the address depends on how often it was told.
        work: Object.keys(machine.tree('work')).filter(
          (name) => !/^(network|address)\.log$|^(node|status)\.json$|^routes|^reach/.test(name),
        ),
        node: machine.read('node.json'),
        token: machine.read('work/token'),
        cgroup: machine.tree('cgroup'),
        starts: machine.log().includes('nsenter --net=/run/net -- k3s agent --config /work/config.yaml'),
      }),
    });
    expect(calm).toMatchObject({
      work: ['config.yaml', 'token'],
      node: nodeAt('192.0.2.20'),
      starts: true,
    });
    expect(cuts).toBeGreaterThan(20 / shell.stride);
  });
});
