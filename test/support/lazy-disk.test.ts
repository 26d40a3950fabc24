import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAZY_DISK_PROGRAM, LazyDisk } from './lazy-disk';
import { afterPowerCut, LOSSES, type Loss, type Moment } from './power-cut';
import { treeId, writeTree, type Tree } from './tree';

let root: string;
let disk: LazyDisk;
let seen: Moment[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'disk-'));
  mkdirSync(join(root, 'bin'));
  for (const name of ['sync', 'look']) symlinkSync(LAZY_DISK_PROGRAM, join(root, 'bin', name));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/old'), 'old\n');
  seen = [];
});
afterEach(() => {
  disk.stop();
  rmSync(root, { recursive: true });
});

const ignored = (path: string): boolean => path === '/bin' || path === '/run';

/** Runs a program on the disk; what it left is in `lost(loss)`. */
async function run(program: string): Promise<{ code: number | null; lost: (loss: Loss) => Record<string, string> }> {
  disk = new LazyDisk(root, ignored, { look: () => seen.push(disk.moment()) });
  const child = spawn('sh', ['-c', program], {
    cwd: root,
    env: { PATH: `${root}/bin:/usr/bin:/bin`, LAZY_DISK: disk.folder },
    stdio: 'inherit',
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const moment = disk.moment();
  return { code, lost: (loss) => texts(afterPowerCut(moment, loss)) };
}

const texts = (tree: Tree): Record<string, string> =>
  Object.fromEntries([...tree].map(([path, { kind, content }]) => [path, kind === 'folder' ? '' : content.toString()]));

const BEFORE = { '/etc': '', '/etc/old': 'old\n' };

test('a file that was renamed and not synced is empty under its name, or not there at all', async () => {
  const { lost } = await run('echo new >etc/new.tmp; mv etc/new.tmp etc/old');
  expect(lost('nothing')).toEqual({ '/etc': '', '/etc/old': 'new\n' });
  expect(lost('contents')).toEqual({ '/etc': '', '/etc/old': '' });
  expect(lost('names')).toEqual(BEFORE);
  expect(lost('everything')).toEqual(BEFORE);
});

test.each(['sync etc/new.tmp; mv etc/new.tmp etc/old; sync etc', 'mv etc/new.tmp etc/old; sync -f .'])(
  'what was synced in the right order stays whatever else is lost: %s',
  async (end) => {
    const { lost } = await run(`echo new >etc/new.tmp; ${end}`);
    for (const loss of LOSSES) expect(lost(loss)).toEqual({ '/etc': '', '/etc/old': 'new\n' });
  },
);

test('a synced folder keeps its names, and a synced file its content, each without the other', async () => {
  const { lost } = await run('mkdir etc/new; echo a >etc/new/a; sync etc etc/new; echo b >etc/b; sync etc/b');
  expect(lost('everything')).toEqual({ ...BEFORE, '/etc/new': '', '/etc/new/a': '' });
  expect(lost('contents')).toEqual({ ...BEFORE, '/etc/new': '', '/etc/new/a': '', '/etc/b': 'b\n' });
});

test('what was removed and not synced comes back, even when its number has been given to another', async () => {
  const { lost } = await run('rm -r etc; for i in 1 2 3; do mkdir "d$i"; echo "$i" >"d$i/f"; done');
  expect(lost('names')).toEqual(BEFORE);
  expect(lost('everything')).toEqual(BEFORE);
});

test('of a file to which something was added the rest stays', async () => {
  const { lost } = await run('echo more >>etc/old');
  expect(lost('contents')).toEqual(BEFORE);
});

test('of some files the content is lost and of others not, the same for the same seed', async () => {
  await run('for i in 1 2 3 4 5 6 7 8; do echo "$i" >"etc/$i"; done; look');
  const [moment] = seen as [Moment];
  const kept = (seed: number): number =>
    Object.values(texts(afterPowerCut(moment, 'some contents', seed))).filter((text) => /^\d/.test(text)).length;
  expect(kept(1)).toBeGreaterThan(0);
  expect(kept(1)).toBeLessThan(8);
  const ids = [1, 1, 2].map((seed) => treeId(afterPowerCut(moment, 'some contents', seed)));
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});

test('syncing what is not there fails, and what is ignored is left alone', async () => {
  const { code, lost } = await run('mkdir run; echo x >run/x; sync run/x || exit 2; sync etc/none');
  expect(code).toBe(1);
  writeTree(root, afterPowerCut(disk.moment(), 'everything'), ignored);
  expect(lost('nothing')).toEqual(BEFORE);
});

test('a folder is made what a power cut has left, and the next run starts with that', async () => {
  const { lost } = await run('mkdir -p var/a; echo a >var/a/f; chmod 600 var/a/f; ln -s f var/a/l; sync; rm -r etc');
  writeTree(root, afterPowerCut(disk.moment(), 'everything'), ignored);
  disk.stop();
  expect(lost('everything')).toEqual({ ...BEFORE, '/var': '', '/var/a': '', '/var/a/f': 'a\n', '/var/a/l': 'f' });
  const next = await run('[ "$(stat -c %a var/a/f)" = 600 ] && [ "$(cat var/a/l)" = a ] && rm -r var');
  expect(next.code).toBe(0);
  expect(next.lost('nothing')).toEqual(BEFORE);
});
