import { ETCD_LOGS } from './support/etcd-log';
import {
  alone,
  DATABASE,
  env,
  FOUNDS,
  GOES_ON,
  hasData,
  HASH,
  JOINS,
  marksOn,
  onSecond,
  prepare,
  started,
  told,
} from './support/starting-server';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

let world: World;

beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}, stopAtSleep?: number): Promise<Run> =>
    world.run(shell, 'server.sh', { env: env(world, more), stopAtSleep });

  test.each(['made', 'electionHeard', 'entriesWithoutCommit', 'torn'] as const)(
    'a join that was cut before etcd had taken over anything (%s) begins anew, under the name it had',
    async (log) => {
      marksOn(world).there('uid-1');
      world.write(DATABASE, ETCD_LOGS[log]);
      world.write('lib/server/k3s/server/db/etcd/name', 'edge2-1234');
      const { output } = await start(onSecond);
      expect(output).toContain(
        `server: there is no database in ${world.at('lib/server/k3s')} that knows the cluster: joining as with a new disk\n`,
      );
      expect(told(world)).toEqual(JOINS);
      const files = Object.entries(world.tree('lib/server')).filter(
        ([path, content]) => content !== null && !path.startsWith('standby/'),
      );
      expect(files).toEqual([['k3s/server/db/etcd/name', 'edge2-1234']]);
    },
  );

  test.each(['joined', 'joinedBySnapshot'] as const)('what etcd has taken over is kept (%s)', async (log) => {
    marksOn(world).there('uid-1');
    world.write('lib/server/k3s/server/db/etcd/member/wal/0000000000000000-0000000000000000.wal', ETCD_LOGS.made);
    world.write('lib/server/k3s/server/db/etcd/member/wal/0000000000000001-0000000000002ee0.wal', ETCD_LOGS[log]);
    await start(onSecond);
    expect(hasData(world)).toBe(true);
    expect(started(world)).toBe(true);
  });

  test.each([
    ['while the cloud knows the unit', true],
    ['while nothing is known of the cloud', false],
  ])('a member goes on as a member, %s', async (_, isKnown) => {
    marksOn(world).here('uid-1');
    marksOn(world).data();
    if (isKnown) marksOn(world).there('uid-1');
    await start();
    expect(told(world)).toEqual(JOINS);
    expect(hasData(world)).toBe(true);
  });

  test('keys and certificates that a power cut has left empty are removed, for K3s to make them anew', async () => {
    marksOn(world).here('uid-1');
    marksOn(world).data();
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
    marksOn(world).here('uid-1');
    marksOn(world).there('uid-1');
    marksOn(world).data();
    await start(alone);
    expect(told(world)).toEqual(GOES_ON);
    expect(hasData(world)).toBe(true);
  });

  test('data of another cluster is refused, and kept', async () => {
    marksOn(world).here('uid-0');
    marksOn(world).there('uid-1');
    marksOn(world).data();
    const { code, output } = await start();
    expect(code).toBe(1);
    expect(output).toBe(
      `server: the data in ${world.at('lib/server/k3s')} belongs to cluster uid-0, but unit test is cluster uid-1: ` +
        `move ${world.at('lib/server/k3s')} away to let this server join\n`,
    );
    expect(hasData(world)).toBe(true);
    expect(started(world)).toBe(false);
  });

  test.each([true, false])(
    'an only server whose database alone is gone founds nothing; known to the cloud: %s',
    async (isKnown) => {
      marksOn(world).here('uid-1');
      if (isKnown) marksOn(world).there('uid-1');
      const { code, output } = await start(alone);
      expect(code).toBe(1);
      expect(output).toContain('unit test has formed before (cluster uid-1), but its only server has no database in ');
      expect(started(world)).toBe(false);
    },
  );

  test('a member whose database alone is gone joins as one with a new disk', async () => {
    marksOn(world).here('uid-1');
    marksOn(world).there('uid-1');
    world.write('lib/server/k3s/server/db/etcd/name', 'edge2-1234');
    world.write('membership', 'edge2-1234 ');
    world.write('at-sleep-1', 'echo "edge2-1234 edge2-1234" >"$WORLD/removal"\n');
    const { output } = await start(onSecond);
    expect(output).toContain(
      `server: there is no database in ${world.at('lib/server/k3s')} that knows the cluster: joining as with a new disk\n`,
    );
    expect(world.log().some((line) => line.includes(' annotate node edge2 '))).toBe(true);
    expect(told(world)).toEqual(JOINS);
    expect(world.has('lib/server/k3s')).toBe(false);
  });

  test('an only server that lost its data does not found a second cluster under the old name', async () => {
    marksOn(world).there('uid-1');
    marksOn(world).data();
    const { code, output } = await start({ ...alone, STOP_SECONDS: '7' });
    expect(code).toBe(1);
    expect(output).toBe(
      `server: unit test has formed before (cluster uid-1), but its only server has no database in ` +
        `${world.at('lib/server/k3s')}: there is no snapshot in ${world.at('lib/server/snapshots')}. Write the name of one ` +
        `into ${world.at('lib/server/restore')}, restore the folder from a backup, or give the old cluster up: move the ` +
        `folder away, and remove the key cluster-id from ConfigMap test-state-kins, with the annotation ` +
        `edge-constructs.io/give-up set to what it was\n`,
    );
    expect(hasData(world)).toBe(true);
    expect(started(world)).toBe(false);
    expect(world.log()).toEqual(['sleep 7']);
  });

  test('a start before the folder is there waits for it', async () => {
    world.remove('lib/server');
    world.write('at-sleep-2', 'mkdir "$WORLD/lib/server"\n');
    const { output } = await start();
    expect(output).toContain(`waiting for the cri pod on this node to make ${world.at('lib/server')}\n`);
    expect(told(world)).toEqual(FOUNDS);
  });

  test('a CA hash that comes later than the id of the cluster is waited for', async () => {
    world.write('state/cluster-id', 'uid-1');
    world.write('at-sleep-2', `echo ${HASH} >"$WORLD/state/ca-hash"\n`);
    expect((await start(onSecond)).code).toBe(0);
    expect(told(world)).toEqual(JOINS);
  });

  describe('a disk that fails is not taken for an empty one', () => {
    const untouched = async (broken: string, reason: string): Promise<void> => {
      marksOn(world).there('uid-1');
      world.write(DATABASE, ETCD_LOGS.joined);
      world.write('prelude', `${world.read('prelude')}${broken}\n`);
      const { code, output } = await start(onSecond);
      expect(code).not.toBe(0);
      expect(output).toContain(reason);
      expect(hasData(world)).toBe(true);
      expect(started(world)).toBe(false);
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
    marksOn(world).there('uid-1');
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
