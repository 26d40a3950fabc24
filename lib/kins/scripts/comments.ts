/**
 * Removes comment lines and empty lines from a script, so that editing comments does not replace pods. The scripts of this
 * library have no such lines within texts; a test compares what bash parses from both.
 */
export function withoutComments(script: string): string {
  const lines = script.split('\n').filter((line, index) => (index === 0 && line.startsWith('#!')) || isCode(line));
  return `${lines.join('\n')}\n`;
}

function isCode(line: string): boolean {
  const text = line.trim();
  return text !== '' && !text.startsWith('#');
}
