import { parse } from 'yaml';
import { alone, env, marksOn, onSecond, prepare, started } from './support/starting-server';
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
    marksOn(world).here('uid-1');
    marksOn(world).data();
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
    expect(started(world)).toBe(false);
  });

  test('a unit that has run is not kept from running by its tokens', async () => {
    marksOn(world).here('uid-1');
    marksOn(world).data();
    world.write('secrets/admin-token', 'with a blank');
    expect((await start(alone)).code).toBe(0);
    expect(started(world)).toBe(true);
  });

  test('no token is printed or given to a command', async () => {
    marksOn(world).there('uid-1');
    const { output } = await start(onSecond);
    expect(`${output}${world.log().join('\n')}${world.read('work/config.yaml')}`).not.toContain('secret-');
    expect(`${output}${world.log().join('\n')}`).not.toMatch(/(server|agent|admin)-secret/);
  });
});
