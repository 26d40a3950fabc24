import fc from 'fast-check';
import { dns1035Label, dnsLabel, dnsSubdomain, labelKey, labelValue } from '../../lib/core/grammars/names';
import type { Rule } from '../../lib/core/rule';

const isTaken = (rule: Rule, value: unknown): boolean => rule(value, 'name').length === 0;
const long = (length: number): string => 'a'.repeat(length);

test.each<[string, Rule, readonly unknown[], readonly unknown[]]>([
  [
    'a DNS label',
    dnsLabel(),
    ['a', '5g', 'a-b', long(63)],
    ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'a\n', 'а', long(64), 5, null],
  ],
  ['a DNS-1035 label', dns1035Label(), ['a', 'a5', long(63)], ['5g', '', 'a-', 'a.b', long(64), undefined]],
  [
    'a DNS subdomain',
    dnsSubdomain(),
    ['a', '5g', 'a.b', `${long(63)}.${long(63)}`, long(253)],
    ['', 'a..b', '.a', 'a.', 'a.-b', 'a.B', long(254), 'a b'],
  ],
  [
    'a label key',
    labelKey(),
    ['a', 'A_b.c', 'example.com/a', long(63), `${long(253)}/a`],
    ['', '/a', 'a/', 'a/b/c', 'Example.com/a', long(64), `${long(254)}/a`, '-a', 'a b', 1],
  ],
  [
    'a label value',
    labelValue(),
    ['', 'a', 'A_b.c', '5', long(63)],
    ['-a', 'a-', 'a/b', 'a b', long(64), 5, undefined],
  ],
])('%s', (_, rule, taken, refused) => {
  for (const value of taken) expect([value, isTaken(rule, value)]).toEqual([value, true]);
  for (const value of refused) expect([value, isTaken(rule, value)]).toEqual([value, false]);
});

test('a name is as long as what is made of it allows, and the message says what that is', () => {
  const rule = dnsLabel({ longestDerived: (name) => `pre-${name}-0123456789` });
  expect(rule(long(48), 'name')).toEqual([]);
  expect(rule(long(49), 'name')).toEqual([
    {
      field: 'name',
      given: `'${long(49)}'`,
      allowed: `at most 48 characters, because 'pre-${long(49)}-0123456789' is derived from it and may have 63; this one has 49`,
      remedy: 'Shorten it.',
    },
  ]);
});

test('without anything made of it, only the length is told', () => {
  expect(dnsLabel({ maxLength: 3 })('abcd', 'name')).toMatchObject([
    { allowed: 'at most 3 characters; this one has 4' },
  ]);
});

test('of a name with wrong characters the length is not told too', () => {
  expect(dnsLabel()('A'.repeat(99), 'name')).toMatchObject([{ remedy: 'Rename it.' }]);
});

test('names are taken exactly as the API server takes them', () => {
  // The expressions of k8s.io/apimachinery/pkg/util/validation.
  const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
  const value = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
  const near = fc.oneof(
    fc.stringMatching(/^[-a-zA-Z0-9._]{0,70}$/),
    fc.stringMatching(/^[-a-z0-9]{0,70}$/),
    fc.string(),
  );
  fc.assert(
    fc.property(near, (name) => {
      expect(isTaken(dnsLabel(), name)).toBe(name.length <= 63 && label.test(name));
      expect(isTaken(dnsSubdomain(), name)).toBe(
        name.length <= 253 && name.split('.').every((part) => label.test(part)),
      );
      expect(isTaken(labelValue(), name)).toBe(name.length <= 63 && value.test(name));
      expect(isTaken(labelKey(), `example.com/${name}`)).toBe(name !== '' && name.length <= 63 && value.test(name));
    }),
  );
});
