/**
 * A script without what no shell reads: lines that are a comment, and empty ones. What pods are made from must not change
 * with the words about it. No text in the scripts of this library has such lines; a test compares what bash makes of both.
 */
export function withoutComments(script: string): string {
  const lines = script.split('\n').filter((line, index) => (index === 0 && line.startsWith('#!')) || isCode(line));
  return `${lines.join('\n')}\n`;
}

function isCode(line: string): boolean {
  const text = line.trim();
  return text !== '' && !text.startsWith('#');
}
