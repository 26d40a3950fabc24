import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { statementsOf, type Statement } from '../support/shell-code';

const LIB = resolve(__dirname, '../../lib');
const SCRIPTS = ['shell', 'device/scripts', 'kins/scripts'].flatMap((folder) =>
  readdirSync(join(LIB, folder))
    .filter((name) => name.endsWith('.sh'))
    .map((name) => join(LIB, folder, name)),
);

/** The command of a statement, without what only says how it is run. */
const commandOf = ({ text }: Statement): string =>
  text.replace(/^((command|exec|env|bounded \S+|[A-Za-z_]\w*=\S*) +)*/, '').split(' ', 1)[0] ?? '';

/** What cannot fail but by writing, which the right side would not outlive; and groups, which say what a failure gives. */
const SAFE_TO_PIPE = ['printf', 'echo', 'done', '}'];

/** What reads to the end of its input and can fail but for want of memory. */
const FILTERS = ['awk', 'cut', 'head', 'sed', 'sort', 'tail', 'tr', 'wc'];

/** What no script does, and why. */
interface Rule {
  readonly name: string;
  readonly isBroken: (statement: Statement) => boolean;
  readonly bad: readonly string[];
  readonly good: readonly string[];
  /** Files that may: those whose purpose it is. */
  readonly allowed?: readonly string[];
}

const RULES: readonly Rule[] = [
  {
    name: 'what may fail is not piped: a shell forgets the failure, and what comes out looks like an empty answer',
    isBroken: (statement) => {
      const { isPiped, isFed } = statement;
      return isPiped && !(isFed ? FILTERS : SAFE_TO_PIPE).includes(commandOf(statement));
    },
    bad: ['dpkg-query --show | sort', 'x=$(kubectl get pods | awk 1)', 'echo a | base64 -d | sort'],
    good: ['echo a | tr a b | base64 -d', '{ a || exit; } | sort', 'a || b', 'case $1 in a | b) c ;; esac'],
  },
  {
    name: 'nothing is taken for empty because the command that tells has failed',
    isBroken: ({ text }) => /^(\[|test) (! )?(-[nz] )?"?\$\(\)"?( \])?$/.test(text),
    bad: ['[ -z "$(a)" ]', 'if [ -n "$(a b)" ]; then c; fi', 'test "$(a)"', '[ ! "$(a)" ] || c'],
    good: ['x=$(a) && [ -z "$x" ]', '[ "$(a)" = b ]', '[ -s a ]'],
  },
  {
    name: 'no built-in whose failed redirection ends the whole shell without a word is given one',
    isBroken: ({ text }) =>
      /^(:|\.|exec|eval|export|readonly|set|shift|times|trap|unset)\s.*[<>]\s*(?!\/dev\/null|[&<])[^\s<>&]/.test(text),
    bad: [': >file || a', '(umask 077 && : >>file)', 'exec 9>file', '[ -e a ] || : >file'],
    good: ['true >file || a', 'command exec 9>file', 'exec </dev/null', 'exec 3>&-', ': "${a:?}"'],
  },
  {
    name: 'only what stays on one file system removes folders: what is mounted is somebody’s data',
    isBroken: (statement) =>
      (commandOf(statement) === 'rm' && / -(\w*[rR]|-recursive)/.test(statement.text)) ||
      (commandOf(statement) === 'find' && / -(delete|exec rm)\b/.test(statement.text)),
    bad: ['rm -rf a', 'a && command rm -fR "$b"', 'rm "$b" -r', 'rm --recursive a', 'find a -delete'],
    good: ['rm -f a-r', 'remove_tree a', 'find a -name b'],
    allowed: ['shell/disk.sh'],
  },
  {
    name: 'only what syncs before, or is for what a power cut takes anyway, moves files',
    isBroken: (statement) => commandOf(statement) === 'mv',
    bad: ['mv a b', 'sync; mv a b', 'cat a >b && command mv -f b c', 'bounded 5 mv a b'],
    good: ['rename a b', 'move a b'],
    allowed: ['shell/disk.sh', 'shell/memory.sh', 'shell/answers.sh'],
  },
  {
    name: 'only one function puts what is written on the disk',
    isBroken: (statement) => commandOf(statement) === 'sync',
    bad: ['sync', 'bounded 600 sync a', 'a && sync && b'],
    good: ['flush', 'flush a', 'has_sync a'],
    allowed: ['shell/disk.sh', 'device/scripts/files.sh'],
  },
  {
    name: 'the time of day, which may be set meanwhile, limits nothing: it is told, or compared with that of others',
    isBroken: (statement) => commandOf(statement) === 'date' && statement.text.includes('+%s'),
    bad: ['end=$(($(date +%s) + 5))', '[ "$(date -u +%s)" -lt 5 ]'],
    good: ['date -u +%Y', 'end=$(seconds_from_now 5)'],
    allowed: [
      'device/scripts/files.sh',
      'device/scripts/preflight-network.sh',
      'kins/scripts/check.sh',
      'kins/scripts/recover.sh',
      'kins/scripts/standby.sh',
    ],
  },
];

describe.each(RULES)('$name', ({ isBroken, bad, good, allowed = [] }) => {
  const broken = (program: string): Statement[] => statementsOf(program).filter(isBroken);

  test('that is found, and nothing else', () => {
    expect(bad.filter((program) => broken(program).length === 0)).toEqual([]);
    expect(good.filter((program) => broken(program).length > 0)).toEqual([]);
  });

  test('and so it is in all scripts', () => {
    const files = SCRIPTS.filter((path) => broken(readFileSync(path, 'utf8')).length > 0);
    expect(files.map((path) => relative(LIB, path)).sort()).toEqual([...allowed].sort());
  });
});

/** Lines of scripts that are as described, comments aside, by the files that they are in. */
const filesWith = (line: RegExp): string[] =>
  SCRIPTS.filter((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .some((each) => !/^\s*#/.test(each) && line.test(each)),
  ).map((path) => relative(LIB, path));

test('what is in quotes is no statement, and removes and moves nothing, as a trap could', () => {
  const hidden = /'[^']*\b(rm -\w*[rR]|mv )/;
  expect("trap 'rm -rf x' EXIT").toMatch(hidden);
  expect(filesWith(hidden)).toEqual([]);
});

test('no value is put between quotation marks as it is: what is in it may end the string', () => {
  const unquoted = /'[^'"]*"[^']*"%s"|'"%s"'|^\s*printf '[\w -]+: %s/;
  for (const bad of [`printf '{"a":"%s"}' "$1"`, `printf '{"a":%s,"b":"%s"}'`, "printf 'token: %s\\n' x", `printf '"%s"'`]) {
    expect(bad).toMatch(unquoted);
  }
  expect(`printf '{"a":%s}' "$(json "$1")"`).not.toMatch(unquoted);
  expect(filesWith(unquoted)).toEqual([
    // Where it becomes a string.
    'shell/text.sh',
    // Names and numbers that the API server has checked.
    'device/scripts/approve.sh',
    // A string already.
    'kins/scripts/server.sh',
  ]);
}); // prettier-ignore

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
