import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, SHELLS } from './support/run';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mounts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe.each(SHELLS)('in %s', (shell) => {
  test.each([
    ['a blank', '/a\\040b', '/a b'],
    ['a tabulator', '/a\\011b', '/a\tb'],
    ['a number sign', '/a\\043b', '/a#b'],
    ['a backslash', '/a\\134b', '/a\\b'],
    ['a backslash before what looks like a code', '/a\\134040b', '/a\\040b'],
    ['two of each', '/\\040\\040\\134\\134', '/  \\\\'],
    ['none of them', '/var/lib/kubelet', '/var/lib/kubelet'],
    ['a line break, which stays a code', '/a\\012b', '/a\\012b'],
  ])('the path of a mount with %s in it is told as it is', async (_, written, path) => {
    writeFileSync(join(folder, 'mounts'), `/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 ${written} ext4 rw 0 0\n`);
    expect(await run(shell, ['mount-table'], 'mounted_paths mounts', { cwd: folder })).toEqual({
      code: 0,
      output: `/\n${path}\n`,
      errors: '',
    });
  });

  test('a table that cannot be read is no empty one', async () => {
    const { code, output } = await run(shell, ['mount-table'], 'mounted_paths mounts || echo failed', { cwd: folder });
    expect({ code, output }).toEqual({ code: 0, output: 'failed\n' });
  });
});
