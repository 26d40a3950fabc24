import { ask, prepareGate, recordOf, servers, type Asking } from './support/gate';
import { inEachShell, World } from './support/world';

let world: World;
beforeEach(() => {
  world = new World();
  prepareGate(world);
});
afterEach(() => {
  world.dispose();
});

inEachShell((shell) => {
  const gate = async (asking: Asking = {}): Promise<string> =>
    (await ask(shell, world, { kind: 'server', ...asking })).output.trimEnd();

  test.each([
    ['one minor up', 'v1.34.1+k3s1', 'v1.35.1+k3s1'],
    ['within a minor', 'v1.35.1+k3s1', 'v1.35.4+k3s1'],
    ['back within a minor', 'v1.35.4+k3s1', 'v1.35.1+k3s1'],
    ['with other settings only', 'v1.35.1+k3s1', 'v1.35.1+k3s1'],
    ['from the first 1.33 that may', 'v1.33.8+k3s1', 'v1.34.5+k3s1'],
    ['from a later 1.33', 'v1.33.10+k3s1', 'v1.34.5+k3s1'],
    ['within 1.33', 'v1.33.7+k3s1', 'v1.33.8+k3s1'],
  ])('a server may go %s', async (_, from, to) => {
    servers(world, from);
    expect(await gate({ from, to })).toBe('open');
    expect(recordOf(world)).toEqual({ turn: 'server edge1 b' });
  });

  test.each([
    ['v1.35.1+k3s1', 'v1.34.1+k3s1', 'would be a step back'],
    ['v1.34.1+k3s1', 'v1.36.0+k3s1', 'would skip a minor'],
    ['v1.33.7+k3s1', 'v1.34.5+k3s1', 'members of etcd may come back that had been removed: set v1.33.8+k3s1 first'],
  ])('an only server may not go from %s to %s', async (from, to, why) => {
    servers(world, from);
    expect(await gate({ from, to })).toContain(`from ${from} to ${to} ${why}`);
    expect(recordOf(world)).toEqual({});
  });

  test.each(['', 'latest', 'v1.35'])('a K3s that says it is "%s" is none to change to', async (to) => {
    expect(await gate({ to })).toBe(
      'the K3s of this image does not say which version it is: is it an image of K3s, for this processor?',
    );
  });

  describe('of three servers', () => {
    const three = { SERVER_COUNT: '3' };

    test('the first to change does so while the others are well', async () => {
      servers(world, 'v1.34.1+k3s1', 'v1.34.1+k3s1', 'v1.34.1+k3s1');
      expect(await gate({ env: three })).toBe('open');
    });

    test('none changes while another is not ready', async () => {
      servers(world, 'v1.34.1+k3s1', 'v1.34.1+k3s1', 'v1.34.1+k3s1');
      world.write('unready-192.0.2.3', '');
      expect(await gate({ env: three })).toBe(
        'the server at https://192.0.2.3:26443 is not ready, and two must not be away at once',
      );
    });

    test('none changes while another is missing', async () => {
      servers(world, 'v1.34.1+k3s1', 'v1.34.1+k3s1');
      expect(await gate({ env: three })).toBe('2 of 3 servers of the unit answer');
    });

    test('none gets two minors away from another', async () => {
      servers(world, 'v1.34.1+k3s1', 'v1.33.8+k3s1', 'v1.34.1+k3s1');
      expect(await gate({ env: three })).toBe(
        'the server at https://192.0.2.2:26443 has K3s v1.33.8+k3s1, and this release is v1.35.1+k3s1: they may be one ' +
          'minor apart',
      );
    });

    test('the last may follow the others up', async () => {
      servers(world, 'v1.34.1+k3s1', 'v1.35.1+k3s1', 'v1.35.1+k3s1');
      expect(await gate({ env: three })).toBe('open');
    });

    test('one that does not say its version is not well', async () => {
      servers(world, 'v1.34.1+k3s1', 'v1.34.1+k3s1', 'v1.34.1+k3s1');
      world.write('version-192.0.2.2', 'no json');
      expect(await gate({ env: three })).toBe('the server at https://192.0.2.2:26443 does not answer');
    });

    test('one may go back a minor while another has not left it yet', async () => {
      servers(world, 'v1.35.1+k3s1', 'v1.34.1+k3s1', 'v1.34.1+k3s1');
      expect(await gate({ from: 'v1.35.1+k3s1', to: 'v1.34.1+k3s1', env: three })).toBe('open');
    });

    test('none goes back a minor once all have left it', async () => {
      servers(world, 'v1.35.1+k3s1', 'v1.35.1+k3s1', 'v1.35.1+k3s1');
      expect(await gate({ from: 'v1.35.1+k3s1', to: 'v1.34.1+k3s1', env: three })).toContain('would be a step back');
    });
  });

  test('an only server whose disk has no room for a copy of its data goes on', async () => {
    world.write('lib/server/k3s/db', 'data');
    world.write(
      'prelude',
      `${world.read('prelude')}du() { printf '204800\\t%s\\n' "$2"; }
df() { printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\\ndev 1 1 307199 1%% /\\n'; }\n`,
    );
    expect(await gate()).toBe(
      `the data is copied before, which needs 300 MiB, and there are 299 MiB for ${world.at('lib/server')}`,
    );
  });

  describe('where no server of the unit answers', () => {
    const twice = (seconds: number): string =>
      `gate_opens || elapse ${seconds}; if gate_opens; then echo open; else echo "$why"; fi`;
    beforeEach(() => {
      world.write('edge-is-down', '');
    });

    test('a server waits for a while, because the others may be about to start', async () => {
      expect(await gate({ program: twice(299) })).toBe('no server of the unit answers');
    });

    test('and then goes on, because it can hurt nobody', async () => {
      expect(await gate({ program: twice(301) })).toBe('open');
    });

    test('but makes no step that its data cannot', async () => {
      expect(await gate({ program: twice(301), to: 'v1.36.0+k3s1' })).toContain('would skip a minor');
    });

    test('and waits from the beginning if one has answered in between', async () => {
      const program = `gate_opens || elapse 200; rm "$WORLD/edge-is-down"; mv "$WORLD/servers" "$WORLD/there"; gate_opens || elapse 200
        : >"$WORLD/edge-is-down"; if gate_opens; then echo open; else echo "$why"; fi`;
      expect(await gate({ program })).toBe('no server of the unit answers');
    });
  });
});
