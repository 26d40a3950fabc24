import { spawn } from 'node:child_process';
import { inEachShell, World, type Run } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  world.folder('tmp');
  world.folder('lib');
  world.folder('proc');
  world.write(
    'net/tcp',
    `  sl  local_address rem_address   st\n   0: 00000000:674B 00000000:0000 0A 0:0 00:0 0 0 0 77 1\n`,
  );
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  const check = (checks: string): Promise<Run> =>
    world.run(shell, 'check.sh', {
      env: {
        UNIT: 'test',
        NODE_NAME: 'edge1',
        CHECKS: checks,
        HAS_RUN: world.at('has-run'),
        KINS_LIB: world.at('lib'),
        KINS_WORK: world.at('tmp'),
        NODE_ROOT: world.at('node'),
        NET: world.at('net'),
        HOST_PROC: world.at('proc'),
        // The one that somebody listens on.
        PORTS: '26443:apiPort',
        PORT_SECONDS: '1',
        PART_LOCK: world.at('lib/lock'),
        TERMINATION_LOG: world.at('message'),
      },
    });

  test('a node that starts the unit by itself is nothing to tell', async () => {
    world.folder('node/run/systemd/system');
    expect(await check('boot')).toMatchObject({ code: 0, output: '' });
    expect(world.has('message')).toBe(false);
  });

  test('one that has no systemd is told, and not kept from starting', async () => {
    expect((await check('boot')).code).toBe(0);
    expect(world.read('message')).toBe(
      'Unit test starts on node edge1, but something is wrong there:\n' +
        '- the node has no systemd: after a power cut it starts the unit only when the cloud can be reached\n',
    );
  });

  test('ports that the server has which the node runs itself are handed over: they are no problem', async () => {
    world.write('lib/lock', '');
    const holder = spawn('flock', [world.at('lib/lock'), 'sh', '-c', 'echo has it; exec sleep 60'], { detached: true });
    try {
      await new Promise((done) => holder.stdout.once('data', done));
      expect(await check('ports')).toMatchObject({ code: 0, output: '' });
    } finally {
      if (holder.pid !== undefined) process.kill(-holder.pid, 'SIGKILL');
    }
  });

  test.each([
    [
      'where it was run once',
      (): void => {
        world.write('lib/lock', '');
      },
    ],
    ['where it never was', (): void => undefined],
  ])('of others they are, %s', async (_, before) => {
    before();
    const { code } = await check('ports');
    expect(code).toBe(1);
    expect(world.read('message')).toContain('port 26443 (apiPort) of the node is taken by');
  });
});
