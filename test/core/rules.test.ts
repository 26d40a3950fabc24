import fc from 'fast-check';
import {
  bool,
  enumOf,
  firstOf,
  integer,
  isPlainObject,
  listOf,
  mapOf,
  optional,
  pattern,
  problem,
  rule,
  shape,
  text,
} from '../../lib/core/rules';
import type { Rule } from '../../lib/core/rule';

enum Colour {
  RED = 'red',
  GREEN = 'green',
}

const lines = (found: ReturnType<Rule>): string[] =>
  found.map(({ field, given, allowed, remedy }) => `${field}: given ${given}; allowed: ${allowed}. ${remedy}`);
const TEXT =
  'allowed: a string of 1 to 5 characters on one line, without leading or trailing spaces. Use such a string, or leave the field out if it is optional.';
const PORT = 'allowed: a whole number from 1 to 9 seconds. Use a number in this range.';
const seconds = integer({ min: 1, max: 9, unit: 'seconds' });

test.each<[string, Rule, unknown, string[]]>([
  ['a boolean', bool(), true, []],
  ['a text for a boolean', bool(), 'true', ["f: given 'true'; allowed: true or false. Use a boolean."]],
  ['nothing for a boolean', bool(), undefined, ['f: given nothing; allowed: true or false. Use a boolean.']],
  ['the lowest integer', seconds, 1, []],
  ['the highest integer', seconds, 9, []],
  ['an integer too low', seconds, 0, [`f: given 0; ${PORT}`]],
  ['an integer too high', seconds, 10, [`f: given 10; ${PORT}`]],
  ['a fraction', seconds, 1.5, [`f: given 1.5; ${PORT}`]],
  ['infinity', seconds, Infinity, [`f: given Infinity; ${PORT}`]],
  ['a text for an integer', seconds, '5', [`f: given '5'; ${PORT}`]],
  ['a text', text({ maxLength: 5 }), 'a b', []],
  ['a text with letters of any script', text({ maxLength: 5 }), 'Köln', []],
  ['an empty text', text({ maxLength: 5 }), '', [`f: given ''; ${TEXT}`]],
  ['a text too long', text({ maxLength: 5 }), 'abcdef', [`f: given 'abcdef'; ${TEXT}`]],
  ['a padded text', text({ maxLength: 5 }), ' a', [`f: given ' a'; ${TEXT}`]],
  ['a text of two lines', text({ maxLength: 5 }), 'a\nb', [`f: given 'a\\u{a}b'; ${TEXT}`]],
  ['half a character', text({ maxLength: 5 }), 'a\ud83d', [`f: given 'a\\u{d83d}'; ${TEXT}`]],
  ['a match', pattern(/^x$/, 'x', 'Write x.'), 'x', []],
  ['no match', pattern(/^x$/, 'x', 'Write x.'), 'y', ["f: given 'y'; allowed: x. Write x."]],
  ['a number that would match', pattern(/^5$/, '5', 'Write 5.'), 5, ['f: given 5; allowed: 5. Write 5.']],
  ['a member', enumOf(Colour, 'Colour'), Colour.RED, []],
  [
    'the name of a member',
    enumOf(Colour, 'Colour'),
    'RED',
    ["f: given 'RED'; allowed: 'red', 'green'. Use a member of Colour."],
  ],
  ['nothing where it is optional', optional(bool()), undefined, []],
  ['null where it is optional', optional(bool()), null, ['f: given null; allowed: true or false. Use a boolean.']],
  ['a list', listOf(bool()), [true, false], []],
  ['no list', listOf(bool()), true, ['f: given true; allowed: a list. Put the value in [ ].']],
  [
    'a list too short',
    listOf(bool(), { min: 1 }),
    [],
    ['f: given []; allowed: a list of at least 1. Give a list of this length.'],
  ],
  [
    'a list too long',
    listOf(bool(), { max: 1, remedy: 'One is enough.' }),
    [true, true],
    ['f: given a list of 2; allowed: a list of 0 to 1. One is enough.'],
  ],
  [
    'a list that has one length only',
    listOf(bool(), { min: 3, max: 3 }),
    [true],
    ['f: given a list of 1; allowed: a list of exactly 3. Give a list of this length.'],
  ],
  [
    'bad items, each with its place',
    listOf(bool()),
    [true, 1, false, 'x'],
    [
      'f[1]: given 1; allowed: true or false. Use a boolean.',
      "f[3]: given 'x'; allowed: true or false. Use a boolean.",
    ],
  ],
  [
    'an item three times',
    listOf(text(), { uniqueBy: (item) => item }),
    ['a', 'b', 'a', 'a'],
    [
      "f[2]: given 'a'; allowed: each item only once; it is already at f[0]. Remove one of the two.",
      "f[3]: given 'a'; allowed: each item only once; it is already at f[0]. Remove one of the two.",
    ],
  ],
  ['a map', mapOf(text(), bool()), { a: true }, []],
  [
    'no map',
    mapOf(text(), bool()),
    [true],
    ['f: given a list of 1; allowed: a map. Give an object literal: { key: value }.'],
  ],
  [
    'bad keys and values of a map',
    mapOf(pattern(/^a/, 'a', 'Write a.'), bool()),
    { b: 1 },
    ["f key: given 'b'; allowed: a. Write a.", 'f.b: given 1; allowed: true or false. Use a boolean.'],
  ],
])('%s', (_, check, value, expected) => {
  expect(lines(check(value, 'f'))).toEqual(expected);
});

test('of several rules the first that objects speaks', () => {
  const number = rule((value) => typeof value === 'number', 'a number', 'Give one.');
  const even = rule((value) => Number(value) % 2 === 0, 'an even number', 'Add one.');
  expect(lines(firstOf(number, even)('x', 'f'))).toEqual(["f: given 'x'; allowed: a number. Give one."]);
  expect(lines(firstOf(number, even)(3, 'f'))).toEqual(['f: given 3; allowed: an even number. Add one.']);
  expect(firstOf(number, even)(4, 'f')).toEqual([]);
});

describe('shapes', () => {
  const site = shape({ name: text(), nodePorts: optional(listOf(integer({ min: 1, max: 9 }))) });
  const UNKNOWN = 'allowed: only name, nodePorts. There is no such prop.';

  test('tell all problems, in the order of the fields, then the strangers', () => {
    expect(lines(site({ nodeports: [], nodePorts: [0], name: 1 }, ''))).toEqual([
      'name: given 1; allowed: a string of 1 to 1024 characters on one line, without leading or trailing spaces. Use such a string, or leave the field out if it is optional.',
      'nodePorts[0]: given 0; allowed: a whole number from 1 to 9. Use a number in this range.',
      `nodeports: given []; ${UNKNOWN} Did you mean nodePorts?`,
    ]);
  });

  test.each([
    ['nmae', ' Did you mean name?'],
    ['NAME', ' Did you mean name?'],
    ['nodePort', ' Did you mean nodePorts?'],
    ['autonomyLevel', ''],
    ['x', ''],
  ])('ask about %s: "%s"', (field, question) => {
    expect(lines(site({ name: 'a', [field]: 1 }, 'sites[0]'))).toEqual([
      `sites[0].${field}: given 1; ${UNKNOWN}${question}`,
    ]);
  });

  test('a field that is there without a value is as good as left out', () => {
    expect(site({ name: 'a', nodePorts: undefined, other: undefined }, '')).toEqual([]);
  });

  test.each([[null], [[]], ['x'], [new Date(0)], [undefined]])('are object literals only: not %p', (value) => {
    expect(site(value, '')).toHaveLength(1);
    expect(site(value, '')[0]).toMatchObject({ field: 'props', allowed: 'an object with name, nodePorts' });
  });

  test('what comes from JSON and from other realms counts as an object literal', () => {
    expect(isPlainObject(JSON.parse('{"__proto__": 1}'))).toBe(true);
    expect(isPlainObject(Object.create(null))).toBe(true);
    expect(isPlainObject(new Map())).toBe(false);
  });
});

test('hidden characters in the path of a field are made visible', () => {
  expect(problem('labels.a\nb', 1, 'x', 'y').field).toBe('labels.a\\u{a}b');
});

test('whatever is given, a rule answers', () => {
  const rules = [
    bool(),
    seconds,
    text(),
    enumOf(Colour, 'Colour'),
    listOf(text(), { min: 1, max: 2, uniqueBy: (item) => item }),
    mapOf(text(), optional(bool())),
    shape({ name: text(), inner: optional(shape({ a: bool() })) }),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...rules), fc.anything({ withNullPrototype: true }), (check, value) => {
      for (const { field } of check(value, 'f')) expect(field).toMatch(/^[\x20-\x7e]+$/);
    }),
  );
});

test.each(['apiKey', 'api_key', 'accessKey', 'etcd-s3-secret-key', 'kubeconfig', 'cloudKubeConfig', 'passwd'])(
  'the value of a field that nobody knows is not shown when it is called %s',
  (key) => {
    expect(shape({})({ [key]: 'hunter2' }, '')).toMatchObject([{ field: key, given: '(not shown)' }]);
  },
);
