/** Words that go on with a statement, so that nothing can stand before them. */
const GOES_ON = /^(then|else|elif|fi|do|done|esac|\}|\)|;;|\||&&)/;
const LABEL = /^\*.*\) |^[^$"'()=]*\)( |$)|^'[^']*'\)|^"[^"]*"[^(]*\)/;

/** Puts a command before each line of a program's functions at which a statement begins. */
export function beforeEveryLine(program: string, command: string): string {
  let isInFunction = false;
  let heredoc: string | undefined;
  let isQuoted = false;
  let previous = '';
  return program
    .split('\n')
    .map((line) => {
      const text = line.trim();
      const isStatement =
        isInFunction && heredoc === undefined && !isQuoted && text !== '' && !text.startsWith('#') &&
        !GOES_ON.test(text) && !LABEL.test(text) && !/(\\|\||&&|\bin)$/.test(previous); // prettier-ignore
      if (/^\w+\(\) \{$/.test(line)) isInFunction = true;
      if (line === '}') isInFunction = false;
      if (heredoc === text) heredoc = undefined;
      else heredoc ??= /<<'(\w+)'/.exec(line)?.[1];
      if (heredoc === undefined && (line.replace(/'\\''|"'"|#.*/g, '').match(/'/g) ?? []).length % 2 === 1) {
        isQuoted = !isQuoted;
      }
      if (!text.startsWith('#')) previous = text;
      return isStatement ? `${command}; ${line}` : line;
    })
    .join('\n');
}
