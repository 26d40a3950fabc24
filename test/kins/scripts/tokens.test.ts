import { mkdirSync } from 'node:fs';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

const KEYS = ['admin-token', 'agent-token', 'server-token'];
const RANDOM = /^[0-9a-f]{64}$/;
let world: World;

beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

/** An empty Secret in the cloud, and the folders of the pod. */
function prepare(machine: World): void {
  machine.write('cloud/secret-test-sec-kins/.version', '7\n');
  for (const folder of ['tmp', 'waiting', 'mounted', 'tokens', 'state', 'lib/server']) machine.folder(folder);
}

function env(machine: World): Readonly<Record<string, string>> {
  return {
    UNIT: 'test',
    KINS_LIB: machine.at('lib'),
    KINS_STATE: machine.at('state'),
    KINS_SECRETS: machine.at('mounted'),
    KINS_TOKENS: machine.at('tokens'),
    SECRET: 'test-sec-kins',
    NAMESPACE: 'kins-system',
    TMPDIR: machine.at('tmp'),
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    KUBERNETES_SERVICE_PORT: '443',
  };
}

const secret = (machine = world): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(machine.tree('cloud/secret-test-sec-kins')).filter(([key]) => key.endsWith('-token')),
  );
/** What the server is given. */
const given = (machine = world): Record<string, string | null> => machine.tree('tokens');
const patches = (): string[] => world.log().filter((line) => /^kubectl .* patch /.test(line));

inEachShell((shell) => {
  const start = (): Promise<Run> => world.run(shell, 'tokens.sh', { env: env(world) });

  test('an empty Secret gets three different tokens of 256 random bits', async () => {
    const { code, output } = await start();
    expect(code).toBe(0);
    expect(Object.keys(secret()).sort()).toEqual(KEYS);
    for (const token of Object.values(secret())) expect(token).toMatch(RANDOM);
    expect(new Set(Object.values(secret())).size).toBe(3);
    expect(given()).toEqual(secret());
    expect(KEYS.map((key) => world.mode(`tokens/${key}`))).toEqual(['600', '600', '600']);
    expect(output).toBe(
      'tokens: made server-token agent-token admin-token\ntokens: Secret kins-system/test-sec-kins is complete\n',
    );
  });

  test('an empty Secret is filled by one patch, which the API server takes only while there is no data', async () => {
    await start();
    expect(JSON.parse(world.read('patch-secret-8'))).toEqual([
      { op: 'test', path: '/data', value: null },
      { op: 'add', path: '/stringData', value: secret() },
    ]);
    expect(world.log().filter((line) => line.startsWith('kubectl'))).toHaveLength(1);
  });

  test('another patch holds the version it was made for, and asks for nothing but what is missing', async () => {
    world.write('cloud/secret-test-sec-kins/agent-token', 'first');
    await start();
    const { 'server-token': server, 'admin-token': admin } = secret();
    expect(JSON.parse(world.read('patch-secret-8'))).toEqual({
      metadata: { resourceVersion: '7' },
      stringData: { 'server-token': server, 'admin-token': admin },
    });
  });

  test('both patches are written under a name that Flux does not take for a hand that used kubectl', async () => {
    await start();
    world.remove('cloud/secret-test-sec-kins/agent-token');
    await start();
    expect(patches()).toHaveLength(3);
    for (const patch of patches()) expect(patch).toContain(' --field-manager edge-constructs-kins ');
  });

  test('a complete Secret is left alone', async () => {
    for (const key of KEYS) world.write(`cloud/secret-test-sec-kins/${key}`, `old ${key}`);
    expect((await start()).code).toBe(0);
    for (const key of KEYS) expect(secret()[key]).toBe(`old ${key}`);
    expect(given()).toEqual(secret());
    expect(patches().filter((line) => !line.includes('--type json'))).toEqual([]);
  });

  test('what the pod has already is taken, and nobody is asked: the cloud may be out of reach', async () => {
    for (const key of KEYS) world.write(`mounted/${key}`, `old ${key}`);
    world.write('cloud-is-down', '');
    const { code, output } = await start();
    expect([code, output]).toEqual([0, '']);
    expect(given()).toEqual(Object.fromEntries(KEYS.map((key) => [key, `old ${key}`])));
    expect(world.log().filter((line) => line.startsWith('kubectl'))).toEqual([]);
  });

  test.each(KEYS)('a pod that has some of them, but no %s, is not content', async (missing) => {
    for (const key of KEYS) world.write(`cloud/secret-test-sec-kins/${key}`, `old ${key}`);
    for (const key of KEYS) world.write(`mounted/${key}`, key === missing ? '' : `old ${key}`);
    expect((await start()).code).toBe(0);
    expect(given()).toEqual(secret());
  });

  test('servers that start at the same time have the same tokens', async () => {
    const others = [0, 1, 2].map((number) => ({ KINS_TOKENS: world.at(`tokens${number}`) }));
    for (const { KINS_TOKENS } of others) mkdirSync(KINS_TOKENS);
    // Before the patch of one comes through, another has had its own.
    world.write(
      'before-patch',
      `rm "$WORLD/before-patch"; for key in ${KEYS.join(' ')}; do printf 'theirs %s' "$key" >"$object/$key"; done; echo 9 >"$object/.version"\n`,
    );
    for (const other of others) {
      expect((await world.run(shell, 'tokens.sh', { env: { ...env(world), ...other } })).code).toBe(0);
    }
    for (const number of [0, 1, 2]) {
      expect(world.tree(`tokens${number}`)).toEqual(Object.fromEntries(KEYS.map((key) => [key, `theirs ${key}`])));
    }
  });

  test.each(['state/cluster-id', 'lib/server/k3s/cluster-id'])(
    'the server token of a unit that has data, by %s, is not made up, and the log says where it is to come from',
    async (mark) => {
      world.write(mark, 'uid-1\n');
      const { wasStopped, output } = await start();
      expect(wasStopped).toBe(true);
      expect([secret(), given()]).toEqual([{}, {}]);
      expect(output).toContain(
        'tokens: unit test has data that only its server-token can decrypt, and Secret kins-system/test-sec-kins has none: ' +
          'put it back from your copy of the Secret\n',
      );
      // Somebody does.
      world.write('cloud/secret-test-sec-kins/server-token', 'the key to the data');
      expect((await start()).code).toBe(0);
      expect(given()).toEqual(secret());
      expect(given()).toEqual({
        'server-token': 'the key to the data',
        'agent-token': expect.stringMatching(RANDOM) as string,
        'admin-token': expect.stringMatching(RANDOM) as string,
      });
    },
  );

  test.each(['state/cluster-id', 'lib/server/k3s/cluster-id'])(
    'a mark that cannot be read, %s, is not taken for that of a unit without data',
    async (mark) => {
      world.folder(mark);
      expect((await start()).wasStopped).toBe(true);
      expect(patches()).toEqual([]);
    },
  );

  test('only what is missing or empty is made', async () => {
    world.write('cloud/secret-test-sec-kins/server-token', 'the key to the data');
    world.write('cloud/secret-test-sec-kins/agent-token', '');
    const { output } = await start();
    expect(output).toContain('tokens: made agent-token admin-token\n');
    expect(secret()).toEqual({
      'server-token': 'the key to the data',
      'agent-token': expect.stringMatching(RANDOM) as string,
      'admin-token': expect.stringMatching(RANDOM) as string,
    });
  });

  test('when somebody else was faster, theirs stay', async () => {
    world.write(
      'before-patch',
      'rm "$WORLD/before-patch"; echo theirs >"$object/server-token"; echo 9 >"$object/.version"\n',
    );
    const { code, output } = await start();
    expect(code).toBe(0);
    expect(output).toContain('tokens: made agent-token admin-token\n');
    expect(secret()['server-token']).toBe('theirs\n');
    expect(secret()['agent-token']).toMatch(RANDOM);
  });

  test('the same when only some were missing', async () => {
    world.write('cloud/secret-test-sec-kins/agent-token', 'first');
    world.write(
      'before-patch',
      'grep -q resourceVersion "$file" || return 0\n' +
        'rm "$WORLD/before-patch"; echo theirs >"$object/server-token"; echo 9 >"$object/.version"\n',
    );
    const { code, output } = await start();
    expect(code).toBe(0);
    expect(output).toContain(
      'tokens: Secret kins-system/test-sec-kins could not be filled or read yet; trying again\n',
    );
    expect(secret()).toMatchObject({ 'server-token': 'theirs\n', 'agent-token': 'first' });
    expect(secret()['admin-token']).toMatch(RANDOM);
  });

  test('an API server that does not answer is asked until it does', async () => {
    world.write('cloud-is-down', '');
    world.write('at-sleep-3', 'rm "$WORLD/cloud-is-down"\n');
    expect((await start()).code).toBe(0);
    expect(world.log().filter((line) => line === 'sleep 5')).toHaveLength(3);
    expect(Object.keys(secret()).sort()).toEqual(KEYS);
  });

  test.each(['return 1', 'echo 61 62 63'])('where randomness runs short no token is made at all (%s)', async (od) => {
    world.write('prelude', `${world.read('prelude')}od() { ${od}; }\n`);
    const { wasStopped } = await start();
    expect(wasStopped).toBe(true);
    expect(patches()).toEqual([]);
  });

  test('a token that cannot be handed on keeps the server from starting without it', async () => {
    for (const key of KEYS) world.write(`mounted/${key}`, `${key} of the cloud`);
    // A folder in the place of the file: it cannot be written.
    mkdirSync(world.at('tokens/agent-token'));
    const { code } = await start();
    expect(code).not.toBe(0);
  });

  test('no token is printed, is in an argument of a command, or stays on disk', async () => {
    world.logArguments('cat', 'head', 'od', 'tr', 'mktemp', 'rm', 'printf');
    const { output } = await start();
    const seen = [output, ...world.log()].join('\n');
    for (const token of Object.values(secret())) expect(seen).not.toContain(token);
    expect(world.tree('tmp')).toEqual({});
  });

  test('a power cut at any point ends in three tokens, and those that were there first stay', async () => {
    const { calm } = await interruptedAnywhere(shell, {
      script: 'tokens.sh',
      prepare: (machine) => {
        prepare(machine);
        machine.write('cloud/secret-test-sec-kins/agent-token', 'first');
      },
      env,
      outcome: (machine) => [
        Object.fromEntries(
          Object.entries(secret(machine)).map(([key, text]) => [key, text?.replace(RANDOM, 'random')]),
        ),
        KEYS.filter((key) => given(machine)[key] !== secret(machine)[key]),
      ],
    });
    expect(calm).toEqual([{ 'server-token': 'random', 'agent-token': 'first', 'admin-token': 'random' }, []]);
  });
});
