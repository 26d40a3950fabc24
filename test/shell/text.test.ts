import { tmpdir } from 'node:os';
import { parse } from 'yaml';
import { run as runIn, SHELLS } from './support/run';

describe.each(SHELLS)('in %s', (shell) => {
  const run = async (text: string, input: string): ReturnType<typeof runIn> => runIn(shell, ['text'], text, { input });

  test.each([
    ['nothing', ''],
    ['a word', 'abc'],
    ['quotes and backslashes', 'a"b\\c\\n\\\\"'],
    ['tabulators', '\ta\tb'],
    ['several lines', 'a\nb\n\nc'],
    ['lines with carriage returns', 'a\r\nb\r'],
    ['empty lines at the end', 'a\n\n'],
    ['what a shell would take for its own', '$(id) `id` $HOME * %s'],
    ['what YAML would', '# a: [b, {c: *d'],
    ['an umlaut', 'ä€'],
  ])('%s is the same text when it is read again', async (_, text) => {
    const { code, output } = await run('quoted', text);
    expect(code).toBe(0);
    expect([JSON.parse(output), parse(output)]).toEqual([text, text].map((each) => each.replace(/\n$/, '')));
  });

  test('the end of the last line is no part of it', async () => {
    expect((await run('quoted', 'a\nb\n')).output).toBe('"a\\nb"');
    expect((await run('csv_column', 'a"b\\,c\n')).output).toBe('"a""b\\,c"');
  });

  test.each(['quoted', 'csv_column'])('%s of what cannot be read is no text, and fails', async (name) => {
    expect(await run(`${name} <"${tmpdir()}"`, '')).toMatchObject({ code: 1, output: '' });
  });

  test.each(['a\bc', '\x1b[0m', 'a\x7f'])(
    '%j has a character that JSON and YAML do not take: it is no text',
    async (text) => {
      expect(await run('quoted', text)).toMatchObject({ code: 1, output: '' });
      expect(await run('setting name "$(cat)" || echo failed', text)).toMatchObject({ output: 'failed\n' });
    },
  );

  test('an argument becomes the same string, in its place', async () => {
    const { output } = await run(`printf '{"a":%s,"b":%s}' "$(json '12')" "$(json "$(cat)")"`, 'c"\n\\d');
    expect(JSON.parse(output)).toEqual({ a: '12', b: 'c"\n\\d' });
  });

  test('a setting is a line of YAML with that very value', async () => {
    for (const value of ['a "b" \\c: #d', '12345', 'http://proxy:', 'yes', '']) {
      const { output } = await run('setting name "$(cat)"', value);
      expect(parse(output)).toEqual({ name: value });
      expect(output.endsWith('\n')).toBe(true);
    }
  });
});
