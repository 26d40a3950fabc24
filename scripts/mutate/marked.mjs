// Scripts that tell which of their lines run.
import { linesOf, SHELL } from './shell-text.mjs';

/** The lines that can tell that they run; not those that want to know how the command before them ended. */
function markable(lines) {
  const isHead = (text) => /^\w+\(\) [{(]/.test(text) && !isOneLine(text);
  return lines.filter(({ isStatement, text }) => isStatement && !isHead(text) && !text.includes('$?'));
}

const isOneLine = (text) => /^\w+\(\) \{ .*\}$/.test(text);

/** A script that adds `NAME:LINE` to a file at each of its statements. */
export function marked(script, name, file) {
  const lines = linesOf(script);
  const statements = new Set(markable(lines));
  return lines
    .map((entry) => {
      if (!statements.has(entry)) return entry.line;
      const mark = `echo ${name}:${entry.number} >>${file}`;
      if (isOneLine(entry.text)) return entry.line.replace(' { ', ` { ${mark}; `);
      // The tests look for the start of this line.
      return entry.text.startsWith('exec ') ? `${mark}\n${entry.line}` : `${mark}; ${entry.line}`;
    })
    .join('\n');
}

/**
 * The line whose mark says that a line may run: itself, or the start of the statement that it is in or below.
 */
export function markOf(script, number) {
  const lines = linesOf(script);
  const known = new Set(markable(lines).map((entry) => entry.number));
  let { indent } = lines[number - 1];
  for (let at = number; at > 0; at--) {
    const entry = lines[at - 1];
    if (entry.kind !== SHELL || entry.indent > indent) continue;
    if (known.has(at)) return at;
    if (/^\w+\(\) [{(]/.test(entry.text)) return undefined;
    indent = entry.indent;
  }
  return undefined;
}
