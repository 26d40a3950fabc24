import { EdgeConstructsError } from '../../lib';
import { problem } from '../../lib/core/rules';

const lines = (problems: ConstructorParameters<typeof EdgeConstructsError>[2], report?: string): readonly string[] =>
  new EdgeConstructsError('x', 'Thing', problems, report).message.split('\n').slice(1);
const many = (count: number, prop = 'name'): ReturnType<typeof problem>[] =>
  Array.from({ length: count }, (_, i) =>
    problem(`site s${i}.${prop}`, `n${i}`, `a name; 's${i - 1}' has it`, 'Rename it.'),
  );

test('a few problems of one kind are told one by one', () => {
  expect(lines(many(5))).toHaveLength(5);
});

test('a cause that many places share is told once, with its first places', () => {
  const others = [problem('a', 1, 'text', 'Give text.'), problem('b', 2, 'text', 'Give text.')];
  expect(lines([others[0]!, ...many(7), others[1]!])).toEqual([
    '  - a: given 1; allowed: text. Give text.',
    "  - site s0.name: given 'n0'; allowed: a name; 's-1' has it. Rename it.",
    "    The same 6 more times: site s1.name ('n1'), site s2.name ('n2'), and in 4 other places",
    '  - b: given 2; allowed: text. Give text.',
    expect.stringMatching(/^ {2}The full list is in the error's `problems`/),
  ]);
});

test('what differs in its prop or its words is another cause', () => {
  expect(lines([...many(6, 'name'), ...many(6, 'region')])).toHaveLength(5);
  expect(lines([...many(6), ...many(6).map((each) => ({ ...each, remedy: 'Remove it.' }))])).toHaveLength(5);
});

test('a message has no more lines than somebody reads; the rest is where it says', () => {
  const different = Array.from({ length: 1000 }, (_, i) =>
    problem(`p.${'x'.repeat(i + 1)}`, i, 'nothing', 'Remove it.'),
  );
  const found = lines(different, 'out/report.json');
  expect(found).toHaveLength(102);
  expect(found.slice(-2)).toEqual(['  ... and 900 more', '  The full list is in out/report.json.']);
});

test('a million problems are one error', () => {
  const error = new EdgeConstructsError('x', 'Thing', many(1_000_000));
  expect(error.problems).toHaveLength(1_000_000);
  expect(error.message.length).toBeLessThan(1000);
});
