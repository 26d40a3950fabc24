import { ask, prepareGate, recordOf, writeRecord } from './support/gate';
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
  const turn = async (env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const program = 'find_api; if take_turn; then echo taken; else echo "$why"; fi';
    return (await ask(shell, world, { program, env })).output.trimEnd();
  };
  const settle = async (...args: readonly string[]): Promise<boolean> =>
    (await ask(shell, world, { program: `settle_record ${args.map((arg) => `'${arg}'`).join(' ')}` })).code === 0;

  test('the first to come takes the turn, and makes the record', async () => {
    expect(await turn()).toBe('taken');
    expect(recordOf(world)).toEqual({ turn: 'agent edge1 b' });
  });

  test('who has the turn keeps it, and writes nothing', async () => {
    await turn();
    const before = world.tree('record');
    expect(await turn()).toBe('taken');
    expect(world.tree('record')).toEqual(before);
  });

  test('who takes the turn waits no longer, and leaves what others have written', async () => {
    writeRecord(world, { 'waits-agent': 'edge1 no window', 'waits-cri': 'edge2 no window', 'proven-server': 'a' });
    expect(await turn()).toBe('taken');
    expect(recordOf(world)).toEqual({ turn: 'agent edge1 b', 'waits-cri': 'edge2 no window', 'proven-server': 'a' });
  });

  test('the own turn of an earlier revision is taken over', async () => {
    writeRecord(world, { turn: 'agent edge1 a' });
    expect(await turn()).toBe('taken');
    expect(recordOf(world).turn).toBe('agent edge1 b');
  });

  test.each(['agent edge2 b', 'cri edge1 b', 'server edge2 z'])(
    'nobody changes while %s has the turn',
    async (holder) => {
      writeRecord(world, { turn: holder });
      world.write('ready-edge1', 'True');
      world.write('ready-edge2', 'True');
      const [part = '', node = ''] = holder.split(' ');
      expect(await turn()).toBe(`the ${part} of node ${node} is being changed; one after the other`);
      expect(recordOf(world)).toEqual({ turn: holder });
    },
  );

  test.each([
    ['is off', 'False'],
    ['has been off for long', 'Unknown'],
    ['is gone', ''],
  ])('the turn of a node that %s passes on if another release is wanted by now', async (_, ready) => {
    writeRecord(world, { turn: 'agent edge2 earlier' });
    world.write('ready-edge2', ready);
    expect(await turn()).toBe('taken');
    expect(recordOf(world).turn).toBe('agent edge1 b');
  });

  test('the turn of a node that is off stays while the same release is wanted: it may be what has broken the node', async () => {
    writeRecord(world, { turn: 'agent edge2 b' });
    world.write('ready-edge2', 'Unknown');
    expect(await turn()).toBe('the agent of node edge2 is being changed; one after the other');
  });

  test('a release that another node went back from is not tried', async () => {
    writeRecord(world, { 'refused-agent': 'b edge2 v1.35.1+k3s1 did not get ready within 180 s' });
    expect(await turn()).toBe(
      'node edge2 went back from this release: v1.35.1+k3s1 did not get ready within 180 s. Set back what was changed',
    );
    expect(recordOf(world)).not.toHaveProperty('turn');
  });

  test('another release than the one that was refused is tried, and so is one of another part', async () => {
    writeRecord(world, { 'refused-agent': 'z edge2 did not get ready', 'refused-cri': 'b edge2 did not get ready' });
    expect(await turn()).toBe('taken');
  });

  test('of two that take the turn at once, one gets it', async () => {
    writeRecord(world, {});
    world.write('before-record', 'echo "agent edge2 b" >"$WORLD/record/turn"; echo 8 >"$WORLD/record/.version"\n');
    expect(await turn()).toBe('another node was faster');
    expect(recordOf(world)).toEqual({ turn: 'agent edge2 b' });
  });

  test('who cannot read the record takes no turn', async () => {
    const program = 'find_api; touch "$WORLD/edge-is-down"; if take_turn; then echo taken; else echo "$why"; fi';
    expect((await ask(shell, world, { program })).output).toBe('the edge cluster does not answer\n');
  });

  test('who has proven itself says so and gives its turn back', async () => {
    writeRecord(world, { turn: 'agent edge1 b', 'waits-agent': 'edge1 no window' });
    expect(await settle('proven-agent', 'b')).toBe(true);
    expect(recordOf(world)).toEqual({ 'proven-agent': 'b' });
  });

  test('who goes back says why, whatever signs are in it, and gives its turn back', async () => {
    writeRecord(world, { turn: 'agent edge1 b' });
    const why = 'b edge1 v1.35.1+k3s1 says "no, {never}" \\ 1';
    expect(await settle('refused-agent', why)).toBe(true);
    expect(recordOf(world)).toMatchObject({
      'refused-agent': expect.stringContaining('says "no, {never}"') as unknown,
    });
    expect(recordOf(world)).not.toHaveProperty('turn');
  });

  test('what belongs to others stays', async () => {
    const others = {
      turn: 'agent edge2 b',
      'waits-agent': 'edge2 no window',
      'refused-agent': 'b edge3 did not get ready',
      'proven-cri': 'b',
    };
    writeRecord(world, others);
    expect(await settle()).toBe(true);
    expect(recordOf(world)).toEqual(others);
    expect(world.read('record/.version')).toBe('7\n');
  });

  test('the turn of another part of this node stays, too', async () => {
    writeRecord(world, { turn: 'cri edge1 b' });
    expect(await settle('proven-agent', 'b')).toBe(true);
    expect(recordOf(world)).toEqual({ turn: 'cri edge1 b', 'proven-agent': 'b' });
  });

  test('a node that runs what has proven itself no longer refuses', async () => {
    writeRecord(world, { 'refused-agent': 'b edge1 did not get ready' });
    expect(await settle()).toBe(true);
    expect(recordOf(world)).toEqual({});
  });

  test('nothing is written twice', async () => {
    writeRecord(world, { 'proven-agent': 'b' });
    expect(await settle('proven-agent', 'b')).toBe(true);
    expect(world.read('record/.version')).toBe('7\n');
  });

  test('it is tried again where it could not be written', async () => {
    writeRecord(world, { turn: 'agent edge1 b' });
    world.write('before-record', 'echo 8 >"$WORLD/record/.version"\n');
    expect(await settle('proven-agent', 'b')).toBe(false);
    world.remove('before-record');
    expect(await settle('proven-agent', 'b')).toBe(true);
    expect(recordOf(world)).toEqual({ 'proven-agent': 'b' });
  });
});
