// Changes of one place of a shell script, each of which a test should notice.
import { spawnSync } from 'node:child_process';
import { AWK, linesOf, SHELL } from './shell-text.mjs';

/** Replacements in a line of shell: pattern and what it becomes. Each place is a mutant of its own. */
const SHELL_CHANGES = [
  [/ -eq /, ' -ne '],
  [/ -ne /, ' -eq '],
  [/ -lt /, ' -ge '],
  [/ -lt /, ' -le '],
  [/ -ge /, ' -lt '],
  [/ -ge /, ' -gt '],
  [/ -gt /, ' -le '],
  [/ -gt /, ' -ge '],
  [/ -le /, ' -gt '],
  [/ -le /, ' -lt '],
  [/\[ -z /, '[ -n '],
  [/\[ -n /, '[ -z '],
  [/\[ -([efdsSrwxL]) /, '[ ! -$1 '],
  [/\[ ! -/, '[ -'],
  [/(\[ [^\]]*) = /, '$1 != '],
  [/(\[ [^\]]*) != /, '$1 = '],
  [/ && /, ' || '],
  // That nothing is to be done about a failure is the same either way.
  [/ \|\| (?!(?::|true)$)/, ' && '],
  [/\bif ! /, 'if '],
  [/\bif (?!!)/, 'if ! '],
  [/\buntil /, 'while '],
  [/\bwhile (?!read|IFS=|:)/, 'until '],
  [/\breturn 0\b/, 'return 1'],
  [/\breturn 1\b/, 'return 0'],
  [/\bexit 1\b/, 'exit 0'],
  [/>>/, '>'],
  [/--cacert "[^"]*"/, '--insecure'],
  // Numbers by themselves: limits, counts, codes; not of files that are open, and of arguments only where they are named.
  [/(?<=[ =(-])[1-9]\d*(?=$|[ )};"])/, '0'],
  [/(?<=[ =])0(?=$|[ );"])/, '1'],
  // Options, with the value of those that have one.
  [
    / --(request-timeout|connect-timeout|max-time|header|field-manager|cert|kill-after|namespace) (?:"[^"]*"|[^\s"]+)/,
    '',
  ],
  // Without a terminal, mv never asks.
  [/(?<=\w.*)(?<!\bmv) (-[A-Za-z]|--[a-z][a-z-]+)(?=[ )"]|$)/, ''],
];

/** The same for a line of awk. */
const AWK_CHANGES = [
  [/ == /, ' != '],
  [/ != /, ' == '],
  [/ < /, ' <= '],
  [/ < /, ' >= '],
  [/ <= /, ' < '],
  [/ > /, ' >= '],
  [/ > /, ' <= '],
  [/ >= /, ' > '],
  [/ && /, ' || '],
  [/ \|\| /, ' && '],
  [/ ~ /, ' !~ '],
  [/ !~ /, ' ~ '],
  [/ \+ /, ' - '],
  [/ - /, ' + '],
  [/\bif \(!/, 'if ('],
  [/\breturn 0$/, 'return 1'],
  [/\breturn 1$/, 'return 0'],
  [/(?<!(?:return|exit) )(?<=[ (])\d+(?=$|[ ),;])/, (number) => String(Number(number) + 1)],
];

/** Lines that are no statement of their own, or whose loss only changes what a person reads. */
const NOT_DROPPED =
  /^(if|then|else|elif|fi|for|while|until|do|done|case|esac|in|\}|\{|\)|;;|\||&&|set -|\.|: "\$\{|#|local |say |step |problem |sleep |echo "?[a-z]+: |export |readonly |[a-z_]+\(\) )|[{(\\|]$|&&$|\|\|$|^[^ ()'"]*\)|^'|\bdo$|\bthen$|;;$/;

/** Statements of awk with nothing below them; what declares is left alone. */
const DROPPED_IN_AWK =
  /^(?!function|[{}]|if|for|while|BEGIN|END|printf ""|print\b)[a-z_]+(\[|\(| [-+*/]?= |\+\+)[^{}]*[^{},\\]$/;

/** In whatever order they stand, nothing else comes of it: settings, and values that are not worked out. */
const IN_ANY_ORDER = /^(setting |[A-Za-z_]+=[^ (`]*$)/;

/** Messages, how long is waited between two looks, and what only has a shell go on or says how it is checked. */
const UNTOUCHED = /^\s*(: "\$\{|set -|\. |sleep )/;

/** What a substitution in a test ends with is asked of nobody: only what it prints is looked at. */
const isStatusOfTested = (line, index) =>
  / \|\| true\)"/.test(line.slice(index, index + 10)) && /\[ (?:[^\]]* )?"\$\([^()]*$/.test(line.slice(0, index));

/** Operators of a test look like options. */
const isOfTest = (line, index) => /\[ [^\]]*$/.test(line.slice(0, index));

/** Whether a place is within quotes, and neither in what a substitution there runs nor in a program of awk: such words are for people. */
function isInMessage(line, index) {
  const open = [];
  for (let at = 0; at < index; at++) {
    const quote = open.at(-1);
    if (quote !== "'" && line[at] === '\\') at++;
    else if (quote !== "'" && line.startsWith('$(', at)) open.push(')');
    else if (line[at] === quote) open.pop();
    else if (quote !== "'" && (line[at] === '"' || (line[at] === "'" && quote !== '"'))) open.push(line[at]);
  }
  return ['"', "'"].includes(open.at(-1)) && !/\bawk [^']*'[^']*$/.test(line.slice(0, index));
}

/** All mutants of a script that a shell can read: line, what was done, and the script that results. */
export function mutantsOf(script) {
  const lines = linesOf(script);
  const texts = lines.map(({ line }) => line);
  const found = new Map();
  const add = (number, what, changed) => {
    const text = changed.join('\n');
    if (text !== script && !found.has(text)) found.set(text, { line: number, what, text });
  };
  const replace = ({ number, line, text }, changed, what) => {
    const all = [...texts];
    all[number - 1] = changed;
    add(number, what ?? `${text}  ->  ${changed.trim()}`, all);
  };
  const isWhole = (entry) =>
    entry?.kind === SHELL && !entry.opensOrCloses && entry.isStatement && !NOT_DROPPED.test(entry.text);
  lines.forEach((entry, at) => {
    const { kind, line, text, indent, opensOrCloses } = entry;
    if (kind !== SHELL && kind !== AWK) return;
    const isShell = kind === SHELL;
    if (!UNTOUCHED.test(line) && !(isShell && opensOrCloses)) {
      for (const [pattern, replacement] of isShell ? SHELL_CHANGES : AWK_CHANGES) {
        for (const { index, 0: match } of line.matchAll(new RegExp(pattern.source, 'g'))) {
          if (isShell && match.startsWith(' -') && isOfTest(line, index) && !/ -[a-z]{2} /.test(match)) continue;
          // What a test asks of a text by itself.
          if (isShell && match.trim() === '-n' && line.slice(0, index).endsWith('[')) continue;
          if (isShell && (isInMessage(line, index) || isStatusOfTested(line, index))) continue;
          const end = line.slice(index + match.length);
          const changed =
            typeof replacement === 'string' && replacement.includes('$')
              ? match.replace(pattern, replacement)
              : typeof replacement === 'string'
                ? replacement
                : replacement(match);
          replace(entry, line.slice(0, index) + changed + end);
        }
      }
    }
    if (!isShell && !opensOrCloses && DROPPED_IN_AWK.test(text)) replace(entry, '', `dropped: ${text}`);
    if (!isWhole(entry)) return;
    replace(entry, `${' '.repeat(indent)}:`, `dropped: ${text}`);
    const next = lines[at + 1];
    const isFree =
      IN_ANY_ORDER.test(text) && IN_ANY_ORDER.test(next?.text) && !uses(next.text, text) && !uses(text, next.text);
    if (isWhole(next) && next.indent === indent && !isFree) {
      const swapped = [...texts];
      [swapped[at], swapped[at + 1]] = [swapped[at + 1], swapped[at]];
      add(entry.number, `swapped: ${text}  <->  ${next.text}`, swapped);
    }
  });
  return [...found.values()];
}

/** Whether a line uses the variable that another one sets. */
const uses = (text, other) => text.includes(`$${other.split('=')[0]}`) || text.split('=')[0] === other.split('=')[0];

/** Whether a shell can read a script at all. */
export function isReadable(text) {
  return spawnSync('dash', ['-n'], { input: text }).status === 0;
}
