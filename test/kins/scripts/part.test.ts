import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SCRIPTS } from './support/scripts-folder';
import { inEachShell, World } from './support/world';

/** A part of the unit: it notes when it has the lock, and runs until it is told to end. What it launches goes on. */
writeFileSync(
  join(SCRIPTS, 'part-of-test.sh'),
  `set -eu
scripts=$KINS_SCRIPTS
. "$scripts/part.sh"
say() { echo "$WHO: $*" >>"$WORLD/said"; }
open_part "$WORLD/part"
take_part
echo "$WHO begins" >>"$WORLD/holders"
trap 'ending=yes' TERM
ending=
[ -z "\${LAUNCHES:-}" ] || { (exec 9>&-; exec sleep 30) & }
while [ -z "$ending" ]; do sleep 0.05; done
sleep 0.2
echo "$WHO ends" >>"$WORLD/holders"
`,
);

let world: World;
let started: ChildProcess[];
beforeEach(() => {
  world = new World();
  started = [];
});
afterEach(() => {
  for (const { pid } of started) {
    try {
      // With all that it has launched.
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  world.dispose();
});

inEachShell((shell) => {
  interface Running {
    readonly pid: number;
    readonly code: Promise<number | null>;
  }
  const start = (who: string, more: Readonly<Record<string, string>> = {}): Running => {
    const [file = '', ...rest] = shell.command;
    const child = spawn(file, [...rest, join(SCRIPTS, 'part-of-test.sh')], {
      detached: true,
      stdio: 'ignore',
      env: {
        PATH: '/usr/bin:/bin',
        WORLD: world.root,
        KINS_SCRIPTS: SCRIPTS,
        WHO: who,
        WANTED_SECONDS: '0.1',
        ...more,
      },
    });
    started.push(child);
    const code = new Promise<number | null>((done) => child.on('exit', done));
    return { pid: Number(child.pid), code };
  };
  const node = (who = 'node'): Running => start(who, { STANDBY: 'yes' });
  const lines = (file: string): string[] => (world.has(file) ? world.read(file).split('\n').slice(0, -1) : []);
  const holders = (): string[] => lines('holders');
  /** Waits for something to be so, as long as a test may take. */
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await wait(20);
  };
  const hasBegun = (who: string): Promise<void> => until(() => holders().includes(`${who} begins`));

  test('a pod has a free part at once', async () => {
    start('pod');
    await hasBegun('pod');
    expect(lines('said')).toEqual([]);
    expect(world.has('part/wanted')).toBe(false);
  });

  test('a pod that comes while the node runs the part has it once that has ended', async () => {
    const before = node();
    await hasBegun('node');
    start('pod');
    await hasBegun('pod');
    expect(await before.code).toBe(0);
    expect(holders()).toEqual(['node begins', 'node ends', 'pod begins']);
    expect(lines('said').sort()).toEqual([
      'node: a pod of the unit is there: handing over to it',
      'pod: waiting for this node to hand over what it has started itself when it was switched on',
    ]);
    expect(world.has('part/wanted')).toBe(false);
  });

  test('it asks again when the one who was asked has been started anew, and has forgotten it', async () => {
    const first = start('first', { STANDBY: 'yes', WANTED_SECONDS: '1000' });
    await hasBegun('first');
    start('pod');
    await until(() => world.has('part/wanted'));
    // As a start of the node does.
    world.remove('part/wanted');
    await until(() => world.has('part/wanted'));
    expect(holders()).toEqual(['first begins']);
    process.kill(first.pid, 'SIGTERM');
    await hasBegun('pod');
    expect(holders()).toEqual(['first begins', 'first ends', 'pod begins']);
  });

  test('the node leaves a part to a pod that has it, and says so by its code', async () => {
    start('pod');
    await hasBegun('pod');
    expect(await node().code).toBe(75);
    expect(holders()).toEqual(['pod begins']);
    expect(world.has('part/wanted')).toBe(false);
  });

  test('two never have it at the same time, however many come', async () => {
    const all = ['a', 'b', 'c', 'd'].map((who) => ({ who, running: start(who) }));
    for (let ended = 0; ended < all.length; ended += 1) {
      await until(() => holders().length === 2 * ended + 1);
      const holder = all.find(({ who }) => holders().at(-1) === `${who} begins`);
      if (holder === undefined) throw new Error(holders().join());
      process.kill(holder.running.pid, 'SIGTERM');
      expect(await holder.running.code).toBe(0);
    }
    expect(holders().filter((line) => line.endsWith('begins'))).toHaveLength(4);
    expect(holders().every((line, at) => line.endsWith(at % 2 === 0 ? 'begins' : 'ends'))).toBe(true);
  });

  test('what a process that was killed has left holds nobody up', async () => {
    const killed = node();
    await hasBegun('node');
    world.write('part/wanted', '');
    process.kill(-killed.pid, 'SIGKILL');
    await killed.code;
    expect(world.has('part/lock')).toBe(true);
    start('pod');
    await hasBegun('pod');
    expect(lines('said').filter((line) => line.startsWith('pod'))).toEqual([]);
  });

  test('nor does what it has launched, which goes on without the lock', async () => {
    const killed = start('first', { LAUNCHES: 'yes' });
    await hasBegun('first');
    process.kill(killed.pid, 'SIGKILL');
    await killed.code;
    start('pod');
    await hasBegun('pod');
    expect(holders()).toEqual(['first begins', 'pod begins']);
  });
});
