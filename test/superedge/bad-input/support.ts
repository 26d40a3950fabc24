import { App, Chart } from 'cdk8s';
import { AutonomyLevel } from '../../../lib';
import { problemLines, type BadInput } from '../../support/refusals';

const { L3, L4 } = AutonomyLevel;
export const nodes = ['edge1', 'edge2', 'edge3'];
export const SUBDOMAIN =
  'lower-case letters a-z, digits, hyphens and dots, with a letter or digit at both ends of every part (a DNS subdomain)';
export const LABEL_1035 =
  'lower-case letters a-z, digits and hyphens, starting with a letter, ending with a letter or digit (a DNS-1035 label)';
export const LABEL_KEY = 'a name of at most 63 letters, digits, -, _ and ., optionally after a DNS prefix and a slash';
export const LABEL_VALUE =
  'at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, or an empty string';
export const unit = (at: AutonomyLevel, more: object = {}): object => ({ autonomyLevel: at, nodes, ...more });
export const l3 = (more: object): object => unit(L3, more);
export const l4 = (more: object): object => unit(L4, more);
export const long = (length: number): string => 'a'.repeat(length);

/** Declares a construct with these props. */
export type Declare = (chart: Chart, id: string, props: unknown) => unknown;

/** Each row is refused with exactly its lines, and leaves nothing behind. */
export function refuses(rows: readonly BadInput[], declare: Declare): void {
  test.each(rows)('%s', (_, id, props, lines) => {
    const chart = new Chart(new App(), 'site');
    expect(problemLines(() => declare(chart, id, props))).toEqual(lines);
    expect(chart.node.children).toEqual([]);
  });
}

/** The first line of a message is the construct, its path and the number of problems. */
export function tellsWhereFirst(subject: string, declare: Declare): void {
  test('with the construct, its path and the number of problems first', () => {
    const chart = new Chart(new App(), 'site');
    expect(() => declare(chart, 'x', { labels: 1 })).toThrow(new RegExp(`^${subject} 'site/x' has 2 problems:\\n`));
  });
}
