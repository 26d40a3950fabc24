import { chmodSync, renameSync } from 'node:fs';
import { parse } from 'yaml';
import { LazyDisk } from '../../support/lazy-disk';
import { afterPowerCut } from '../../support/power-cut';
import { ETCD_LOGS } from './support/etcd-log';
import { paths } from './support/node';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

const OWN = 'lib/server';
const DATA = `${OWN}/k3s`;
const WAL = `${DATA}/server/db/etcd/member/wal/0000000000000000-0000000000000000.wal`;
const WISH = `${OWN}/restore`;
const HASH = 'c'.repeat(64);
let world: World;

/** The node of a server of a unit that has formed, without any data; one snapshot was put there. */
function prepare(machine: World): void {
  for (const folder of ['work', 'state', 'waiting']) machine.folder(folder);
  for (const token of ['server', 'agent', 'admin']) machine.write(`secrets/${token}-token`, `${token}-secret`);
  machine.write('config/server.yaml', 'etcd-s3: true\n');
  machine.write('state/cluster-id', 'uid-1');
  machine.write('state/ca-hash', HASH);
  machine.write('state/ca.crt', 'the CA of the unit\n');
  machine.write(`${OWN}/snapshots/friday`, 'the database of friday');
  machine.write(WISH, 'friday\n');
  k3s(machine, RESTORES);
}

/** What K3s does when it is told to restore; it ends with an error in either case. */
const RESTORES =
  'mkdir -p "$data/server/db/etcd/member/wal"; cat "$snapshot" >"$data/server/db/etcd/restored"; ' +
  ': >"$data/server/db/reset-flag"; echo "Managed etcd cluster membership has been reset, restart without ..." >&2';
/** With a token that does not fit, or a broken snapshot: it leaves its flag all the same. */
const FAILS =
  'mkdir -p "$data/server/db/etcd/member/wal"; cp "$WORLD/joined.wal" "$data/server/db/etcd/member/wal/0.wal"; ' +
  ': >"$data/server/db/reset-flag"; echo "cannot decrypt" >&2';

function k3s(machine: World, onRestore: string): void {
  machine.write('joined.wal', ETCD_LOGS.joined);
  machine.remove('bin/k3s');
  machine.write(
    'bin/k3s',
    `#!/bin/sh
echo "k3s $*" >>"$WORLD/log"
data=$WORLD/${DATA}
while [ $# -gt 0 ]; do
  if [ "$1" = --cluster-reset-restore-path ]; then
    snapshot=$2
    cat "$WORLD/work/config.yaml" >"$WORLD/config-of-restore"
    stat -c %a "$WORLD/work/config.yaml" >>"$WORLD/config-of-restore"
    ${onRestore}
    exit 1
  fi
  shift
done
rm -f "$data/server/db/reset-flag"
`,
  );
  chmodSync(machine.at('bin/k3s'), 0o755);
}

/** A server with data of its own, which has taken part in the cluster. */
function withData(machine: World, id = 'uid-1'): void {
  machine.write(WAL, ETCD_LOGS.joined);
  machine.write(`${DATA}/cluster-id`, `${id}\n`);
  machine.write(`${DATA}/ca-hash`, `${HASH}\n`);
  machine.write(`${DATA}/server/tls/server-ca.crt`, 'the CA of the unit\n');
}

function env(machine: World, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    UNIT: 'test',
    NET_TABLES: machine.at('net'),
    ...paths(machine),
    NODE_NAME: 'edge1',
    NODE_IP: '192.0.2.1',
    FIRST_SERVER: 'edge1',
    SERVER_COUNT: '1',
    JOIN_URL: 'https://test-servers-kins:26443',
    STATE_CONFIGMAP: 'test-state-kins',
    ...more,
  };
}

const ofThree = {
  SERVER_COUNT: '3',
  SERVER_URLS: 'edge1=https://192.0.2.1:26443 edge2=https://192.0.2.2:26443 edge3=https://192.0.2.3:26443',
};
const RESTORE_CALL =
  'k3s server --config /work/config.yaml --cluster-reset --etcd-s3=false --cluster-reset-restore-path ' +
  '/lib/server/snapshots/friday --lb-server-port 29999';
const START_CALL = 'k3s server --config /work/config.yaml';

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
  const calls = (): string[] => world.log().filter((line) => line.startsWith('k3s'));
  const told = (): Record<string, unknown> => parse(world.read('work/config.yaml')) as Record<string, unknown>;
  const restored = (): boolean =>
    world.has(`${DATA}/server/db/etcd/restored`) &&
    world.read(`${DATA}/server/db/etcd/restored`) === 'the database of friday';

  test('the only server, whose disk is lost, restores the snapshot that is named, and starts from it', async () => {
    const { code, output } = await start();
    expect(code).toBe(0);
    expect(output).toBe(
      'server: restoring the snapshot friday\n' +
        'Managed etcd cluster membership has been reset, restart without ...\n' +
        'server: restored the snapshot friday\nserver: starting K3s on edge1 (restored)\n',
    );
    expect(calls()).toEqual([RESTORE_CALL, START_CALL]);
    expect(restored()).toBe(true);
    expect(world.has(WISH)).toBe(false);
    expect(Number(world.read(`${DATA}/life`))).toBeGreaterThan(1_700_000_000);
    expect(told()).toMatchObject({ 'cluster-init': true, 'token-file': world.at('work/token') });
    expect(world.read('work/token')).toBe('server-secret');
  });

  test('K3s finds the token of the servers in its configuration alone, which nobody else may read', async () => {
    const { output } = await start();
    const [config = '', mode] = world.read('config-of-restore').split(/^(?=\d+$)/m);
    expect(parse(config)).toMatchObject({
      token: 'server-secret',
      'cluster-init': true,
      'data-dir': world.at(DATA),
      'etcd-snapshot-dir': world.at(`${OWN}/snapshots`),
    });
    expect(parse(config)).not.toHaveProperty('token-file');
    expect(mode).toBe('600\n');
    expect(output + world.log().join('\n')).not.toContain('server-secret');
    expect(world.read('work/config.yaml')).not.toContain('server-secret');
  });

  test('until the cluster has served from the snapshot, a start goes on with what was restored', async () => {
    await start();
    world.write('log', '');
    expect((await start()).output).toBe('server: starting K3s on edge1 (restored)\n');
    expect(calls()).toEqual([START_CALL]);
    expect(restored()).toBe(true);
  });

  test('data that was there is kept aside until the cluster has served from the snapshot', async () => {
    withData(world);
    await start();
    expect(world.has(`${DATA}.before-restore/server/db/etcd/member`)).toBe(true);
    await start();
    expect(world.has(`${DATA}.before-restore/server/db/etcd/member`)).toBe(true);
    world.write(`${DATA}/cluster-id`, `uid-1.${world.read(`${DATA}/life`)}`);
    world.write(`${DATA}/ca-hash`, `${HASH}\n`);
    expect((await start()).output).toBe('server: starting K3s on edge1 (alone)\n');
    expect(Object.keys(world.tree(OWN)).filter((name) => name.includes('before-restore'))).toEqual([]);
    expect(restored()).toBe(true);
    expect(world.read(`${OWN}/snapshots/friday`)).toBe('the database of friday');
  });

  test('another snapshot may be restored before the first has served; what was there first stays', async () => {
    withData(world);
    await start();
    world.write(`${OWN}/snapshots/thursday`, 'the database of thursday');
    world.write(WISH, 'thursday\n');
    await start();
    expect(world.read(`${DATA}/server/db/etcd/restored`)).toBe('the database of thursday');
    expect(world.read(`${DATA}.before-restore/cluster-id`)).toBe('uid-1\n');
  });

  describe('a snapshot that K3s can not restore', () => {
    test('leaves the data that was there in its place, and says what to do', async () => {
      withData(world);
      const before = world.tree(DATA);
      k3s(world, FAILS);
      const { code, output } = await start();
      expect(code).toBe(1);
      expect(output).toBe(
        'server: restoring the snapshot friday\ncannot decrypt\n' +
          `server: K3s could not restore ${world.at(`${OWN}/snapshots/friday`)}; see its messages above. It takes whole ` +
          'snapshots only, and the server token that was in use when it was taken. The data of before is in place again: ' +
          `remove ${world.at(WISH)} to go on with it\n`,
      );
      expect(world.tree(DATA)).toEqual(before);
      expect(world.has(WISH)).toBe(true);
      expect(Object.keys(world.tree(OWN)).filter((name) => /before-restore|discarded/.test(name))).toEqual([]);
      world.remove(WISH);
      expect((await start()).output).toBe('server: starting K3s on edge1 (alone)\n');
    });

    test('leaves nothing where nothing was', async () => {
      k3s(world, FAILS);
      expect((await start()).code).toBe(1);
      expect(Object.keys(world.tree(OWN)).sort()).toEqual(['restore', 'snapshots', 'snapshots/friday']);
    });

    test('can be given up after a power cut in the midst of it', async () => {
      withData(world);
      k3s(world, 'mkdir -p "$data/server/db/etcd/member"; kill -9 $PPID');
      await start();
      world.remove(WISH);
      k3s(world, RESTORES);
      expect((await start()).output).toBe('server: starting K3s on edge1 (alone)\n');
      expect(world.has(WAL)).toBe(true);
    });
  });

  test.each([
    ['', 'has to hold the name of one of the files in'],
    ['../../work/token\n', 'has to hold the name of one of the files in'],
    ['.\n', 'has to hold the name of one of the files in'],
    ['saturday\n', 'there is no snapshot saturday to restore: there are snapshots in'],
    ['empty\n', 'is empty: there are snapshots in'],
  ])('the wish %j is refused before anything is changed', async (wish, reason) => {
    withData(world);
    world.write(`${OWN}/snapshots/empty`, '');
    world.write(WISH, wish);
    const before = world.tree(OWN);
    const { code, output } = await start({}, 1);
    expect(code).not.toBe(0);
    expect(output).toContain(reason);
    expect(output).toMatch(/the newest is (friday|empty)/);
    expect(calls()).toEqual([]);
    expect(world.tree(OWN)).toEqual(before);
  });

  describe('with other servers', () => {
    test('it is restored when no other server is up', async () => {
      world.write('edge-is-down', '');
      expect((await start(ofThree)).code).toBe(0);
      expect(restored()).toBe(true);
      expect(told()).toMatchObject({ 'cluster-init': true });
    });

    test('it waits for a server that is up to end, and says how', async () => {
      world.write('edge-has-no-majority', '');
      world.write('at-sleep-3', 'test ! -e "$WORLD/config-of-restore" && : >"$WORLD/edge-is-down"\n');
      const { output } = await start(ofThree);
      expect(output).toContain(
        `server: not restoring yet: another server is up. Write the word elsewhere into ${world.at(WISH)} on the nodes of ` +
          'the other servers, and delete their pods\nserver: waiting for the other servers to end\n',
      );
      expect(restored()).toBe(true);
    });

    test('who no longer wants it need not wait', async () => {
      withData(world);
      world.write('at-sleep-3', 'rm "$KINS_LIB/server/restore"\n');
      const { output } = await start(ofThree);
      expect(output).toContain('server: starting K3s on edge1 (member)\n');
      expect(calls()).toEqual([START_CALL]);
      expect(world.has(WAL)).toBe(true);
    });

    test('a server that answers, but not as one of the cluster does, is not overlooked', async () => {
      world.write('edge-is-down', '');
      world.write('edge-is-down-with', 'error: You must be logged in to the server (Unauthorized)\n');
      const { code, output } = await start(ofThree);
      expect(code).toBe(1);
      expect(output).toContain('another server answers, but not as one of this cluster does; nothing is changed\n');
      expect(calls()).toEqual([]);
    });

    const elsewhere = { ...ofThree, NODE_NAME: 'edge2', NODE_IP: '192.0.2.2' };

    test('on their nodes the word elsewhere puts the data aside, until they have joined', async () => {
      withData(world);
      world.write(WISH, 'elsewhere\n');
      const { output } = await start(elsewhere);
      expect(output).toContain('server: the data of this server is put aside: joining as with a new disk\n');
      expect(told()).toMatchObject({ server: 'https://192.0.2.1:26443' });
      expect(world.has(WISH)).toBe(false);
      expect(world.has(DATA)).toBe(false);
      expect(world.read(`${DATA}.left/cluster-id`)).toBe('uid-1\n');
      withData(world, 'uid-1.1700000000');
      await start(elsewhere);
      expect(world.has(`${DATA}.left`)).toBe(false);
    });

    test('it means nothing to an only server', async () => {
      withData(world);
      world.write(WISH, 'elsewhere\n');
      const { code, output } = await start();
      expect(code).toBe(1);
      expect(output).toContain('there is no other server that unit test could be restored on');
      expect(world.has(WAL)).toBe(true);
    });

    test('data from before the unit was restored elsewhere is kept out, and kept', async () => {
      world.remove(WISH);
      withData(world, 'uid-1.1600000000');
      world.write('state/cluster-id', 'uid-1.1700000000');
      const { code, output } = await start(elsewhere);
      expect(code).toBe(1);
      expect(output).toBe(
        `server: the data in ${world.at(DATA)} is from before unit test was restored or reset on another server: write ` +
          `the word elsewhere into ${world.at(WISH)} to have it put aside and this server join\n`,
      );
      expect(world.has(WAL)).toBe(true);
    });

    test('data of a later life than the cloud knows goes on: the link may be down since then', async () => {
      world.remove(WISH);
      withData(world, 'uid-1.1700000000');
      world.write('state/cluster-id', 'uid-1.1600000000');
      expect((await start(elsewhere)).output).toBe('server: starting K3s on edge2 (member)\n');
    });
  });

  describe('a unit that has never formed', () => {
    beforeEach(() => {
      for (const file of ['cluster-id', 'ca-hash', 'ca.crt']) world.remove(`state/${file}`);
    });

    test('begins with a snapshot on its first server', async () => {
      expect((await start(ofThree)).code).toBe(0);
      expect(restored()).toBe(true);
    });

    test('on no other: the first founds a cluster meanwhile', async () => {
      const { code, output } = await start({ ...ofThree, NODE_NAME: 'edge2' });
      expect(code).toBe(1);
      expect(output).toContain('unit test has not formed yet, which edge1 does: restore the snapshot there\n');
      expect(calls()).toEqual([]);
    });
  });

  describe('snapshots', () => {
    const old = `${DATA}/server/db/snapshots`;
    const kept = (): Record<string, string | null> => world.tree(`${OWN}/snapshots`);
    beforeEach(() => {
      world.remove(WISH);
    });

    test('where K3s puts them by itself are moved out of the data before that is discarded', async () => {
      world.write(`${old}/monday`, 'of monday');
      world.write(`${old}/friday`, 'another friday');
      world.write(`${DATA}.discarded/server/db/snapshots/sunday`, 'of sunday');
      world.write(`${DATA}.discarded/server/db/snapshots/friday`, 'the database of friday');
      world.write(`${DATA}/server/db/etcd/name`, 'edge2-1234');
      await start({ ...ofThree, NODE_NAME: 'edge2' });
      expect(told()).toMatchObject({ server: 'https://192.0.2.1:26443' });
      expect(kept()).toEqual({
        monday: 'of monday',
        sunday: 'of sunday',
        friday: 'the database of friday',
        'friday.1': 'another friday',
      });
    });

    test('of a founding that was cut short stay, too', async () => {
      for (const file of ['cluster-id', 'ca-hash']) world.remove(`state/${file}`);
      world.write(`${old}/monday`, 'of monday');
      await start();
      expect(told()).toMatchObject({ 'cluster-init': true });
      expect(kept()).toMatchObject({ monday: 'of monday' });
    });

    test('of data on a disk of its own are copied, and what a cut start has left of a copy costs none', async () => {
      world.write(`${old}/monday`, 'of monday');
      world.write(`${old}/tuesday`, 'of tuesday');
      world.write(`${OWN}/snapshots/.moving`, 'of mon');
      world.write('prelude', `${world.read('prelude')}ln() { return 1; }\n`);
      await start({ ...ofThree, NODE_NAME: 'edge2' });
      expect(kept()).toEqual({ monday: 'of monday', tuesday: 'of tuesday', friday: 'the database of friday' });
    });

    test.each(['ln', 'cp', 'mv'])(
      'are all there after a power cut right after %s, also of another disk',
      async (program) => {
        for (const day of ['monday', 'tuesday']) world.write(`${old}/${day}`, `of ${day}`);
        const prelude = world.read('prelude');
        const cut = `${program}() { command ${program} "$@"; kill -9 $$; }\n`;
        world.write('prelude', `${prelude}${program === 'ln' ? '' : 'ln() { return 1; }\n'}${cut}`);
        expect((await start({ ...ofThree, NODE_NAME: 'edge2' })).code).not.toBe(0);
        world.write('prelude', prelude);
        await start({ ...ofThree, NODE_NAME: 'edge2' });
        expect(kept()).toMatchObject({ monday: 'of monday', tuesday: 'of tuesday', friday: 'the database of friday' });
      },
    );

    test('that are kept already need no room on a full disk', async () => {
      world.write(`${old}/friday`, 'the database of friday');
      world.write('prelude', `${world.read('prelude')}ln() { return 1; }\ncp() { return 1; }\n`);
      expect((await start({ ...ofThree, NODE_NAME: 'edge2' })).code).toBe(0);
      expect(kept()).toEqual({ friday: 'the database of friday' });
    });

    test('that can not be moved keep everything else where it is', async () => {
      world.write(`${old}/monday`, 'of monday');
      world.write('prelude', `${world.read('prelude')}ln() { return 1; }\ncp() { return 1; }\n`);
      const { code, output } = await start({ ...ofThree, NODE_NAME: 'edge2' });
      expect(code).toBe(1);
      expect(output).toContain(`server: the snapshot ${world.at(`${old}/monday`)} could not be moved to `);
      expect(world.read(`${old}/monday`)).toBe('of monday');
    });

    test('are told of where they could help: the only server has lost its data', async () => {
      const { output } = await start();
      expect(output).toContain(
        `there are snapshots in ${world.at(`${OWN}/snapshots`)}, the newest is friday. Write the name`,
      );
      expect(output).toContain(` into ${world.at(WISH)}, `);
    });

    test('are told of where they could help: one of three waits for the others', async () => {
      world.write('edge-is-down', '');
      const { output } = await start(ofThree, 3);
      expect(output).toContain(
        `server: waiting for the other servers to let this one in. If no server has data any more, one has to be restored ` +
          `by ${world.at(WISH)} on its node: there are snapshots in ${world.at(`${OWN}/snapshots`)}, the newest is friday\n`,
      );
    });
  });

  /** All that is on the disk, with what differs from run to run taken out. */
  const disk = (machine: World): unknown =>
    Object.fromEntries(
      Object.entries(machine.tree(OWN)).map(([name, text]) => [name, name.endsWith('/life') ? 'a number' : text]),
    );
  const restart = (machine: World): void => {
    machine.remove('work');
    machine.folder('work');
  };

  test.each([
    ['on an empty disk', prepare],
    [
      'over data that was there',
      (machine: World) => {
        prepare(machine);
        withData(machine);
      },
    ],
  ])('a power cut at any point of a restore %s ends in the snapshot', async (_, prepared) => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'server.sh',
      prepare: prepared,
      env: (machine) => env(machine),
      restart,
      outcome: disk,
    });
    expect(calm).toMatchObject({
      'k3s/life': 'a number',
      'k3s/server/db/etcd/restored': 'the database of friday',
      'snapshots/friday': 'the database of friday',
    });
    expect(calm).not.toHaveProperty(['restore']);
    expect(calm).not.toHaveProperty(['k3s/restoring']);
    expect(cuts).toBeGreaterThan(20 / shell.stride);
  });

  test('what was restored counts on the disk before the wish is gone: a power cut in between must not throw it away', async () => {
    const cut = 'rm() { command rm "$@"; case $* in */lib/server/restore) kill -9 $$ ;; esac; }\n';
    world.write('prelude', `${world.read('prelude')}${cut}`);
    const disk = new LazyDisk(world.at('lib'), () => false);
    try {
      await world.run(shell, 'server.sh', { env: env(world), disk });
      expect(world.has(WISH)).toBe(false);
      const left = [...afterPowerCut(disk.moment(), 'everything').keys()];
      expect(left).toContain('/server/k3s/life');
      expect(left).not.toContain('/server/k3s/restoring');
    } finally {
      disk.stop();
    }
  });

  test('data that was put aside for a restore that never began is taken again', async () => {
    withData(world);
    world.remove(WISH);
    const data = world.tree(DATA);
    renameSync(world.at(DATA), world.at(`${DATA}.before-restore`));
    await start();
    expect(world.tree(DATA)).toMatchObject(data);
    expect(world.has(`${DATA}.before-restore`)).toBe(false);
  });

  test('a power cut at any point of a restore that fails leaves the data that was there', async () => {
    const { calm } = await interruptedAnywhere(shell, {
      script: 'server.sh',
      prepare: (machine) => {
        prepare(machine);
        withData(machine);
        k3s(machine, FAILS);
      },
      env: (machine) => env(machine),
      stopAtSleep: 1,
      restart,
      outcome: disk,
    });
    expect(calm).toMatchObject({ 'k3s/cluster-id': 'uid-1\n', restore: 'friday\n' });
  });

  test('what a power cut leaves right after a folder was made never passes for the data that was there', async () => {
    withData(world);
    k3s(world, FAILS);
    const before = world.tree(DATA);
    const prelude = world.read('prelude');
    const cut = `mkdir() { command mkdir "$@"; case $* in *${DATA}*) kill -9 $$ ;; esac; }\n`;
    world.write('prelude', `${prelude}${cut}`);
    expect((await start()).output).not.toContain('restoring');
    world.write('prelude', prelude);
    expect((await start()).code).toBe(1);
    expect(world.tree(DATA)).toEqual(before);
    expect(Object.keys(world.tree(OWN)).filter((name) => /before-restore|discarded|attempt/.test(name))).toEqual([]);
  });

  test('a power cut at any point of putting data aside loses none of it, and the server joins', async () => {
    const { calm } = await interruptedAnywhere(shell, {
      script: 'server.sh',
      prepare: (machine) => {
        prepare(machine);
        withData(machine);
        machine.write(WISH, 'elsewhere\n');
      },
      env: (machine) => env(machine, { ...ofThree, NODE_NAME: 'edge2' }),
      restart,
      outcome: (machine) => ({
        disk: disk(machine),
        config: machine.read('work/config.yaml').split(machine.root).join(''),
      }),
    });
    expect(calm).toMatchObject({
      disk: { 'k3s.left/cluster-id': 'uid-1\n', 'snapshots/friday': 'the database of friday' },
      config: expect.stringContaining('server: "https://192.0.2.1:26443"') as unknown,
    });
  });
});
