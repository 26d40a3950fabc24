// Changes of one line of a shell script, each of which a test should notice.
import { spawnSync } from 'node:child_process';

/** Replacements in a condition: pattern and what it becomes. Each place is a mutant of its own. */
const FLIPS = [
  [/ -eq /, ' -ne '],
  [/ -ne /, ' -eq '],
  [/ -lt /, ' -ge '],
  [/ -ge /, ' -lt '],
  [/ -gt /, ' -le '],
  [/ -le /, ' -gt '],
  [/\[ -z /, '[ -n '],
  [/\[ -n /, '[ -z '],
  [/\[ -([efdsSrwxL]) /, '[ ! -$1 '],
  [/\[ ! -/, '[ -'],
  [/(\[ [^\]]*) = /, '$1 != '],
  [/(\[ [^\]]*) != /, '$1 = '],
  [/ && /, ' || '],
  [/ \|\| /, ' && '],
  [/\bif ! /, 'if '],
  [/\bif (?!!)/, 'if ! '],
  [/\buntil /, 'while '],
  [/\bwhile (?!read|:)/, 'until '],
  [/\breturn 0\b/, 'return 1'],
  [/\breturn 1\b/, 'return 0'],
  [/\bexit 1\b/, 'exit 0'],
  [/>>/, '>'],
];

/** Lines that are no statement of their own, or whose loss only changes what a person reads. */
const NOT_DROPPED =
  /^(if|then|else|elif|fi|for|while|until|do|done|case|esac|in|\}|\{|\)|;;|\||&&|set -|\.|: "\$\{|#|local |say |problem |echo "?[a-z]+: |export |readonly |[a-z_]+\(\) )|[{(\\|]$|&&$|\|\|$|^[^ ()'"]*\)|^'|\bdo$|\bthen$|;;$/;

/** Numbers of the lines that are shell: not within quotes, here-documents or comments. */
function shellLines(lines) {
  const found = [];
  let heredoc;
  let quoted = false;
  lines.forEach((line, number) => {
    const text = line.trim();
    if (heredoc !== undefined) {
      if (text === heredoc) heredoc = undefined;
      return;
    }
    const wasQuoted = quoted;
    const quotes = (text.startsWith('#') ? '' : text.replace(/\\'|"'"|"[^"]*"/g, '')).match(/'/g)?.length ?? 0;
    if (quotes % 2 === 1) quoted = !quoted;
    heredoc = /<<-?'?(\w+)'?/.exec(text)?.[1];
    if (!wasQuoted && !quoted && heredoc === undefined && text !== '' && !text.startsWith('#')) found.push(number);
  });
  return found;
}

const continues = (line) => /(\\|\||&&|\|\||\bin)$/.test(line.trimEnd());

/** All mutants of a script that a shell can read: line, what was done, and the script that results. */
export function mutantsOf(script) {
  const lines = script.split('\n');
  const found = new Map();
  const add = (number, what, changed) => {
    const text = changed.join('\n');
    if (text !== script && !found.has(text)) found.set(text, { line: number + 1, what, text });
  };
  const shell = shellLines(lines);
  const isStatement = (number) =>
    shell.includes(number) && !NOT_DROPPED.test(lines[number].trim()) && !continues(lines[number - 1] ?? '');
  for (const number of shell) {
    const line = lines[number];
    if (!/^\s*(: "\$\{|set -|\. )/.test(line)) {
      for (const [pattern, replacement] of FLIPS) {
        for (const { index, 0: match } of line.matchAll(new RegExp(pattern.source, 'g'))) {
          const changed = line.slice(0, index) + match.replace(pattern, replacement) + line.slice(index + match.length);
          add(number, `${line.trim()}  ->  ${changed.trim()}`, replaced(lines, number, changed));
        }
      }
    }
    if (!isStatement(number)) continue;
    const indent = /^\s*/.exec(line)[0];
    add(number, `dropped: ${line.trim()}`, replaced(lines, number, `${indent}:`));
    const next = number + 1;
    if (isStatement(next) && /^\s*/.exec(lines[next])[0] === indent) {
      const swapped = [...lines];
      [swapped[number], swapped[next]] = [swapped[next], swapped[number]];
      add(number, `swapped: ${line.trim()}  <->  ${lines[next].trim()}`, swapped);
    }
  }
  return [...found.values()];
}

function replaced(lines, number, line) {
  const changed = [...lines];
  changed[number] = line;
  return changed;
}

/** Whether a shell can read a script at all. */
export function isReadable(text) {
  return spawnSync('dash', ['-n'], { input: text }).status === 0;
}
