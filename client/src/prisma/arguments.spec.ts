/** What is checked of the arguments of a query is what is asked. */
import { anything, assert, json, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyOf } from './arguments.js';
import { QueryRefused } from './query-refused.js';

test('a copy has what JSON has, and nothing of what it was made of', () => {
  assert(
    property(json(), (text) => {
      const given: unknown = JSON.parse(text);
      const copy = copyOf(given);
      expect(JSON.stringify(copy)).toBe(JSON.stringify(given));
      if (typeof given === 'object' && given !== null) expect(copy).not.toBe(given);
    }),
  );
});

test('whatever is given, its copy has no getter, and is copied again to the same', () => {
  assert(
    property(anything({ withDate: true, withTypedArray: true, withSparseArray: true }), (given) => {
      const copy = copyOf(given);
      expect(copyOf(copy)).toEqual(copy);
    }),
  );
});

describe('each member is read once', () => {
  let reads = 0;
  const where = () => (reads++ === 0 ? 'open' : 'closed');
  const read = (copy: unknown) => [Reflect.get(Object(copy), 'where'), Reflect.get(Object(copy), 'where')];

  test.each([
    [
      'a getter',
      {
        get where() {
          return where();
        },
      },
    ],
    ['a proxy', new Proxy({ where: '' }, { get: where })],
  ])('of %s', (_what, given) => {
    reads = 0;
    expect(read(copyOf(given))).toEqual(['open', 'open']);
  });

  test('and a list by its places, whatever it says how it is gone through', () => {
    const list = Object.assign(['a', 'b'], { [Symbol.iterator]: () => [].values(), every: () => true });
    expect(copyOf(list)).toEqual(['a', 'b']);
    expect(Object.keys(Object(copyOf(list)))).toEqual(['0', '1']);
  });

  test('and dates and bytes are of no class but their own', () => {
    const date = Object.assign(new Date(7), { toISOString: () => 'other' });
    const bytes = Object.assign(Uint8Array.of(1, 2), { slice: () => 'other' });
    const [day, two]: readonly unknown[] = [copyOf(date), copyOf(bytes)];
    expect(day).toEqual(new Date(7));
    expect(Object.hasOwn(Object(day), 'toISOString')).toBe(false);
    expect(two).toEqual(Uint8Array.of(1, 2));
    expect(Object.hasOwn(Object(two), 'slice')).toBe(false);
  });
});

test('what looks like a decimal is the text of its number, and nothing else that it may be', () => {
  class Reference {
    readonly name = 'secret';
    readonly d = [1];
    readonly e = 0;
    readonly s = 1;
    toFixed() {
      return '1.5';
    }
  }
  expect(copyOf({ in: [new Reference()] })).toEqual({ in: ['1.5'] });
});

test.each([
  ['a member', (raw: object) => ({ data: raw })],
  ['a member of a member', (raw: object) => ({ data: { meta: { a: raw } } })],
  ['an item', (raw: object) => ({ data: [[raw]] })],
  ['all of it', (raw: object) => raw],
  ['something of another class', (raw: object) => ({ data: Object.create(raw) })],
])('what Prisma would hand on without a look is refused as %s', (_where, argsOf) => {
  const args = argsOf({ __prismaRawParameters__: true, values: 1 });
  expect(() => copyOf(args)).toThrow(QueryRefused);
});
