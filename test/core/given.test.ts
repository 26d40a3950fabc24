import fc from 'fast-check';
import { showGiven } from '../../lib/core/given';

class Thing {
  readonly field = 1;
}

test.each([
  ['nothing', undefined, 'nothing'],
  ['null', null, 'null'],
  ['a number', 1.5, '1.5'],
  ['no number', NaN, 'NaN'],
  ['a boolean', false, 'false'],
  ['a large integer', 10n ** 20n, '100000000000000000000'],
  ['a text', 'edge1', "'edge1'"],
  ['an empty text', '', "''"],
  ['an empty list', [], '[]'],
  ['a list', ['a', 'b'], 'a list of 2'],
  ['an empty object', {}, '{}'],
  ['an object', { a: 1, b: 2 }, 'an object with a, b'],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), 'an object with a'],
  ['an object with a field named constructor', { constructor: undefined }, 'an object with constructor'],
  ['an instance of a class', new Thing(), 'an object of class Thing'],
  ['a date', new Date(0), 'an object of class Date'],
  ['a function', () => 1, 'a function'],
  ['a symbol', Symbol('x'), 'a symbol'],
])('%s', (_, value, shown) => {
  expect(showGiven(value)).toBe(shown);
});

test.each([
  ['a line break', 'a\nb', "'a\\u{a}b'"],
  ['a zero byte', 'a\0', "'a\\u{0}'"],
  ['an escape sequence of a terminal', '\x1b[31mred', "'\\u{1b}[31mred'"],
  ['a Cyrillic a', 'edgе', "'edg\\u{435}'"],
  ['a space without width', 'a\u200bb', "'a\\u{200b}b'"],
  ['a mark that turns the direction of writing', '\u202eabc', "'\\u{202e}abc'"],
  ['an emoji, as one character', '\u{1f6d2}', "'\\u{1f6d2}'"],
  ['half an emoji', '\ud83d', "'\\u{d83d}'"],
])('makes %s visible', (_, value, shown) => {
  expect(showGiven(value)).toBe(shown);
});

test('makes hidden characters in the names of fields visible', () => {
  expect(showGiven({ 'a\nb': 1 })).toBe('an object with a\\u{a}b');
});

const SECRET = '(secret material, not shown)';
test.each([
  ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2', SECRET],
  ['a certificate, as it may have its key beside it', '-----BEGIN CERTIFICATE-----\nhunter2', SECRET],
  ['a key after other text', 'key=hunter2 PRIVATE KEY', SECRET],
  ["K3s' token", `K10${'0'.repeat(64)}::server:hunter2`, SECRET],
  ["K3s' token after other text", `token: K10${'f'.repeat(64)}::node:hunter2`, SECRET],
  ['a token of a service account', 'eyJhbGciOiJSUzI1NiJ9.eyJodW50ZXIyIjoxfQ.hunter2', SECRET],
  ['a URL with a password', 'https://user:hunter2@example.com/x', '(a URL with credentials, not shown)'],
  ['a URL with a blank in the password', 'https://user:hunter 2@example.com', '(a URL with credentials, not shown)'],
  ['a host with a password', 'user:hunter2@example.com:3128', '(a URL with credentials, not shown)'],
  ['a URL without a scheme but with a password', '//user:hunter2@example.com', '(a URL with credentials, not shown)'],
])('does not show %s', (_, value, shown) => {
  expect(showGiven(value)).toBe(shown);
});

test('a URL with an at sign in its path is no secret', () => {
  expect(showGiven('https://example.com:443/a@b')).toBe("'https://example.com:443/a@b'");
});

test('an image with its digest is no secret', () => {
  expect(showGiven('nginx:1.2@sha256:0')).toBe("'nginx:1.2@sha256:0'");
});

test('cuts long texts and says how long they are', () => {
  expect(showGiven('x'.repeat(80))).toBe(`'${'x'.repeat(80)}'`);
  expect(showGiven('x'.repeat(81))).toBe(`'${'x'.repeat(80)}... (81 characters)'`);
  expect(showGiven(Object.fromEntries([['y'.repeat(100), 1]]))).toBe(
    `an object with ${'y'.repeat(80)}... (100 characters)`,
  );
});

test('whatever is given, what is shown is short, printable and on one line', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.anything({ withNullPrototype: true, withBigInt: true }), fc.string({ unit: 'binary' })),
      (value) => {
        const shown = showGiven(value);
        if (typeof value !== 'bigint') expect(shown.length).toBeLessThan(140);
        expect(shown).toMatch(/^[\x20-\x7e]+$/);
      },
    ),
  );
});
