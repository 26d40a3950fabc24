// What the lines of a shell script are.

/** What a line starts in: the shell itself, a quoted program of awk, or another quoted text or here-document. */
export const SHELL = 'shell';
export const AWK = 'awk';
const OTHER = 'other';

/** Words that go on with a statement, so that nothing can stand before them. */
const GOES_ON = /^(then|else|elif|fi|do|done|esac|in)\b|^(\}|\)|;;|\||&&)/;

const continues = (text) => /(\\|\||&&|\bin)$/.test(text);

/** The label of a case, once all that has brackets of its own is taken out. */
function isLabel(text) {
  if (/^\w+\(\)|^case\s/.test(text)) return false;
  let bare = text.replace(/'[^']*'?|"(?:\\.|[^"\\])*"?/g, '');
  for (let before; before !== bare;) {
    before = bare;
    bare = bare.replace(/\$?\([^()]*\)/g, '');
  }
  return /^[^(]*\)/.test(bare);
}

/** The quote that is open after a line, and how many quotes have been opened or closed for other lines. */
function quoteAfter(line, before) {
  let quote = before;
  for (let at = 0; at < line.length; at++) {
    const char = line[at];
    if (char === '\\' && quote !== "'") at += 1;
    else if (quote === undefined && char === '#' && (at === 0 || /\s/.test(line[at - 1]))) break;
    else if (quote === undefined && (char === "'" || char === '"')) quote = char;
    else if (char === quote) quote = undefined;
  }
  return quote;
}

/**
 * The lines of a script, each with what it starts in, whether a quotation or here-document begins or ends in it, and
 * whether a command may stand before it.
 */
export function linesOf(script) {
  let heredoc;
  let quote;
  let kind = SHELL;
  let before = '';
  return script.split('\n').map((line, index) => {
    const text = line.trim();
    const start = heredoc === undefined ? kind : OTHER;
    const isComment = text.startsWith('#') && heredoc === undefined;
    let opensOrCloses = false;
    if (heredoc !== undefined) {
      if (text === heredoc) heredoc = undefined;
    } else if (!isComment) {
      const after = quoteAfter(line, quote);
      opensOrCloses = after !== quote;
      if (opensOrCloses) kind = after === undefined ? SHELL : after === "'" && /\bawk\b/.test(text) ? AWK : OTHER;
      quote = after;
      if (quote === undefined) heredoc = /<<-?'?(\w+)'?/.exec(text)?.[1];
      if (heredoc !== undefined) opensOrCloses = true;
    }
    const isStatement =
      start === SHELL && text !== '' && !isComment && !continues(before) && !GOES_ON.test(text) && !isLabel(text);
    if (text !== '' && !isComment) before = text;
    return {
      number: index + 1,
      line,
      text,
      indent: /^\s*/.exec(line)[0].length,
      kind: text === '' || isComment ? OTHER : start,
      opensOrCloses,
      isStatement,
    };
  });
}
