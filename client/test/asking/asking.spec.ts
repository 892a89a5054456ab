/** What the functions ask, of a transport that notes it. */
import {
  anything,
  array,
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  string,
  uniqueArray,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Asked, type Settings, createAssent } from '../../src/assent.js';
import { type Answer, denied } from '../../src/terms/answer.js';
import { Failure } from '../../src/terms/failure.js';
import type { AudienceQuestion, Context, Question } from '../../src/terms/question.js';
import { type AudiencePart, Transport } from '../../src/transport.js';
import { FIELDS, FUNCTIONS } from '../faults/functions.js';

const BASIS = { policy: 'p', revision: 'r' };
const PERMIT: Answer = { permitted: true, reason: 'permitted', obligations: [], ...BASIS };
const PATIENT = 30_000;

/** Permits what `opens` says, and notes each request. */
class Noted extends Transport {
  readonly batches: (readonly Question[])[] = [];
  readonly parts: (readonly string[])[] = [];
  readonly signals: AbortSignal[] = [];
  obligations: readonly string[] = [];

  constructor(private readonly opens: (field: string, user: string) => boolean = () => true) {
    super();
  }

  evaluate(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]> {
    this.batches.push(questions);
    this.signals.push(signal);
    return Promise.resolve(
      questions.map(({ field, user }) =>
        this.opens(field, user) ? { ...PERMIT, obligations: this.obligations } : denied('opted_out', BASIS),
      ),
    );
  }

  audience({ fields }: AudienceQuestion, users: readonly string[]): Promise<AudiencePart> {
    this.parts.push(users);
    const open = users.map((user) => fields.filter((field) => this.opens(field, user)));
    return Promise.resolve({ ...BASIS, obligations: this.obligations, users: open });
  }
}

const assentOver = (transport: Transport, more: Pick<Settings, 'context' | 'discharges' | 'timeout'> = {}) =>
  createAssent({ transport, purpose: 'ai', timeout: PATIENT, ...more });

describe('questions of one turn', () => {
  test('travel as one request, whoever asks them', async () => {
    const noted = new Noted();
    const assent = assentOver(noted);
    await Promise.all([
      assent.may('u-1', 'a'),
      assent.check('u-2', ['b', 'c']),
      assent.filter('u-3', { d: 1 }),
      assent.explain('u-4', 'e'),
      assent.checkMany([{ user: 'u-5', field: 'f', purpose: 'research' }]),
    ]);
    expect(noted.batches.map((batch) => batch.map(({ user, field }) => user + field))).toEqual([
      ['u-1a', 'u-2b', 'u-2c', 'u-3d', 'u-4e', 'u-5f'],
    ]);
  });

  test('travel as few requests that are not too large, and are answered each in its place', async () => {
    const noted = new Noted((_field, user) => Number(user) % 3 === 0);
    const users = Array.from({ length: 2_500 }, (_, at) => String(at));
    const answers = await assentOver(noted).checkMany(users.map((user) => ({ user, field: 'a' })));
    expect(noted.batches.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
    expect(answers.map(({ permitted }) => permitted)).toEqual(users.map((_user, at) => at % 3 === 0));
  });

  test('travel apart where their texts are long', async () => {
    const noted = new Noted();
    // which takes six bytes on the way
    const context = { reader_token: '\u{1}'.repeat(16_000) };
    const long = Array.from({ length: 40 }, () => ({ user: 'u', field: 'a', context }));
    const many = Array.from({ length: 2_000 }, (_, at) => ({
      user: `${at}\u{1}`.padEnd(250, '\u{1}'),
      field: 'a',
    }));
    await assentOver(noted).checkMany([...long, ...many]);
    // the service takes 1 MiB, and its names around the texts of a question are up to 200 bytes longer than these
    for (const batch of noted.batches)
      expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(1_048_576 - 200 * batch.length);
    expect(noted.batches.flat()).toHaveLength(2_040);
  });

  test('travel with a hundred different cases at most', async () => {
    const noted = new Noted();
    const questions = Array.from({ length: 500 }, (_, at) => ({
      user: `u-${at}`,
      field: 'a',
      context: { case: `c-${at % 250}` },
    }));
    const answers = await assentOver(noted).checkMany(questions);
    expect(answers.every(({ permitted }) => permitted)).toBe(true);
    for (const batch of noted.batches)
      expect(new Set(batch.map(({ context }) => context?.case)).size).toBeLessThanOrEqual(100);
    expect(noted.batches.flat()).toHaveLength(500);
    expect(noted.batches.length).toBeLessThanOrEqual(6);
  });

  test.each<Context>([{ case: 'c' }, { consistency: 'confirmed' }, { consistency_token: 't' }])(
    'travel apart where %o may keep the service waiting',
    async (context) => {
      const noted = new Noted();
      await assentOver(noted).checkMany([
        { user: 'u-1', field: 'a', context },
        { user: 'u-2', field: 'a' },
        { user: 'u-3', field: 'a', context },
        { user: 'u-4', field: 'a', context: { actor: 'automated' } },
      ]);
      const asked = noted.batches.map((batch) => batch.map(({ user }) => user));
      expect(asked).toEqual([
        ['u-2', 'u-4'],
        ['u-1', 'u-3'],
      ]);
    },
  );

  test('of another turn travel for themselves', async () => {
    const noted = new Noted();
    const assent = assentOver(noted);
    await assent.may('u-1', 'a');
    await assent.may('u-1', 'a');
    expect(noted.batches).toHaveLength(2);
  });
});

describe('a question', () => {
  test('has the purpose and the facts of the client, unless it has its own', async () => {
    const noted = new Noted();
    const assent = assentOver(noted, { context: { actor: 'automated' } });
    await assent.check('u', ['a']);
    await assent.check('u', ['a'], {
      purpose: 'research',
      context: { legal_reference: '7' },
      visibility: 'v',
      item: 'i',
    });
    expect(noted.batches.flat()).toEqual([
      { purpose: 'ai', user: 'u', field: 'a', context: { actor: 'automated' } },
      {
        purpose: 'research',
        user: 'u',
        field: 'a',
        context: { legal_reference: '7' },
        visibility: 'v',
        item: 'i',
      },
    ]);
  });

  test('is asked as it was when the function was called', async () => {
    const noted = new Noted();
    const context: { actor: 'automated' | 'human' } = { actor: 'human' };
    const asked = assentOver(noted).may('u', 'a', { context });
    context.actor = 'automated';
    await asked;
    expect(noted.batches.flat()).toMatchObject([{ context: { actor: 'human' } }]);
  });

  const [long, none]: [string, string] = ['x'.repeat(257), ''];
  const BROKEN: readonly (readonly [string, unknown])[] = [
    ['is nothing', null],
    ['is a text', 'member.skills'],
    ['names no user', { field: 'a' }],
    ['names several users', { user: ['u-1', 'u-2'], field: 'a' }],
    ['names an empty user', { user: none, field: 'a' }],
    ['names a user at length', { user: long, field: 'a' }],
    ['names a number', { user: 7, field: 'a' }],
    ['names no field', { user: 'u' }],
    ['names an empty purpose', { user: 'u', field: 'a', purpose: none }],
    ['has a level that is no text', { user: 'u', field: 'a', visibility: 1 }],
    ['has a fact that there is not', { user: 'u', field: 'a', context: { caze: 'c-1' } }],
    ['has a fact that is no text', { user: 'u', field: 'a', context: { case: true } }],
    ['has a text for its facts', { user: 'u', field: 'a', context: 'automated' }],
    [
      'would be written otherwise than it was read',
      { user: 'u', field: 'a', context: { toJSON: () => ({}) } },
    ],
  ];
  test.each(BROKEN)('that %s is denied in words and not sent, and the others are', async (_what, broken) => {
    const noted = new Noted();
    // what a caller in JavaScript may send
    const questions: Asked[] = Object.assign([], [broken, { user: 'u', field: 'a' }]);
    const answers = await assentOver(noted).checkMany(questions);
    expect(answers).toMatchObject([{ permitted: false, reason: 'invalid_question' }, { permitted: true }]);
    expect(noted.batches.flat()).toHaveLength(1);
  });

  test('of a client without a purpose is denied when it has none', async () => {
    const assent = createAssent({ transport: new Noted() });
    const permits = await Promise.all(Object.values(FUNCTIONS).map((ask) => ask(assent)));
    expect(permits).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await assent.may('u', 'a', { purpose: 'ai' })).toBe(true);
  });

  test('of a hundred thousand in one call is denied, and none is sent', async () => {
    const noted = new Noted();
    const questions = Array.from({ length: 100_000 }, (_, at) => ({ user: `u-${at}`, field: 'a' }));
    const answers = await assentOver(noted).checkMany(questions);
    expect(answers).toHaveLength(100_000);
    expect(new Set(answers.map(({ reason }) => reason))).toEqual(new Set(['invalid_question']));
    expect(noted.batches).toEqual([]);
  });

  test('of no field at all is refused, since of nothing everything is true', async () => {
    const assent = assentOver(new Noted());
    await expect(assent.check('u', [])).rejects.toThrow('`fields` is empty');
    await expect(assent.audience(['u'], []).next()).rejects.toThrow('`fields` is empty');
  });
});

test('an answer finds no field that nobody asked about', async () => {
  const answers = await assentOver(new Noted()).check('u', ['a', '__proto__', 'constructor']);
  expect(Object.keys(answers)).toEqual(['a', '__proto__', 'constructor']);
  expect('toString' in answers).toBe(false);
});

describe('a permit with obligations', () => {
  test.each([
    [[], []],
    [['one'], ['one']],
    [['one'], ['two', 'one']],
  ])('of %j stands for who discharges %j', async (obligations, discharges) => {
    const noted = new Noted();
    noted.obligations = obligations;
    const assent = assentOver(noted, { discharges });
    const permits = await Promise.all(Object.values(FUNCTIONS).map((ask) => ask(assent)));
    expect(permits.every((permit) => permit > 0)).toBe(true);
    expect(await assent.check('u', ['a'])).toMatchObject({ a: { permitted: true, obligations } });
  });

  test.each([
    [['one'], []],
    [['one', 'two'], ['one']],
    [['One'], ['one']],
    [['toString'], []],
  ])('of %j is a denial for who discharges %j', async (obligations, discharges) => {
    const noted = new Noted();
    noted.obligations = obligations;
    const assent = assentOver(noted, { discharges });
    const permits = await Promise.all(Object.values(FUNCTIONS).map((ask) => ask(assent)));
    expect(permits).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await assent.check('u', ['a'])).toMatchObject({
      a: { permitted: false, reason: 'unknown_obligation', ...BASIS },
    });
  });
});

describe('filter', () => {
  const names = string({ minLength: 1, maxLength: 20 });
  const open = uniqueArray(names);

  test('gives the permitted properties of a record, as they are, and nothing else', async () => {
    await assert(
      asyncProperty(dictionary(names, anything()), open, async (record, more) => {
        const some = new Set([...Object.keys(record).filter((_, at) => at % 2 === 0), ...more]);
        const shown = await assentOver(new Noted((field) => some.has(field))).filter('u', record);
        const expected = Object.keys(record).filter((name) => some.has(name));
        expect(Object.keys(shown)).toEqual(expected);
        for (const name of expected) expect(Reflect.get(shown, name)).toBe(Reflect.get(record, name));
        expect(Object.getPrototypeOf(shown)).toBeNull();
      }),
    );
  });

  test('asks about names that prototypes have as about any other', async () => {
    const record: object = JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3,"b":4}');
    const noted = new Noted((field) => field !== 'b');
    const shown = await assentOver(noted).filter('u', record);
    expect(Object.keys(shown)).toEqual(['__proto__', 'constructor', 'toString']);
    expect('b' in shown || 'a' in shown).toBe(false);
    expect(noted.batches.flat().map(({ field }) => field)).toEqual(Object.keys(record));
  });

  test('takes records that hold themselves', async () => {
    const record: Record<string, unknown> = { a: 1, b: 2 };
    record['self'] = record;
    const shown = await assentOver(new Noted((field) => field !== 'b')).filter('u', record);
    expect({ ...shown }).toEqual({ a: 1, self: record });
  });

  test('runs no getter, and passes over what is inherited or not listed', async () => {
    let runs = 0;
    const record = Object.create(
      { inherited: 1 },
      {
        own: { value: 2, enumerable: true },
        hidden: { value: 3, enumerable: false },
        made: { get: () => ++runs, enumerable: true },
      },
    );
    expect({ ...(await assentOver(new Noted()).filter('u', record)) }).toEqual({ own: 2 });
    expect(runs).toBe(0);
  });

  test('gives an empty object for a record with more names than can be asked about', async () => {
    const record = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`f-${at}`, at]));
    expect(Object.keys(await assentOver(new Noted()).filter('u', record))).toEqual([]);
  });

  test.each([null, undefined, 'text', 7])('refuses %j, which is no record', async (value) => {
    const [record]: object[] = Object.assign([{}], [value]);
    await expect(assentOver(new Noted()).filter('u', record ?? JSON.parse('null'))).rejects.toThrow(
      '`record` is not an object',
    );
  });
});

describe('an audience', () => {
  /** Users from a source that says how many were taken, and whether it was told to stop. */
  function source(count: number) {
    const told = { taken: 0, stopped: false };
    async function* users() {
      try {
        for (; told.taken < count; told.taken++) yield `u-${told.taken}`;
      } finally {
        told.stopped = true;
      }
    }
    return { told, users: users() };
  }

  test('is answered about each user in order, whatever it comes from', async () => {
    const opens = (_field: string, user: string) => user.endsWith('1');
    const users = Array.from({ length: 2_345 }, (_, at) => `u-${at}`);
    for (const from of [users, new Set(users), source(users.length).users]) {
      const noted = new Noted(opens);
      const answers = await all(assentOver(noted).audience(from, FIELDS));
      expect(answers.map(({ user }) => user)).toEqual(users);
      expect(answers.map(({ permitted }) => permitted)).toEqual(users.map((user) => user.endsWith('1')));
      expect(noted.parts.map(({ length }) => length)).toEqual([1_000, 1_000, 345]);
    }
  });

  test('is taken no faster than its answers are read', async () => {
    const { told, users } = source(10_000);
    const noted = new Noted();
    let read = 0;
    for await (const _answer of assentOver(noted).audience(users, FIELDS)) {
      read++;
      expect(told.taken).toBeLessThanOrEqual(Math.ceil(read / 1_000) * 1_000);
      if (read === 2_500) break;
    }
    expect(noted.parts).toHaveLength(3);
    await expect.poll(() => told.stopped).toBe(true);
  });

  test('permits a user only for whom every field is permitted, and tells those that are', async () => {
    const noted = new Noted((field) => field !== 'post.text');
    const [answer] = await all(assentOver(noted).audience(['u-1'], FIELDS));
    expect(answer).toEqual({
      user: 'u-1',
      permitted: false,
      fields: ['member.skills'],
      obligations: [],
      ...BASIS,
    });
  });

  test('denies in their place those who cannot be asked about', async () => {
    const users: string[] = JSON.parse('["u-1", "", 7, null, "u-2"]');
    const noted = new Noted();
    const answers = await all(assentOver(noted).audience(users, FIELDS));
    expect(answers.map(({ permitted }) => permitted)).toEqual([true, false, false, false, true]);
    expect(answers[2]).toMatchObject({ reason: 'invalid_question' });
    expect(noted.parts).toEqual([['u-1', 'u-2']]);
  });

  test.each([
    ['a field with a comma, which would be two', ['a,b']],
    ['too many fields', Array.from({ length: 101 }, (_, at) => `f-${at}`)],
  ])('of %s is denied, and nothing is sent', async (_what, fields) => {
    const noted = new Noted();
    const answers = await all(assentOver(noted).audience(['u-1', 'u-2'], fields));
    expect(answers.map(({ permitted, reason }) => [permitted, reason])).toEqual([
      [false, 'invalid_question'],
      [false, 'invalid_question'],
    ]);
    expect(noted.parts).toEqual([]);
  });

  test('of one text is refused: its letters are no users', async () => {
    const users: string[] = JSON.parse('"u-1"');
    await expect(all(assentOver(new Noted()).audience(users, FIELDS))).rejects.toThrow(
      '`users` is not a list',
    );
  });

  test('ends when the caller gives up, also where the next user never comes', async () => {
    const control = new AbortController();
    async function* users() {
      yield 'u-1';
      control.abort();
      await new Promise(() => undefined);
    }
    const answers = await all(assentOver(new Noted()).audience(users(), FIELDS, { signal: control.signal }));
    expect(answers).toMatchObject([{ user: 'u-1', permitted: false, fields: [], reason: 'aborted' }]);
  });

  test('passes on what the source of its users failed with', async () => {
    async function* users() {
      yield await Promise.resolve('u-1');
      throw new Error('the file ends');
    }
    await expect(all(assentOver(new Noted()).audience(users(), FIELDS))).rejects.toThrow('the file ends');
  });
});

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

describe('a caller who gives up', () => {
  test.each(Object.entries(FUNCTIONS))(
    'before %s is permitted nothing, and nothing is sent',
    async (_name, ask) => {
      const noted = new Noted();
      expect(await ask(assentOver(noted), AbortSignal.abort())).toBe(0);
      expect([noted.batches, noted.parts]).toEqual([[], []]);
    },
  );

  /** Never answers, and tells when a request was given up. */
  class Deaf extends Transport {
    asked = 0;
    givenUp = 0;

    evaluate(_questions: readonly Question[], signal: AbortSignal): Promise<never> {
      this.asked++;
      signal.addEventListener('abort', () => this.givenUp++);
      return new Promise(() => undefined);
    }

    audience(_question: AudienceQuestion, _users: readonly string[], signal: AbortSignal): Promise<never> {
      return this.evaluate([], signal);
    }
  }

  test.each(Object.entries(FUNCTIONS))('during %s is permitted nothing, at once', async (_name, ask) => {
    const deaf = new Deaf();
    const control = new AbortController();
    const permits = ask(assentOver(deaf), control.signal);
    await expect.poll(() => deaf.asked).toBe(1);
    control.abort();
    expect(await permits).toBe(0);
    expect(deaf.givenUp).toBe(1);
  });

  test.each(Object.entries(FUNCTIONS))(
    'by closing the client is permitted nothing by %s',
    async (_name, ask) => {
      const deaf = new Deaf();
      const assent = assentOver(deaf);
      const permits = ask(assent);
      await expect.poll(() => deaf.asked).toBe(1);
      assent.close();
      expect([await permits, await ask(assent)]).toEqual([0, 0]);
      expect(deaf).toMatchObject({ asked: 1, givenUp: 1 });
    },
  );

  test('does not end the request of others who asked in the same turn', async () => {
    const deaf = new Deaf();
    const assent = assentOver(deaf);
    const [one, other] = [new AbortController(), new AbortController()];
    const mine = assent.may('u', 'a', { signal: one.signal });
    const theirs = assent.may('u', 'a', { signal: other.signal });
    await expect.poll(() => deaf.asked).toBe(1);
    one.abort();
    expect(await mine).toBe(false);
    expect(deaf.givenUp).toBe(0);
    other.abort();
    expect(await theirs).toBe(false);
    expect(deaf.givenUp).toBe(1);
  });
});

describe('a transport of another make', () => {
  const TRANSPORTS: readonly (readonly [string, () => unknown])[] = [
    ['never ends', () => new Promise(() => undefined)],
    [
      'throws',
      () => {
        throw new TypeError('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
    ['rejects with nothing', () => Promise.reject(new Failure('refused'))],
    ['gives nothing', () => Promise.resolve(undefined)],
    ['gives too few answers', () => Promise.resolve([])],
    ['gives too many answers', () => Promise.resolve(Array.from({ length: 9 }, () => PERMIT))],
    ['gives a yes in other words', () => Promise.resolve([{ permitted: 'yes', obligations: [] }])],
  ];
  test.each(TRANSPORTS)('that %s permits nothing', async (_what, answer) => {
    const broken: Transport = Object.assign(new Noted(), { evaluate: answer, audience: answer });
    const permits = Object.values(FUNCTIONS).map((ask) => ask(assentOver(broken, { timeout: 250 })));
    expect(await Promise.all(permits)).toEqual([0, 0, 0, 0, 0, 0]);
    const answers = await assentOver(broken, { timeout: 250 }).check('u', ['a']);
    expect(answers).toMatchObject({ a: { permitted: false } });
  });
});

test('what was decided is said in words, without the user', async () => {
  const noted = new Noted((field) => field !== 'b');
  noted.obligations = ['one', 'two'];
  const assent = assentOver(noted, { discharges: ['one', 'two'] });
  expect(await assent.explain('u-1', 'a')).toBe('`ai` may read `a` of this user, if `one`, `two` is kept');
  expect(await assent.explain('u-1', 'b')).toBe(
    '`ai` may not read `b` of this user: the user denied the purpose, or one it depends on (`opted_out`)',
  );
});

test('whatever is asked, no function fails or permits what is not permitted', async () => {
  const value = constantFrom<unknown>('u', '', null, undefined, 7, {}, [], 'x'.repeat(300), '__proto__');
  await assert(
    asyncProperty(
      array(value, { minLength: 3, maxLength: 3 }),
      anything(),
      async ([user, field, purpose], context) => {
        const assent = assentOver(new Noted(() => false));
        const questions: Asked[] = Object.assign([], [{ user, field, purpose, context }]);
        const answers = await assent.checkMany(questions);
        expect(answers).toMatchObject([
          { permitted: false, reason: expect.any(String), message: expect.any(String) },
        ]);
      },
    ),
  );
});
