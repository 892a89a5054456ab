/** One value, one text; and what has no text is refused. */
import { anything, assert, constantFrom, dictionary, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';

describe('the canonical text of a value', () => {
  it('says the value and nothing less', () => {
    assert(
      property(jsonValue({ noUnicodeString: false }), (value) => {
        // JSON has one zero
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is the same in whatever order the members come', () => {
    assert(
      property(dictionary(string({ unit: 'grapheme' }), jsonValue()), (record) => {
        const turned = Object.fromEntries(Object.entries(record).toReversed());
        expect(canonicalJson({ in: [turned] })).toBe(canonicalJson({ in: [record] }));
      }),
    );
  });

  it('is that of RFC 8785 for its example of an order', () => {
    const members = {
      '\u20ac': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '\ud83d\ude00': 5,
      '\u0080': 6,
      '\u00f6': 7,
    };
    const order = [...canonicalJson(members).matchAll(/:(\d)/g)].map(([, number]) => number);
    expect(order.join('')).toBe('2467153');
  });

  it('is refused for what is not JSON, however deep', () => {
    const self: unknown[] = [];
    self.push(self);
    assert(
      property(
        constantFrom<unknown>(
          Number.NaN,
          -Infinity,
          undefined,
          1n,
          Symbol('s'),
          () => 1,
          new Date(0),
          new Map([[1, 2]]),
          '\ud800',
          { '\udc00': 1 },
          { [Symbol('s')]: 1 },
          self,
          // a list with a hole
          Array(1),
        ),
        (value) => {
          for (const holder of [value, [value], { a: { b: value } }])
            expect(() => canonicalJson(holder)).toThrow(expect.objectContaining({ code: 'bad_input' }));
        },
      ),
    );
  });

  it('has one zero, as JSON has', () => {
    expect(canonicalJson([-0])).toBe(canonicalJson([0]));
  });

  it('is refused when it would be long, before the work is done', () => {
    let twice: unknown = 'x';
    for (let depth = 0; depth < 60; depth++) twice = [twice, twice];
    for (const value of [twice, 'x'.repeat(1_000_001), Array(4_294_967_295), { ['x'.repeat(1_000_001)]: 1 }])
      expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'too_much_work' }));
    expect(canonicalJson('x'.repeat(900_000))).toHaveLength(900_002);
  });

  it('keeps a member that is named as a prototype is', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":1,"constructor":2}'))).toBe(
      '{"__proto__":1,"constructor":2}',
    );
  });

  it('is a text or an error of ours, whatever is passed', () => {
    assert(
      property(
        anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (value) => {
          try {
            expect(canonicalJson(value)).toBeTypeOf('string');
          } catch (error) {
            expect(error).toMatchObject({ code: 'bad_input' });
          }
        },
      ),
    );
  });
});
