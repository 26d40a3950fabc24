import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, SHELLS } from './support/run';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'memory-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe.each(SHELLS)('in %s', (shell) => {
  test('whoever reads a file meanwhile finds it as before or as written', async () => {
    writeFileSync(join(folder, 'file'), 'old\n');
    const program = '{ echo new; cat file >&2; echo lines; } | write_in_memory file';
    expect(await run(shell, ['memory'], program, { cwd: folder })).toEqual({ code: 0, output: '', errors: 'old\n' });
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('new\nlines\n');
  });

  test('a file that cannot be written whole is not put in the place of the one before', async () => {
    writeFileSync(join(folder, 'file'), 'old\n');
    const program = 'cat() { command cat && false; }; echo new | write_in_memory file || echo failed';
    expect(await run(shell, ['memory'], program, { cwd: folder })).toMatchObject({ output: 'failed\n' });
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('old\n');
  });
});
