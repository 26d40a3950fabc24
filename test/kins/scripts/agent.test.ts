import { chmodSync, linkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { NODE, paths } from './support/node';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

const HASH = 'c'.repeat(64);
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
      'pause-image: pause\nnode-name: "edge2"\nserver: "https://test-servers-kins:26443"\ntoken-file: "/work/token"\n',
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
    expect(untaken.output).toContain('agent: the cri pod has not taken the credentials of registries');
    expect(untaken.output).not.toContain('hunter2');
    expect(world.read('run/registries/certs.d/r.example.com/hosts.toml')).toBe('server = "https://r.example.com"\n');
    world.write('run/registries/taken.toml', world.read('run/registries/auth.toml'));
    const taken = await start();
    expect(taken.output).not.toContain('the cri pod has not taken');
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

  test('a controller that can not be given on holds nothing up', async () => {
    world.remove('cgroup');
    cgroups.v2(world);
    world.remove('cgroup/cgroup.subtree_control');
    world.folder('cgroup/cgroup.subtree_control');
    await start();
    expect(world.has('cgroup/kins-test')).toBe(true);
    expect(world.log().at(-1)).toContain('k3s agent');
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
        'kubectl --kubeconfig /lib/agent/agent/kubelet.kubeconfig --server https://test-servers-kins:26443 --request-timeout 5s replace --raw /api/v1/nodes/edge2/status?fieldManager=edge-constructs-kins --filename /work/status.json',
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
    expect(output).toContain('agent: waiting for the containerd of the cri pod\n');
    expect(output).not.toContain('could not import');
    expect(world.has('lib/containerd/imported-archives/a.tar')).toBe(true);
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
    for (const name of ['notes.txt', 'a.tar.sha256', 'b.tar.part', 'c.tar.gz.part', 'd.tar.tmp', '.e.tar']) {
      world.write(`images/${name}`, '');
    }
    const imports = (): string[] => world.log().filter((line) => line.includes(' images import '));
    await start();
    await start();
    expect(imports()).toEqual([
      'ctr --address /run/containerd.sock --namespace k8s.io images import --label io.cri-containerd.pinned=pinned /images/a.tar',
    ]);
    world.write('images/a.tar', 'another');
    await start();
    expect(imports()).toHaveLength(2);
  });

  test('images are taken from every kind of archive that containerd takes, and of others it is said', async () => {
    for (const name of ['a.tar', 'b.tar.gz', 'c.tgz', 'd.tar.zst', 'e.tar.bz2']) world.write(`images/${name}`, '');
    const { output } = await start();
    expect(world.log().flatMap((line) => /images import .* \/images\/(.*)$/.exec(line)?.[1] ?? [])).toEqual([
      'a.tar',
      'b.tar.gz',
      'c.tgz',
      'd.tar.zst',
    ]);
    expect(output).toContain("agent: can't import e.tar.bz2: containerd takes .tar, .tar.gz, .tgz and .tar.zst\n");
  });

  test('an archive counts as imported when the images are on the disk', async () => {
    world.write('images/a.tar', 'one');
    world.write('prelude', `${world.read('prelude')}mkdir() { echo "mkdir $*" >>"$WORLD/log"; command mkdir "$@"; }\n`);
    await start();
    const order = world.log().filter((line) => /^sync|^mkdir .*imported-archives|images import/.test(line));
    expect(order.map((line) => line.split(' ')[0])).toEqual(['ctr', 'sync', 'mkdir']);
  });

  test('an archive that is taken away meanwhile stops nothing', async () => {
    world.write('images/a.tar', 'one');
    world.write(
      'prelude',
      `${world.read('prelude')}stat() { case $* in *'%s %Y'*) return 1 ;; esac; command stat "$@"; }\n`,
    );
    expect((await start()).code).toBe(0);
  });

  describe('while K3s runs', () => {
    /** K3s that takes no notice when it is told to end for the first time, and ends by itself after a while. */
    const stubbornK3s = `
trap 'echo told to end >>"$WORLD/told"' TERM
n=0
while [ "$n" -lt 60 ] && [ "$(cat "$WORLD/told" 2>/dev/null | wc -l)" -lt 2 ]; do
  /bin/sleep 0.1
  n=$((n + 1))
done
echo "told $(cat "$WORLD/told" 2>/dev/null | wc -l) times" >>"$WORLD/log"
`;
    const replaceNetwork = 'echo new >"$KINS_RUN/net.new"; mv "$KINS_RUN/net.new" "$KINS_RUN/net"';
    const toldTimes = (): string | undefined => world.log().find((line) => line.startsWith('told'));

    test('it is told to end when the network of the cri pod was replaced, and told again when it goes on', async () => {
      world.write('k3s-runs', `${replaceNetwork}\n${stubbornK3s}`);
      await start({ STOP_SECONDS: '2' });
      expect(toldTimes()).toBe('told 2 times');
    });

    test('it is left alone when that was before it started', async () => {
      joinedAtOtherAddress(world);
      world.write('edge-of-kubelet-is-down', '');
      world.write('at-sleep-3', `${replaceNetwork}; rm "$WORLD/edge-of-kubelet-is-down"\n`);
      world.write('k3s-runs', stubbornK3s);
      await start({ STOP_SECONDS: '2' });
      expect(toldTimes()).toBe('told 0 times');
    });
  });

  describe('the rules of kube-proxy', () => {
    const SERVICES = 'iptables/nat/KUBE-SERVICES';
    const CANARY = 'iptables/mangle/KUBE-PROXY-CANARY';
    const TOLD = 'agent: kube-proxy has not written its rules: making it begin anew\n';
    const rules = 'mkdir -p "$WORLD/iptables/nat"; echo "-j KUBE-NODEPORTS" >"$WORLD/iptables/nat/KUBE-SERVICES"';
    const JUMPS = {
      INPUT: ['KUBE-EXTERNAL-SERVICES', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL'],
      FORWARD: ['KUBE-EXTERNAL-SERVICES', 'KUBE-SERVICES', 'KUBE-FORWARD', 'KUBE-PROXY-FIREWALL'],
      OUTPUT: ['KUBE-SERVICES', 'KUBE-PROXY-FIREWALL'],
    };
    const jumps = Object.entries(JUMPS)
      .flatMap(([from, targets]) =>
        targets.map((to) => `echo "-m comment -j ${to}" >>"$WORLD/iptables/filter/${from}"`),
      )
      .join('; ');
    const without = (jump: string): string =>
      jumps
        .split('; ')
        .filter((each) => !each.includes(jump))
        .join('; ');
    const canary = 'mkdir -p "$WORLD/iptables/mangle"; : >"$WORLD/iptables/mangle/KUBE-PROXY-CANARY"';
    /** kube-proxy that looks for its canary; K3s ends a while after that is gone, or after two seconds. */
    const untilNoCanary = (then: string): string => `
n=0
while [ "$n" -lt 20 ] && [ -e "$WORLD/${CANARY}" ]; do
  /bin/sleep 0.1
  n=$((n + 1))
done
if [ "$n" -lt 20 ]; then ${then}; /bin/sleep 1; fi
`;
    beforeEach(() => {
      for (const from of Object.keys(JUMPS)) world.write(`iptables/filter/${from}`, '');
    });

    test('are left alone when they are there', async () => {
      world.write('k3s-runs', `${canary}; ${rules}; ${jumps}; ${untilNoCanary(':')}`);
      const { output } = await start();
      expect(output).not.toContain(TOLD);
      expect(world.has(CANARY)).toBe(true);
    });

    test.each([
      ['the first round failed', ':'],
      ['the table filter was written back as it was before', rules],
      [
        'one jump of those was undone',
        `${rules}; ${without('-j KUBE-PROXY-FIREWALL" >>"$WORLD/iptables/filter/OUTPUT')}`,
      ],
    ])('are asked for when %s, until they are there', async (_, left) => {
      world.write('k3s-runs', `${canary}; ${left}; ${untilNoCanary(`${canary}; ${rules}; ${jumps}`)}`);
      const { output } = await start();
      expect(output.split(TOLD)).toHaveLength(2);
      expect(world.has(CANARY)).toBe(true);
    });

    test('are asked for again as long as they are not there', async () => {
      world.write('k3s-runs', `${canary}\n${untilNoCanary(canary)}\n${untilNoCanary(`${rules}; ${jumps}`)}`);
      const { output } = await start();
      expect(output.split(TOLD)).toHaveLength(3);
    });

    test('are asked for when those that are there are of the K3s before, which still serve until then', async () => {
      world.write(SERVICES, '-j KUBE-NODEPORTS\n');
      for (const [from, targets] of Object.entries(JUMPS))
        world.write(`iptables/filter/${from}`, targets.map((to) => `-j ${to}\n`).join(''));
      world.write('k3s-runs', `${canary}; cp "$WORLD/${SERVICES}" "$WORLD/before"; ${untilNoCanary(rules)}`);
      const { output } = await start();
      expect(output.split(TOLD)).toHaveLength(2);
      expect(world.read('before')).toBe('-j KUBE-NODEPORTS\n-m comment --comment rules of an earlier K3s\n');
    });

    test("are nobody's business when kube-proxy works without iptables", async () => {
      world.write('k3s-runs', '/bin/sleep 1');
      const { output } = await start();
      expect(output).not.toContain(TOLD);
    });
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
