import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { parse } from 'yaml';
import { yamlDocument } from '../../lib/render/yaml-document';
import { runs } from '../support/sample';

/** Texts that YAML could read as something else, and shapes of text that each have their own rule. */
const TRAPS = [
  ...[
    '',
    ' ',
    '  ',
    '\n',
    '\t',
    '~',
    'null',
    'Null',
    'NULL',
    'true',
    'True',
    'yes',
    'Yes',
    'YES',
    'no',
    'on',
    'ON',
    'off',
    'y',
    'Y',
    'n',
  ],
  ...[
    'e5',
    'E+3',
    'e-1',
    'e',
    'e5a',
    '.',
    '.5',
    '1.',
    '1e3',
    '1_000',
    '0',
    '-0',
    '+1',
    '0777',
    '0o17',
    '0x1F',
    '0b11',
    '1:30',
    '1:30.5',
    '-.inf',
    '.NaN',
  ],
  ...[
    '2026-11-21',
    '2026-11-21T10:00:00Z',
    '2001-1-1 1:1:1',
    '1.33.4',
    '10.0.0.0/16',
    '::1',
    'fe80::',
    'a:b',
    'a: b',
    'a:',
    ':a',
    'a :b',
    'a\t:b',
  ],
  ...[
    '10.0.0.1',
    '1.2',
    '10.0.0.0/8',
    '1.2.3.',
    '9199b7fa',
    '1e5',
    '1e5f',
    '12a',
    '1d',
    '0a',
    '0xab',
    '1t',
    '1_0',
    '12:30',
    'a: "b"',
    "a: 'b",
    'a: \\',
    '#a',
    'a#b',
    'a #b',
    'a # b',
    'a  b',
    ' a',
    'a ',
    'a\t',
    '\ta',
    'a\tb',
    '- a',
    '-',
    '--',
    '---',
    '...',
    '%a',
    '-a',
    '? a',
    '?',
    '?a',
    '!a',
    '&a',
    '*a',
  ],
  ...[
    '@a',
    '`a',
    '|',
    '>',
    '[',
    ']',
    '{',
    '}',
    '[a]',
    '{a}',
    ',',
    'a,b',
    "'",
    '"',
    `'"`,
    "it's",
    'say "x"',
    '\\',
    '<<',
    '=',
    '/a',
    '_a',
    '_',
    '__proto__',
  ],
  ...[
    'a\nb',
    'a\nb\n',
    'a\n\nb',
    'a\n\n',
    '\na',
    ' a\nb',
    'a\n b',
    'a \nb',
    'a\nb ',
    'a\n\n\n b\n',
    'a\n---\nb',
    '---\nb',
    'a\n...\n',
    'a\n\t',
    'a\n  \n',
  ],
  ...[
    'a\r\nb',
    'a\rb',
    '\u0000',
    '\u0007',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u2028',
    '\u2029a\nb',
    '\ud800',
    'x\udfff\ny',
    '\ufeffa',
    'é',
    '日本',
    '😀',
    'ａ',
    'а',
  ],
  'x'.repeat(100),
  'word '.repeat(40).trim(),
  `a: ${'word '.repeat(40)}`,
  `"${'word '.repeat(40)}`,
  'line of a script\n'.repeat(30),
  'k'.repeat(1025),
  'x'.repeat(300) + ' #',
  '"'.repeat(20) + '\n' + "'".repeat(30) + ' \n ',
];

const text = fc.oneof(
  fc.constantFrom(...TRAPS),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefxotTzZE.:-/_+ ')), maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(...Array.from(' \t\n#:-?\'"[]{},&*!|>%@`~.=<ey019+_ab/\\é\u2028\u0085')),
    maxLength: 10,
  }),
  fc.tuple(fc.constantFrom(...TRAPS), fc.constantFrom(...TRAPS)).map(([a, b]) => a + b),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-0, 1e21, 1e-7, NaN, Infinity, -Infinity));
const key = text.filter((k) => k !== '__proto__');

const value = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    number,
    fc.boolean(),
    fc.constantFrom(null, undefined, 1n),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(key, tie('node'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).node;

describe('yamlDocument', () => {
  it.each(TRAPS)('writes %j as cdk8s does, as a value, an item, a key and a document', (trap) => {
    for (const each of [
      { a: trap },
      { a: { b: [trap] } },
      [trap, [trap]],
      { [trap]: 1 },
      { a: { [trap]: [] } },
      trap,
    ]) {
      expect(yamlDocument(each)).toBe(Yaml.stringify(each));
    }
  });

  it('writes any two traps joined as cdk8s does', () => {
    for (const a of TRAPS) {
      const joined = Object.fromEntries(TRAPS.map((b, i) => [`k${i}`, a + b]));
      expect(yamlDocument(joined)).toBe(Yaml.stringify(joined));
    }
  });

  it('writes any JSON-like value as cdk8s does', () => {
    fc.assert(
      fc.property(value, (each) => {
        expect(yamlDocument(each)).toBe(Yaml.stringify(each));
      }),
      { numRuns: runs(2000) },
    );
  });

  it('writes shared objects, dates and lists with holes as cdk8s does', () => {
    const shared = { a: 1 };
    for (const each of [
      [shared, shared],
      { a: shared, b: [shared] },
      { at: new Date(0) },
      [1, , 2],
      { m: new Map([['a', 1]]) },
    ]) {
      expect(yamlDocument(each)).toBe(Yaml.stringify(each));
    }
  });

  it('reads back as what was written', () => {
    const readable = TRAPS.filter((trap) => !/[\ud800-\udfff\ufeff]/.test(trap));
    const all = Object.fromEntries(readable.map((trap, i) => [`k${i}`, trap]));
    expect(parse(yamlDocument(all), { version: '1.1' })).toEqual(all);
  });
});
