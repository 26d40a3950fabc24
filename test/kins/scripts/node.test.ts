import { parse } from 'yaml';
import { NODE, paths } from './support/node';
import { inEachShell, World, interruptedAnywhere, type Run } from './support/world';

const UID = String(process.getuid?.() ?? 0);
let world: World;

beforeEach(() => {
  world = new World();
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  describe('prepare.sh', () => {
    const env = (machine: World): Readonly<Record<string, string>> => ({ ...paths(machine), SERVER_UID: UID });
    const prepare = (machine: World): void => {
      machine.folder('lib');
      machine.folder('run');
    };
    const modes = (machine: World): Record<string, string> =>
      Object.fromEntries(Object.keys(machine.tree('lib')).map((name) => [name, machine.mode(`lib/${name}`)]));
    beforeEach(() => {
      prepare(world);
    });

    test('makes the folders of a unit, closed to everybody but their owners', async () => {
      expect((await world.run(shell, 'prepare.sh', { env: env(world) })).code).toBe(0);
      expect(modes(world)).toMatchObject({
        access: '700',
        agent: '700',
        cni: '700',
        containerd: '700',
        kubelet: '700',
        node: '700',
        server: '700',
      });
      expect([world.mode('lib'), world.mode('run')]).toEqual(['711', '711']);
      expect(world.has('run/flannel') && world.has('lib/log')).toBe(true);
    });

    test("gives away the control plane's folder alone, never what is in it", async () => {
      world.write('lib/server/k3s/link', '');
      await world.run(shell, 'prepare.sh', { env: env(world) });
      expect(world.log().filter((line) => line.startsWith('chown'))).toEqual([`chown ${UID}:${UID} /lib/server`]);
    });

    test('makes a machine id once', async () => {
      await world.run(shell, 'prepare.sh', { env: env(world) });
      const id = world.read('lib/node/machine-id');
      expect(id).toMatch(/^[0-9a-f]{32}$/);
      await world.run(shell, 'prepare.sh', { env: env(world) });
      expect(world.read('lib/node/machine-id')).toBe(id);
    });

    test.each(['return 1', 'echo 61 62 63'])('where randomness runs short no machine id is made (%s)', async (od) => {
      world.write('prelude', `${world.read('prelude')}od() { ${od}; }\n`);
      const { code, output } = await world.run(shell, 'prepare.sh', { env: env(world) });
      expect(code).toBe(1);
      expect(output).toBe('prepare: /dev/urandom returned too little for a machine id\n');
      expect(world.has('lib/node/machine-id')).toBe(false);
    });

    test('can be interrupted anywhere', async () => {
      const { cuts } = await interruptedAnywhere(shell, {
        script: 'prepare.sh',
        prepare,
        env,
        outcome: (machine) => ({
          modes: Object.entries(modes(machine)).filter(([name]) => !name.endsWith('.new')),
          id: machine.read('lib/node/machine-id').length,
          owned: machine
            .log()
            .filter((line) => line.startsWith('chown'))
            .at(-1),
        }),
      });
      expect(cuts).toBeGreaterThan(20 / shell.stride);
    });
  });

  describe('access.sh', () => {
    const prepare = (machine: World): void => {
      machine.folder('lib/access', 0o700);
      machine.write('lib/agent/agent/server-ca.crt', 'CA 1\n');
      machine.write('secrets/admin-token', 'admin-secret');
    };
    const start = (rounds: number): Promise<Run> =>
      world.run(shell, 'access.sh', { env: { ...paths(world), ...NODE }, stopAtSleep: rounds });
    beforeEach(() => {
      prepare(world);
    });

    test('puts CA and token where the kubeconfig on the node names them, readable by their owner alone', async () => {
      const { output } = await start(1);
      expect(world.tree('lib/access')).toEqual({ 'ca.crt': 'CA 1\n', token: 'admin-secret' });
      expect([world.mode('lib/access/ca.crt'), world.mode('lib/access/token')]).toEqual(['600', '600']);
      expect(output).toBe('');
    });

    test('follows changes, and looks often until both are there', async () => {
      world.remove('lib/agent/agent/server-ca.crt');
      world.write('at-sleep-2', 'echo CA 2 >"$KINS_LIB/agent/agent/server-ca.crt"\n');
      world.write('at-sleep-3', 'echo another >"$KINS_SECRETS/admin-token"\n');
      await start(4);
      expect(world.tree('lib/access')).toEqual({ 'ca.crt': 'CA 2\n', token: 'another\n' });
      expect(world.log().filter((line) => line.startsWith('sleep'))).toEqual([
        'sleep 0.2',
        'sleep 0.2',
        'sleep 60',
        'sleep 60',
      ]);
    });

    test('lets a node with a new disk in, by the administrator, only when the agent asks', async () => {
      world.write('admission/ca.crt', 'CA 1\n');
      world.write('admission/url', 'https://test-servers-kins:26443\n');
      world.write('at-sleep-1', ': >"$KINS_ADMISSION/ask"\n');
      await start(3);
      expect(world.log().filter((line) => line.startsWith('kubectl'))).toEqual([
        'kubectl --kubeconfig /admission/admin.yaml --request-timeout 10s --namespace kube-system delete secret edge2.node-password.k3s --ignore-not-found',
      ]);
      expect(world.has('admission/admitted')).toBe(true);
      expect(parse(world.read('admission/admin.yaml'))).toMatchObject({
        clusters: [{ cluster: { server: 'https://test-servers-kins:26443' } }],
        users: [{ user: { tokenFile: world.at('secrets/admin-token') } }],
      });
    });

    test('keeps what it has when a source is gone', async () => {
      world.write('at-sleep-1', ': >"$KINS_SECRETS/admin-token"; rm "$KINS_LIB/agent/agent/server-ca.crt"\n');
      await start(2);
      expect(world.tree('lib/access')).toEqual({ 'ca.crt': 'CA 1\n', token: 'admin-secret' });
    });

    test('can be interrupted anywhere', async () => {
      await interruptedAnywhere(shell, {
        script: 'access.sh',
        prepare,
        env: paths,
        stopAtSleep: 1,
        outcome: (machine) => machine.tree('lib/access'),
      });
    });
  });

  describe('ready.sh', () => {
    test('is ready when its file is there, and in turns while the state is waited for', async () => {
      world.folder('waiting');
      const ready = async (): Promise<boolean> =>
        (await world.run(shell, 'ready.sh', { env: paths(world), args: [world.at('mark')] })).code === 0;
      expect(await ready()).toBe(false);
      world.write('mark', '');
      expect(await ready()).toBe(false);
      world.write('waiting/open', '');
      expect(await ready()).toBe(true);
      world.write('waiting/state', '');
      expect([await ready(), await ready(), await ready(), await ready()]).toEqual([true, false, true, false]);
    });

    test('is not ready while the part may not take over yet, or runs the release of before, and says why', async () => {
      for (const file of ['mark', 'waiting/open']) world.write(file, '');
      world.write('waiting/shut', 'another release waits: no window\n');
      expect(await world.run(shell, 'ready.sh', { env: paths(world), args: [world.at('mark')] })).toMatchObject({
        code: 1,
        output: 'another release waits: no window\n',
      });
    });

    test('with a port is ready when somebody listens on it in the network of the unit, not by the file alone', async () => {
      const ready = async (): Promise<boolean> =>
        (await world.run(shell, 'ready.sh', { env: paths(world), args: [world.at('mark'), '280A'] })).code === 0;
      const listens = (line: string): void => {
        world.write('tcp', `  sl  local_address rem_address   st tx_queue\n${line} 00000000:00000000\n`);
      };
      listens('   0: 00000000:280A 00000000:0000 0A');
      world.write('waiting/open', '');
      expect(await ready()).toBe(false);
      world.write('mark', '');
      expect(await ready()).toBe(true);
      // A connection, another port, no table at all.
      listens('   0: 0100007F:280A 0100007F:9C40 01');
      expect(await ready()).toBe(false);
      listens('   0: 00000000:2809 00000000:0000 0A');
      expect(await ready()).toBe(false);
      world.remove('tcp');
      expect(await ready()).toBe(false);
    });
  });
});
