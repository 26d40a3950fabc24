import { agentEnvironment, prepareAgent } from './support/agent';
import { inEachShell, World, type Run } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepareAgent(world);
  world.write('lib/agent/agent/k3scontroller.kubeconfig', 'of this node');
  world.write('nodes', '');
  neighbours(['edge1', '192.0.2.1', '10.42.1.0/24', 'True'], ['edge3', '192.0.2.3', '10.42.3.0/24', 'True']);
  world.write('network/unit/routes/others', ROUTES.join('\n'));
  lan({});
});
afterEach(() => {
  world.dispose();
});

const ROUTES = [
  'default via 169.254.64.1 dev eth0',
  '10.42.1.0/24 via 10.42.1.0 dev flannel.7 onlink',
  '10.42.3.0/24 via 10.42.3.0 dev flannel.7 onlink',
  '',
];

/** The other nodes of the edge cluster: name, address on the LAN, network of the pods, and whether it is Ready. */
function neighbours(...all: readonly (readonly [string, string, string, string])[]): void {
  const own = ['edge2', '192.0.2.20', '10.42.2.0/24', 'True'];
  world.write('neighbours', [own, ...all].map((each) => `${each.join()}\n`).join(''));
}

/** What does not answer on the LAN, or, by an address of pods, through flannel, and what it says instead. */
function lan(silent: Readonly<Record<string, string>>): void {
  world.folder('lan');
  for (const [name, answer] of Object.entries(silent)) world.write(`lan/${name}`, `${answer}\n`);
}

const EDGE1_OFF = { '192.0.2.1': 'off', '10.42.1.0': 'off' };
const ME = 'edge2 (192.0.2.20)';
const API = 'by TCP 26443, for the API of the edge cluster';
const OPEN_API = 'open TCP 26443 from all nodes of the site to its servers';
const API_BLOCKED = `agent: blocked: ${ME} gets no answer from edge1 (192.0.2.1) ${API}, though edge1 is up: ${OPEN_API}`;
const PODS = 'by UDP 26446, for traffic between pods';
const OPEN_PODS = 'open UDP 26446 between the nodes of the site, in both directions';
const PODS_BLOCKED = `agent: blocked: ${ME} gets no answer from edge3 (192.0.2.3) ${PODS}, though edge3 is up: ${OPEN_PODS}`;

/** What is done at some of the looks, before the look of that number. */
type Moments = Readonly<Record<number, string>>;

/** What a script does to the LAN. */
const closes = (name: string, how = 'silent'): string => `echo ${how} >"$WORLD/lan/${name}"`;
const opens = (name: string): string => `rm "$WORLD/lan/${name}"`;

inEachShell((shell) => {
  /** Ends K3s, or what is done at a sleep of the agent, after so many looks at the other nodes. */
  const untilLook = (last: number): string => `while [ "$(cat "$WORLD/looks")" -lt ${last} ]; do /bin/sleep 0.05; done`;
  const prepareLooks = (moments: Moments): void => {
    const cases = Object.entries(moments).map(([look, what]) => `${Number(look) - 1}) ${what} ;;`);
    const count = 'read -r n <"$WORLD/looks"; n=$((n + 1))';
    const keep = 'echo "$n" >"$WORLD/looks.new"; mv "$WORLD/looks.new" "$WORLD/looks"';
    const look = `${count}; case $n in ${cases.join(' ')} esac; ${keep}`;
    const sleep = `sleep() { if [ "$1" = 0.1 ]; then /bin/sleep 0.1; ${look}; else "$WORLD/bin/sleep" "$@"; fi; }\n`;
    world.write('looks', '0\n');
    world.write('prelude', `${world.read('prelude')}${sleep}`);
  };
  const environment = (more: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    agentEnvironment(world, { SERVERS: 'edge1', REACH_SECONDS: '0.1', ...more });
  const run = async (
    looks: number,
    moments: Moments = {},
    more: Readonly<Record<string, string>> = {},
  ): Promise<Run> => {
    prepareLooks(moments);
    world.write('k3s-runs', untilLook(looks));
    return world.run(shell, 'agent.sh', { env: environment(more) });
  };
  /** What is said of other nodes in so many looks. */
  const said = async (...args: Parameters<typeof run>): Promise<string[]> => {
    const { code, output } = await run(...args);
    expect(code).toBe(0);
    return output.split('\n').filter((line) => /^agent: (blocked|open again)/.test(line));
  };
  const log = (pattern: RegExp): string[] => world.log().filter((line) => pattern.test(line));

  test('where everything answers, nothing is said, and the edge cluster is asked for its nodes once', async () => {
    expect(await said(6)).toEqual([]);
    expect(log(/ExternalIP/)).toHaveLength(1);
    expect(log(/^telnet (?!192\.0\.2\.1 26443$)/)).toEqual([]);
    expect(new Set(log(/^ping /))).toEqual(new Set(['ping 10.42.1.0', 'ping 10.42.3.0']));
  });

  describe('a blocked port is named once, with the node and what to open', () => {
    test('UDP, to a node that is Ready and does not answer through flannel', async () => {
      lan({ '10.42.3.0': 'silent' });
      expect(await said(8)).toEqual([PODS_BLOCKED]);
    });

    test.each([
      ['it drops everything', 'silent'],
      ['it rejects, as glibc says that', 'No route to host'],
      ['it rejects, as musl says that', 'Host is unreachable'],
    ])('that of the API, on a server that answers a ping, whether %s', async (_, answer) => {
      lan({ '192.0.2.1:26443': answer });
      world.write('edge-of-peers-is-down', '');
      expect(await said(8, {}, { SERVER_URLS: 'edge1=https://192.0.2.1:26443' })).toEqual([API_BLOCKED]);
    });

    test('that of the API, on a server that answers no ping and that another one calls Ready', async () => {
      lan({ '192.0.2.1:26443': 'silent', '192.0.2.1': 'off' });
      expect(await said(8)).toEqual([API_BLOCKED]);
    });

    test.each(['2379', '2380'])('TCP %s, between servers', async (port) => {
      lan({ [`192.0.2.1:${port}`]: 'silent', '192.0.2.1': '' });
      expect(await said(8, {}, { SERVERS: 'edge1,edge2,edge3' })).toEqual([
        `agent: blocked: ${ME} gets no answer from edge1 (192.0.2.1) by TCP ${port}, for etcd, though edge1 is up: open TCP ${port} between the servers of the site`,
      ]);
    });

    test('each of several', async () => {
      lan({ '192.0.2.1:26443': 'silent', '10.42.1.0': 'silent', '10.42.3.0': 'silent' });
      const [api, ...pods] = await said(8);
      expect(api).toBe(API_BLOCKED);
      expect(pods).toEqual([PODS_BLOCKED.replaceAll('edge3', 'edge1').replace('2.3)', '2.1)'), PODS_BLOCKED]);
    });
  });

  describe('what is no firewall is not called one', () => {
    test.each([
      ['is off', EDGE1_OFF, 'Unknown'],
      [
        'is being switched on and has not started the unit yet',
        { '10.42.1.0': 'off', '192.0.2.1:26443': 'Connection refused' },
        'Unknown',
      ],
      ['starts its server again', { '192.0.2.1:26443': 'Connection refused' }, 'True'],
    ])('a node that %s', async (_, silent, ready) => {
      lan(silent);
      neighbours(['edge1', '192.0.2.1', '10.42.1.0/24', ready], ['edge3', '192.0.2.3', '10.42.3.0/24', 'True']);
      expect(await said(8)).toEqual([]);
    });

    test('a node that is off and that the edge cluster calls Ready for two looks more', async () => {
      lan(EDGE1_OFF);
      expect(await said(8, { 3: 'sed -i "/edge1/s/True/Unknown/" "$WORLD/neighbours"' })).toEqual([]);
    });

    test('two looks without an answer', async () => {
      const both = (what: (name: string) => string): string => ['10.42.3.0', '192.0.2.1:26443'].map(what).join('; ');
      expect(await said(9, { 3: both(closes), 5: both(opens), 6: both(closes), 8: both(opens) })).toEqual([]);
    });

    test('two times two looks without an answer, between which the node was away', async () => {
      const turns = (from: string, to: string): string => `sed -i "/edge3/s/${from}/${to}/" "$WORLD/neighbours"`;
      lan({ '10.42.3.0': 'silent' });
      const moments = { 3: turns('True', 'Unknown'), 4: turns('Unknown', 'True'), 6: opens('10.42.3.0') };
      expect(await said(8, moments)).toEqual([]);
    });

    test('a network of this node that is down', async () => {
      lan({ ...EDGE1_OFF, '192.0.2.1:26443': 'Network is unreachable', '10.42.3.0': 'off', '192.0.2.3': 'off' });
      world.write('edge-of-peers-is-down', '');
      expect(await said(6, {}, { SERVER_URLS: 'edge1=https://192.0.2.1:26443' })).toEqual([]);
    });

    test('a node to which flannel does not lead', async () => {
      world.write('network/unit/routes/others', ROUTES.filter((line) => !line.startsWith('10.42.3.')).join('\n'));
      lan({ '10.42.3.0': 'silent' });
      expect(await said(6)).toEqual([]);
    });

    test('a node of an earlier version, which has no address on the LAN', async () => {
      neighbours(['edge1', '192.0.2.1', '10.42.1.0/24', 'True'], ['edge3', '', '10.42.3.0/24', 'True']);
      lan({ '10.42.3.0': 'silent' });
      expect(await said(6)).toEqual([]);
    });
  });

  describe('that it is open again is said once, too', () => {
    test.each([
      ['UDP', '10.42.3.0', PODS_BLOCKED, 'edge3 (192.0.2.3) by UDP 26446'],
      ['TCP', '192.0.2.1:26443', API_BLOCKED, 'edge1 (192.0.2.1) by TCP 26443'],
    ])('by %s, and that it is blocked once more', async (_, name, blocked, where) => {
      lan({ [name]: 'silent' });
      expect(await said(13, { 6: opens(name), 9: closes(name) })).toEqual([
        blocked,
        `agent: open again: ${ME} gets answers from ${where}`,
        blocked,
      ]);
    });

    test('not when the node goes off meanwhile', async () => {
      const goes = [closes('192.0.2.1', 'off'), 'sed -i "/edge1/s/True/Unknown/" "$WORLD/neighbours"'];
      const comes = [opens('192.0.2.1'), 'sed -i "/edge1/s/Unknown/True/" "$WORLD/neighbours"'];
      lan({ '192.0.2.1:26443': 'silent' });
      expect(await said(12, { 5: goes.join('; '), 7: comes.join('; '), 10: opens('192.0.2.1:26443') })).toEqual([
        API_BLOCKED,
        `agent: open again: ${ME} gets answers from edge1 (192.0.2.1) by TCP 26443`,
      ]);
    });
  });

  test('a container that is started again says again what is blocked, in its own log', async () => {
    lan({ '10.42.3.0': 'silent' });
    expect(await said(5)).toEqual([PODS_BLOCKED]);
    world.write('log', '');
    expect(await said(5)).toEqual([PODS_BLOCKED]);
  });

  test('nodes that come later are looked at, too', async () => {
    const arrives = [
      'echo "edge4,192.0.2.4,10.42.4.0/24,True" >>"$WORLD/neighbours"',
      'echo "10.42.4.0/24 via 10.42.4.0 dev flannel.7 onlink" >>"$WORLD/network/unit/routes/others"',
    ];
    lan({ '10.42.4.0': 'silent' });
    expect(await said(8, { 3: arrives.join('; ') })).toEqual([
      PODS_BLOCKED.replaceAll('edge3', 'edge4').replace('2.3)', '2.4)'),
    ]);
  });

  test('a server that has moved is looked for where it is now', async () => {
    lan({ '192.0.2.1': 'off', '192.0.2.1:26443': 'silent' });
    expect(await said(7, { 2: 'sed -i "s/192.0.2.1,/192.0.2.9,/" "$WORLD/neighbours"' })).toEqual([]);
    expect(log(/^telnet 192\.0\.2\.9 26443$/)).not.toEqual([]);
  });

  describe('ports that are in use are not tried, since servers log connections that say nothing', () => {
    /** A line of /proc/net/tcp, of a connection to a port of edge1: its state, and how much was sent that nobody has confirmed. */
    const connection = (port: number, state: string, unconfirmed = '00000000'): string =>
      `   0: 140200C0:C350 010200C0:${port.toString(16).toUpperCase().padStart(4, '0')} ${state} ${unconfirmed}:00000000\n`;
    const USED = connection(26443, '01');

    test('that of the API, by what runs in the network of the unit', async () => {
      world.write('net/tcp', '');
      world.write('tcp', USED);
      lan({ '192.0.2.1:26443': 'silent' });
      expect(await said(5)).toEqual([]);
      expect(log(/^telnet/)).toEqual([]);
    });

    test('those of etcd, by the server beside the agent; that for clients now and then only', async () => {
      neighbours(['edge1', '192.0.2.1', '10.42.1.0/24', 'True']);
      world.write('net/tcp', connection(2380, '01'));
      world.write('tcp', USED);
      expect(await said(5, {}, { SERVERS: 'edge1,edge2' })).toEqual([]);
      expect(log(/^telnet/)).toEqual(['telnet 192.0.2.1 2379']);
      lan({ '192.0.2.1:2379': 'silent' });
      expect(await said(5, {}, { SERVERS: 'edge1,edge2' })).toEqual([expect.stringContaining('by TCP 2379, for etcd')]);
    });

    test('but they do not say that a node is up, which may have gone without a word', async () => {
      neighbours(['edge1', '192.0.2.1', '10.42.1.0/24', 'Unknown']);
      world.write('net/tcp', '');
      world.write('tcp', USED);
      lan({ ...EDGE1_OFF, '192.0.2.1:2379': 'silent' });
      expect(await said(6, {}, { SERVERS: 'edge1,edge2' })).toEqual([]);
    });

    test.each([
      ['none is there', ''],
      ['all have ended', connection(26443, '06')],
      ['one is being made', USED + connection(26443, '02')],
      ['one waits for its end', USED + connection(26443, '04')],
      ['one waits for a receipt', USED + connection(26443, '01', '00000205')],
    ])('but they are when %s', async (_, connections) => {
      world.write('net/tcp', '');
      world.write('tcp', connections);
      lan({ '192.0.2.1:26443': 'silent' });
      expect(await said(5)).toEqual([API_BLOCKED]);
    });
  });

  describe('a node that has not joined yet', () => {
    /** Its disk is new, so it waits for a server to let it in. */
    const saidWhileItWaits = async (more: Readonly<Record<string, string>> = {}): Promise<string[]> => {
      world.remove('lib/agent');
      world.remove('lib/node/password');
      world.write('state/ca.crt', 'the CA of the unit\n');
      prepareLooks({});
      world.write('at-sleep-2', `${untilLook(6)}\n`);
      const { output } = await world.run(shell, 'agent.sh', { env: environment(more), stopAtSleep: 3 });
      expect(output).toContain('agent: waiting for a server to forget');
      return output.split('\n').filter((line) => /^agent: (blocked|open again)/.test(line));
    };

    test('is told by the address of the server, if that is declared', async () => {
      lan({ '192.0.2.1:26443': 'silent' });
      expect(await saidWhileItWaits({ SERVER_URLS: 'edge1=https://192.0.2.1:26443' })).toEqual([API_BLOCKED]);
    });

    test('or that the edge cluster has named before a power cut', async () => {
      await run(2);
      lan({ '192.0.2.1:26443': 'silent' });
      world.remove('work');
      world.folder('work');
      expect(await saidWhileItWaits()).toEqual([API_BLOCKED]);
    });

    test('or else that no server answers where they are met, if one is up', async () => {
      lan({ 'test-servers-kins:26443': 'silent' });
      expect(await saidWhileItWaits()).toEqual([
        `agent: blocked: ${ME} gets no answer from a server (edge1) at test-servers-kins:26443, for the API of the edge cluster. If one is up: ${OPEN_API}`,
      ]);
    });

    test.each([
      ['answers', {}],
      ['refuses', { 'test-servers-kins:26443': 'Connection refused' }],
      ['has a name that is not resolved', { 'test-servers-kins:26443': "bad address 'test-servers-kins'" }],
    ])('but not where that %s', async (_, silent) => {
      lan(silent);
      expect(await saidWhileItWaits()).toEqual([]);
    });
  });

  test('a server that has nobody beside it looks at nobody', async () => {
    neighbours();
    world.write('lib/server/k3s/ca-hash', 'a hash\n');
    expect(await said(4, {}, { SERVERS: 'edge2' })).toEqual([]);
    expect(log(/^(telnet|ping)/)).toEqual([]);
  });
});
