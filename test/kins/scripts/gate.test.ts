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
  const gate = async (asking: Asking = {}): Promise<string> => (await ask(shell, world, asking)).output.trimEnd();

  test('the gate opens where nothing speaks against it, and the others see whose turn it is', async () => {
    expect(await gate()).toBe('open');
    expect(recordOf(world)).toEqual({ turn: 'agent edge1 b' });
  });

  describe('a hold', () => {
    test.each(['agent', 'cri', 'server'] as const)('on the node keeps the %s, and its text is shown', async (kind) => {
      world.write('lib/releases/hold', 'the line is being inspected\nuntil friday\n');
      expect(await gate({ kind, env: { SERVER_COUNT: '1' } })).toBe(
        `held on this node by ${world.at('lib/releases/hold')}: the line is being inspected`,
      );
      expect(recordOf(world)).toEqual({});
    });

    test('on the node needs no text', async () => {
      world.write('lib/releases/hold', '');
      expect(await gate()).toBe(`held on this node by ${world.at('lib/releases/hold')}`);
    });

    test.each([
      ['in the state of the unit', 'state/hold', 'ask Ann\n'],
      ['in the settings of the unit', 'config/upgrades', 'hold ask Ann\nsoak 900\n'],
    ])('%s keeps it', async (_, file, text) => {
      world.write(file, text);
      expect(await gate()).toBe('held from the cloud: ask Ann');
    });

    test('that was emptied keeps nothing', async () => {
      world.write('state/hold', '');
      expect(await gate()).toBe('open');
    });
  });

  describe('maintenance windows', () => {
    /** @param now day of the week, 1 is Monday, and time */
    const at = (now: string, ...lines: readonly string[]): Promise<string> => {
      world.write('now', `${now}\n`);
      world.write('config/upgrades', [...lines, 'soak 900', ''].join('\n'));
      world.write('zones/Europe/Berlin', '');
      world.write('prelude', `${world.read('prelude')}date() { echo "$TZ" >"$WORLD/zone-asked"; cat "$WORLD/now"; }\n`);
      return gate();
    };
    const shut = (now: string, zone = 'UTC'): string =>
      `waiting for a maintenance window; it is ${now} ${zone} now, in which 1 is Monday`;

    test.each([
      ['2 02:00', 'window 12345 02:00 05:00'],
      ['5 04:59', 'window 12345 02:00 05:00'],
      ['2 09:08', 'window 2 08:09 09:09'],
      ['6 23:30', 'window 6 22:00 04:00'],
      ['7 03:59', 'window 6 22:00 04:00'],
      ['1 03:59', 'window 7 22:00 04:00'],
      ['3 12:00', 'window 1234567 00:00 00:00'],
      ['3 14:10', 'window 1 02:00 05:00\nwindow 3 14:00 14:30'],
      ['1 03:00', 'window 1 02:00 05:00\nwindow 3 14:00 14:30'],
    ])('at %s, %j is open', async (now, windows) => {
      expect(await at(now, windows)).toBe('open');
    });

    test.each([
      ['2 01:59', 'window 12345 02:00 05:00'],
      ['2 05:00', 'window 12345 02:00 05:00'],
      ['6 03:00', 'window 12345 02:00 05:00'],
      ['7 23:30', 'window 6 22:00 04:00'],
      ['6 03:59', 'window 6 22:00 04:00'],
      ['7 04:00', 'window 6 22:00 04:00'],
      ['2 14:10', 'window 1 02:00 05:00\nwindow 3 14:00 14:30'],
    ])('at %s, %j is not', async (now, windows) => {
      expect(await at(now, windows)).toBe(shut(now));
      expect(recordOf(world)).toEqual({});
    });

    test('are in the zone of the unit, which people are told', async () => {
      expect(await at('6 12:00', 'zone Europe/Berlin', 'window 1 02:00 05:00')).toBe(shut('6 12:00', 'Europe/Berlin'));
      expect(world.read('zone-asked')).toBe('Europe/Berlin\n');
    });

    test('never open in a zone that the image does not know, rather than at another time', async () => {
      expect(await at('1 03:00', 'zone Europe/Nowhere', 'window 1 02:00 05:00')).toBe(
        "K3s' image does not know the time zone Europe/Nowhere, so no maintenance window opens",
      );
    });

    test('a zone without windows keeps nothing', async () => {
      expect(await at('1 03:00', 'zone Europe/Nowhere')).toBe('open');
    });

    test('are told by the clock of the computer', async () => {
      const [before, after] = [new Date(), new Date(Date.now() + 3_600_000)];
      const day = before.getUTCDay() === 0 ? 7 : before.getUTCDay();
      const time = (date: Date): string => date.toISOString().slice(11, 16);
      world.write('config/upgrades', `zone UTC\nwindow ${day} ${time(before)} ${time(after)}\n`);
      expect(await gate()).toBe('open');
    });
  });

  describe.each(['agent', 'cri'] as const)('an %s', (kind) => {
    test.each(['v1.35.1+k3s1', 'v1.35.2+k3s1', 'v1.36.0+k3s1'])(
      'changes to the release that servers have: %s',
      async (to) => {
        servers(world, to, 'v1.36.0+k3s1', 'v1.36.0+k3s1');
        expect(await gate({ kind, to, env: { SERVER_COUNT: '3' } })).toBe('open');
      },
    );

    test('is never newer than one of the servers', async () => {
      servers(world, 'v1.35.1+k3s1', 'v1.34.1+k3s1');
      expect(await gate({ kind, env: { SERVER_COUNT: '2' } })).toBe(
        'the server at https://192.0.2.2:26443 has K3s v1.34.1+k3s1, and this release is v1.35.1+k3s1: servers change first',
      );
    });

    test('waits for a server that does not say what it is', async () => {
      world.remove('version-192.0.2.1');
      expect(await gate({ kind })).toContain('has K3s of an unknown version, and this release is v1.35.1+k3s1');
    });

    test('waits until all servers are there to be asked', async () => {
      servers(world, 'v1.35.1+k3s1', 'v1.35.1+k3s1');
      expect(await gate({ kind, env: { SERVER_COUNT: '3' } })).toBe('2 of 3 servers of the unit answer');
    });

    test('asks no server when it goes to an older release, or to other settings of the same', async () => {
      world.remove('version-192.0.2.1');
      expect(await gate({ kind, from: 'v1.35.1+k3s1', to: 'v1.35.1+k3s1' })).toBe('open');
      world.remove('record');
      expect(await gate({ kind, from: 'v1.35.1+k3s1', to: 'v1.34.1+k3s1' })).toBe('open');
    });

    test('changes nothing while no server answers, however long that takes', async () => {
      world.write('edge-is-down', '');
      expect(
        await gate({ kind, program: 'gate_opens || elapse 3600; if gate_opens; then echo open; else echo "$why"; fi' }),
      ).toBe('no server of the unit answers');
    });

    test('changes nothing while the list of servers cannot be read', async () => {
      world.remove('servers');
      expect(await gate({ kind })).toBe('the edge cluster does not answer');
    });

    test('waits for the release before it', async () => {
      expect(await gate({ kind, env: { TRIAL: 'c' } })).toBe('the release before this one is still on trial');
    });
  });

  describe("a node's containerd changes before its kubelet", () => {
    const criIs = (version: string): void => {
      world.write('lib/standby/cri/proven', 'x\n');
      world.write('lib/standby/cri/proven-of.x/version', `${version}\n`);
    };
    test('which waits for it', async () => {
      criIs('v1.34.1+k3s1');
      expect(await gate()).toBe('containerd of this node changes first, and is at v1.34.1+k3s1');
    });
    test('and goes on once it has proven itself', async () => {
      criIs('v1.35.1+k3s1');
      expect(await gate()).toBe('open');
    });
    test('and does not wait for it where only settings change', async () => {
      criIs('v1.34.1+k3s1');
      expect(await gate({ from: 'v1.35.1+k3s1' })).toBe('open');
    });
  });

  test('people are told once what a change waits for, in the log and in the record', async () => {
    world.write('lib/releases/hold', 'ask Ann');
    const program = `gate_opens || tell_why; gate_opens || tell_why; rm "$KINS_LIB/releases/hold"; rm "$WORLD/servers"; gate_opens || tell_why`;
    const { output } = await ask(shell, world, { program });
    const held = `held on this node by ${world.at('lib/releases/hold')}: ask Ann`;
    expect(output).toBe(
      `agent: another release waits: ${held}\nagent: another release waits: the edge cluster does not answer\n`,
    );
    expect(recordOf(world)).toEqual({ 'waits-agent': 'edge1 the edge cluster does not answer' });
  });

  test('a hold is in the record, too', async () => {
    world.write('lib/releases/hold', 'ask Ann');
    await ask(shell, world, { program: 'gate_opens || tell_why' });
    expect(recordOf(world)).toEqual({
      'waits-agent': `edge1 held on this node by ${world.at('lib/releases/hold')}: ask Ann`,
    });
  });
});
