/** A statement of a shell program: its words with what is quoted left out, and where it stands. */
export interface Statement {
  readonly line: number;
  readonly text: string;
  /** How many subshells and substitutions it stands in. */
  readonly depth: number;
  /** Whether its output goes to another command, and its input comes from one. */
  readonly isPiped: boolean;
  readonly isFed: boolean;
}

/** Words after which a statement begins. */
const OPENING = /^(?:(?:if|then|elif|else|while|until|do|!|\{|\w+\(\) *\{|time)\s+)+/;

/** The statements of a shell program, as far as scripts of this project are written. */
export function statementsOf(program: string): Statement[] {
  const statements: Statement[] = [];
  /** What ends the text that is being read: `)` for a subshell, `"` for a quotation. */
  const ends: string[] = [];
  const parts: { text: string; line: number; isFed: boolean }[] = [{ text: '', line: 1, isFed: false }];
  let line = 1;
  const here = (): { text: string; line: number; isFed: boolean } => parts[parts.length - 1]!;
  const finish = (isPiped: boolean): void => {
    const { text, line: first, isFed } = here();
    const words = text.replace(/\\\n/g, ' ').trim().replace(OPENING, '');
    // The pattern of a case is followed by its command.
    const command = words.replace(/^[^()]*\)(?!\s*\{)\s*/, '');
    const depth = ends.filter((end) => end === ')').length;
    if (command !== '') statements.push({ line: first, text: command, depth, isPiped, isFed });
    parts[parts.length - 1] = { text: '', line, isFed: isPiped };
  };
  for (let at = 0; at < program.length; at++) {
    const [char, next] = [program.charAt(at), program.charAt(at + 1)];
    if (char === '\n') line += 1;
    const isQuoted = ends[ends.length - 1] === '"';
    if (char === '\\') {
      here().text += '\\';
      at += 1;
      if (next === '\n') line += 1;
    } else if (char === '"') {
      if (isQuoted) ends.pop();
      else ends.push('"');
      here().text += '"';
    } else if (char === '$' && next === '(' && program[at + 2] !== '(') {
      here().text += '$';
      ends.push(')');
      parts.push({ text: '', line, isFed: false });
      at += 1;
    } else if (isQuoted) {
      here().text += char === '\n' || /[|;&()<>#]/.test(char) ? ' ' : char;
    } else if (char === "'") {
      const end = program.indexOf("'", at + 1);
      if (end < 0) throw new Error(`line ${line}: an open quotation`);
      line += program.slice(at, end).split('\n').length - 1;
      here().text += "''";
      at = end;
    } else if (char === '#' && /(^|\s)$/.test(program.slice(0, at))) {
      at = program.indexOf('\n', at) - 1;
    } else if (char === '<' && next === '<') {
      const [start = '', word = ''] = /^<<'?(\w+)'?/.exec(program.slice(at)) ?? [];
      const lineEnd = program.indexOf('\n', at);
      const end = program.indexOf(`\n${word}\n`, at);
      line += program.slice(lineEnd, end + 1).split('\n').length - 1;
      program = program.slice(0, lineEnd) + program.slice(end + word.length + 1);
      at += start.length - 1;
    } else if (char === '(' && !/\w$/.test(here().text)) {
      ends.push(')');
      parts.push({ text: '', line, isFed: here().isFed });
    } else if (char === ')' && ends[ends.length - 1] === ')') {
      if (parts.length > 1) {
        finish(false);
        parts.pop();
      }
      ends.pop();
      here().text += '()';
    } else if (char === '|' && next !== '|' && !isPattern(program, at)) {
      finish(true);
    } else if ((char === '|' && next === '|') || (char === '&' && next === '&')) {
      finish(false);
      at += 1;
    } else if (char === ';' || (char === '\n' && !isOpen(here()))) {
      finish(false);
    } else here().text += char;
  }
  finish(false);
  return statements;

  /** Whether a statement goes on in the next line: after a pipe. */
  function isOpen({ text, isFed }: { text: string; isFed: boolean }): boolean {
    return isFed && text.trim() === '';
  }
}

/** Whether a bar stands between patterns of a case. */
function isPattern(program: string, at: number): boolean {
  const before = program.slice(program.lastIndexOf('\n', at) + 1, at);
  const after = program.slice(at + 1, program.indexOf('\n', at));
  const bare = (text: string): string => text.replace(/'[^']*'|"[^"]*"/g, '');
  return /^\s*(?:case \S+ in )?[^()$;]*$/.test(bare(before)) && /^[^()$;]*\)/.test(bare(after));
}
