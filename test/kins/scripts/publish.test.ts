import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { CA, env, HASH, marksHere, prepare } from './support/publishing';
import { inEachShell, interruptedAnywhere, World, type Run } from './support/world';

let world: World;

beforeEach(() => {
  world = new World();
  prepare(world);
});
afterEach(() => {
  world.dispose();
});

const state = (machine = world): unknown => machine.tree('cloud/configmap-test-state-kins');
const isReady = (): boolean => world.has('work/ready');

inEachShell((shell) => {
  const start = (rounds = 1, more: Readonly<Record<string, string>> = {}): Promise<Run> =>
    world.run(shell, 'publish.sh', { env: env(world, more), stopAtSleep: rounds });

  test('a server that serves is told to this node, then to the cloud, then let into the Service', async () => {
    world.write('before-patch', 'ls "$KINS_LIB/server/k3s" "$KINS_WORK" >"$WORLD/seen"; rm "$WORLD/before-patch"\n');
    await start();
    expect(world.read('seen').split('\n')).toEqual(expect.arrayContaining(['ca-hash', 'cluster-id']));
    expect(world.read('seen').split('\n')).not.toContain('ready');
    expect(marksHere(world)).toEqual(['uid-1\n', `${HASH}\n`]);
    expect(state()).toMatchObject({ '.version': '2\n', 'cluster-id': 'uid-1', 'ca-hash': HASH });
    expect(JSON.parse(world.read('patch-configmap-2'))).toEqual({
      metadata: { resourceVersion: '1' },
      data: { 'cluster-id': 'uid-1', 'ca-hash': HASH, 'ca.crt': CA },
    });
    expect(isReady()).toBe(true);
  });

  test('the CA hash is on disk before the cluster id, which is what says that the unit has formed', async () => {
    world.write('prelude', `${world.read('prelude')}mv() { echo "mv $3" >>"$WORLD/log"; command mv "$@"; }\n`);
    await start();
    const marks = world.log().filter((line) => /^(mv|sync)/.test(line));
    const order = ['sync ', 'mv ca-hash', 'sync ', 'sync ', 'mv cluster-id', 'sync '];
    expect(marks.slice(0, order.length)).toEqual(order);
  });

  test('a server that does not answer is not let in, and comes out again when it stops answering', async () => {
    world.write('edge-is-down', '');
    world.write('at-sleep-1', 'test ! -e "$KINS_WORK/ready" && echo out >>"$WORLD/seen"; rm "$WORLD/edge-is-down"\n');
    world.write('at-sleep-2', 'test -e "$KINS_WORK/ready" && echo in >>"$WORLD/seen"; : >"$WORLD/edge-is-down"\n');
    world.write('at-sleep-3', 'test ! -e "$KINS_WORK/ready" && echo out >>"$WORLD/seen"\n');
    await start(3);
    expect(world.read('seen')).toBe('out\nin\nout\n');
  });

  test('a server that has not even written its kubeconfig is not asked', async () => {
    world.write('lib/server/kubeconfig.yaml', '');
    world.write('work/ready', '');
    await start();
    expect(world.log().filter((line) => line.startsWith('kubectl'))).toEqual([]);
    expect(isReady()).toBe(false);
  });

  test('a server that answers, but does not say of which cluster it is, is not let in, and is asked again', async () => {
    world.remove('edge-id');
    world.write('work/ready', '');
    expect((await start()).wasStopped).toBe(true);
    expect([marksHere(world), isReady()]).toEqual([[null, null], false]);
  });

  test('a server whose CA is not there yet says nothing of it', async () => {
    world.write('lib/server/k3s/server/tls/server-ca.crt', '');
    await start();
    expect(marksHere(world)).toEqual([null, null]);
    expect(isReady()).toBe(false);
  });

  test('a founding that is thrown away while it is looked at leaves no mark to the next, and none in the cloud', async () => {
    const again =
      'cd "$KINS_LIB/server"; mv k3s k3s.discarded; mkdir -p k3s/server/tls; rm "$WORLD/before-mark"; ' +
      'echo another CA >k3s/server/tls/server-ca.crt; echo uid-2 >"$WORLD/edge-id"\n';
    world.write('before-mark', again);
    world.write(
      'prelude',
      `${world.read('prelude')}sync() { [ ! -e "$WORLD/before-mark" ] || (. "$WORLD/before-mark"); }\n`,
    );
    world.write('at-sleep-1', 'test ! -e "$KINS_WORK/ready" && ls "$KINS_LIB/server/k3s" >"$WORLD/seen"\n');
    await start(2);
    expect(world.read('seen')).toBe('server\n');
    expect(marksHere(world)).toEqual(['uid-2\n', `${createHash('sha256').update('another CA\n').digest('hex')}\n`]);
    expect(state()).toMatchObject({ '.version': '2\n', 'cluster-id': 'uid-2' });
  });

  test('a server of another cluster than its data is kept out', async () => {
    world.write('lib/server/k3s/cluster-id', 'uid-0\n');
    const { output } = await start();
    expect(output).toBe(
      'publish: this server serves cluster uid-1, but its data belongs to cluster uid-0: it is kept out of the Service\n',
    );
    expect(isReady()).toBe(false);
    expect(marksHere(world)[0]).toBe('uid-0\n');
    expect(state()).toEqual({ '.version': '1\n' });
  });

  test('a server of another cluster than the cloud knows is kept out, and the cloud stays as it is', async () => {
    world.write('cloud/configmap-test-state-kins/cluster-id', 'uid-0');
    world.write('work/ready', '');
    const { output } = await start();
    expect(output).toBe(
      'publish: ConfigMap test-state-kins says that unit test is cluster uid-0, but this server belongs to uid-1\n',
    );
    expect(isReady()).toBe(false);
    expect(state()).toEqual({ '.version': '1\n', 'cluster-id': 'uid-0' });
    expect(world.log().filter((line) => line.startsWith('kubectl') && line.includes(' patch '))).toEqual([]);
  });

  describe('a cluster that was made anew from data of before', () => {
    beforeEach(() => {
      world.write('cloud/configmap-test-state-kins/cluster-id', 'uid-1');
      world.write('edge-secrets', 'secret/edge1.node-password.k3s\nsecret/mine\nsecret/edge2.node-password.k3s\n');
    });

    test('forgets the passwords of its nodes, notes its new life, and tells the cloud of it', async () => {
      world.write('lib/server/k3s/life', '1700000000\n');
      await start();
      expect(world.read('edge-secrets')).toBe('secret/mine\n');
      expect(world.read('edge-life')).toBe('1700000000\n');
      expect(marksHere(world)).toEqual(['uid-1.1700000000\n', `${HASH}\n`]);
      expect(state()).toMatchObject({ 'cluster-id': 'uid-1.1700000000', 'ca-hash': HASH });
      expect(isReady()).toBe(true);
    });

    test('does so once', async () => {
      world.write('lib/server/k3s/life', '1700000000\n');
      await start();
      world.write('edge-secrets', 'secret/edge1.node-password.k3s\n');
      world.write('log', '');
      await start(3);
      expect(world.read('edge-secrets')).toBe('secret/edge1.node-password.k3s\n');
      expect(world.log().filter((line) => / (patch|annotate|delete) /.test(line))).not.toContain('annotate');
      expect(state()).toMatchObject({ '.version': '2\n' });
    });

    test('is not let in before it has', async () => {
      world.write('lib/server/k3s/life', '1700000000\n');
      world.remove('edge-secrets');
      await start();
      expect(isReady()).toBe(false);
      expect(marksHere(world)).toEqual([null, null]);
      expect(state()).toMatchObject({ 'cluster-id': 'uid-1' });
    });

    test('is known by the others from the cluster itself', async () => {
      world.write('edge-life', '1700000000\n');
      world.write('lib/server/k3s/cluster-id', 'uid-1\n');
      world.write('cloud/configmap-test-state-kins/cluster-id', 'uid-1.1700000000');
      await start(1, { NODE_NAME: 'edge2' });
      expect(marksHere(world)[0]).toBe('uid-1.1700000000\n');
      expect(isReady()).toBe(true);
    });

    test('is told to the cloud when it begins while this server serves', async () => {
      world.write('at-sleep-1', 'echo 1700000000 >"$WORLD/edge-life"\n');
      await start(2);
      expect(state()).toMatchObject({ 'cluster-id': 'uid-1.1700000000' });
    });

    test.each(['uid-1.1700000000', 'uid-1.1700000001'])(
      'keeps out a server with data from before, and says what to do: %s',
      async (known) => {
        world.write('cloud/configmap-test-state-kins/cluster-id', known);
        world.write('edge-life', '1600000000\n');
        world.write('lib/server/k3s/cluster-id', 'uid-1.1600000000\n');
        const { output } = await start();
        expect(isReady()).toBe(false);
        expect(output).toBe(
          `publish: ConfigMap test-state-kins says that unit test is cluster ${known}, but this server belongs to ` +
            'uid-1.1600000000\npublish: the unit was restored or reset on another server: delete this pod to join it\n',
        );
        expect(state()).toMatchObject({ 'cluster-id': known });
      },
    );

    test('does not make a server serve an earlier life than its data is of', async () => {
      world.write('lib/server/k3s/cluster-id', 'uid-1.1700000000\n');
      world.write('edge-life', '1600000000\n');
      expect((await start()).output).toContain('it is kept out of the Service\n');
      expect(isReady()).toBe(false);
    });
  });

  test('what the cloud remembers is on the disk of this node first', async () => {
    for (const mark of ['cluster-id', 'ca-hash']) {
      world.write(`lib/server/k3s/${mark}`, mark === 'ca-hash' ? `${HASH}\n` : 'uid-1\n');
    }
    await start();
    const order = world.log().filter((line) => line.startsWith('sync') || line.includes(' patch configmap '));
    expect(order[0]).toMatch(/^sync/);
  });

  test('no CA is published that can not be read', async () => {
    world.write('prelude', `${world.read('prelude')}cat() { case $1 in *.crt) return 1 ;; esac; command cat "$@"; }\n`);
    await start();
    expect(state()).toEqual({ '.version': '1\n' });
  });

  test('when another server was faster to tell the cloud, what it told is looked at again', async () => {
    world.write(
      'before-patch',
      'rm "$WORLD/before-patch"; printf uid-0 >"$object/cluster-id"; echo 5 >"$object/.version"\n',
    );
    await start(2);
    expect(state()).toMatchObject({ 'cluster-id': 'uid-0' });
    expect(isReady()).toBe(false);
  });

  test('without the cloud the site goes on, and the cloud is told when the link is back', async () => {
    world.write('cloud-is-down', '');
    world.write('at-sleep-1', 'test -e "$KINS_WORK/ready" && echo in >"$WORLD/seen"\n');
    world.write('at-sleep-2', 'rm "$WORLD/cloud-is-down"\n');
    const { output } = await start(3);
    expect(world.read('seen')).toBe('in\n');
    expect(output).toContain('publish: the kubeconfigs could not be published yet\n');
    expect(marksHere(world)).toEqual(['uid-1\n', `${HASH}\n`]);
    expect(state()).toMatchObject({ 'cluster-id': 'uid-1', 'ca-hash': HASH });
  });

  test.each([
    ['10.96.0.1', 'https://10.96.0.1:443'],
    ['fd00::1', 'https://[fd00::1]:443'],
  ])('the cloud at %s is called with its CA verified and with the account of the pod', async (host, server) => {
    await start(1, { KUBERNETES_SERVICE_HOST: host });
    expect(parse(world.read('work/cloud.yaml'))).toMatchObject({
      clusters: [{ name: 'default', cluster: { server, 'certificate-authority': '/account/ca.crt' } }],
      users: [{ name: 'default', user: { tokenFile: '/account/token' } }],
      'current-context': 'default',
    });
    const calls = world.log().filter((line) => line.startsWith('kubectl') && line.includes('cloud.yaml'));
    expect(calls.length).toBeGreaterThan(1);
    for (const call of calls) expect(call).toContain('kubectl --kubeconfig /work/cloud.yaml --namespace kins-system ');
  });

  test('all that it writes is written under a name that Flux does not take for a hand that used kubectl', async () => {
    await start(1, { CREDENTIALS_CONFIGMAP: 'test-cm-kins' });
    const patches = world.log().filter((line) => line.includes(' patch '));
    expect(patches.map((line) => / patch (\S+ \S+) --field-manager (\S+) /.exec(line)?.slice(1))).toEqual([
      ['configmap test-state-kins', 'edge-constructs-kins'],
      ['secret test-sec-kins', 'edge-constructs-kins'],
      ['configmap test-cm-kins', 'edge-constructs-kins'],
    ]);
  });

  test('a power cut at any point changes nothing of what is known in the end', async () => {
    const { calm, cuts } = await interruptedAnywhere(shell, {
      script: 'publish.sh',
      prepare,
      env: (machine) => env(machine),
      stopAtSleep: 1,
      restart: (machine) => {
        machine.remove('work');
        machine.folder('work');
      },
      outcome: (machine) => ({
        marks: marksHere(machine),
        // Without versions: telling twice is no harm.
        cloud: Object.entries(machine.tree('cloud')).filter(([name]) => !name.endsWith('.version')),
        isReady: machine.has('work/ready'),
      }),
    });
    expect(calm).toMatchObject({ marks: ['uid-1\n', `${HASH}\n`], isReady: true });
    expect(cuts).toBeGreaterThan(20 / shell.stride);
  });
});
