import fc from 'fast-check';
import { repeatedKeys } from '../../lib/fleet/files/json-keys';

describe('keys that stand twice in JSON', () => {
  it.each<[string, ReturnType<typeof repeatedKeys>]>([
    ['{"a": 1, "a": 2}', [{ path: [], key: 'a', values: ['1', '2'] }]],
    ['{"a": {"b": [], "c": 0, "b": {"d": 1}}}', [{ path: ['a'], key: 'b', values: ['[]', '{"d": 1}'] }]],
    ['{"x": [{"a": "}"}, {"a": "}", "\\u0061": "\\""}]}', [{ path: ['x'], key: 'a', values: ['"}"', '"\\""'] }]],
    [
      '{"a": 1, "a": true, "a": null}',
      [
        { path: [], key: 'a', values: ['1', 'true'] },
        { path: [], key: 'a', values: ['1', 'null'] },
      ],
    ],
    ['{"__proto__": 1, "__proto__": 2}', [{ path: [], key: '__proto__', values: ['1', '2'] }]],
    ['["a", "a", {"a": "a"}, {"a": ["a"]}]', []],
    ['"a"', []],
    ['', []],
  ])('%s', (text, found) => {
    expect(repeatedKeys(text)).toEqual(found);
  });

  it('are none in what JSON.stringify writes, and one in any object that gets a key once more', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(repeatedKeys(text)).toEqual([]);
        const again = `{"k": ${text}, "other": ${text}, "k": ${text}}`;
        expect(repeatedKeys(again)).toEqual([{ path: [], key: 'k', values: [text, text] }]);
      }),
    );
  });

  it('are found however deep they are', () => {
    const deep = 200_000;
    expect(repeatedKeys(`${'['.repeat(deep)}{"a":1,"a":2}${']'.repeat(deep)}`)).toHaveLength(1);
  });
});
