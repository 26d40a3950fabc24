import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LazyDisk, lazyDisksNeed } from './support/lazy-disk';

const missing = process.getuid?.() === 0 ? lazyDisksNeed() : 'root is needed to mount';
if (missing !== undefined) process.stderr.write(`e2e: lazy disks not run: ${missing}\n`);

/** The power-cut tests of units prove nothing unless the disks below them really forget. */
(missing === undefined ? describe : describe.skip)('a lazy disk', () => {
  let folder: string;
  let disk: LazyDisk;
  const at = (name: string): string => join(folder, 'disk', name);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazy-disk-'));
    disk = new LazyDisk(join(folder, 'disk.img'), join(folder, 'disk'));
    await disk.insert();
  });

  afterAll(async () => {
    await disk.remove();
    rmSync(folder, { recursive: true });
  });

  test('loses at a cut what was not synced, and keeps what was', async () => {
    writeFileSync(at('kept'), 'kept');
    writeFileSync(at('replaced'), 'old');
    await disk.sync();
    writeFileSync(at('forgotten'), 'forgotten');
    writeFileSync(at('new'), 'new');
    renameSync(at('new'), at('replaced'));
    await disk.cut();
    expect(readdirSync(at('')).sort()).toEqual(['kept', 'lost+found', 'replaced']);
    expect(readFileSync(at('kept'), 'utf8')).toBe('kept');
    expect(readFileSync(at('replaced'), 'utf8')).toBe('old');
  });

  test('may empty a file whose name was synced before its content', async () => {
    writeFileSync(at('hasty'), 'content');
    renameSync(at('hasty'), at('named'));
    // Another file's sync takes the log with it, and in the log the new name.
    const other = openSync(at('other'), 'w');
    fsyncSync(other);
    closeSync(other);
    await disk.cut();
    expect(readFileSync(at('named'), 'utf8')).toBe('');
  });

  test('is empty after it was replaced', async () => {
    await disk.replace();
    expect(readdirSync(at(''))).toEqual(['lost+found']);
  });
});
