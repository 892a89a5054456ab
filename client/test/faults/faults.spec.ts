/** Whatever goes wrong on the way, by every function: nothing is permitted, in time; and all is well once the way is. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Settings, createAssent } from '../../src/assent.js';
import { HttpTransport } from '../../src/http/http-transport.js';
import { FakeService, PERMIT } from './fake-service.js';
import { DECISIONS, FAULTS, json } from './faults.js';
import { FUNCTIONS } from './functions.js';

/** For what ends by itself: nothing here may rest on how fast the machine is. */
const PATIENT = 30_000;
/** For what never ends. */
const IMPATIENT = 250;
/** Much more than any deadline, much less than the time of a test. */
const LATE = 60_000;

let service: FakeService;
beforeEach(async () => {
  service = await new FakeService().start();
});
afterEach(() => service.stop());

const settings = (timeout: number) =>
  ({
    url: service.url,
    token: 'a-token',
    purpose: 'ai',
    discharges: ['min_cohort_50'],
    timeout,
  }) satisfies Settings;

/** Asks by every function, each with a client of its own. */
async function permitsBy(clients: ReadonlyMap<string, ReturnType<typeof createAssent>>) {
  const permits = await Promise.all(
    [...clients].map(async ([name, client]) => [name, await FUNCTIONS[name]?.(client)] as const),
  );
  return Object.fromEntries(permits);
}

/**
 * Asks until all are permitted: a deadline that is short enough to wait for may be too short for one of them. One after the
 * other, for all at once it may be too short each time.
 */
async function healed(clients: Parameters<typeof permitsBy>[0]): Promise<void> {
  for (const [name, client] of clients)
    await expect.poll(() => permitsBy(new Map([[name, client]]))).toEqual({ [name]: permitsOf(name) });
}

const NONE = Object.fromEntries(Object.keys(FUNCTIONS).map((name) => [name, 0]));
const ALL = { may: 1, check: 2, checkMany: 3, filter: 2, audience: 9, explain: 1 };
const permitsOf = (name: string) => new Map(Object.entries(ALL)).get(name);

describe.each(FAULTS)('a server that %s', (_what, reason, fault) => {
  test(`is taken for a no, \`${reason}\`, and for a yes once it answers`, async () => {
    service.doing = fault;
    const timeout = reason === 'timed_out' ? IMPATIENT : PATIENT;
    const clients = new Map(Object.keys(FUNCTIONS).map((name) => [name, createAssent(settings(timeout))]));
    const began = performance.now();
    expect(await permitsBy(clients)).toEqual(NONE);
    expect(performance.now() - began).toBeLessThan(LATE);
    const [client = expect.unreachable()] = clients.values();
    const [told] = await client.checkMany([{ user: 'u-1', field: 'member.skills' }]);
    expect(told).toMatchObject({ permitted: false, reason });
    service.heal();
    await healed(clients);
    for (const one of clients.values()) one.close();
  });
});

test.each(DECISIONS)('a batch with %s permits nothing of all of it', async (_what, change) => {
  service.doing = json(change);
  const client = createAssent(settings(PATIENT));
  const answers = await client.check('u-1', ['member.skills', 'post.text']);
  const malformed = expect.objectContaining({ permitted: false, reason: 'malformed_answer' });
  expect({ ...answers }).toEqual({ 'member.skills': malformed, 'post.text': malformed });
  client.close();
});

test.each([
  ['few', (body: string) => body.replace(/,\{"decision".*/, ']}')],
  ['many', (body: string) => body.replace(/\]\}$/, `,${JSON.stringify(PERMIT)}]}`)],
])('the transport itself takes no batch with too %s answers', async (_what, change) => {
  service.doing = json(change);
  const transport = new HttpTransport({ url: service.url, token: 'a-token' }, PATIENT);
  const question = { purpose: 'ai', user: 'u-1', field: 'member.skills' };
  const { signal } = new AbortController();
  await expect(transport.evaluate([question, question], signal)).rejects.toMatchObject({
    reason: 'malformed_answer',
  });
  transport.close();
});

const LINES: readonly (readonly [string, (body: string) => string])[] = [
  ['without its summary', (body) => body.replace(/\{"policy".*\n$/, '')],
  ['whose summary is cut off', (body) => body.slice(0, -2)],
  ['whose last line does not end', (body) => body.slice(0, -1)],
  ['with more after its summary', (body) => `${body}{}`],
  ['without a user', (body) => body.slice(body.indexOf('\n') + 1)],
  [
    'about the users in another order',
    (body) => body.replace('u-1', 'u-0').replace('u-2', 'u-1').replace('u-0', 'u-2'),
  ],
  ['about another user', (body) => body.replace('"u-2"', '"u-9"')],
  ['with a field that was not asked about', (body) => body.replace('post.text', 'message.body')],
  ['with a field twice', (body) => body.replace('post.text', 'member.skills')],
  ['with fields that are no list', (body) => body.replace(/"fields":\[[^\]]*\]/, '"fields":"member.skills"')],
  [
    'with a line that is both an answer and an error',
    (body) => body.replace('"fields"', '"error":"no","fields"'),
  ],
  ['with an error in the place of another line', (body) => body.replace(/.*\n/, '{"line":2,"error":"no"}\n')],
  ['whose summary counts other users', (body) => body.replace('"users":3', '"users":2')],
  [
    'whose summary is one of others that were malformed',
    (body) => body.replace('"malformed_lines":0', '"malformed_lines":1'),
  ],
];

test.each(LINES)('an audience %s permits nothing of all of it', async (_what, change) => {
  service.doing = json(change);
  const client = createAssent(settings(PATIENT));
  const answers = [];
  for await (const answer of client.audience(['u-1', 'u-2', 'u-3'], ['member.skills', 'post.text']))
    answers.push(answer);
  const malformed = { permitted: false, fields: [], obligations: [], reason: 'malformed_answer' };
  expect(answers).toEqual(
    ['u-1', 'u-2', 'u-3'].map((user) => ({ user, ...malformed, message: expect.any(String) })),
  );
  client.close();
});

test('a server that is down is taken for a no, and for a yes once it is up', async () => {
  await service.stop();
  const clients = new Map(Object.keys(FUNCTIONS).map((name) => [name, createAssent(settings(PATIENT))]));
  expect(await permitsBy(clients)).toEqual(NONE);
  await service.start();
  expect(await permitsBy(clients)).toEqual(ALL);
  await service.stop();
  // connections that were kept open are of no use any more
  expect(await permitsBy(clients)).toEqual(NONE);
  for (const one of clients.values()) one.close();
});

test('a name that no name server knows is taken for a no', async () => {
  const clients = new Map(
    Object.keys(FUNCTIONS).map((name) => [
      name,
      createAssent({ ...settings(PATIENT), url: 'https://assent.invalid' }),
    ]),
  );
  expect(await permitsBy(clients)).toEqual(NONE);
});

test('a server that takes connections and says nothing is taken for a no', async () => {
  const deaf = createServer({ allowHalfOpen: true }, (socket) => socket.pause());
  deaf.listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const address = deaf.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const protocol of ['http', 'https']) {
    const clients = new Map(
      Object.keys(FUNCTIONS).map((name) => [
        name,
        createAssent({ ...settings(IMPATIENT), url: `${protocol}://127.0.0.1:${port}` }),
      ]),
    );
    expect(await permitsBy(clients)).toEqual(NONE);
    for (const one of clients.values()) one.close();
  }
  deaf.close();
});
