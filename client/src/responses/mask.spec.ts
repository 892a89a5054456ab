/** What is left of a response. */
import { Readable } from 'node:stream';
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  dictionary,
  letrec,
  oneof,
  option,
  pre,
  record,
  uniqueArray,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAssent } from '../assent.js';
import type { Transport } from '../transport.js';
import { times } from '../../../test/times.js';
import { Permitting } from '../../test/asking/permitting.js';
import { mask, shows } from './index.js';

const clientOf = (transport: Transport) => createAssent({ transport, timeout: 30_000 });
const open = clientOf(new Permitting());
const asText = (value: unknown) => JSON.stringify(value);

describe('of a response with all that JSON has', () => {
  /** Names that mean something in a prototype are among them. */
  const name = constantFrom('a', 'b', 'id', '__proto__', 'constructor', 'toString');
  const field = constantFrom('f.1', 'f.2', 'f.3');
  const user = constantFrom('u-1', 'u-2', 'u-3');
  const { value } = letrec<{ value: unknown }>((tie) => ({
    value: oneof(
      { maxDepth: 5, withCrossShrink: true },
      oneof(user, constant(null), constant(7), constant(''), constant([])),
      array(tie('value'), { maxLength: 3 }),
      dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: false }),
    ),
  }));
  const path = array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('.'));
  /** Paths that do not contradict each other: the longer of two goes. */
  const mapping: Arbitrary<{ readonly fields: [string, string][]; readonly open: string[] }> = uniqueArray(
    record({ path, field: option(field, { nil: undefined, freq: 5 }) }),
    { selector: (one) => one.path, maxLength: 6 },
  ).map((all) => {
    const kept = all.filter((one) => !all.some((two) => one.path.startsWith(`${two.path}.`)));
    return {
      fields: kept.flatMap((one) =>
        one.field === undefined ? [] : [[one.path, one.field] satisfies [string, string]],
      ),
      open: kept.flatMap((one) => (one.field === undefined ? [one.path] : [])),
    };
  });
  const owner = uniqueArray(path, { maxLength: 2, selector: (one) => one.split('.').slice(0, -1).join('.') });

  type Reading = {
    readonly fields: ReadonlyMap<string, string>;
    readonly open: ReadonlySet<string>;
    readonly owners: ReadonlySet<string>;
    readonly isPermitted: (user: string, field: string) => boolean;
  };

  /** What is left, read plainly: path by path, from above. */
  function left(value: unknown, at: string, whose: readonly string[], by: Reading): unknown {
    if (by.open.has(at)) return value;
    const field = by.fields.get(at);
    if (field !== undefined)
      return whose.length > 0 && whose.every((user) => by.isPermitted(user, field)) ? value : undefined;
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) {
      const items = value.map((item) => left(item, at, whose, by)).filter((item) => item !== undefined);
      return items.length === 0 ? undefined : items;
    }
    const entries = Object.entries(value);
    const named = [...by.owners].find((path) => path.split('.').slice(0, -1).join('.') === at);
    const found = entries.find(([name]) => named !== undefined && named.split('.').at(-1) === name)?.[1];
    const theirs = named === undefined ? whose : typeof found === 'string' && found !== '' ? [found] : [];
    const members = entries
      .map(([name, inner]) => [name, left(inner, at === '' ? name : `${at}.${name}`, theirs, by)] as const)
      .filter(([, inner]) => inner !== undefined);
    return members.length === 0 ? undefined : Object.fromEntries(members);
  }

  test('exactly what may be read of its owner is left, whatever the mapping, the owners and the permissions', async () => {
    await assert(
      asyncProperty(
        oneof(array(value), dictionary(name, value)),
        mapping,
        owner,
        array(user, { maxLength: 2 }),
        uniqueArray(record({ user, field }), { selector: (one) => `${one.user} ${one.field}` }),
        async (response, { fields, open }, owners, users, permits) => {
          const whole = [...fields.map(([path]) => path), ...open];
          pre(!owners.some((path) => whole.some((one) => path.startsWith(`${one}.`))));
          const shape = shows(Object.fromEntries(fields), { open, owner: owners });
          const isPermitted = (user: string, field: string) =>
            permits.some((one) => one.user === user && one.field === field);
          const noted = new Permitting((question) => isPermitted(question.user, question.field));
          const plain = left(response, '', users, {
            fields: new Map(fields),
            open: new Set(open),
            owners: new Set(owners),
            isPermitted,
          });
          const shown = await mask(clientOf(noted), 'ai', shape, response, { user: users });
          expect(sorted(shown)).toBe(sorted(plain ?? (Array.isArray(response) ? [] : {})));
          expect(noted.batches.length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: times(20_000, 500) },
    );
  });

  /** As JSON, with names in order. */
  function sorted(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
    if (typeof value !== 'object' || value === null) return asText(value);
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, inner]) => `${asText(name)}:${sorted(inner)}`).join()}}`;
  }
});

describe('many owners', () => {
  test('of one response travel as one request, and each question once', async () => {
    const noted = new Permitting((question) => question.user !== 'u-2');
    const people = ['u-1', 'u-2', 'u-1'].map((id) => ({ id, skills: [id] }));
    const shape = shows({ 'people.skills': 'member.skills' }, { owner: 'people.id' });
    const shown = await mask(clientOf(noted), 'ai', shape, { people });
    expect(asText(shown)).toBe('{"people":[{"skills":["u-1"]},{"skills":["u-1"]}]}');
    expect(noted.batches.map((batch) => batch.map(({ user }) => user))).toEqual([['u-1', 'u-2']]);
  });

  test('are all asked about, where they are more than one call may ask', async () => {
    const people = Array.from({ length: 10_001 }, (_none, at) => ({ id: `u-${at}`, skills: 'all' }));
    const shown = await mask(open, 'ai', shows({ skills: 'member.skills' }, { owner: 'id' }), people);
    expect(shown).toHaveLength(10_001);
  });

  test('of one object must all permit', async () => {
    const noted = new Permitting((question) => question.user !== 'u-2');
    const shape = shows({ skills: 'member.skills' });
    const left = async (user: readonly string[]) =>
      asText(await mask(clientOf(noted), 'ai', shape, { skills: 1 }, { user }));
    expect([await left(['u-1', 'u-3']), await left(['u-1', 'u-2']), await left([])]).toEqual([
      '{"skills":1}',
      '{}',
      '{}',
    ]);
  });
});

test.each([
  ['is missing', {}],
  ['is a number', { id: 7 }],
  ['is empty', { id: '' }],
  ['is a list', { id: ['u-1'] }],
  ['is in the prototype', Object.create({ id: 'u-1' })],
  [
    'is made by a getter',
    {
      get id() {
        return 'u-1';
      },
    },
  ],
])(
  "an object whose owner %s is nobody's, not that of the user of the request",
  async (_what, owner: object) => {
    const person = Object.assign(Object.create(Object.getPrototypeOf(owner)), { skills: 'all' });
    Object.defineProperties(person, Object.getOwnPropertyDescriptors(owner));
    const shape = shows({ skills: 'member.skills' }, { owner: 'id' });
    expect(asText(await mask(open, 'ai', shape, person, { user: 'u-1' }))).toBe('{}');
  },
);

class Point {
  readonly #hidden = 'hidden';
  x = 1;
  get y() {
    return this.#hidden;
  }
}
const nested = (levels: number) => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};
const cycle: { inner?: object } = {};
cycle.inner = [cycle];

const CLOSED = 'is nothing that can be looked into';
const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ['a map', new Map([['a', 1]]), CLOSED],
  ['a set', new Set([1]), CLOSED],
  ['bytes', Buffer.from('a'), CLOSED],
  ['an array of numbers of one size', new Float64Array(1), CLOSED],
  ['an array buffer', new ArrayBuffer(1), CLOSED],
  ['a promise', Promise.resolve(1), CLOSED],
  ['an error', new Error('a'), CLOSED],
  ['a text in a box', Object('a'), CLOSED],
  ['an iterator', [1].values(), CLOSED],
  ['an answer of fetch', new Response('a'), CLOSED],
  ['a stream within', Readable.from([{ a: 1 }]), CLOSED],
  ['a cycle', cycle, 'holds itself'],
  ['what says itself how it is sent', { toJSON: () => 'a' }, 'has a `toJSON`'],
  ['a list that says itself how it is sent', Object.assign([1], { toJSON: () => 'a' }), 'has a `toJSON`'],
  ['a number without end', 1n, 'is a BigInt'],
];

describe.each(REFUSED)('%s', (_what, value, message) => {
  test.each([
    ['mapped', { a: value }, shows({ a: 'f' }), '`a`'],
    ['within what is mapped', { a: { b: [value] } }, shows({ a: 'f' }), '`a`'],
    ['open', { a: value }, shows({}, { open: ['a'] }), '`a`'],
  ])('is refused in words where it is %s', async (_where, response, shape, place) => {
    await expect(mask(open, 'ai', shape, response, { user: 'u-1' })).rejects.toThrow(
      `${place} of the response ${message}`,
    );
  });

  test('is not there where nothing maps it', async () => {
    const response = { a: 1, b: value };
    expect(asText(await mask(open, 'ai', shows({ a: 'f' }), response, { user: 'u-1' }))).toBe('{"a":1}');
  });
});

test.each(REFUSED.filter(([, value]) => value instanceof Object && !(value instanceof Readable)))(
  '%s is refused in words as the whole response',
  async (_what, value) => {
    await expect(mask(open, 'ai', shows({ 'inner.a': 'f' }), value, { user: 'u-1' })).rejects.toThrow(
      /response`? (is nothing|holds itself|has a `toJSON`)/,
    );
  },
);

test.each(['metalwork', 7, true, 1n, Symbol('metalwork')])(
  '%s is no response with properties',
  async (value) => {
    await expect(mask(open, 'ai', shows({ a: 'f' }), value, { user: 'u-1' })).rejects.toThrow(
      /^the response is a \w+, which has no properties: answer with an object$/,
    );
  },
);

test('of an instance of a class, its own data are left, and neither getters nor functions', async () => {
  const shape = shows({ p: 'f', 'q.x': 'f', 'q.y': 'f', d: 'f', g: 'f' });
  const response = {
    p: new Point(),
    q: new Point(),
    d: new Date(0),
    get g() {
      return 'made';
    },
  };
  const shown = await mask(open, 'ai', shape, response, { user: 'u-1' });
  expect(asText(shown)).toBe('{"p":{"x":1},"q":{"x":1},"d":"1970-01-01T00:00:00.000Z"}');
});

test('what was examined is what is left, whatever becomes of the response meanwhile', async () => {
  const response = { a: [1], b: { c: 2 }, d: { e: 5 } };
  const shown = mask(open, 'ai', shows({ a: 'f', 'b.c': 'f', d: 'f' }), response, { user: 'u-1' });
  response.a.push(3);
  response.d.e = 6;
  response.b = { c: 4 };
  expect(asText(await shown)).toBe('{"a":[1],"b":{"c":2},"d":{"e":5}}');
});

test('as many levels as may be are looked into, and one more is refused in words, as are more than the stack has', async () => {
  const left = async (a: unknown) =>
    asText(await mask(open, 'ai', shows({ a: 'f' }), { a }, { user: 'u-1' }));
  expect(await left(nested(999))).toBe(asText({ a: nested(999) }));
  for (const levels of [1_000, 100_000])
    await expect(left(nested(levels))).rejects.toThrow('`a` of the response has more than 1000 levels');
});

describe('a stream', () => {
  async function shownOf(stream: unknown): Promise<AsyncIterator<unknown>> {
    const shown = await mask(open, 'ai', shows({ a: 'f' }), stream, { user: 'u-1' });
    const begin: unknown = Reflect.get(Object(shown), Symbol.asyncIterator);
    if (typeof begin !== 'function') throw new Error('it is no stream any more');
    return begin.call(shown);
  }

  test('holds what may be read of each value, and nothing for those who make a text of it', async () => {
    const source = Readable.from([{ a: 1, b: 2 }, { b: 2 }]);
    const shown = await shownOf(source);
    expect(asText(shown)).toBe('{}');
    expect(asText([await shown.next(), await shown.next(), await shown.next()])).toBe(
      '[{"done":false,"value":{"a":1}},{"done":false,"value":{}},{"done":true}]',
    );
  });

  test.each([
    ['texts', ['metalwork']],
    ['bytes', [Buffer.from('metalwork')]],
    ['streams', [Readable.from([{ a: 1 }])]],
  ])('of %s is refused in words, and ended', async (_what, values) => {
    const source = Readable.from(values);
    const shown = await shownOf(source);
    await expect(shown.next()).rejects.toThrow(/^the response is /);
    expect(source.destroyed).toBe(true);
  });

  test('ends its source when nobody goes on, also while it waits for a value', async () => {
    const silent = new Readable({ objectMode: true, read: () => undefined });
    const shown = await shownOf(silent);
    const waiting = shown.next();
    expect(await shown.return?.()).toEqual({ done: true, value: undefined });
    expect(silent.destroyed).toBe(true);
    await expect(waiting).rejects.toThrow('Premature close');
  });

  test('that fails ends nothing but itself', async () => {
    const source = Readable.from([]);
    const shown = await shownOf(source);
    source.destroy(new Error('no such file'));
    // without `once` of Node, which would listen for the error
    await new Promise((resolve) => source.once('close', resolve));
    await expect(shown.next()).rejects.toThrow('no such file');
  });
});

test.each([
  [{ 'a.b': 'f', a: 'f' }, {}, '`a` is mapped as a whole, and what is in it as well: do one of them'],
  [{ a: 'f', 'a.b': 'f' }, {}, '`a.b` lies in `a`, which is mapped as a whole: do one of them'],
  [{ a: 'f' }, { open: ['a'] }, '`a` is mapped twice: map it once'],
  [{ a: 'f' }, { owner: 'a.id' }, '`a.id` lies in `a`, which is mapped as a whole: do one of them'],
  [{}, { owner: ['a', 'b'] }, '`a` and `b` both name the owner of one object: leave one out'],
  [{ '': 'f' }, {}, '`` is no path: name properties, with points between'],
  [{ 'a..b': 'f' }, {}, '`a..b` is no path: name properties, with points between'],
  [{ a: '' }, {}, '`field` is empty: send an id'],
  ['f', { open: ['a'] }, 'the response is one field: leave `open` and `owner` out'],
])('a shape that contradicts itself is refused in words: %j %j', (fields, options, message) => {
  expect(() => shows(fields, options)).toThrow(new TypeError(message));
});

test.each([
  ['a text', 'member.skills'],
  ['a mapping', { skills: 'member.skills' }],
  ['an empty object', {}],
  ['what looks like a shape', { path: '', inner: new Map(), fields: [], isAboutRequest: false }],
  ['nothing', undefined],
])('%s in place of a shape opens nothing', async (_what, shape) => {
  for (const response of [{ skills: 'welding' }, [], 'welding', Readable.from(['welding'])])
    await expect(Reflect.apply(mask, undefined, [open, 'ai', shape, response])).rejects.toThrow('`shape`');
});
