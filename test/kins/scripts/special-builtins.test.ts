import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../../../lib/kins/scripts');
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.sh'));

/** A redirection that fails ends dash and ash at once when it is of such a command, whatever is to be done about it. */
const SPECIAL =
  /(^|[;&|({]|then|do|else)\s*(:|\.|eval|export|readonly|set|shift|times|trap|unset)(\s[^;&|]*)?[^-=<>0-9&]>/;

test('there are scripts to look at, and the pattern finds what it is for', () => {
  expect(scripts.length).toBeGreaterThan(20);
  expect(': >file || fail').toMatch(SPECIAL);
  expect('[ -e x ] || : >file').toMatch(SPECIAL);
  expect('true >file || fail').not.toMatch(SPECIAL);
});

test.each(scripts)('%s redirects the output of no command whose failure would end the shell', (name) => {
  const lines = readFileSync(join(FOLDER, name), 'utf8')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line));
  expect(lines.filter((line) => SPECIAL.test(line))).toEqual([]);
});
