import { chmodSync } from 'node:fs';
import { paths } from './support/node';
import { inEachShell, World, type Run } from './support/world';

const HASH = 'c'.repeat(64);
let world: World;

/** A member of a unit that has formed, told by an administrator to be the only one. */
beforeEach(() => {
  world = new World();
  for (const folder of ['work', 'state', 'waiting', 'lib/server/k3s/server/db/etcd/member']) world.folder(folder);
  for (const token of ['server', 'agent', 'admin']) world.write(`secrets/${token}-token`, `${token}-secret`);
  world.write('config/server.yaml', '');
  world.write('lib/server/k3s/cluster-id', 'uid-1\n');
  world.write('lib/server/k3s/ca-hash', `${HASH}\n`);
  world.write('lib/server/k3s/server/tls/server-ca.crt', 'the CA of the cluster\n');
  world.write('lib/server/reset', '');
  world.write('edge-is-down', '');
  // 29999 is taken.
  world.write('net/tcp', '   0: 0100007F:752F 00000000:0000 0A 00000000:00000000\n');
});
afterEach(() => {
  world.dispose();
});

/** K3s as it is told to reset: ends with an error in either case, and leaves a flag when it was done. */
function k3s(onReset: string): void {
  world.remove('bin/k3s');
  world.write(
    'bin/k3s',
    `#!/bin/sh\necho "k3s $* $(grep -cE "^server:" "$WORLD/work/config.yaml")" >>"$WORLD/log"\n` +
      `case $* in *--cluster-reset*) ${onReset}; exit 1 ;; esac\n`,
  );
  chmodSync(world.at('bin/k3s'), 0o755);
}

const FLAG = 'lib/server/k3s/server/db/reset-flag';
const RESET_DONE = `: >"$WORLD/${FLAG}"; echo 'level=fatal msg="Managed etcd cluster membership has been reset, restart without ..."' >&2`;
const RESETS = 'k3s server --config /work/config.yaml --cluster-reset --lb-server-port 29998 0';
const LIFE = 'lib/server/k3s/life';
const STARTS = 'k3s server --config /work/config.yaml 1';

inEachShell((shell) => {
  const start = (): Promise<Run> =>
    world.run(shell, 'server.sh', {
      env: {
        UNIT: 'test',
        NET_TABLES: world.at('net'),
        ...paths(world),
        NODE_NAME: 'edge2',
        NODE_IP: '192.0.2.2',
        FIRST_SERVER: 'edge1',
        SERVER_COUNT: '3',
        JOIN_URL: 'https://test-servers-kins:26443',
        STATE_CONFIGMAP: 'test-state-kins',
      },
    });
  const calls = (): string[] => world.log().filter((line) => line.startsWith('k3s'));

  test('the server is made the only member once, without the address of the others, and then starts', async () => {
    k3s(RESET_DONE);
    expect((await start()).code).toBe(0);
    expect(calls()).toEqual([RESETS, STARTS]);
    expect(world.has('lib/server/reset')).toBe(false);
    // Servers that come back with data from before are told from those that join now.
    expect(Number(world.read(LIFE))).toBeGreaterThan(1_700_000_000);
  });

  test('a life begins after the last that is known, whatever the clock says', async () => {
    k3s(RESET_DONE);
    world.write('lib/server/k3s/cluster-id', 'uid-1.4000000000\n');
    world.write('prelude', `${world.read('prelude')}date() { echo 86400; }\n`);
    expect((await start()).code).toBe(0);
    expect(world.read(LIFE)).toBe('4000000001\n');
  });

  test('who answers, but can not be trusted, is not taken for nobody', async () => {
    k3s(RESET_DONE);
    world.write('edge-is-down-with', 'Unable to connect to the server: tls: failed to verify certificate: x509: ...');
    const { code, output } = await start();
    expect(code).toBe(1);
    expect(output).toContain('another server answers, but not as one of this cluster does; nothing is changed\n');
    expect(calls()).toEqual([]);
    expect(world.has('lib/server/reset')).toBe(true);
  });

  test('a reset that a power cut has interrupted, of which the flag is there already, is done again', async () => {
    k3s(`test ! -e "$WORLD/${FLAG}" && ${RESET_DONE}`);
    world.write(FLAG, '');
    expect((await start()).code).toBe(0);
    expect(calls()).toEqual([RESETS, STARTS]);
    expect(world.has('lib/server/reset')).toBe(false);
    expect(world.has(LIFE)).toBe(true);
  });

  test('a reset that failed after it had left its flag is told', async () => {
    k3s(`: >"$WORLD/${FLAG}"; echo "bootstrap data already found and encrypted with different token" >&2`);
    const { code, output } = await start();
    expect(code).toBe(1);
    expect(output).toContain('encrypted with different token\nserver: K3s could not make this server the only member');
    expect(world.has('lib/server/reset')).toBe(true);
  });

  test('a reset that failed is told, and stays wanted', async () => {
    k3s(':');
    const { code, output } = await start();
    expect(code).toBe(1);
    expect(output).toContain('server: K3s could not make this server the only member; see its messages above\n');
    expect(calls()).toEqual([RESETS]);
    expect(world.has('lib/server/reset')).toBe(true);
    // A life that nobody has begun would keep the other servers out.
    expect(world.has(LIFE)).toBe(false);
  });

  test('nothing is reset while the others have a majority', async () => {
    k3s(RESET_DONE);
    world.remove('edge-is-down');
    const { output } = await start();
    expect(output).toContain('not resetting anything: the other servers have a majority');
    expect(calls()).toEqual([STARTS]);
    expect(world.has(LIFE)).toBe(false);
    expect(world.has('lib/server/reset')).toBe(false);
  });
});
