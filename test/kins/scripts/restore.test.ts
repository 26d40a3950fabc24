import { parse } from 'yaml';
import {
  DATA,
  env,
  FAILS,
  HASH,
  k3s,
  ofThree,
  OWN,
  prepare,
  RESTORE_CALL,
  RESTORES,
  START_CALL,
  WAL,
  WISH,
  withData,
} from './support/restoring-server';
import { inEachShell, World, type Run } from './support/world';

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
      const left = Object.keys(world.tree(OWN)).filter((path) => !path.startsWith('standby'));
      expect(left.sort()).toEqual(['restore', 'snapshots', 'snapshots/friday']);
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
      expect(output).toContain('server: the data of this server is set aside: joining as with a new disk\n');
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
          `the word elsewhere into ${world.at(WISH)} to have it set aside and this server join\n`,
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
});
