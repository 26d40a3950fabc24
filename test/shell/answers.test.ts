import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, SHELLS } from './support/run';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'answers-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe.each(SHELLS)('in %s', (shell) => {
  const asked = (program: string): ReturnType<typeof run> => run(shell, ['answers'], program, { cwd: folder });

  test.each([
    ['what a command prints', "printf 'a b\\n\\nc\\n'", 'a b\n\nc\n'],
    ['nothing, from a command that succeeds', 'true', ''],
  ])('an answer is %s', async (_, command, text) => {
    expect(await asked(`answer list ${command}`)).toEqual({ code: 0, output: '', errors: '' });
    expect(readFileSync(join(folder, 'list'), 'utf8')).toBe(text);
    expect(readdirSync(folder)).toEqual(['list']);
  });

  test('of a command that fails there is no answer, neither half of it nor an earlier one, and its code is told', async () => {
    writeFileSync(join(folder, 'list'), 'of before\n');
    const { code } = await asked('half() { echo half; return 3; }; answer list half');
    expect(code).toBe(3);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('an answer that cannot be written is none', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { code, output } = await asked('answer file/list echo a || echo none');
    expect({ code, output }).toEqual({ code: 0, output: 'none\n' });
  });

  test('a folder takes no answer in', async () => {
    mkdirSync(join(folder, 'list'));
    const { output } = await asked('answer list echo a 2>/dev/null || echo none');
    expect([output, readdirSync(join(folder, 'list'))]).toEqual(['none\n', []]);
  });

  test('a function that is asked may ask itself', async () => {
    const { code } = await asked('outer() { answer inner echo in && cat inner && echo out; }; answer list outer');
    expect(code).toBe(0);
    expect(['list', 'inner'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['in\nout\n', 'in\n']);
  });

  test('the first line of a file is told, and nothing where there is no file', async () => {
    writeFileSync(join(folder, 'two lines'), 'one\ntwo\n');
    expect(await asked('first_line "two lines" && first_line missing')).toMatchObject({ code: 0, output: 'one\n' });
  });

  test('a file that cannot be read is no empty one', async () => {
    mkdirSync(join(folder, 'unreadable'));
    expect(await asked('first_line unreadable || echo failed')).toMatchObject({ code: 0, output: 'failed\n' });
  });
});
