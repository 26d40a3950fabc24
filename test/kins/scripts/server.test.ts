import { parse } from 'yaml';
import {
  alone,
  JOIN_URL,
  env,
  FOUNDS,
  hasData,
  HASH,
  JOINS,
  marksOn,
  onSecond,
  prepare,
  SERVER_URLS,
  started,
  told,
} from './support/starting-server';
import { paths } from './support/node';
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

  test('the first server of a new unit founds the cluster', async () => {
    expect((await start()).code).toBe(0);
    expect(told(world)).toEqual(FOUNDS);
    expect(started(world)).toBe(true);
  });

  test.each([{}, onSecond])('a node founds no cluster by itself and joins none: that is for a pod %j', async (more) => {
    const { code, output } = await start({ STANDBY: 'yes', ...more });
    expect([code, output]).toEqual([
      75,
      'server: this server has not taken part in a cluster yet: it is for its pod to start it\n',
    ]);
    expect(started(world)).toBe(false);
  });

  test('a node goes on by itself with a cluster that it has taken part in', async () => {
    marksOn(world).here('uid-1');
    marksOn(world).data();
    expect((await start({ STANDBY: 'yes', ...alone })).code).toBe(0);
    expect(started(world)).toBe(true);
  });

  test('the only server of a new unit founds the cluster', async () => {
    expect((await start(alone)).code).toBe(0);
    expect(told(world)).toEqual(FOUNDS);
  });

  test('what a founding that was cut short has left is thrown away', async () => {
    marksOn(world).data();
    world.write('lib/server/k3s/ca-hash', 'of a CA that is gone\n');
    await start();
    expect(told(world)).toEqual(FOUNDS);
    expect(hasData(world)).toBe(false);
    expect(world.has('lib/server/k3s/ca-hash')).toBe(false);
  });

  test('another server of a new unit waits until the cloud says that the unit has formed, then joins', async () => {
    world.write('at-sleep-3', `echo uid-1 >"$WORLD/state/cluster-id"; echo ${HASH} >"$WORLD/state/ca-hash"\n`);
    const { output } = await start(onSecond);
    expect(output).toContain('server: waiting for server edge1 to form the cluster\n');
    expect(world.log().filter((line) => line.startsWith('sleep'))).toHaveLength(3);
    expect(told(world)).toEqual(JOINS);
  });

  test('another server never founds, however long it waits', async () => {
    const { wasStopped } = await start(onSecond, 70);
    expect(wasStopped).toBe(true);
    expect(started(world)).toBe(false);
    expect(world.has('work/config.yaml')).toBe(false);
  });

  test('a server without data joins a unit that has formed', async () => {
    marksOn(world).there('uid-1');
    await start(onSecond);
    expect(told(world)).toEqual(JOINS);
  });

  test('a log of etcd that was cut short before anything was in it is none that cannot be read', async () => {
    marksOn(world).there('uid-1');
    world.folder('lib/server/k3s/server/db/etcd/member/wal');
    const { output } = await start(onSecond);
    expect(output).not.toContain("can't be read");
    expect(told(world)).toEqual(JOINS);
  });

  test('a first server that lost its disk joins the others instead of founding again', async () => {
    marksOn(world).there('uid-1');
    await start();
    expect(told(world)).toEqual(JOINS);
  });

  test('a server with a new disk under an old name asks the others to forget the old member, and waits for it', async () => {
    marksOn(world).there('uid-1');
    world.write('membership', 'edge2-1234 ');
    world.write('at-sleep-2', 'echo "edge2-1234 edge2-1234" >"$WORLD/removal"\n');
    const { output } = await start(onSecond);
    expect(told(world)).toEqual(JOINS);
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
    marksOn(world).there('uid-1');
    world.write('edge-is-down', '');
    world.write('at-sleep-2', 'rm "$WORLD/edge-is-down"; echo "https://192.0.2.3:26443" >"$WORLD/edge-answers-at"\n');
    const { output } = await start({ SERVER_URLS });
    expect(output).toContain(
      `server: waiting for the other servers to let this one in. If they are up and a firewall is in the way, the log of ` +
        `this node's agent names the ports. If no server has data any more, one has to be restored ` +
        `by ${world.at('lib/server/restore')} on its node: there is no snapshot in ${world.at('lib/server/snapshots')}\n`,
    );
    expect(told(world).config).toBe('server: https://192.0.2.3:26443');
  });

  test('a server whose database knows the cluster is never taken out', async () => {
    marksOn(world).there('uid-1');
    marksOn(world).data();
    world.write('membership', 'edge2-1234 ');
    await start(onSecond);
    expect(world.log().filter((line) => / (get|annotate) node /.test(line))).toEqual([]);
    expect(started(world)).toBe(true);
  });

  test('while it waits for the state it says so to the probe, and not after', async () => {
    world.write('waiting/state', 'left by a start that was cut short');
    world.write(
      'at-sleep-2',
      `test -e "$KINS_WAITING/state" && echo seen >"$WORLD/seen"; echo uid-1 >"$WORLD/state/cluster-id"; echo ${HASH} >"$WORLD/state/ca-hash"\n`,
    );
    await start(onSecond);
    expect(world.read('seen')).toBe('seen\n');
    expect(world.tree('waiting')).toEqual({ open: '' });
  });

  test('the probe of a container that waits says what for, and changes its answer from one time to the next', async () => {
    world.write('waiting/state', '');
    world.write('ready', '');
    const ask = (): Promise<Run> => world.run(shell, 'ready.sh', { env: paths(world), args: [world.at('ready')] });
    const answers = [await ask(), await ask(), await ask()].map(({ code, output }) => ({ code, output }));
    const waits = { code: 1, output: 'waiting for the state of the unit\n' };
    expect(answers).toEqual([{ code: 0, output: '' }, waits, { code: 0, output: '' }]);
  });

  test('what a joining server has half-made is kept: to etcd it may be a member already, whom the others wait for', async () => {
    marksOn(world).there('uid-1');
    marksOn(world).data();
    world.write('edge-is-down', '');
    await start({ ...onSecond, SERVER_URLS }, 200);
    expect(told(world)).toEqual(JOINS);
    expect(hasData(world)).toBe(true);
    expect(world.log().filter((line) => line === 'sleep 0.2')).toHaveLength(100);
  });

  test('it waits for the others for so many seconds, also where each look takes long', async () => {
    marksOn(world).there('uid-1');
    marksOn(world).data();
    // Both other servers are waited for at each look.
    world.write('edge-is-down', '3');
    await start({ ...onSecond, SERVER_URLS });
    expect(started(world)).toBe(true);
    expect(world.log().filter((line) => line.includes(' --raw /ping'))).toHaveLength(8);
  });

  test('a joining server with a database goes to one that is up, even if that has no majority without this one', async () => {
    marksOn(world).there('uid-1');
    marksOn(world).data();
    world.write('edge-has-no-majority', '');
    world.write('edge-is-down', '');
    world.write('at-sleep-2', 'rm "$WORLD/edge-is-down"; echo "https://192.0.2.3:26443" >"$WORLD/edge-answers-at"\n');
    await start({ ...onSecond, SERVER_URLS });
    expect(told(world).config).toBe('server: https://192.0.2.3:26443');
    expect(hasData(world)).toBe(true);
  });
});
