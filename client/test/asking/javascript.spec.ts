/** What callers and transports in JavaScript may do, whom no compiler stops: nothing of it opens anything. */
import { Agent as PlainAgent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/terms/answer.js';
import { type Assent, type Asked, type Settings, createAssent } from '../../src/assent.js';
import { HttpTransport } from '../../src/http/http-transport.js';
import type { AudienceQuestion, Question } from '../../src/terms/question.js';
import { type AudiencePart, Transport } from '../../src/transport.js';
import { FIELDS, FUNCTIONS } from '../faults/functions.js';

const BASIS = { policy: 'p', revision: 'r' };
const PERMIT: Answer = { permitted: true, reason: 'permitted', obligations: ['one'], ...BASIS };
const PART = { ...BASIS, obligations: ['one'], users: [['a']] };
const PATIENT = 30_000;

/** Permits everything, with the same list of obligations each time. */
class Permitting extends Transport {
  readonly batches: (readonly Question[])[] = [];

  evaluate(questions: readonly Question[]): Promise<readonly Answer[]> {
    this.batches.push(questions);
    return Promise.resolve(questions.map(() => PERMIT));
  }

  audience({ fields }: AudienceQuestion, users: readonly string[]): Promise<AudiencePart> {
    return Promise.resolve({ ...PART, users: users.map(() => fields) });
  }
}

const assentOver = (transport: Transport, more: object = {}): Assent =>
  createAssent(untyped({ transport, purpose: 'ai', timeout: PATIENT, discharges: ['one'], ...more }));

/** What the compiler would not let through. */
function untyped<T>(value: unknown): T {
  return JSON.parse('[]', () => value);
}

/** How much each function lets through with these options. */
function permitsWith(assent: Assent, options: unknown): Promise<number[]> {
  const given = untyped<object>(options);
  return Promise.all([
    assent.may('u', 'a', given).then(Number),
    assent.check('u', ['a'], given).then(({ a }) => Number(a.permitted)),
    assent.filter('u', { a: 1 }, given).then((shown) => Object.keys(shown).length),
    assent.explain('u', 'a', given).then((said) => Number(said.includes(' may read '))),
    all(assent.audience(['u'], ['a'], given)).then(([of]) => Number(of?.permitted)),
    assent.checkMany([{ user: 'u', field: 'a' }], given).then(([of]) => Number(of?.permitted)),
  ]);
}
const NONE = [0, 0, 0, 0, 0, 0];

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

const throwing = (name: string): object =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get: () => {
      throw new Error('no');
    },
  });
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('options', () => {
  test.each<[string, () => unknown]>([
    ['have a misspelt name', () => ({ visiblity: 'only_me' })],
    [
      'have a name that is not enumerable',
      () => Object.defineProperty({}, 'visiblity', { value: 'only_me' }),
    ],
    ['are null', () => null],
    ['are a text', () => 'only_me'],
    ['cannot be read', () => throwing('signal')],
    ['are a proxy that was revoked', revoked],
    ['have null for a signal', () => ({ signal: null })],
    ['have a signal that is none', () => ({ signal: { aborted: false, addEventListener: () => undefined } })],
    ['have a signal that only looks like one', () => ({ signal: Object.create(AbortSignal.prototype) })],
  ])('that %s permit nothing, by any function', async (_what, options) => {
    const transport = new Permitting();
    expect(await permitsWith(assentOver(transport), options())).toEqual(NONE);
    expect(transport.batches).toEqual([]);
  });

  test.each([
    ['purpose', null],
    ['context', null],
    ['context', ['automated']],
    ['context', new Map([['actor', 'automated']])],
    ['context', Object.create({ actor: 'automated' })],
  ])('with a %s of %o do not get that of the client', async (name, value) => {
    const assent = assentOver(new Permitting(), { context: { actor: 'human' } });
    expect((await permitsWith(assent, { [name]: value })).slice(0, 5)).toEqual(NONE.slice(0, 5));
    const [answer] = await assent.checkMany(untyped([{ user: 'u', field: 'a', [name]: value }]));
    expect(answer).toMatchObject({ permitted: false, reason: 'invalid_question' });
  });

  test('of an audience and of many questions have no level: it would not be heeded', async () => {
    const [, , , , audience, many] = await permitsWith(assentOver(new Permitting()), {
      visibility: 'only_me',
    });
    expect([audience, many]).toEqual([0, 0]);
  });

  test('count as well where they are inherited', async () => {
    const transport = new Permitting();
    await assentOver(transport).may('u', 'a', untyped(Object.create({ visibility: 'only_me' })));
    expect(transport.batches.flat()).toMatchObject([{ visibility: 'only_me' }]);
  });
});

describe('a question among many', () => {
  test.each<[string, () => unknown]>([
    ['has a misspelt name', () => ({ user: 'u', field: 'a', visiblity: 'only_me' })],
    ['cannot be read', () => Object.assign(throwing('user'), { field: 'a' })],
    ['has facts that cannot be read', () => ({ user: 'u', field: 'a', context: throwing('actor') })],
    ['has facts of which one is no text', () => ({ user: 'u', field: 'a', context: { case: Symbol('c') } })],
    ['is a proxy that was revoked', revoked],
    ['has a signal that is none', () => ({ user: 'u', field: 'a', signal: 7 })],
  ])('that %s is denied alone', async (_what, broken) => {
    const transport = new Permitting();
    const questions: Asked[] = untyped([broken(), { user: 'u', field: 'a' }]);
    const answers = await assentOver(transport).checkMany(questions);
    expect(answers).toMatchObject([{ permitted: false, reason: 'invalid_question' }, { permitted: true }]);
    expect(transport.batches.flat()).toHaveLength(1);
  });

  test('that is a hole is denied in its place', async () => {
    const questions: Asked[] = [];
    questions[1] = { user: 'u', field: 'a' };
    const answers = await assentOver(new Permitting()).checkMany(questions);
    expect(Array.from(answers, (answer) => answer?.permitted)).toEqual([false, true]);
  });
});

test.each([[[]], [null], ['text'], [{ length: 1 }]])(
  '%o are no questions: they are refused',
  async (list) => {
    await expect(assentOver(new Permitting()).checkMany(untyped(list))).rejects.toThrow('`questions`');
  },
);

describe('what is answered', () => {
  test('can be changed by nobody, and shares nothing that can', async () => {
    const assent = assentOver(new Permitting());
    const many = await assent.checkMany(Array.from({ length: 3 }, () => ({ user: 'u', field: 'a' })));
    const denials = await assent.checkMany(Array.from({ length: 10_001 }, () => ({ user: 'u', field: 'a' })));
    const audience = await all(assent.audience(['u-1', 'u-2'], ['a', 'b']));
    const malformed = await all(assent.audience(untyped(['', '']), ['a']));
    for (const answer of [...many, ...denials, ...audience, ...malformed]) {
      expect(Object.isFrozen(answer)).toBe(true);
      for (const part of Object.values(answer)) expect(Object.isFrozen(part)).toBe(true);
    }
    expect(Object.isFrozen(PERMIT.obligations) || Object.isFrozen(PART.obligations)).toBe(false);
    const lists = audience.flatMap(({ fields, obligations }) => [fields, obligations]);
    expect(new Set(lists)).toHaveLength(lists.length);
  });
});

describe('a transport of another make', () => {
  const holed: string[] = [];
  holed.length = 1;
  const TERMS = { ...PERMIT, obligations: undefined };
  test.each<[string, unknown]>([
    ['an obligation that is none', { ...TERMS, obligations: [undefined] }],
    ['an obligation that is a hole', { ...TERMS, obligations: holed }],
    ['no obligations', TERMS],
    ['an obligation in place of a list', { ...TERMS, obligations: 'one' }],
    ['no policy', { ...PERMIT, policy: undefined }],
    ['a reason against its permit', { ...PERMIT, reason: 'opted_out' }],
    ['no reason', { permitted: false }],
    ['nothing', undefined],
    ['a text', 'yes'],
  ])('that gives %s is told to be malformed', async (_what, answer) => {
    const transport = Object.assign(new Permitting(), { evaluate: () => Promise.resolve([answer]) });
    const answers = await assentOver(transport).checkMany([{ user: 'u', field: 'a' }]);
    expect(answers).toMatchObject([{ permitted: false, reason: 'malformed_answer' }]);
  });

  test.each<[string, unknown]>([
    ['a yes for the fields of a user', { ...PART, users: [true] }],
    ['an object for the fields of a user', { ...PART, users: [{}] }],
    ['a field that was not asked about', { ...PART, users: [['a', 'b']] }],
    ['a hole for a user', { ...PART, users: holed }],
    ['no obligations', { ...PART, obligations: undefined }],
    ['an obligation that is none', { ...PART, obligations: [undefined] }],
    ['an obligation that is a hole', { ...PART, obligations: holed }],
    ['no revision', { ...PART, revision: undefined }],
    ['no users', BASIS],
    ['nothing', undefined],
  ])('that gives %s in an audience is told to be malformed', async (_what, part) => {
    const transport = Object.assign(new Permitting(), { audience: () => Promise.resolve(part) });
    const answers = await all(assentOver(transport).audience(['u'], ['a']));
    expect(answers).toMatchObject([{ permitted: false, fields: [], reason: 'malformed_answer' }]);
  });
});

describe('a source of users', () => {
  const sourceOf = (next: () => unknown, more: object = {}): AsyncIterable<string> =>
    untyped({ [Symbol.asyncIterator]: () => ({ next, ...more }) });

  test.each([[undefined], [null], [7], ['u-1']])('that gives %o as the next is refused', async (next) => {
    const assent = assentOver(new Permitting());
    await expect(
      all(
        assent.audience(
          sourceOf(() => next),
          ['a'],
        ),
      ),
    ).rejects.toThrow('`users`');
    await expect(
      all(
        assent.audience(
          sourceOf(() => Promise.resolve(next)),
          ['a'],
        ),
      ),
    ).rejects.toThrow('`users`');
  });

  test('may be made with promises of another kind', async () => {
    let taken = 0;
    const next = () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- this is what is tested
      then: (resolve: (result: unknown) => void) => resolve({ done: taken > 1, value: `u-${taken++}` }),
    });
    const answers = await all(assentOver(new Permitting()).audience(sourceOf(next), ['a']));
    expect(answers).toMatchObject([
      { user: 'u-0', permitted: true },
      { user: 'u-1', permitted: true },
    ]);
  });

  test('may fail when it is told to stop', async () => {
    const broken = () => {
      throw new Error('no end');
    };
    const source = sourceOf(() => ({ done: false, value: 'u-1' }), { return: broken });
    const read: string[] = [];
    for await (const { user } of assentOver(new Permitting()).audience(source, ['a'])) {
      read.push(user);
      break;
    }
    expect(read).toEqual(['u-1']);
  });
});

test('a signal that cannot be listened to leaves nobody without an answer', async () => {
  const signal = Object.assign(new AbortController().signal, {
    addEventListener: () => {
      throw new Error('no');
    },
  });
  const { signal: own } = new AbortController();
  const assent = assentOver(new Permitting());
  const [mine, theirs] = await Promise.all([
    assent.may('u', 'a', { signal }),
    assent.may('u', 'a', { signal: own }),
  ]);
  expect(mine).toBe(false);
  expect(typeof theirs).toBe('boolean');
});

test('the signal of a call has few listeners, however much is asked', async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener: (...given: Parameters<typeof add>) => {
      listeners++;
      add(...given);
    },
  });
  const questions = Array.from({ length: 1_000 }, () => ({ user: 'u', field: 'a' }));
  const answers = await assentOver(new Permitting()).checkMany(questions, { signal });
  expect(answers.every(({ permitted }) => permitted)).toBe(true);
  // one of the call, one of the request
  expect(listeners).toBeLessThanOrEqual(2);
});

test('what is said repeats a name of the caller only in part, and without control characters', async () => {
  const assent = assentOver(new Permitting());
  const name = `\u001b[2Ja\n\u202e${'x'.repeat(100_000)}`;
  for (const said of [
    await assent.explain('u', name),
    await assent.explain('u', 'a', { purpose: name }),
    await assent.explain('u', untyped(Symbol('s'))),
    (await assent.checkMany(untyped([{ user: 'u', field: 'a', [name]: 1 }])))[0]?.reason ?? '',
    String(
      Object.values(
        (await assent.checkMany(untyped([{ user: 'u', field: 'a', context: { [name]: 'c' } }])))[0] ?? {},
      ),
    ),
  ]) {
    expect(said.length).toBeLessThan(1_500);
    expect(said).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});

describe('settings', () => {
  const url = 'http://127.0.0.1:1';
  const service = { url, token: 'a' };
  test.each<[string, unknown]>([
    ['are missing', undefined],
    ['are null', null],
    ['name neither a service nor a transport', {}],
    ['have a transport that is none', { transport: undefined }],
    ['have a transport that is none beside a service', { ...service, transport: undefined }],
    ['have a transport that cannot be asked', { transport: {} }],
    ['name both a service and a transport', { ...service, transport: new Permitting() }],
    ['have no token', { url }],
    ['have null for a token', { url, token: null }],
    ['have an agent that is none', { ...service, agent: false }],
    ['have an agent for another protocol', { ...service, agent: new SecureAgent() }],
    ['have an agent that is not secure', { ...service, url: 'https://a.example', agent: new PlainAgent() }],
    ['have half a millisecond', { ...service, timeout: 0.5 }],
    ['have facts that are none', { ...service, context: null }],
  ])('that %s are refused in words', (_what, settings) => {
    const made = () => createAssent(untyped(settings));
    expect(made).toThrow(TypeError);
    expect(made).toThrow(/: (set|leave|send|extend)/);
  });

  test('cannot have both by their type', () => {
    // @ts-expect-error -- which of them would be asked?
    const both: Settings = { ...service, transport: new Permitting() };
    expect(() => createAssent(both)).toThrow(TypeError);
  });

  test('may have an agent of the caller, which is not closed with the client', () => {
    const agent = new PlainAgent();
    let closed = false;
    agent.destroy = () => {
      closed = true;
    };
    new HttpTransport({ ...service, agent }, PATIENT).close();
    expect(closed).toBe(false);
  });
});

test('all functions still permit what is permitted', async () => {
  const permits = await Promise.all(Object.values(FUNCTIONS).map((ask) => ask(assentOver(new Permitting()))));
  expect(permits.every((permit) => permit > 0)).toBe(true);
  expect(FIELDS).toHaveLength(2);
});
