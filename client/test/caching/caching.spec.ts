/**
 * A cache is never stale: with one and without, a client hears the same after every confirmed change.
 *
 * @module-tag once
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Admins, adminsOf, documentInForce, publishDocument } from '../../../test/e2e/admins.js';
import { freezingProxy } from '../../../test/e2e/freezing-proxy.js';
import { type Service, startService, temporaryFolder } from '../../../test/e2e/service.js';
import { diceOf } from '../../../test/property/fleet/simulation.js';
import { BOTH_RUNS, times } from '../../../test/times.js';
import { type Asked, type Assent, type Settings, createAssent } from '../../src/assent.js';

const PURPOSES = ['ads.personalised', 'ads.inferred', 'service', 'personalise'];
const FIELDS = ['member.skills', 'member.education', 'post.text', 'message.body'];
const USERS = ['c-0', 'c-1', 'c-2', 'c-3'];
const [PURPOSE = '', OTHER_PURPOSE = ''] = PURPOSES;
const FIELD = 'member.skills';
const DISCHARGES = ['min_cohort_300', 'pseudonymised', 'aggregate_only'];

let service: Service;
let admins: Admins;
let writer: string;
let reader: string;
let asked = 0;
let attached = 0;
const opened: Assent[] = [];

/** Node tells of each request that this process makes. */
function count(message: unknown): void {
  const request: unknown = Reflect.get(Object(message), 'request');
  const path: unknown = Reflect.get(Object(request), 'path');
  if (path === '/access/v1/evaluations') asked++;
  if (path === '/v1/caches') attached++;
}

beforeAll(async () => {
  subscribe('http.client.request.start', count);
  // a cache holds for half of this, which a slow machine must not miss between two renewals
  service = await startService({ LEASE_MS: '10000' });
  admins = await adminsOf(service);
  const scope = 'users:write choices:write users:erase';
  writer = await service.token({ sub: 'writer', purposes: [], scope });
  reader = await service.token({ sub: 'reader', purposes: PURPOSES, scope: 'decisions:cache' });
});
beforeEach(() => () => {
  for (const one of opened.splice(0)) one.close();
});
afterAll(async () => {
  unsubscribe('http.client.request.start', count);
  await service.stop();
});

type Wanted = Pick<Settings, 'cache' | 'timeout'> & { readonly url?: string; readonly token?: string };

function client(wanted: Wanted = {}): Assent {
  const common = { url: service.url, token: reader, purpose: PURPOSE, discharges: DISCHARGES };
  const made = createAssent({ ...common, cache: true, timeout: 60_000, ...wanted });
  opened.push(made);
  return made;
}

/** Changes something, and resolves when that is confirmed. */
async function change(method: string, path: string, body?: object): Promise<number> {
  const reply = await service.request(method, `/v1/users/${path}`, {
    token: writer,
    ...(body === undefined ? {} : { body }),
  });
  // what the law does not leave to the user is refused, and changes nothing
  expect([200, 409], JSON.stringify(reply.body)).toContain(reply.status);
  return reply.status;
}

const register = (user: string, region = 'US-CA') => change('PUT', user, { region, age_band: 'adult' });
const deny = (user: string, purpose = PURPOSE) =>
  change('PUT', `${user}/choices/${purpose}`, { choice: 'denied' });

/** Asks until the answer is kept, and resolves to it. */
async function kept(assent: Assent, user: string, field = FIELD): Promise<boolean> {
  for (;;) {
    const before = asked;
    const answer = await assent.may(user, field);
    if (asked === before) return answer;
  }
}

test('an answer is asked for once, until a change of the user is confirmed', async () => {
  await register('c-once');
  await register('c-other');
  const one = client();
  expect(await kept(one, 'c-once')).toBe(true);
  expect(await kept(one, 'c-other')).toBe(true);
  await deny('c-once');
  const before = asked;
  expect(await one.may('c-once', FIELD)).toBe(false);
  expect(asked).toBe(before + 1);
  expect(await one.may('c-other', FIELD)).toBe(true);
  expect(asked).toBe(before + 1);
});

test('what depends on more than is told is asked for each time: private messages, items, cases, tokens', async () => {
  await register('c-message');
  const one = client();
  await kept(one, 'c-message');
  const questions: Asked[] = [
    { user: 'c-message', field: 'message.body' },
    { user: 'c-message', field: FIELD, item: 'i-1' },
    { user: 'c-message', field: FIELD, context: { case: 'none' } },
    { user: 'c-message', field: FIELD, context: { on_behalf_of: 'c-message' } },
    { user: 'c-message', field: FIELD, context: { consistency: 'confirmed' } },
  ];
  for (const question of [...questions, ...questions]) {
    const before = asked;
    await one.checkMany([question]);
    expect(asked, JSON.stringify(question)).toBe(before + 1);
  }
});

test('the same question about another purpose, field, actor or reference is another question', async () => {
  await register('c-key');
  await deny('c-key');
  const [with_, without] = [client(), client({ cache: false })];
  const all: Asked[] = PURPOSES.flatMap((purpose) =>
    FIELDS.flatMap((field) =>
      [{}, { actor: 'automated' as const }, { legal_reference: 'automated' }].map((context) => ({
        user: 'c-key',
        field,
        purpose,
        context,
      })),
    ),
  );
  await kept(with_, 'c-key');
  const expected = (await without.checkMany(all)).map(({ reason }) => reason);
  for (let twice = 0; twice < 2; twice++)
    expect((await with_.checkMany(all)).map(({ reason }) => reason)).toEqual(expected);
  expect(new Set(expected).size).toBeGreaterThan(2);
});

test(
  'with caches and without, the same is heard after every confirmed change, in any order of changes',
  { ...BOTH_RUNS, timeout: 1_200_000 },
  async () => {
    const dice = diceOf(7);
    const pick = <T>(list: readonly T[]): T => list[dice.below(list.length)] ?? expect.unreachable();
    const caches = [client(), client(), client({ cache: { most: 7 } })];
    const plain = client({ cache: false });
    const document = await documentInForce(admins);
    const closed = {
      ...document,
      fields: document.fields.map((field) => (field.id === FIELD ? { ...field, never: ['service'] } : field)),
    };
    const questions: Asked[] = USERS.flatMap((user) =>
      FIELDS.flatMap((field) => PURPOSES.map((purpose) => ({ user, field, purpose }))),
    );
    const again = questions.filter(({ field }) => field.startsWith('member.'));
    const changes: readonly (() => Promise<unknown>)[] = [
      () => deny(pick(USERS), pick(PURPOSES)),
      () => change('PUT', `${pick(USERS)}/choices/${pick(PURPOSES)}`, { choice: 'granted', notice: 1 }),
      () => register(pick(USERS), pick(['US-CA', 'DE', 'US', 'IN'])),
      () => change('PUT', pick(USERS), { region: 'DE', age_band: pick(['minor', 'unknown', 'adult']) }),
      () => change('POST', `${pick(USERS)}/signals`, { signal: 'gpc' }),
      () =>
        change('PUT', `${pick(USERS)}/visibility/posts`, {
          level: pick(['connections', 'only_me', 'everyone']),
        }),
      () => change('DELETE', pick(USERS)),
    ];
    let publications = 0;
    let requests = 0;
    const rounds = times(500, 60);
    for (let round = 0; round < rounds; round++) {
      const isPublication = round % 20 === 19;
      const changing = isPublication
        ? publishDocument(admins, publications++ % 2 === 0 ? closed : document)
        : pick(changes)();
      // what is asked meanwhile may be answered either way, and must not be kept beyond the confirmation
      const meanwhile = caches.map((one) => one.checkMany(questions));
      await changing;
      await Promise.all(meanwhile);
      const expected = (await plain.checkMany(questions)).map(({ reason }) => reason);
      for (const one of caches)
        expect(
          (await one.checkMany(questions)).map(({ reason }) => reason),
          `round ${round}`,
        ).toEqual(expected);
      // it must not be right by asking each time; posts are asked about, for they are private messages at some level
      const before = asked;
      for (const one of caches.slice(0, 2)) await one.checkMany(again);
      requests += asked - before;
    }
    expect(publications).toBeGreaterThan(1);
    expect(requests).toBeLessThan(rounds);
  },
);

test('a client that cannot be reached delays a confirmation by its lease, and uses nothing from then on', async () => {
  await register('c-frozen');
  const proxy = await freezingProxy(service.url);
  try {
    const one = client({ url: proxy.url, timeout: 300 });
    expect(await kept(one, 'c-frozen')).toBe(true);
    proxy.freeze();
    await deny('c-frozen');
    expect(await one.may('c-frozen', FIELD)).toBe(false);
    proxy.thaw();
  } finally {
    proxy.close();
  }
});

test('a client that was stopped uses nothing that it had kept when it goes on', async () => {
  await register('c-stopped');
  const folder = await temporaryFolder();
  const file = join(folder, 'client.mjs');
  const bundle = await rolldown({ input: join(import.meta.dirname, '../../src/index.ts'), platform: 'node' });
  await bundle.write({ file: join(folder, 'assent.mjs'), codeSplitting: false });
  await bundle.close();
  await writeFile(file, STOPPED);
  const child = fork(file, [service.url, reader, PURPOSE, ...DISCHARGES]);
  try {
    expect((await once(child, 'message'))[0]).toEqual({ kept: true });
    child.kill('SIGSTOP');
    await deny('c-stopped');
    child.kill('SIGCONT');
    child.send('go on');
    expect((await once(child, 'message'))[0]).toEqual({ answer: false });
  } finally {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
});

/** Asks until an answer is kept, tells its parent, and asks again when it is told to. */
const STOPPED = `
import { subscribe } from 'node:diagnostics_channel';
import { createAssent } from './assent.mjs';
const [url, token, purpose, ...discharges] = process.argv.slice(2);
let asked = 0;
subscribe('http.client.request.start', ({ request }) => {
  if (request.path === '/access/v1/evaluations') asked++;
});
const assent = createAssent({ url, token, purpose, discharges, cache: true });
for (;;) {
  const before = asked;
  const kept = await assent.may('c-stopped', 'member.skills');
  if (asked > before) continue;
  process.send({ kept });
  break;
}
process.once('message', async () => {
  process.send({ answer: await assent.may('c-stopped', 'member.skills') });
});
`;

test('a client whose token lacks the scope asks each time, and is told so once', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  await register('c-scopeless');
  attached = 0;
  const token = await service.token({ sub: 'scopeless', purposes: [PURPOSE], scope: '' });
  const one = client({ token });
  for (let twice = 0; twice < 2; twice++) {
    const before = asked;
    expect(await one.may('c-scopeless', FIELD)).toBe(true);
    expect(asked).toBe(before + 1);
  }
  await expect.poll(() => warned).toHaveBeenCalled();
  // it has tried twice more by then
  await expect.poll(() => attached).toBeGreaterThan(2);
  expect(warned.mock.calls).toEqual([[expect.stringContaining('`decisions:cache`'), 'AssentWarning']]);
  warned.mockRestore();
});

test('a cache is for one client at a service, of a size', () => {
  const settings = { url: service.url, purpose: OTHER_PURPOSE };
  expect(() => createAssent({ ...settings, token: () => reader, cache: true })).toThrow('a function');
  expect(() => createAssent({ ...settings, token: reader, cache: { most: 0 } })).toThrow('`cache.most`');
});
