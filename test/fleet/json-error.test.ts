import fc from 'fast-check';
import { jsonErrorOffset } from '../../lib/fleet/files/json-error';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('where a text stops being JSON', () => {
  it.each([
    ['{"a": 1,}', 8],
    ['{"a" 1}', 5],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['{a: 1}', 1],
    ['[tru]', 1],
    ['["a\nb"]', 3],
    ['["\\x"]', 2],
    ['[01]', 2],
    ['{} {}', 3],
    ['[1', 2],
    ['["abc', 5],
    ['', 0],
    ['}', 0],
    ['[}', 1],
  ])('%j: at %i', (text, offset) => {
    expect(isJson(text)).toBe(false);
    expect(jsonErrorOffset(text)).toBe(offset);
  });

  it('is its end for JSON, and for what broken JSON had been before', () => {
    const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom(',', ':', '"', '{', ']', 'x', '\\', '\n', '0', '-'));
    fc.assert(
      fc.property(broken, ([json, at, put]) => {
        expect(jsonErrorOffset(json)).toBe(json.length);
        const cut = at % (json.length + 1);
        const text = json.slice(0, cut) + put + json.slice(cut);
        if (isJson(text)) return;
        // What stands before the error can be completed: the error is not before the place that was broken.
        expect(jsonErrorOffset(text)).toBeGreaterThanOrEqual(Math.min(cut, json.length) - 4);
        expect(jsonErrorOffset(text)).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
