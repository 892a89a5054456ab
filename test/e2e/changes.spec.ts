/** What changed, told to those who keep what rests on it. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';
import { revisionIn, tokenAt } from './tokens.js';

const ADS = 'ads.personalised';
const AI = 'ai.generative';

let service: Service;
let people: People;
let token: string;

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  token = await service.token({ sub: 'index', purposes: [ADS, AI], scope: 'changes:read' });
});
afterAll(() => service.stop());

/** The lines that there are by now. */
async function changes(query: string): Promise<readonly unknown[]> {
  const reply = await service.request('GET', `/v1/changes?follow=false${query}`, { token });
  expect(reply).toMatchObject({ status: 200 });
  const { body } = reply;
  return typeof body === 'string'
    ? body
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line))
    : [body];
}

/** The place of the log as it is now. */
async function now(): Promise<string> {
  return textAt((await changes('')).at(-1), 'consistency_token');
}

/** Lines while they come. */
async function following(after: string): Promise<{ next: () => Promise<unknown>; stop: () => void }> {
  const gone = new AbortController();
  const { body } = await fetch(`${service.url}/v1/changes?after=${after}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: gone.signal,
  });
  if (body === null) return expect.unreachable();
  const lines = createInterface(Readable.fromWeb(body))[Symbol.asyncIterator]();
  return {
    next: async () => JSON.parse((await lines.next()).value ?? 'null'),
    stop: () => gone.abort(),
  };
}

describe('whoever follows the changes', () => {
  test('is told who opted out since a token, with what holds now, and what to go on from', async () => {
    await people.register('u-1', 'US-CA');
    const before = await now();
    await people.choose('u-1', ADS, 'denied');
    const [change, end, ...more] = await changes(`&after=${before}&purposes=${ADS}`);
    expect(change).toEqual({
      user: 'u-1',
      purpose: ADS,
      on: false,
      reason: 'opted_out',
      consistency_token: expect.any(String),
    });
    expect(end).toEqual({
      policy: expect.stringMatching(/^sha256:/),
      purposes: [ADS],
      consistency_token: valueAt(change, 'consistency_token'),
    });
    expect(more).toEqual([]);
    expect(await changes(`&purposes=${ADS}&after=${textAt(end, 'consistency_token')}`)).toEqual([end]);
  });

  test('is told the last of several changes, once', async () => {
    await people.register('u-2', 'US-CA');
    const before = await now();
    for (const choice of ['denied', 'granted', 'denied', 'granted'] as const)
      await people.choose('u-2', ADS, choice);
    expect(await changes(`&after=${before}`)).toMatchObject([
      { user: 'u-2', purpose: ADS, on: true },
      { policy: expect.any(String) },
    ]);
  });

  test('is told of a move to another law, for each of the purposes that it asks about', async () => {
    await people.register('u-3', 'US-CA');
    const before = await now();
    await people.register('u-3', 'DE');
    const told = await changes(`&after=${before}`);
    expect(told.slice(0, -1)).toMatchObject([
      { user: 'u-3', purpose: ADS, on: false },
      { user: 'u-3', purpose: AI, on: true },
    ]);
  });

  test('is told while it happens, also that a user was erased', async () => {
    await people.register('u-4', 'US-CA');
    const { next, stop } = await following(await now());
    expect(await next()).toMatchObject({ policy: expect.any(String) });
    await people.choose('u-4', ADS, 'denied');
    expect(await next()).toMatchObject({ user: 'u-4', purpose: ADS, on: false });
    const eraser = await service.token({ sub: 'accounts', purposes: [], scope: 'users:erase' });
    expect(await service.request('DELETE', '/v1/users/u-4', { token: eraser })).toMatchObject({
      status: 200,
    });
    expect(await next()).toMatchObject({ user: 'u-4', erased: true });
    stop();
  });

  test('reads many changes a page at a time, and misses none', async () => {
    const before = await now();
    const users = Array.from({ length: 700 }, (_, place) => `many-${place}`);
    await Promise.all(users.map((user) => people.register(user, 'US-CA')));
    const told = await changes(`&after=${before}&purposes=${ADS}`);
    expect(new Set(told.flatMap((line) => valueAt(line, 'user') ?? []))).toEqual(new Set(users));
    expect(await service.logged()).not.toContain('MaxListenersExceeded');
  });

  test.each([
    ['a purpose that is not its own', `purposes=service`, 403, 'purpose_not_allowed'],
    ['a purpose that there is not', 'purposes=adds', 400, 'invalid_request'],
    ['a token that is none', 'after=yesterday', 400, 'invalid_request'],
    ['what it does not know', 'since=yesterday', 400, 'invalid_request'],
  ])('is refused %s', async (_what, query, status, code) => {
    const reply = await service.request('GET', `/v1/changes?follow=false&${query}`, { token });
    expect(reply).toMatchObject({ status, body: { type: `urn:assent:problem:${code}` } });
  });

  test('is told which purposes it follows: of those of its token, those that there are', async () => {
    const half = await service.token({ sub: 'half', purposes: [ADS, 'ai.generativ'], scope: 'changes:read' });
    const { body } = await service.request('GET', '/v1/changes?follow=false', { token: half });
    expect(body).toMatchObject({ policy: expect.any(String), purposes: [ADS] });
  });

  test.each([
    ['has none', [], '', 403, 'ask for credentials that list one'],
    ['misspells them', ['ads.personlised'], '', 403, `did you mean \`${ADS}\`?`],
    ['misspells one in the query', [ADS], '&purposes=ads.personlised', 400, `did you mean \`${ADS}\`?`],
  ])('is refused, rather than told nothing, when it %s', async (_what, purposes, query, status, why) => {
    const other = await service.token({ sub: 'other', purposes, scope: 'changes:read' });
    const reply = await service.request('GET', `/v1/changes?follow=false${query}`, { token: other });
    expect(reply).toMatchObject({ status });
    expect(textAt(reply.body, 'detail')).toContain(why);
  });

  test('is refused a token that was never given, for what is said until there would not be told', async () => {
    const last = await now();
    const query = `follow=false&after=${tokenAt(last, revisionIn(last) + 1)}`;
    const reply = await service.request('GET', `/v1/changes?${query}`, { token });
    expect(reply).toMatchObject({ status: 400, body: { member: '/after' } });
    expect(textAt(reply.body, 'detail')).toContain('was not given yet');
  });
});
