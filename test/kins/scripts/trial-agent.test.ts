import { chmodSync, readlinkSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { agentEnvironment, prepareAgent } from './support/agent';
import { recordOf, servers } from './support/gate';
import { paths } from './support/node';
import { AFTER, BEFORE, earlierPod, proven, putK3s, runsUntil } from './support/trial';
import { inEachShell, World, type Run } from './support/world';

const PART = 'lib/standby/agent';
let world: World;
let earlier: ChildProcess | undefined;

beforeEach(() => {
  world = new World();
  prepareAgent(world);
  world.write('config/agent.yaml', 'kubelet-arg: config=/etc/kins/config/kubelet.yaml\nrelease: b\n');
  world.write('config/upgrades', 'soak 60\n');
  proven(world, PART, { 'agent.yaml': 'kubelet-arg: config=/etc/kins/config/kubelet.yaml\nrelease: a\n' });
  putK3s(world, 'lib/releases/r1/bin/k3s', 'r1', BEFORE);
  putK3s(world, 'bin/k3s', 'own', AFTER);
  world.write('boot-id', 'boot-1\n');
  world.write('lib/access/ca.crt', 'the CA');
  world.write('lib/access/token', 'a token');
  servers(world, AFTER, AFTER);
  // Of the unit's network: the kubelet listens.
  world.write('tcp', '   0: 00000000:280A 00000000:0000 0A 00000000:00000000\n');
  world.write('node.json', `True ${AFTER}\n`);
  world.write('prelude', `${world.read('prelude')}kill() { command kill "$@"; }\n`);
});
afterEach(() => {
  if (earlier?.pid !== undefined && earlier.exitCode === null) process.kill(-earlier.pid, 'SIGKILL');
  earlier = undefined;
  world.dispose();
});

inEachShell((shell) => {
  const start = (more: Readonly<Record<string, string>> = {}, stopAtSleep = 2000): Promise<Run> =>
    world.run(shell, 'agent.sh', {
      stopAtSleep,
      env: agentEnvironment(world, {
        KINS_REVISION: 'b',
        BOOT_ID: world.at('boot-id'),
        GATE_SECONDS: '1',
        READY_SECONDS: '20',
        SOAK_SECONDS: '15',
        ...more,
      }),
    });
  const trial = (): string | null => (world.has(`${PART}/trial`) ? world.read(`${PART}/trial`) : null);
  const release = (): string | undefined => /release: (\w)/.exec(world.read('work/config.yaml'))?.[1];
  const isRunning = (): boolean => world.log().some((line) => line.includes(' k3s agent '));

  test('a pod of another release begins a trial', async () => {
    world.write('tcp', '');
    expect((await start()).code).toBe(0);
    expect([release(), trial()]).toEqual(['b', 'b boot-1 1 began r2\n']);
    expect(recordOf(world)).toEqual({ turn: 'agent edge2 b' });
  });

  test('while the earlier pod goes on, it waits for the containerd of its node', async () => {
    proven(world, 'lib/standby/cri', {});
    earlier = await earlierPod(world, PART);
    expect((await start({}, 60)).wasStopped).toBe(true);
    const why = `another release waits: containerd of this node changes first, and is at ${BEFORE}\n`;
    expect([isRunning(), world.read('waiting/shut'), earlier.exitCode]).toEqual([false, why, null]);
    expect(recordOf(world)).toEqual({ 'waits-agent': `edge2 ${why.slice(23, -1)}` });
  });

  test('it has proven itself after it has been ready for a while, as the servers see it', async () => {
    world.write('k3s-runs', runsUntil('[ -e "$WORLD/record/proven-agent" ] && [ ! -e "$WORLD/record/turn" ]'));
    const { output } = await start();
    expect(output).toContain(`agent: ${AFTER} has proven itself on this node\n`);
    expect([world.read(`${PART}/proven`), world.read(`${PART}/proven-of.b/programs`), trial()]).toEqual([
      'b\n',
      'r2\n',
      null,
    ]);
    expect(recordOf(world)).toEqual({ 'proven-agent': 'b' });
  });

  test.each([
    [
      'whose kubelet does not listen',
      (): void => {
        world.write('tcp', '');
      },
    ],
    [
      'that the servers call not ready',
      (): void => {
        world.write('node.json', `False ${AFTER}\n`);
      },
    ],
    [
      'of which the servers have only seen the kubelet of before',
      (): void => {
        world.write('node.json', `True ${BEFORE}\n`);
      },
    ],
  ])('one %s is ended, and the node goes back', async (_, broken) => {
    broken();
    world.write('k3s-runs', runsUntil('false'));
    const { code, output } = await start();
    expect(code).toBe(143);
    expect(output).toContain(`agent: going back to ${BEFORE}: ${AFTER} did not get ready within 180 s\n`);
    world.remove('k3s-runs');
    await start();
    expect([release(), trial()]).toEqual(['a', null]);
    expect(readlinkSync(world.at('work/bin/k3s'))).toBe(world.at('lib/releases/r1/bin/k3s'));
    // The settings of before, with the files of before.
    expect(world.read('work/config.yaml')).toContain(`config=${world.at(`${PART}/proven-of.a/config`)}/kubelet.yaml\n`);
    const said = `refused: ${AFTER} did not get ready within 180 s; runs ${BEFORE} instead\n`;
    expect(
      await world.run(shell, 'ready.sh', { env: paths(world), args: [world.at('waiting/open'), '280A'] }),
    ).toMatchObject({
      code: 1,
      output: said,
    });
  });

  test('one is not blamed while no server answers', async () => {
    world.write('tcp', '');
    world.write('k3s-runs', `: >"$WORLD/edge-is-down"; ${runsUntil('false')}`);
    const { wasStopped } = await start({}, 100);
    expect([wasStopped, trial(), world.has(`${PART}/refused`)]).toEqual([true, 'b boot-1 1 began r2\n', false]);
  });

  test('one that ends by itself is started once more, then the node goes back', async () => {
    world.write('tcp', '');
    world.write('k3s-runs', 'exit 1\n');
    await start();
    await start();
    expect(release()).toBe('b');
    await start();
    expect([release(), trial()]).toEqual(['a', null]);
    expect(world.read(`${PART}/refused`)).toBe(`b ${AFTER} ended several times before it had proven itself\n`);
  });

  test('an agent whose K3s does not run on this processor is not ready, and changes nothing', async () => {
    world.write('bin/k3s', '#!/bin/sh\nexit 126\n');
    chmodSync(world.at('bin/k3s'), 0o755);
    earlier = await earlierPod(world, PART);
    const { output } = await start({}, 60);
    expect([isRunning(), trial(), earlier.exitCode]).toEqual([false, null, null]);
    expect(output).toContain('agent: another release waits: ');
  });
});
