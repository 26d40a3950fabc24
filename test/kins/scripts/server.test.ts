import { parse } from 'yaml';
import { ETCD_LOGS } from './support/etcd-log';
import { paths } from './support/node';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

const JOIN_URL = 'https://test-svc-kins.kins-system.svc:443';
const HASH = 'c'.repeat(64);
const DATABASE = 'lib/server/k3s/server/db/etcd/member/wal/0000000000000000-0000000000000000.wal';
const SERVER_URLS = [
  'edge1=https://192.0.2.1:26443',
  'edge2=https://192.0.2.2:26443',
  'edge3=https://192.0.2.3:26443',
].join(' ');
let world: World;

beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

/** A node after its cri pod has come up, without any data. */
function prepare(machine: World): void {
  machine.folder('lib/server');
  machine.folder('state');
  machine.folder('work');
  machine.folder('waiting');
  machine.write('secrets/server-token', 'server-secret');
  machine.write('secrets/agent-token', 'agent-secret');
  machine.write('secrets/admin-token', 'admin-secret');
  machine.write('config/server.yaml', 'https-listen-port: 26443\n');
}

function env(machine: World, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    UNIT: 'test',
    ...paths(machine),
    NODE_NAME: 'edge1',
    NODE_IP: '192.0.2.1',
    FIRST_SERVER: 'edge1',
    SERVER_COUNT: '3',
    JOIN_URL,
    STATE_CONFIGMAP: 'test-state-kins',
    ...more,
  };
}

const marks = {
  /** What this node knows of the cluster it took part in. */
  here: (id: string): void => {
    world.write('lib/server/k3s/cluster-id', `${id}\n`);
    world.write('lib/server/k3s/ca-hash', `${HASH}\n`);
  },
  /** What the cloud knows of the unit. */
  there: (id: string): void => {
    world.write('state/cluster-id', id);
    world.write('state/ca-hash', HASH);
    world.write('state/ca.crt', 'the CA of the unit\n');
  },
  data: (): void => {
    world.write(DATABASE, ETCD_LOGS.joined);
  },
};
const hasData = (): boolean => world.has(DATABASE);
const started = (): boolean => world.log().includes('k3s server --config /work/config.yaml');

/** What K3s was told about founding or joining. */
function told(machine = world): { config: string; token: string } {
  const { 'cluster-init': founds, server } = parse(machine.read('work/config.yaml')) as Record<string, unknown>;
  const config = founds === true ? 'cluster-init: true' : `server: ${String(server)}`;
  return { config, token: machine.read('work/token') };
}

const FOUNDS = { config: 'cluster-init: true', token: 'server-secret' };
const GOES_ON = { config: 'cluster-init: true', token: `K10${HASH}::server:server-secret` };
const JOINS = {
  config: 'server: https://test-svc-kins.kins-system.svc:443',
  token: `K10${HASH}::server:server-secret`,
};

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}, stopAtSleep?: number): Promise<Run> =>
    world.run(shell, 'server.sh', { env: env(world, more), stopAtSleep });
  const onSecond = { NODE_NAME: 'edge2', NODE_IP: '192.0.2.2' };
  const alone = { SERVER_COUNT: '1' };

  test('the first server of a new unit founds the cluster', async () => {
    expect((await start()).code).toBe(0);
    expect(told()).toEqual(FOUNDS);
    expect(started()).toBe(true);
  });

  test('the only server of a new unit founds the cluster', async () => {
    expect((await start(alone)).code).toBe(0);
    expect(told()).toEqual(FOUNDS);
  });

  test('what a founding that was cut short has left is thrown away', async () => {
    marks.data();
    world.write('lib/server/k3s/ca-hash', 'of a CA that is gone\n');
    await start();
    expect(told()).toEqual(FOUNDS);
    expect(hasData()).toBe(false);
    expect(world.has('lib/server/k3s/ca-hash')).toBe(false);
  });

  test('another server of a new unit waits until the cloud says that the unit has formed, then joins', async () => {
    world.write('at-sleep-3', `echo uid-1 >"$WORLD/state/cluster-id"; echo ${HASH} >"$WORLD/state/ca-hash"\n`);
    const { output } = await start(onSecond);
    expect(output).toContain('server: waiting for server edge1 to form the cluster\n');
    expect(world.log().filter((line) => line.startsWith('sleep'))).toHaveLength(3);
    expect(told()).toEqual(JOINS);
  });

  test('another server never founds, however long it waits', async () => {
    const { wasStopped } = await start(onSecond, 70);
    expect(wasStopped).toBe(true);
    expect(started()).toBe(false);
    expect(world.has('work/config.yaml')).toBe(false);
  });

  test('a server without data joins a unit that has formed', async () => {
    marks.there('uid-1');
    await start(onSecond);
    expect(told()).toEqual(JOINS);
  });

  test('a log of etcd that was cut short before anything was in it is none that cannot be read', async () => {
    marks.there('uid-1');
    world.folder('lib/server/k3s/server/db/etcd/member/wal');
    const { output } = await start(onSecond);
    expect(output).not.toContain("can't be read");
    expect(told()).toEqual(JOINS);
  });

  test('a first server that lost its disk joins the others instead of founding again', async () => {
    marks.there('uid-1');
    await start();
    expect(told()).toEqual(JOINS);
  });

  test('a server with a new disk under an old name asks the others to forget the old member, and waits for it', async () => {
    marks.there('uid-1');
    world.write('membership', 'edge2-1234 ');
    world.write('at-sleep-2', 'echo "edge2-1234 edge2-1234" >"$WORLD/removal"\n');
    const { output } = await start(onSecond);
    expect(told()).toEqual(JOINS);
    expect(output).toContain('server: asking the other servers to forget member edge2-1234, whose disk is gone\n');
    const asked = world.log().filter((line) => line.includes('annotate'));
    expect(asked).toHaveLength(3);
    expect(asked[0]).toContain(
      ' annotate node edge2 etcd.k3s.cattle.io/remove=true --overwrite --field-manager edge-constructs-kins',
    );
    expect(parse(world.read('work/admin.yaml'))).toMatchObject({
      clusters: [{ cluster: { server: JOIN_URL, 'certificate-authority': world.at('state/ca.crt') } }],
      users: [{ user: { tokenFile: world.at('secrets/admin-token') } }],
    });
  });

  test('who joins goes to another server that answers, never to itself, and waits for one', async () => {
    marks.there('uid-1');
    world.write('edge-is-down', '');
    world.write('at-sleep-2', 'rm "$WORLD/edge-is-down"; echo "https://192.0.2.3:26443" >"$WORLD/edge-answers-at"\n');
    const { output } = await start({ SERVER_URLS });
    expect(output).toContain(
      `server: waiting for the other servers to let this one in. If no server has data any more, one has to be restored ` +
        `by ${world.at('lib/server/restore')} on its node: there is no snapshot in ${world.at('lib/server/snapshots')}\n`,
    );
    expect(told().config).toBe('server: https://192.0.2.3:26443');
  });

  test('a server whose database knows the cluster is never taken out', async () => {
    marks.there('uid-1');
    marks.data();
    world.write('membership', 'edge2-1234 ');
    await start(onSecond);
    expect(world.log().filter((line) => / (get|annotate) node /.test(line))).toEqual([]);
    expect(started()).toBe(true);
  });

  test('while it waits for the state it says so to the probe, and not after', async () => {
    world.write('waiting/state', 'left by a start that was cut short');
    world.write(
      'at-sleep-2',
      `test -e "$KINS_WAITING/state" && echo seen >"$WORLD/seen"; echo uid-1 >"$WORLD/state/cluster-id"; echo ${HASH} >"$WORLD/state/ca-hash"\n`,
    );
    await start(onSecond);
    expect(world.read('seen')).toBe('seen\n');
    expect(world.tree('waiting')).toEqual({});
  });

  test('the probe of a container that waits says what for, and changes its answer from one time to the next', async () => {
    world.write('waiting/state', '');
    world.write('ready', '');
    const ask = (): Promise<Run> =>
      world.run(shell, 'ready.sh', { env: { KINS_WAITING: world.at('waiting') }, args: [world.at('ready')] });
    const answers = [await ask(), await ask(), await ask()].map(({ code, output }) => ({ code, output }));
    const waits = { code: 1, output: 'waiting for the state of the unit\n' };
    expect(answers).toEqual([{ code: 0, output: '' }, waits, { code: 0, output: '' }]);
  });

  test('what a joining server has half-made is kept: to etcd it may be a member already, whom the others wait for', async () => {
    marks.there('uid-1');
    marks.data();
    world.write('edge-is-down', '');
    await start({ ...onSecond, SERVER_URLS }, 200);
    expect(told()).toEqual(JOINS);
    expect(hasData()).toBe(true);
    expect(world.log().filter((line) => line === 'sleep 0.2')).toHaveLength(100);
  });

  test('it waits for the others for so many seconds, also where each look takes long', async () => {
    marks.there('uid-1');
    marks.data();
    // Both other servers are waited for at each look.
    world.write('edge-is-down', '3');
    await start({ ...onSecond, SERVER_URLS });
    expect(started()).toBe(true);
    expect(world.log().filter((line) => line.includes(' --raw /ping'))).toHaveLength(8);
  });

  test('a joining server with a database goes to one that is up, even if that has no majority without this one', async () => {
    marks.there('uid-1');
    marks.data();
    world.write('edge-has-no-majority', '');
    world.write('edge-is-down', '');
    world.write('at-sleep-2', 'rm "$WORLD/edge-is-down"; echo "https://192.0.2.3:26443" >"$WORLD/edge-answers-at"\n');
    await start({ ...onSecond, SERVER_URLS });
    expect(told().config).toBe('server: https://192.0.2.3:26443');
    expect(hasData()).toBe(true);
  });

  test.each(['made', 'electionHeard', 'entriesWithoutCommit', 'torn'] as const)(
    'a join that was cut before etcd had taken over anything (%s) begins anew, under the name it had',
    async (log) => {
      marks.there('uid-1');
      world.write(DATABASE, ETCD_LOGS[log]);
      world.write('lib/server/k3s/server/db/etcd/name', 'edge2-1234');
      const { output } = await start(onSecond);
      expect(output).toContain(
        `server: there is no database in ${world.at('lib/server/k3s')} that knows the cluster: joining as with a new disk\n`,
      );
      expect(told()).toEqual(JOINS);
      const files = Object.entries(world.tree('lib/server')).filter(([, content]) => content !== null);
      expect(files).toEqual([['k3s/server/db/etcd/name', 'edge2-1234']]);
    },
  );

  test.each(['joined', 'joinedBySnapshot'] as const)('what etcd has taken over is kept (%s)', async (log) => {
    marks.there('uid-1');
    world.write('lib/server/k3s/server/db/etcd/member/wal/0000000000000000-0000000000000000.wal', ETCD_LOGS.made);
    world.write('lib/server/k3s/server/db/etcd/member/wal/0000000000000001-0000000000002ee0.wal', ETCD_LOGS[log]);
    await start(onSecond);
    expect(hasData()).toBe(true);
    expect(started()).toBe(true);
  });

  test.each([
    ['while the cloud knows the unit', true],
    ['while nothing is known of the cloud', false],
  ])('a member goes on as a member, %s', async (_, isKnown) => {
    marks.here('uid-1');
    marks.data();
    if (isKnown) marks.there('uid-1');
    await start();
    expect(told()).toEqual(JOINS);
    expect(hasData()).toBe(true);
  });

  test('keys and certificates that a power cut has left empty are removed, for K3s to make them anew', async () => {
    marks.here('uid-1');
    marks.data();
    const folder = 'lib/server/k3s/server';
    const empty = ['tls/server-ca.crt', 'tls/etcd/client.key', 'cred/passwd', 'db/etcd/name'];
    for (const file of empty) world.write(`${folder}/${file}`, '');
    world.write(`${folder}/tls/client-ca.crt`, 'a CA');
    await start();
    expect([...empty, 'tls/client-ca.crt'].filter((file) => world.has(`${folder}/${file}`))).toEqual([
      'db/etcd/name',
      'tls/client-ca.crt',
    ]);
  });

  test('the only server goes on with its data', async () => {
    marks.here('uid-1');
    marks.there('uid-1');
    marks.data();
    await start(alone);
    expect(told()).toEqual(GOES_ON);
    expect(hasData()).toBe(true);
  });

  test('data of another cluster is refused, and kept', async () => {
    marks.here('uid-0');
    marks.there('uid-1');
    marks.data();
    const { code, output } = await start();
    expect(code).toBe(1);
    expect(output).toBe(
      `server: the data in ${world.at('lib/server/k3s')} is of cluster uid-0, but unit test is cluster uid-1: ` +
        `move ${world.at('lib/server/k3s')} away to let this server join\n`,
    );
    expect(hasData()).toBe(true);
    expect(started()).toBe(false);
  });

  test.each([true, false])(
    'an only server whose database alone is gone founds nothing; known to the cloud: %s',
    async (isKnown) => {
      marks.here('uid-1');
      if (isKnown) marks.there('uid-1');
      const { code, output } = await start(alone);
      expect(code).toBe(1);
      expect(output).toContain('unit test has formed before (cluster uid-1), but its only server has no database in ');
      expect(started()).toBe(false);
    },
  );

  test('a member whose database alone is gone joins as one with a new disk', async () => {
    marks.here('uid-1');
    marks.there('uid-1');
    world.write('lib/server/k3s/server/db/etcd/name', 'edge2-1234');
    world.write('membership', 'edge2-1234 ');
    world.write('at-sleep-1', 'echo "edge2-1234 edge2-1234" >"$WORLD/removal"\n');
    const { output } = await start(onSecond);
    expect(output).toContain(
      `server: there is no database in ${world.at('lib/server/k3s')} that knows the cluster: joining as with a new disk\n`,
    );
    expect(world.log().some((line) => line.includes(' annotate node edge2 '))).toBe(true);
    expect(told()).toEqual(JOINS);
    expect(world.has('lib/server/k3s')).toBe(false);
  });

  test('an only server that lost its data does not found a second cluster under the old name', async () => {
    marks.there('uid-1');
    marks.data();
    const { code, output } = await start({ ...alone, STOP_SECONDS: '7' });
    expect(code).toBe(1);
    expect(output).toBe(
      `server: unit test has formed before (cluster uid-1), but its only server has no database in ` +
        `${world.at('lib/server/k3s')}: there is no snapshot in ${world.at('lib/server/snapshots')}. Write the name of one ` +
        `into ${world.at('lib/server/restore')}, restore the folder from a backup, or give the old cluster up: move the ` +
        `folder away, and remove the key cluster-id from ConfigMap test-state-kins, with the annotation ` +
        `edge-constructs.io/give-up set to what it was\n`,
    );
    expect(hasData()).toBe(true);
    expect(started()).toBe(false);
    expect(world.log()).toEqual(['sleep 7']);
  });

  test('a start before the folder is there waits for it', async () => {
    world.remove('lib/server');
    world.write('at-sleep-2', 'mkdir "$WORLD/lib/server"\n');
    const { output } = await start();
    expect(output).toContain(`waiting for the cri pod on this node to make ${world.at('lib/server')}\n`);
    expect(told()).toEqual(FOUNDS);
  });

  test('a CA hash that comes later than the id of the cluster is waited for', async () => {
    world.write('state/cluster-id', 'uid-1');
    world.write('at-sleep-2', `echo ${HASH} >"$WORLD/state/ca-hash"\n`);
    expect((await start(onSecond)).code).toBe(0);
    expect(told()).toEqual(JOINS);
  });

  test('K3s gets the declared options, this node, and its tokens in files for its user alone', async () => {
    await start(alone);
    expect(world.read('work/config.yaml').split(world.root).join('')).toBe(
      [
        'https-listen-port: 26443',
        'node-name: "edge1"',
        'node-ip: "192.0.2.1"',
        'advertise-address: "192.0.2.1"',
        'data-dir: "/lib/server/k3s"',
        'etcd-snapshot-dir: "/lib/server/snapshots"',
        'write-kubeconfig: "/lib/server/kubeconfig.yaml"',
        'agent-token-file: "/secrets/agent-token"',
        'token-file: "/work/token"',
        'cluster-init: true',
        '',
      ].join('\n'),
    );
    expect(world.read('work/tokens.csv')).toBe('"admin-secret",kins-admin,kins-admin,"system:masters"\n');
    for (const file of ['token', 'tokens.csv', 'config.yaml']) expect(world.mode(`work/${file}`)).toBe('600');
  });

  test.each([
    ['with a comma and "quotes"', '"with a comma, and ""quotes""",kins-admin', 'with a comma, and "quotes"'],
    ['of digits', '"0123",kins-admin', '0123'],
  ])('the administrator of the edge cluster has the very token of the Secret: one %s', async (_, line, token) => {
    marks.here('uid-1');
    marks.data();
    world.write('secrets/admin-token', `${token}\n`);
    await start(alone);
    expect(world.read('work/tokens.csv')).toBe(`${line},kins-admin,"system:masters"\n`);
  });

  test('names that look like numbers stay what they are', async () => {
    await start({ ...alone, NODE_NAME: '0123', FIRST_SERVER: '0123', NODE_IP: '1e3' });
    expect(parse(world.read('work/config.yaml'))).toMatchObject({ 'node-name': '0123', 'node-ip': '1e3' });
  });

  test.each([
    ['server-token', ''],
    ['agent-token', '\n'],
    ['admin-token', 'with a blank'],
    ['server-token', 'tökën'],
  ])('no unit is founded with a %s that is %j', async (token, content) => {
    world.write(`secrets/${token}`, content);
    const { code, output } = await start();
    expect(code).toBe(1);
    expect(output).toBe(
      `server: the token ${token} of unit test is empty, or has other characters in it than letters, digits and signs of ` +
        'ASCII: put another into the Secret before the unit forms\n',
    );
    expect(started()).toBe(false);
  });

  test('a unit that has run is not kept from running by its tokens', async () => {
    marks.here('uid-1');
    marks.data();
    world.write('secrets/admin-token', 'with a blank');
    expect((await start(alone)).code).toBe(0);
    expect(started()).toBe(true);
  });

  describe('a disk that fails is not taken for an empty one', () => {
    const untouched = async (broken: string, reason: string): Promise<void> => {
      marks.there('uid-1');
      world.write(DATABASE, ETCD_LOGS.joined);
      world.write('prelude', `${world.read('prelude')}${broken}\n`);
      const { code, output } = await start(onSecond);
      expect(code).not.toBe(0);
      expect(output).toContain(reason);
      expect(hasData()).toBe(true);
      expect(started()).toBe(false);
    };

    test('its folder', async () => {
      await untouched(
        'ls() { case "$*" in -lA*) return 1 ;; esac; command ls "$@"; }',
        `server: the folder ${world.at('lib/server')} can't be read; nothing is changed\n`,
      );
    });

    test('a mark in it', async () => {
      world.write('lib/server/k3s/cluster-id', 'uid-1\n');
      await untouched('head() { case "$*" in */k3s/cluster-id) return 1 ;; esac; command head "$@"; }', '');
    });

    test('the folder of the log of etcd', async () => {
      await untouched(
        'ls() { case "$*" in */wal) return 1 ;; esac; command ls "$@"; }',
        `server: the log of etcd in ${world.at('lib/server/k3s/server/db/etcd')} can't be read; nothing is changed\n`,
      );
    });

    test.each(['', 'command od "$@" | command head -n 3;'])('the log of etcd itself, after %j', async (first) => {
      await untouched(
        `od() { ${first} return 1; }`,
        `server: the log of etcd ${world.at(DATABASE)} can't be read; nothing is changed\n`,
      );
    });
  });

  test('the name of a membership is on the disk before the data is moved away, and the data before it is removed', async () => {
    marks.there('uid-1');
    world.write(DATABASE, ETCD_LOGS.made);
    world.write('lib/server/k3s/server/db/etcd/name', 'edge2-1234');
    world.write('prelude', `${world.read('prelude')}mv() { echo "mv $2" >>"$WORLD/log"; command mv "$@"; }\n`);
    await start(onSecond);
    const order = world.log().filter((line) => /^(mv .*(k3s|name)|sync)/.test(line));
    expect(order.map((line) => line.split('/').at(-1))).toEqual([
      'sync ',
      'name.new',
      'sync ',
      'k3s',
      'sync ',
      // In the folder of the next one.
      'sync ',
      'name.new',
      'sync ',
    ]);
  });

  test('no token is printed or given to a command', async () => {
    marks.there('uid-1');
    const { output } = await start(onSecond);
    expect(`${output}${world.log().join('\n')}${world.read('work/config.yaml')}`).not.toContain('secret-');
    expect(`${output}${world.log().join('\n')}`).not.toMatch(/(server|agent|admin)-secret/);
  });

  test.each([
    ['founding', FOUNDS, () => undefined, {}],
    [
      'joining',
      JOINS,
      (machine: World) => {
        machine.write('state/cluster-id', 'uid-1');
        machine.write('state/ca-hash', HASH);
        machine.write('membership', 'edge2-1234 ');
        machine.write('removal', 'edge2-1234 edge2-1234');
      },
      onSecond,
    ],
    [
      'joining anew',
      JOINS,
      (machine: World) => {
        machine.write('state/cluster-id', 'uid-1');
        machine.write('state/ca-hash', HASH);
        machine.write(DATABASE, ETCD_LOGS.electionHeard);
        machine.write('lib/server/k3s/server/db/etcd/name', 'edge2-1234');
      },
      onSecond,
    ],
  ] as const)('a power cut at any point of %s changes nothing of the next start', async (_, expected, more, own) => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'server.sh',
      prepare: (machine) => {
        prepare(machine);
        more(machine);
      },
      env: (machine) => env(machine, own),
      restart: (machine) => {
        machine.remove('work');
        machine.folder('work');
      },
      outcome: (machine) => ({
        ...told(machine),
        work: Object.keys(machine.tree('work')).filter((name) => !['admin.yaml', 'answers'].includes(name)),
        disk: machine.tree('lib'),
      }),
    });
    expect(calm).toMatchObject(expected);
    expect(cuts).toBeGreaterThan(20 / shell.stride);
  });
});
