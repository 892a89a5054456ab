/** Decisions are made again as they were: on the version, and on what the user had said, at the time. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { type People, peopleOf, saidOf } from './people.js';
import { type Admins, adminsOf, documentInForce, publishDocument } from './admins.js';
import { EVALUATION, EVALUATIONS, FIELDS, PURPOSES, mayRead } from './questions.js';
import { listAt, numberAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';
import { times } from '../times.js';

const REPLAY = '/v1/decisions/replay';
const POLICIES = times(20, 5);
const CHANGES = times(5_000, 500);
const DECISIONS = times(10_000, 1_000);
const USERS = 200;
const REGIONS = ['DE', 'US-CA', 'US-TX', 'GB', 'BR'];
/** Questions of one batch, and replays on their way at once. */
const BATCH = 100;
const AT_ONCE = 16;

let service: Service;
let admins: Admins;
let people: People;
let auditor: string;
let client: string;

beforeAll(async () => {
  service = await startService();
  admins = await adminsOf(service);
  people = await peopleOf(service);
  auditor = await service.token({ sub: 'auditor', roles: ['auditor'] });
  client = await service.token({ sub: 'a-service', purposes: [...PURPOSES] });
});

afterAll(() => service.stop());

/** A policy that there was not before: purposes open and close in turn, and notices are raised, for other words. */
function variant(document: PolicyDocument, number: number): PolicyDocument {
  return {
    ...document,
    purposes: document.purposes.map((purpose, at) =>
      (at + number) % 4 === 0
        ? {
            ...purpose,
            description: `${purpose.description} (${number})`,
            categories: number % 2 === 0 ? ['public'] : [...purpose.categories],
            notice: (purpose.notice ?? 1) + number + 1,
          }
        : { ...purpose, notice: (purpose.notice ?? 1) + number + 1 },
    ),
  };
}

function noticesOf(document: PolicyDocument): Record<string, number> {
  return Object.fromEntries(document.purposes.map(({ id, notice }) => [id, notice ?? 1]));
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const one = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

type Recorded = { readonly evaluation: unknown; readonly answer: unknown; readonly at: string };

function pick<T>(list: readonly T[], number: number): T {
  const found = list[number % list.length];
  if (found === undefined) throw new Error('there is nothing to pick from');
  return found;
}

describe('replay', () => {
  test(`of ${DECISIONS} decisions across ${POLICIES} policies and ${CHANGES} changes of consent gives the same answers`, async () => {
    const first = await documentInForce(admins);
    const recorded: Recorded[] = [];
    let seed = 7;
    const next = () => (seed = (seed * 48_271) % 2_147_483_647);
    const user = () => `u-${next() % USERS}`;
    for (let round = 0; round < POLICIES; round++) {
      await inParallel(
        Array.from({ length: CHANGES / POLICIES }, (_, at) => at),
        async (at) => {
          const id = user();
          if (at % 5 === 0)
            await people.register(id, pick(REGIONS, next()), at % 10 === 0 ? 'minor' : 'adult');
          else {
            // what the law leaves no choice in is refused, and changes nothing
            const purpose = pick(PURPOSES, next());
            const choice = next() % 2 === 0 ? 'granted' : 'denied';
            await service.request('PUT', `/v1/users/${id}/choices/${purpose}`, {
              token: await accounts(),
              body: saidOf(choice),
            });
          }
        },
      );
      for (let batch = 0; batch < DECISIONS / POLICIES / BATCH; batch++) {
        const evaluations = Array.from({ length: BATCH }, () => ({
          ...mayRead(pick(PURPOSES, next()), user(), pick(FIELDS, next())),
          context: { actor: next() % 2 === 0 ? 'automated' : 'human' },
        }));
        const { body } = await service.request('POST', EVALUATIONS, { token: client, body: { evaluations } });
        const at = new Date().toISOString();
        listAt(body, 'evaluations').forEach((answer, place) =>
          recorded.push({ evaluation: evaluations[place], answer, at }),
        );
      }
      const document = variant(first, round);
      await publishDocument(admins, document, noticesOf(document));
    }
    expect(recorded).toHaveLength(DECISIONS);
    expect(new Set(recorded.map(({ answer }) => textAt(answer, 'context', 'policy'))).size).toBe(POLICIES);

    let permits = 0;
    await inParallel(recorded, async ({ evaluation, answer }) => {
      const { policy, revision } = {
        policy: textAt(answer, 'context', 'policy'),
        revision: textAt(answer, 'context', 'revision'),
      };
      const { body } = await service.request('POST', REPLAY, {
        token: auditor,
        body: { evaluation, policy, revision, client_purposes: PURPOSES },
      });
      expect({ decision: valueAt(body, 'decision'), context: valueAt(body, 'context') }).toEqual(answer);
      if (valueAt(body, 'decision') === true) permits++;
    });
    // the test would prove little if nearly all were denied
    expect(permits).toBeGreaterThan(DECISIONS / 50);
  });

  test('at a time gives the answer of that time, whatever came after, and says what it rested on', async () => {
    const wait = async () => {
      const from = Date.now();
      while (Date.now() <= from + 1) await new Promise((resolve) => setImmediate(resolve));
      return new Date(from + 1).toISOString();
    };
    const question = mayRead('ads.personalised', 'then', 'member.skills');
    const document = await documentInForce(admins);
    const reworded = {
      ...document,
      purposes: document.purposes.map((p) => ({
        ...p,
        description: `${p.description} `,
        notice: (p.notice ?? 1) + 1,
      })),
    };
    await publishDocument(admins, reworded, noticesOf(reworded));
    const before = await wait();
    await people.register('then', 'US-TX');
    const registered = await wait();
    const live = await service.request('POST', EVALUATION, { token: client, body: question });
    await people.choose('then', 'ads.personalised', 'denied');
    const denied = await wait();
    const shown = reworded.purposes.find(({ id }) => id === 'ads.personalised')?.notice;
    await people.choose('then', 'ads.personalised', 'granted', shown);

    const at = async (time: string) =>
      (await service.request('POST', REPLAY, { token: auditor, body: { evaluation: question, at: time } }))
        .body;
    expect(textAt(await at(before), 'context', 'reason')).toBe('unknown_user');
    const then = await at(registered);
    expect(valueAt(then, 'context', 'reason')).toBe(valueAt(live.body, 'context', 'reason'));
    expect(valueAt(then, 'context', 'policy')).toBe(valueAt(live.body, 'context', 'policy'));
    const no = await at(denied);
    expect(textAt(no, 'context', 'reason')).toBe('opted_out');
    expect(textAt(no, 'because', 'user', 'regime')).toBe('US');
    const by = { kind: 'service', id: 'accounts' };
    const how = { by, via: 'settings', said_at: null };
    expect(listAt(no, 'because', 'events')).toMatchObject([
      { ...how, change: { kind: 'profile', region: 'US-TX', age_band: 'adult', adult_from: null } },
      { ...how, change: { kind: 'choice', purpose: 'ads.personalised', choice: 'denied', notice: null } },
    ]);
    expect(numberAt(no, 'because', 'publication', 'sequence')).toBeGreaterThan(1);
  });

  test('before any policy was in force says that there was none', async () => {
    const reply = await service.request('POST', REPLAY, {
      token: auditor,
      body: { evaluation: mayRead('ads.personalised', 'u-1'), at: '2001-01-01T00:00:00Z' },
    });
    expect(reply).toMatchObject({ status: 404, body: { type: 'urn:assent:problem:policy_not_found' } });
  });

  test.each([
    ['says no moment', {}],
    ['says two', { at: '2027-01-01T00:00:00Z', policy: `sha256:${'0'.repeat(64)}`, revision: 'x' }],
    ['names a policy and no revision', { policy: `sha256:${'0'.repeat(64)}` }],
    ['names a revision that is none', { policy: `sha256:${'0'.repeat(64)}`, revision: 'x' }],
    ['asks about a time to come', { at: '2199-01-01T00:00:00Z' }],
    ['has a time without a zone', { at: '2027-01-01T00:00:00' }],
  ])('that %s is refused', async (_what, moment) => {
    const evaluation = mayRead('ads.personalised', 'u-1');
    const reply = await service.request('POST', REPLAY, { token: auditor, body: { evaluation, ...moment } });
    expect(reply).toMatchObject({ status: 400, body: { type: 'urn:assent:problem:invalid_request' } });
  });

  test('of a user with a field is that of the field with its user', async () => {
    await people.register('whoever', 'US-TX');
    const question = mayRead('service', 'whoever', 'member.skills');
    const live = await service.request('POST', EVALUATION, { token: client, body: question });
    const [policy, revision] = ['policy', 'revision'].map((name) => textAt(live.body, 'context', name));
    const resource = { type: 'user', id: 'whoever', properties: { field: 'member.skills' } };
    for (const evaluation of [question, { ...question, resource }]) {
      const body = { evaluation, policy, revision, client_purposes: PURPOSES };
      const reply = await service.request('POST', REPLAY, { token: auditor, body });
      expect(reply.body).toMatchObject({ decision: true, context: valueAt(live.body, 'context') });
    }
  });

  test.each([
    ['a field and no user', { type: 'field', id: 'member.skills' }, 'properties/user'],
    ['a user and no field', { type: 'user', id: 'u-1' }, 'properties/field'],
    ['a user by no spelling of an id', { type: 'user', id: 'u-1 ', properties: { field: 'f' } }, 'id'],
  ])('that names %s is refused, and told where', async (_what, resource, member) => {
    const evaluation = { ...mayRead('service', 'u-1'), resource };
    const at = new Date().toISOString();
    const reply = await service.request('POST', REPLAY, { token: auditor, body: { evaluation, at } });
    expect(reply).toMatchObject({ status: 400, body: { member: `/evaluation/resource/${member}` } });
  });

  test('is for those whose role allows it', async () => {
    const body = { evaluation: mayRead('ads.personalised', 'u-1'), at: '2027-01-01T00:00:00Z' };
    for (const token of [
      client,
      await service.token({ sub: 'u-1' }),
      await service.token({ sub: 'nobody', roles: ['something_else'] }),
    ])
      expect(await service.request('POST', REPLAY, { token, body })).toMatchObject({ status: 403 });
    expect(await service.request('POST', REPLAY, { body })).toMatchObject({ status: 401 });
  });
});

let accountsToken: string | undefined;
async function accounts(): Promise<string> {
  return (accountsToken ??= await service.token({
    sub: 'accounts',
    purposes: [],
    scope: 'users:write settings:read choices:write',
  }));
}
