import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DomainError } from '../errors.js';
import { type Operation, patched } from './patch.js';

/** What a patch of one operation makes of the document, or that it is refused. */
function after(document: unknown, ...operations: Operation[]): unknown {
  try {
    return patched(document, operations);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'invalid_request') return 'refused';
    throw error;
  }
}

describe('a JSON Patch', () => {
  // RFC 6902, appendix A
  it.each<[string, unknown, Operation[], unknown]>([
    ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    [
      'A.2',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    ['A.4', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    ['A.5', { baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
    [
      'A.6',
      { foo: { bar: 1 }, qux: {} },
      [{ op: 'move', from: '/foo/bar', path: '/qux/thud' }],
      { foo: {}, qux: { thud: 1 } },
    ],
    [
      'A.7',
      { foo: ['all', 'grass', 'cows'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/2' }],
      { foo: ['all', 'cows', 'grass'] },
    ],
    [
      'A.8',
      { baz: 'qux', foo: ['a', 2] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2] },
    ],
    ['A.9', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], 'refused'],
    [
      'A.10',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { a: {} } }],
      { foo: 'bar', child: { a: {} } },
    ],
    ['A.12', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }], 'refused'],
    ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    ['A.15', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }], 'refused'],
    ['A.16', { foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['a'] }], { foo: ['bar', ['a']] }],
    [
      'section 4.4, where a move is a removal and then an addition',
      [{ a: 1 }, 2, {}],
      [{ op: 'move', from: '/0', path: '/1/b' }],
      [2, { b: { a: 1 } }],
    ],
    [
      'section 4.4, where nothing is left at the place that a move goes to',
      [{ a: 1 }, {}],
      [{ op: 'move', from: '/0', path: '/1/b' }],
      'refused',
    ],
    ['the whole document', [1], [{ op: 'replace', path: '', value: { a: 1 } }], { a: 1 }],
  ])('does what RFC 6902 says in %s', (_name, document, operations, expected) => {
    expect(after(document, ...operations)).toEqual(expected);
  });

  it('leaves the document as it was, whether it applies or not', () => {
    const document = { list: [{ a: 1 }] };
    after(document, { op: 'add', path: '/list/0/b', value: 2 });
    after(document, { op: 'remove', path: '/list/0' }, { op: 'remove', path: '/none' });
    expect(document).toEqual({ list: [{ a: 1 }] });
  });

  it('reaches nothing that is not in the document', () => {
    const inherited = [
      'toString',
      'valueOf',
      'hasOwnProperty',
      'map',
      'length',
      '__proto__',
      'constructor',
      'prototype',
      'call',
    ];
    const tokens = fc.array(fc.oneof(fc.constantFrom(...inherited), fc.constantFrom('list', '0', '-', '')), {
      minLength: 1,
    });
    const pointers = tokens.map((parts) => `/${parts.join('/')}`);
    const operations: fc.Arbitrary<Operation> = fc.oneof(
      fc.record({ op: fc.constantFrom('add', 'replace'), path: pointers, value: fc.constant('reached') }),
      fc.record({ op: fc.constant('remove'), path: pointers }),
      fc.record({ op: fc.constantFrom('move', 'copy'), from: pointers, path: pointers }),
    );
    const shared: readonly object[] = [Object.prototype, Array.prototype, Function.prototype];
    /** The names of all that every object shares, and of what is on its methods. */
    const whole = () =>
      shared.flatMap((one) =>
        Object.entries(Object.getOwnPropertyDescriptors(one)).map(([name, { value }]) =>
          typeof value === 'function' ? `${name}: ${Object.getOwnPropertyNames(value).join()}` : name,
        ),
      );
    const before = whole();
    fc.assert(
      fc.property(fc.array(operations, { minLength: 1, maxLength: 4 }), (patch) => {
        const result = after({ list: [{ a: 1 }, 'text'], '': {} }, ...patch);
        expect(whole()).toEqual(before);
        // what is made is JSON: nothing inherited was copied into it
        if (result !== 'refused') expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['01', '-1', '1.0', '1e0', ' 1', 'x', '2', '99999999999'])(
    'knows that `%s` is no index of a list of one',
    (index) => {
      for (const op of ['add', 'replace'] as const)
        expect(after(['a'], { op, path: `/${index}`, value: 'b' })).toBe('refused');
      expect(after(['a'], { op: 'remove', path: `/${index}` })).toBe('refused');
    },
  );

  it('does not grow a document past what could be sent', () => {
    const document = { text: 'x'.repeat(1_000_000), list: [] };
    const copy: Operation = { op: 'copy', from: '/text', path: '/list/-' };
    expect(after(document, copy, copy)).not.toBe('refused');
    expect(after(document, copy, copy, copy, copy)).toBe('refused');
  });

  it('looks at what a copy copies, not at the whole document each time', () => {
    const clone = vi.spyOn(globalThis, 'structuredClone');
    const write = vi.spyOn(JSON, 'stringify');
    const document = { text: 'x'.repeat(10_000), list: [] };
    const small: Operation = { op: 'copy', from: '/list', path: '/again' };
    const made = after(document, ...Array.from({ length: 500 }, () => small));
    const seen = [...clone.mock.calls, ...write.mock.calls].map(([value]): unknown => value);
    vi.restoreAllMocks();
    expect(made).not.toBe('refused');
    expect(seen.filter((value) => JSON.stringify(value).length > 10_000)).toEqual([document]);
  });

  it('compares two long lists member by member', () => {
    let reads = 0;
    const list = Array.from({ length: 2_000 }, (_, at) => ({ at }));
    const value = list.map(({ at }) => ({
      get at() {
        reads++;
        return at === 1_999 ? 0 : at;
      },
    }));
    expect(after({ list }, { op: 'test', path: '/list', value })).toBe('refused');
    expect(reads).toBeGreaterThanOrEqual(list.length);
    expect(reads).toBeLessThan(4 * list.length);
  });
});

it.each([
  ['/purposes/1/titel', '`/purposes/1/titel`: did you mean `/purposes/1/title`?'],
  ['/purposes/1/setings/US', '`/purposes/1/setings/US`: did you mean `/purposes/1/settings`?'],
  ['/purposes/2/title', '`/purposes/2/title`: `/purposes` has 2 entries, counted from 0'],
  ['/purposes/ads/title', '`/purposes/ads/title`: `/purposes` has 2 entries, counted from 0'],
  ['/purposes/0/title/x', '`/purposes/0/title/x`: `/purposes/0/title` has no members'],
  ['/nothing/like/it', '`/nothing/like/it`: the document is there, and has no such member'],
  ['/purposes/0/a~1c', '`/purposes/0/a~1c`: `/purposes/0` is there, and has no such member'],
  [
    '/purposes/1/settings/on~1of',
    '`/purposes/1/settings/on~1of`: did you mean `/purposes/1/settings/on~1off`?',
  ],
  ['/__proto__/title', '`/__proto__/title`: the document is there, and has no such member'],
  ['purposes/0', '`purposes/0`: a path is a JSON Pointer, as `/purposes/0/title` is one'],
])('at %s says what there is nearest to it', (path, says) => {
  const document = { purposes: [{ title: 'Ads' }, { title: 'AI', settings: { US: 'opt_in', 'on/off': 1 } }] };
  for (const operation of [
    { op: 'remove', path },
    { op: 'copy', from: path, path: '/purposes/-' },
    { op: 'move', from: path, path: '/purposes/-' },
  ] as const)
    expect(() => patched(document, [operation])).toThrow(
      `does not apply: there is no ${says}; none was applied`,
    );
});

it('that does not apply says which operation, why, and what to do', () => {
  const move = () => patched({ foo: { bar: 1 } }, [{ op: 'move', from: '/foo', path: '/foo/bar' }]);
  expect(move).toThrow(
    'operation 0 of the patch does not apply: there is no `/foo/bar` any more; none was applied: correct it, and send all of them again',
  );
});
