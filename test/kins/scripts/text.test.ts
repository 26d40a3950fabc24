import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { parse } from 'yaml';
import { inEachShell } from './support/world';

const SCRIPT = join(resolve(__dirname, '../../../lib/kins/scripts'), 'text.sh');

inEachShell(({ command: [file = '', ...args] }) => {
  const run = (text: string, input: string): { readonly status: number | null; readonly stdout: string } =>
    spawnSync(file, [...args, '-c', `. "${SCRIPT}"\n${text}`], { input, encoding: 'utf8' });

  test.each([
    ['nothing', ''],
    ['a word', 'abc'],
    ['quotes and backslashes', 'a"b\\c\\n\\\\"'],
    ['tabulators', '\ta\tb'],
    ['several lines', 'a\nb\n\nc'],
    ['empty lines at the end', 'a\n\n'],
    ['what a shell would take for its own', '$(id) `id` $HOME * %s'],
    ['what YAML would', '# a: [b, {c: *d'],
    ['an umlaut', 'ä€'],
  ])('%s is the same text when it is read again', (_, text) => {
    const { status, stdout } = run('quoted', text);
    expect(status).toBe(0);
    expect([JSON.parse(stdout), parse(stdout)]).toEqual([text, text].map((each) => each.replace(/\n$/, '')));
  });

  test('the end of the last line is no part of it', () => {
    expect(run('quoted', 'a\nb\n').stdout).toBe('"a\\nb"');
    expect(run('csv_column', 'a"b\\,c\n').stdout).toBe('"a""b\\,c"');
  });

  test.each(['quoted', 'csv_column'])('%s of what cannot be read is no text, and fails', (name) => {
    const { status, stdout } = run(`${name} <"${tmpdir()}"`, '');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  test('a setting is a line of YAML with that very value', () => {
    const { stdout } = run('setting name "$(cat)"', 'a "b" \\c: #d');
    expect(parse(stdout)).toEqual({ name: 'a "b" \\c: #d' });
    expect(stdout.endsWith('\n')).toBe(true);
  });
});
