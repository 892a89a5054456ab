/**
 * A question about data of several people is answered as the single questions are, put together: by the specification
 * on random policies and records, and by what the service itself answers about each of them alone.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceUnder } from '../../src/access/clients.js';
import { type ConsentChange, EMPTY_RECORD, type NewConsentEvent } from '../../src/decision/consent-event.js';
import { REASONS } from '../../src/decision/reasons.js';
import { decideForSeveral } from '../../src/decision/table/decide-for-several.js';
import { BATCH_KEYS } from '../../src/decision/state/key-batch.js';
import { evaluateBatch } from '../../src/evaluation/batch.js';
import type { Answer } from '../../src/evaluation/answer.js';
import { MAX_PEOPLE } from '../../src/evaluation/several.js';
import { decideBothWays } from '../decide-both-ways.js';
import { listAt } from '../e2e/replies.js';
import { houseOn } from '../house.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { expectedOfSeveral } from '../oracle.js';
import { policiesOn } from '../at-once.js';
import { RUNS, generatedWorlds, reference, referenceWorlds, usersOf } from './arbitraries.js';

describe.each([
  { of: 'generated policies', worlds: generatedWorlds },
  { of: 'the reference policy', worlds: referenceWorlds },
])('a decision about several people on $of', ({ worlds }) => {
  const asked = worlds.chain((world) => {
    // like the one that the world has, so that there are permits to put together
    const record = fc.oneof(
      { weight: 2, arbitrary: fc.constant(world.question.record) },
      { weight: 3, arbitrary: usersOf(world.policy) },
      { weight: 1, arbitrary: fc.constant(EMPTY_RECORD) },
    );
    const someone = fc.record({ record, ownData: fc.constant(false) });
    return fc
      .tuple(fc.array(someone, { minLength: 2, maxLength: 5 }), fc.nat(9), fc.nat(19))
      .map(([people, own, unread]) => ({
        ...world,
        people: people.map((one, place) => ({
          record: unread === 0 ? ('unavailable' as const) : one.record,
          ownData: place === own,
        })),
      }));
  });

  it('is the one that the specification asks for, and names whom it names', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(asked, ({ policy, question, people }) => {
        const decided = decideForSeveral(people.length, (at) => {
          const { record, ownData } = people[at] ?? { record: 'unavailable', ownData: false };
          return decideBothWays(policy, { ...question, record, facts: { ...question.facts, ownData } });
        });
        expect(decided).toEqual(expectedOfSeveral(policy.document, { question, people }));
        const { line } = REASONS[decided.decision.reason];
        seen.add(`line ${line}${decided.closedBy === undefined ? '' : ' of one'}`);
      }),
      { numRuns: RUNS },
    );
    for (const come of ['line 8', 'line 6 of one', 'line 6', 'line 7', 'line 5'])
      expect(seen).toContain(come);
  });
});

const USERS = Array.from({ length: 3 * BATCH_KEYS }, (_, place) => `u-${place}`);
const PURPOSES = [...reference.purposes.keys()];
const CLIENT = serviceUnder(
  {},
  { kind: 'service', id: 'client', purposes: new Set(PURPOSES), listings: { purposes: [], scopes: [] } },
);
const ADULT = { kind: 'profile', region: 'US-NY', ageBand: 'adult' } as const;

/** A service on the reference policy, with users of whom most have said nothing, and every tenth anything. */
async function served() {
  const store = new MemoryConsentStore();
  const drawn = fc.sample(usersOf(reference), { numRuns: USERS.length, seed: 3 });
  const event = (user: string, change: ConsentChange): NewConsentEvent => ({
    user,
    by: { kind: 'service', id: 'test' },
    at: 0,
    via: 'settings',
    change,
  });
  const events = USERS.flatMap((user, place) => {
    const record = drawn[place] ?? EMPTY_RECORD;
    if (place % 10 > 0) return [event(user, ADULT)];
    const { registered, region, ageBand, choices, visibility, signals } = record;
    return [
      ...(registered ? [event(user, { kind: 'profile', region, ageBand })] : []),
      ...[...choices].map(([purpose, said]) => event(user, { kind: 'choice', purpose, ...said })),
      ...[...(visibility ?? [])].map(([group, level]) => event(user, { kind: 'visibility', group, level })),
      ...[...signals].map((signal) => event(user, { kind: 'signal', signal })),
    ];
  });
  await store.append(events);
  return houseOn(store, policiesOn(reference.document));
}

const house = await served();

const requests = fc
  .record({
    purpose: fc.constantFrom('personalise', 'improve', 'rights', ...PURPOSES),
    field: fc.oneof(
      fc.constantFrom('member.skills', 'post.text'),
      fc.constantFrom(...reference.fields.keys()),
    ),
    users: fc.oneof(
      fc.shuffledSubarray(USERS, { minLength: 2, maxLength: 4 }),
      fc.shuffledSubarray(
        USERS.filter((_, place) => place % 10 > 0),
        { minLength: 200 },
      ),
      fc.shuffledSubarray(USERS, { minLength: 2 }),
    ),
    openness: fc.option(fc.nat(2)),
    own: fc.nat(4),
  })
  .map(({ purpose, field, users, openness, own }) => {
    const group = reference.document.visibility?.find(
      ({ id }) => id === reference.fields.get(field)?.visibility,
    );
    const level = group?.levels.at(openness ?? -1)?.id;
    const properties = openness === null || level === undefined ? {} : { visibility: level };
    const request = (of: { user: string } | { users: string[] }) => ({
      subject: { type: 'purpose', id: purpose },
      action: { name: 'read' },
      resource: { type: 'field', id: field, properties: { ...properties, ...of } },
      context: {
        actor: 'automated' as const,
        legal_reference: 'file 7',
        ...(users[own] === undefined ? {} : { on_behalf_of: users[own] }),
      },
    });
    return { users, joint: request({ users }), alone: users.map((user) => request({ user })) };
  });

/** A question that all who said nothing permit. */
function requestAbout(users: string[]) {
  return {
    subject: { type: 'purpose', id: 'personalise' },
    action: { name: 'read' },
    resource: { type: 'field', id: 'member.skills', properties: { users } },
  };
}

/** What the answers about each say about all of them. */
function together(alone: readonly Answer[]): unknown {
  const first = alone.findIndex(({ decision }) => !decision);
  const answer = alone[Math.max(first, 0)];
  if (answer === undefined || first < 0) return answer && JSON.parse(answer.json);
  const { reason, derived_source } = answer.context;
  const { line } = REASONS[reason];
  const isOfAll =
    line <= 5
      ? alone.every(({ context }) => context.reason === reason && context.derived_source === derived_source)
      : line === 7 && reason !== 'not_own_data';
  return { decision: false, context: isOfAll ? answer.context : { ...answer.context, closed_by: first } };
}

describe('an answer about several users', () => {
  it('is that about each of them alone, put together, however many they are', async () => {
    const places = new Set<number>();
    let permits = 0;
    await fc.assert(
      fc.asyncProperty(requests, async ({ joint, alone }) => {
        const answer = await house.evaluation.evaluate(CLIENT, joint, 'r-1');
        const each = await Promise.all(alone.map((one) => house.evaluation.evaluate(CLIENT, one, 'r-1')));
        expect(JSON.parse(answer.json)).toEqual(together(each));
        if (answer.context.closed_by !== undefined) places.add(answer.context.closed_by);
        if (answer.decision) permits++;
      }),
      { numRuns: RUNS / 10 },
    );
    expect(permits).toBeGreaterThan(0);
    expect(Math.max(...places)).toBeGreaterThan(1);
  });

  it('finds the one among many who said no, at whatever place', async () => {
    const { evaluation, log } = house;
    await log.change({
      user: 'the-one',
      by: { kind: 'user', id: 'the-one' },
      at: 0,
      via: 'settings',
      settle: () => [
        ADULT,
        { kind: 'choice', purpose: 'personalise', choice: 'denied', notice: 0, signal: false },
      ],
    });
    const others = USERS.filter((_, place) => place % 10 > 0);
    for (const place of [0, 1, 127, 128, 129, 255, 256, 300]) {
      const users = [...others.slice(0, place), 'the-one', ...others.slice(place)];
      const { context } = await evaluation.evaluate(CLIENT, requestAbout(users), 'r-1');
      expect(context).toMatchObject({ reason: 'opted_out', closed_by: place });
    }
    expect(await evaluation.evaluate(CLIENT, requestAbout(others), 'r-1')).toMatchObject({ decision: true });
  });

  it('that must rest on a revision that was not reached is a no, and nobody’s', async () => {
    const { evaluation, log } = house;
    const consistency_token = log.tokens.of(log.state.revision + 1);
    const request = { ...requestAbout(USERS.slice(0, 300)), context: { consistency_token } };
    const answer = await evaluation.evaluate(CLIENT, request, 'r-1');
    expect(answer).toMatchObject({ decision: false, context: { reason: 'consent_unavailable' } });
    expect(answer.context).not.toHaveProperty('closed_by');
  });

  it('is the same in a batch, beside others, and as its default', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 1, maxLength: 4 }), async (drawn) => {
        const items = drawn.flatMap(({ joint, alone }) => [joint, ...alone.slice(0, 3), joint]);
        const [first] = drawn;
        if (first === undefined) return;
        const batch = { ...first.joint, evaluations: [...items, {}] };
        const answers = listAt(
          JSON.parse(await evaluateBatch(house.evaluation, CLIENT, batch, 'r-1')),
          'evaluations',
        );
        const expected = await Promise.all(
          [...items, first.joint].map((one) => house.evaluation.evaluate(CLIENT, one, 'r-1')),
        );
        expect(answers).toEqual(expected.map(({ json }): unknown => JSON.parse(json)));
      }),
      { numRuns: 20 },
    );
  });

  it('is refused where a batch is about too many people, each counted for every item', async () => {
    const users = USERS.slice(0, 250);
    const batch = (count: number) => ({
      ...requestAbout(users),
      evaluations: Array.from({ length: count }, () => ({})),
    });
    const most = MAX_PEOPLE / users.length;
    const answered = await evaluateBatch(house.evaluation, CLIENT, batch(most), 'r-1');
    expect(listAt(JSON.parse(answered), 'evaluations')).toHaveLength(most);
    await expect(evaluateBatch(house.evaluation, CLIENT, batch(most + 1), 'r-1')).rejects.toMatchObject({
      code: 'invalid_request',
      member: '/evaluations',
    });
  });
});
