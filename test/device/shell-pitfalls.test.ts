import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { statementsOf, type Statement } from '../support/shell-code';

const LIB = resolve(__dirname, '../../lib');
const scripts = ['device/scripts', 'kins/scripts'].flatMap((folder) =>
  readdirSync(join(LIB, folder))
    .filter((name) => name.endsWith('.sh'))
    .map((name) => join(LIB, folder, name)),
);

/** Statements of all scripts that are as described, with the place of each. */
const found = (isSo: (statement: Statement) => boolean, within = ''): string[] =>
  scripts
    .filter((path) => relative(LIB, path).startsWith(within))
    .flatMap((path) =>
      statementsOf(readFileSync(path, 'utf8'))
        .filter(isSo)
        .map(({ line, text }) => `${relative(LIB, path)}:${line} ${text.split(' ', 1)[0]}`),
    );

/** What cannot fail but by writing, which the right side would not outlive; and groups, which say what a failure gives. */
const SAFE_TO_PIPE = /^(printf|echo|done|\})( |$)/;

test('the statements of a script are found with what they are piped to', () => {
  const program = `# a | b
f() { cat <<'END' | sort
x | y
END
}
case $1 in a | 'b c') echo "$(ls -l "$2" | wc -l) files | dirs" ;; esac
if ! (true && : >"$file" |
  tr 'a
|' b); then :; fi
`;
  expect(statementsOf(program).filter(({ isPiped }) => isPiped).map(({ line, text }) => `${line} ${text}`)).toEqual([
    '2 cat',
    '6 ls -l "$2"',
    '7 : >"$file"',
  ]); // prettier-ignore
  expect(statementsOf(program).find(({ text }) => text.startsWith(': >'))).toMatchObject({ depth: 1, line: 7 });
});

test('no command that may fail is piped: a shell forgets the failure, and what comes out looks like an empty answer', () => {
  expect(found(({ text, isPiped, isFed }) => isPiped && !isFed && !SAFE_TO_PIPE.test(text))).toEqual([]);
});

test('no built-in whose failed redirection ends the whole shell without a word is given one', () => {
  const special = /^(:|\.|exec|eval|export|readonly|set|shift|times|trap|unset)\b.*[<>]\s*(?!\/dev\/null|[&<])[^\s<>&]/;
  expect(found(({ text, depth }) => depth === 0 && special.test(text))).toEqual([]);
});
