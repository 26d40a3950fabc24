import { parse } from 'yaml';
import { CA, env, HASH, marksHere, prepare } from './support/publishing';
import { inEachShell, World, type Run } from './support/world';

let world: World;

beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

const published = (key: string): unknown =>
  parse(Buffer.from(world.read(`cloud/secret-test-sec-kins/${key}`), 'base64').toString());

inEachShell((shell) => {
  const start = (rounds = 1, more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'publish.sh', { env: env(world, more), stopAtSleep: rounds });

  test('no kubeconfig is published whose CA can not be read', async () => {
    world.write('prelude', `${world.read('prelude')}base64() { return 1; }\n`);
    const { output } = await start();
    expect(output).toContain('publish: the kubeconfigs could not be published yet\n');
    expect(world.tree('cloud/secret-test-sec-kins')).toEqual({ '.version': '1\n' });
  });

  test('both kubeconfigs verify the server, hold the credential, and the one for the tunnel names its proxy', async () => {
    await start();
    const user = { name: 'default', user: { token: 'admin-secret' } };
    const context = { name: 'default', context: { cluster: 'default', namespace: 'default', user: 'default' } };
    const kubeconfig = (cluster: object): unknown => ({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'default', cluster: { ...cluster, 'certificate-authority-data': Buffer.from(CA).toString('base64') } },
      ],
      contexts: [context],
      'current-context': 'default',
      users: [user],
    });
    expect(published('kubeconfig.conf')).toEqual(kubeconfig({ server: 'https://192.0.2.1:26443' }));
    expect(published('kubeconfig-tunnel.conf')).toEqual(
      kubeconfig({
        server: 'https://test-svc-kins.kins-system:443',
        'proxy-url': 'http://tunnel.example.com:8080',
      }),
    );
  });

  test.each(['0123456789', '1e5', 'yes', 'with "quotes", a comma\'s \\ and: a # colon'])(
    'the kubeconfigs hold the very credential %j',
    async (token) => {
      world.write('secrets/admin-token', `${token}\n`);
      await start(1, { CREDENTIALS_CONFIGMAP: 'test-cm-kins' });
      const local = JSON.parse(world.read('patch-configmap-2')) as { data: Record<string, string> };
      for (const kubeconfig of [
        published('kubeconfig.conf'),
        published('kubeconfig-tunnel.conf'),
        parse(local.data['kubeconfig.conf'] ?? ''),
      ]) {
        expect(kubeconfig).toMatchObject({ users: [{ user: { token } }] });
      }
    },
  );

  test('a URL may end in a colon, and a node have the name of a number', async () => {
    await start(1, { PROXY_URL: 'http://[fd00::1]:8080/:', DIRECT_URL: 'https://0123:' });
    expect(published('kubeconfig-tunnel.conf')).toMatchObject({
      clusters: [{ cluster: { 'proxy-url': 'http://[fd00::1]:8080/:' } }],
    });
    expect(published('kubeconfig.conf')).toMatchObject({ clusters: [{ cluster: { server: 'https://0123:' } }] });
  });

  test('the kubeconfigs are written once, and again when the CA or the credential changed', async () => {
    world.write('at-sleep-2', 'echo another-secret >"$KINS_SECRETS/admin-token"\n');
    await start(4);
    expect(world.read('cloud/secret-test-sec-kins/.version')).toBe('3\n');
    expect(published('kubeconfig.conf')).toMatchObject({ users: [{ user: { token: 'another-secret' } }] });
  });

  test('of several servers only the first writes kubeconfigs, all tell their node', async () => {
    const { output } = await start(1, { NODE_NAME: 'edge2' });
    expect(output).not.toContain('could not be published');
    expect(world.tree('cloud/secret-test-sec-kins')).toEqual({ '.version': '1\n' });
    expect(marksHere(world)).toEqual(['uid-1\n', `${HASH}\n`]);
    expect(world.has('work/ready')).toBe(true);
  });

  test('the ConfigMap gets a credential only where that is asked for', async () => {
    await start();
    expect(world.tree('cloud/configmap-test-cm-kins')).toEqual({ '.version': '1\n' });
    world.remove('work');
    world.folder('work');
    await start(1, { CREDENTIALS_CONFIGMAP: 'test-cm-kins' });
    const patch = JSON.parse(world.read('patch-configmap-2')) as { data: Record<string, string> };
    expect(parse(patch.data['kubeconfig.conf'] ?? '')).toMatchObject({
      clusters: [{ cluster: { server: 'https://127.0.0.1:26445' } }],
      users: [{ user: { token: 'admin-secret' } }],
    });
  });

  test('the credential is neither printed nor in an argument, and its files are for this user alone', async () => {
    world.logArguments('cat', 'tr', 'sed', 'base64', 'sha256sum', 'cut', 'mv', 'printf');
    const { output } = await start(1, { CREDENTIALS_CONFIGMAP: 'test-cm-kins' });
    const seen = [output, ...world.log()].join('\n');
    expect(seen).not.toContain('admin-secret');
    expect(seen).not.toContain(Buffer.from('admin-secret').toString('base64').slice(0, 10));
    for (const file of ['direct', 'tunnel', 'local', 'secret.json']) expect(world.mode(`work/${file}`)).toBe('600');
  });
});
