import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAZY_DISK_PROGRAM, LazyDisk } from '../support/lazy-disk';
import { afterPowerCut, LOSSES } from '../support/power-cut';
import { run, SHELLS, type Shell, type Ended } from './support/run';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'disk-'));
  mkdirSync(join(root, 'bin'));
  for (const name of ['sync', 'look']) symlinkSync(LAZY_DISK_PROGRAM, join(root, 'bin', name));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const write = (path: string, content = ''): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
};
const names = (): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('bin'))
    .sort();

/** A moment before and after each change; as functions, because a busybox takes its own programs whatever PATH says. */
const LOOKING = `
for command in cat mv; do eval "$command() { $PWD/bin/look && command $command \\"\\$@\\" && $PWD/bin/look; }"; done
sync() { "$HERE/bin/sync" "$@" && "$HERE/bin/look"; }
`;

/** What is on the disk, whenever the power is cut while a program runs, and whatever is lost then: each once. */
async function disksOf(shell: Shell, program: string): Promise<{ ended: Ended; during: string[]; after: string[] }> {
  const during = new Set<string>();
  let moments = 0;
  const left = (loss: (typeof LOSSES)[number]): string => {
    const files = [...afterPowerCut(disk.moment(), loss, moments)].filter(([, { kind }]) => kind === 'file');
    return files.map(([path, { content }]) => `${path}: ${content.toString()}`).sort().join(', '); // prettier-ignore
  };
  const look = (): void => {
    moments += 1;
    for (const loss of LOSSES) during.add(left(loss));
  };
  const disk = new LazyDisk(root, (path) => path.startsWith('/bin'), { look });
  try {
    const ended = await run(shell, ['disk'], `${LOOKING}${program}`, {
      cwd: root,
      env: { LAZY_DISK: disk.folder, HERE: root },
    });
    expect(moments).toBeGreaterThan(3);
    return { ended, during: [...during].sort(), after: [...new Set(LOSSES.map(left))] };
  } finally {
    disk.stop();
  }
}

const hasMounts = (): boolean =>
  spawnSync('unshare', ['--mount', '--map-root-user', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

describe.each(SHELLS)('in %s', (shell) => {
  const done = async (program: string): Promise<Ended> =>
    run(shell, ['disk'], `sync() { "$HERE/bin/sync"; }\n${program}`, { cwd: root, env: { HERE: root } });

  // Whether its sync takes paths or not.
  describe.each(['', 'flush() { sync "$@"; }\n'])('with flush %j', (flush) => {
    test.each(['etc/name', './etc/name', '$PWD/etc/name'])('%s is as before or as written', async (path) => {
      write('etc/name', 'old');
      const { ended, during, after } = await disksOf(shell, `${flush}printf new | write_file "${path}"`);
      expect(ended).toEqual({ code: 0, output: '', errors: '' });
      // The part beside it may be anything.
      const seen = new Set(during.map((disk) => disk.replace(/\/etc\/name\.new: \w*, /, '')));
      expect([...seen].sort()).toEqual(['/etc/name: new', '/etc/name: old']);
      expect(after).toEqual(['/etc/name: new']);
    });

    test('a file is written in the folder that one is in', async () => {
      write('name', 'old');
      const { after } = await disksOf(shell, `${flush}printf new | write_file name`);
      expect(after).toEqual(['/name: new']);
    });

    test('a folder is whole under the old name or the new one', async () => {
      write('etc/old', 'old');
      const program = `${flush}mkdir data; printf a >data/a; mkdir data/in; printf b >data/in/b; rename data kept`;
      const { ended, during, after } = await disksOf(shell, program);
      expect(ended).toEqual({ code: 0, output: '', errors: '' });
      expect(after).toEqual(['/etc/old: old, /kept/a: a, /kept/in/b: b']);
      expect(during.filter((disk) => disk.includes('/kept'))).toEqual(after);
    });
  });

  test('a file that cannot be written whole is not put in the place of the one before', async () => {
    write('name', 'old');
    const cases = [
      'cat() { command cat && false; }; printf new | write_file name',
      'sync() { false; }; printf new | write_file name',
      'mv() { false; }; printf new | write_file name',
    ];
    for (const each of cases) expect(await done(`${each} || echo failed`)).toMatchObject({ output: 'failed\n' });
    expect(readFileSync(join(root, 'name'), 'utf8')).toBe('old');
  });

  test('a file keeps its lines, and is written only when they are others', async () => {
    const keep = (lines: string): Promise<Ended> =>
      done(`mv() { command mv "$@" && echo written; }; printf '${lines}' | keep_file name`);
    expect(await keep('a\\nb\\n')).toMatchObject({ code: 0, output: 'written\n' });
    expect(await keep('a\\nb\\n')).toMatchObject({ code: 0, output: '' });
    expect(await keep('a\\nc\\n')).toMatchObject({ code: 0, output: 'written\n' });
    expect(readFileSync(join(root, 'name'), 'utf8')).toBe('a\nc\n');
    const cut = 'cat() { [ $# != 0 ] || { command cat; false; }; }; echo d | keep_file name || echo failed';
    expect(await done(cut)).toMatchObject({ output: 'failed\n' });
    expect(readFileSync(join(root, 'name'), 'utf8')).toBe('a\nc\n');
  });

  test('what cannot be put on the disk is not renamed', async () => {
    write('name', 'old');
    expect(await done('sync() { false; }; rename name kept || echo failed')).toMatchObject({ output: 'failed\n' });
    expect(names()).toEqual(['name']);
  });

  test('a rename that may not be on the disk has failed', async () => {
    write('name', 'old');
    const program = 'sync() { [ -e name ]; }; rename name kept || echo failed';
    expect(await done(program)).toMatchObject({ output: 'failed\n' });
  });

  describe.each(['rename', 'put_away'])('%s', (move) => {
    test.each(['kept', '$PWD/kept', 'below/kept'])('puts a folder at %s, with all that is in it', async (to) => {
      write('data/file', 'text');
      write('below/other');
      const from = to.startsWith('$PWD') ? '$PWD/data' : 'data';
      expect(await done(`${move} "${from}" "${to}"`)).toEqual({ code: 0, output: '', errors: '' });
      expect(existsSync(join(root, 'data'))).toBe(false);
      expect(readFileSync(join(root, to.replace('$PWD/', ''), 'file'), 'utf8')).toBe('text');
    });

    test.each(['kept', 'in/../../elsewhere/kept', '$PWD/elsewhere/kept', '$PWD/in/'])(
      'goes to no other folder, and into none that is there already: %s',
      async (to) => {
        write('in/data/file', 'text');
        for (const each of ['elsewhere', 'in/kept', 'kept']) mkdirSync(join(root, each));
        const before = names();
        expect(await done(`${move} "$PWD/in/data" "${to}" || echo refused`)).toMatchObject({ output: 'refused\n' });
        expect(await done(`${move} "$PWD/in/data" "$PWD/in/kept" || echo refused`)).toMatchObject({ output: 'refused\n' });
        expect(names()).toEqual(before);
      },
    ); // prettier-ignore

    test('takes the place of a file', async () => {
      write('a', 'new');
      write('b', 'old');
      expect(await done(`${move} a b`)).toMatchObject({ code: 0 });
      expect([names(), readFileSync(join(root, 'b'), 'utf8')]).toEqual([['b'], 'new']);
    });
  });

  test('a folder goes with all below it, and links without what they lead to', async () => {
    write('own/file', 'text');
    write('data/.hidden/-n');
    write('data/with blank');
    symlinkSync('../own', join(root, 'data/link'));
    symlinkSync('nowhere', join(root, 'data/dangling'));
    expect(await done('remove_tree data')).toEqual({ code: 0, output: '', errors: '' });
    expect(names()).toEqual(['own', 'own/file']);
  });

  test.each(['file', 'dangling', 'to-folder', 'missing'])('what is no folder goes too: %s', async (name) => {
    write('own/file', 'text');
    write('file', 'text');
    symlinkSync('nowhere', join(root, 'dangling'));
    symlinkSync('own', join(root, 'to-folder'));
    const before = names();
    expect(await done(`remove_tree ${name}`)).toEqual({ code: 0, output: '', errors: '' });
    expect(names()).toEqual(before.filter((each) => each.split('/')[0] !== name));
  });

  test('what is left is told', async () => {
    write('data/file');
    expect(await done('rm() { false; }; find() { false; }; remove_tree data || echo left')).toMatchObject({
      output: 'left\n',
    });
  });

  (hasMounts() ? test : test.skip)('what is mounted stays, with all that is in it', async () => {
    write('data/own');
    mkdirSync(join(root, 'data/disk'));
    const mounting = 'mount -t tmpfs none data/disk && mkdir data/disk/in && echo mine >data/disk/in/file && exec "$@"';
    const within = ['unshare', '--mount', '--map-root-user', 'sh', '-c', mounting, 'sh'];
    const program = 'remove_tree data 2>/dev/null || echo left; cat data/disk/in/file';
    expect(await run(shell, ['disk'], program, { cwd: root, within })).toMatchObject({ code: 0, output: 'left\nmine\n' });
    expect(names()).toEqual(['data', 'data/disk']);
  }); // prettier-ignore
});
