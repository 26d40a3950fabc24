import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { statementsOf, type Statement } from '../support/shell-code';

const LIB = resolve(__dirname, '../../lib');
const scripts = ['shell', 'device/scripts', 'kins/scripts'].flatMap((folder) =>
  readdirSync(join(LIB, folder))
    .filter((name) => name.endsWith('.sh'))
    .map((name) => join(LIB, folder, name)),
);

/** Statements of scripts that are as described, with the file of each. */
const found = (isSo: (statement: Statement) => boolean, isIn: (file: string) => boolean = () => true): string[] =>
  scripts.flatMap((path) => {
    const file = relative(LIB, path);
    const statements = isIn(file) ? statementsOf(readFileSync(path, 'utf8')).filter(isSo) : [];
    return statements.map(({ text }) => `${file}: ${text.split(' ', 1)[0]}`);
  });

/** Scripts of which all that they share with others is in the library. */
const isMoved = (file: string): boolean => !file.startsWith('kins/');

/** What cannot fail but by writing, which the right side would not outlive; and groups, which say what a failure gives. */
const SAFE_TO_PIPE = /^(printf|echo|done|\})( |$)/;

/** What reads to the end of its input and can fail but for want of memory. */
const FILTERS = /^(awk|cut|head|sed|sort|tail|tr|wc)( |$)/;

/** Commands after which a statement's own command comes. */
const PREFIX = /^((command|exec|env|bounded \S+|[A-Za-z_]+=\S*) +)*/;
const commandOf = (text: string): string => text.replace(PREFIX, '').split(' ', 1)[0] ?? '';

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
  expect(found(({ text, isPiped, isFed }) => isPiped && !(isFed ? FILTERS : SAFE_TO_PIPE).test(text))).toEqual([]);
});

test('nothing is taken for empty because the command that tells has failed', () => {
  const isEmptiness = /^(\[|test) (! )?(-[nz] )?"?\$\(\)"?( \])?$/;
  expect(found(({ text }) => isEmptiness.test(text), isMoved)).toEqual([]);
});

test('no built-in whose failed redirection ends the whole shell without a word is given one', () => {
  const special = /^(:|\.|exec|eval|export|readonly|set|shift|times|trap|unset)\b.*[<>]\s*(?!\/dev\/null|[&<])[^\s<>&]/;
  expect(found(({ text }) => special.test(text))).toEqual([]);
});

test('folders are removed by one function, which stays on one file system', () => {
  const removes = (text: string): boolean =>
    (commandOf(text) === 'rm' && / -\w*[rR]/.test(text)) ||
    (commandOf(text) === 'find' && / -(delete|exec rm)\b/.test(text));
  expect(found(({ text }) => removes(text), isMoved)).toEqual(['shell/disk.sh: find']);
});

test('files are moved by functions that put them on the disk first, or are for what a power cut takes anyway', () => {
  const moves = found(({ text }) => commandOf(text) === 'mv', isMoved);
  expect([...new Set(moves)]).toEqual(['shell/answers.sh: mv', 'shell/disk.sh: mv', 'shell/memory.sh: mv']);
});

test('the time of day, which may be set meanwhile, limits nothing: it is told, or compared with that of others', () => {
  expect(found(({ text }) => /^date\b.*\+%s/.test(text)).sort()).toEqual([
    'device/scripts/files.sh: date',
    ...Array.from({ length: 3 }, () => 'device/scripts/preflight-network.sh: date'),
    'kins/scripts/check.sh: date',
    'kins/scripts/recover.sh: date',
  ]);
});
