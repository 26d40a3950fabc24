import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { ownCopy } from '../../lib/core/own-copy';
import { PropsCheck } from '../../lib/core/props-check';
import { bool, listOf, optional, text } from '../../lib/core/rules';

describe('a copy of props', () => {
  const root = new Construct(undefined as never, '');

  it('says the same, is frozen however deep, and knows nothing of what becomes of the original', () => {
    const given = { a: [{ b: { c: ['x'] } }], d: { e: 1 }, f: undefined, g: null };
    const before = structuredClone(given);
    const copy = ownCopy(given);
    expect(copy).toStrictEqual(given);
    given.a[0]!.b.c.push('y');
    given.a.push({ b: { c: [] } });
    given.d.e = 2;
    expect(copy).toStrictEqual(before);
    for (const part of [copy, copy.a, copy.a[0]!, copy.a[0]!.b, copy.a[0]!.b.c, copy.d])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('holds constructs, late values, functions, promises and instances as they are', () => {
    class Own {
      list: string[] = [];
    }
    const given = {
      construct: new Construct(root, 'child'),
      lazy: Lazy.any({ produce: () => 1 }) as unknown,
      call: (): number => 1,
      promise: Promise.resolve(1),
      own: new Own(),
      date: new Date(0),
      map: new Map([['a', 1]]),
    };
    const copy = ownCopy(given);
    for (const key of Object.keys(given) as (keyof typeof given)[]) expect(copy[key]).toBe(given[key]);
    expect(Object.isFrozen(copy.own)).toBe(false);
    expect(ownCopy('text')).toBe('text');
    expect(ownCopy<unknown>(undefined)).toBe(undefined);
  });

  it('keeps what refers to itself, maps without a prototype, keys of any name, and depth', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = [cycle];
    const copy = ownCopy(cycle) as { self: [unknown] };
    expect(copy.self[0]).toBe(copy);
    const bare = Object.assign(Object.create(null) as object, { constructor: 1, other: 2 });
    expect(Object.getPrototypeOf(ownCopy(bare))).toBe(null);
    expect(Object.entries(ownCopy(bare))).toEqual(Object.entries(bare));
    const parsed = JSON.parse('{"__proto__": {"nodes": ["a"]}}') as object;
    expect(Object.keys(ownCopy(parsed))).toEqual(['__proto__']);
    let deep: unknown = 'end';
    for (let i = 0; i < 100_000; i++) deep = i % 2 ? [deep] : { deep };
    expect(() => ownCopy(deep)).not.toThrow();
  });

  it('is made once: a copy of a copy is that copy', () => {
    const copy = ownCopy({ a: [1] });
    expect(ownCopy(copy)).toBe(copy);
    expect(ownCopy({ more: copy }).more).toBe(copy);
  });

  it('is what is checked, holes in lists included', () => {
    const check = new PropsCheck(root, 'x', 'Thing');

    const props = check.props({ list: [, 'a'], on: true }, { list: listOf(text()), on: optional(bool()) });
    expect(Object.isFrozen(props.list)).toBe(true);
    expect(() => {
      check.throwIfAny();
    }).toThrow('list[0]: given nothing; allowed: a string');
  });
});
