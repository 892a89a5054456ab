/** What leaves was recorded before, as it was answered; and what cannot be recorded is a denial. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceUnder } from '../../src/access/clients.js';
import type { NewConsentEvent } from '../../src/decision/consent-event.js';
import { AudienceService } from '../../src/evaluation/audience/audience.service.js';
import { AudienceStream, linesOf } from '../../src/evaluation/audience/stream.js';
import { evaluateBatch } from '../../src/evaluation/batch.js';
import type { EvaluationRequest } from '../../src/evaluation/question.js';
import { MOST_PEOPLE } from '../../src/evaluation/people.js';
import { Permits } from '../../src/evaluation/permits/permits.service.js';
import { Search } from '../../src/evaluation/search.js';
import type { RecordEntry, RecordedUsers } from '../../src/record/record-entry.js';
import { policiesOn } from '../at-once.js';
import { houseOn } from '../house.js';
import { listAt, valueAt } from '../e2e/replies.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { at, reference } from './arbitraries.js';

const PURPOSES = [...reference.purposes.keys()];
const FIELDS = [...reference.fields.keys()];
const CLIENT = serviceUnder(
  {},
  { kind: 'service', id: 'feed', purposes: new Set(PURPOSES), listings: { purposes: [], scopes: [] } },
);
const NOW = 1_700_000_000_000;
const GONE = new AbortController().signal;

/** Every third has chosen something. */
async function houseWith(users: readonly string[]) {
  const store = new MemoryConsentStore();
  const event = (user: string, change: NewConsentEvent['change']): NewConsentEvent => ({
    user,
    by: { kind: 'service', id: 'test' },
    at: 0,
    via: 'settings',
    change,
  });
  await store.append(
    users.flatMap((user, place) => [
      event(user, { kind: 'profile', region: place % 2 === 0 ? 'US-NY' : 'DE', ageBand: 'adult' }),
      ...(place % 3 === 0
        ? [
            event(user, {
              kind: 'choice',
              purpose: 'ads.personalised',
              choice: 'denied',
              notice: 0,
              signal: false,
            }),
          ]
        : []),
    ]),
  );
  const house = await houseOn(store, policiesOn(reference.document), () => NOW);
  const { evaluation, state, recording, extracts } = house;
  return {
    ...house,
    search: new Search(evaluation, state),
    audiences: new AudienceService(evaluation, state, extracts),
    permits: new Permits(evaluation, state, () => NOW),
    personOf: (user: string) => state.numberOf(user) ?? recording.stranger(user),
  };
}

const USERS = ['u-1', 'u-2', 'u-3', 'u-4', 'u-5', 'u-6'];

const requests = fc
  .record({
    purpose: fc.constantFrom(...PURPOSES, 'nothing'),
    field: fc.constantFrom(...FIELDS, 'nothing'),
    user: fc.constantFrom(...USERS, 'a stranger'),
    others: fc.subarray([...USERS, 'a stranger']),
    context: fc.record(
      {
        actor: fc.constantFrom('automated' as const, 'human' as const),
        legal_reference: fc.constant('court order 7'),
        case: fc.constant('case 7'),
        on_behalf_of: fc.constantFrom(...USERS, 'a stranger'),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ purpose, field, user, others, context }): EvaluationRequest => ({
    subject: { type: 'purpose', id: purpose },
    action: { name: 'read' },
    resource: {
      type: 'field',
      id: field,
      properties: others.length < 2 ? { user } : { users: others },
    },
    context,
  }));

/** Of whom a record must speak: each of several where they are permitted, and of nobody else's data otherwise. */
function peopleOf({ resource }: EvaluationRequest, answer: unknown): readonly (string | undefined)[] {
  const { user, users } = resource.properties ?? {};
  if (users === undefined) return [user];
  if (valueAt(answer, 'decision') === true) return users;
  const closedBy = valueAt(valueAt(answer, 'context'), 'closed_by');
  return [typeof closedBy === 'number' ? users[closedBy] : undefined];
}

describe('what is answered', () => {
  it('is recorded as it is: who asked, for what, under which terms, of whom, and the answer', async () => {
    const { evaluation, recording, state, personOf } = await houseWith(USERS);
    const { policy } = evaluation;
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 1, maxLength: 8 }), async (asked) => {
        recording.entries.length = 0;
        const body: unknown = JSON.parse(
          await evaluateBatch(evaluation, CLIENT, { evaluations: asked }, 'r-1'),
        );
        const expected = asked.flatMap((request, place) => {
          const answer = listAt(body, 'evaluations')[place];
          const context = valueAt(answer, 'context');
          const { actor = 'human', case: named, legal_reference, on_behalf_of } = request.context ?? {};
          return peopleOf(request, answer).map((user) => ({
            at: NOW,
            client: 'feed',
            request: 'r-1',
            policy: policy.id,
            revision: state.revision,
            actor,
            ...(named === undefined ? {} : { case: named }),
            ...(legal_reference === undefined ? {} : { legalReference: legal_reference }),
            ...(on_behalf_of === undefined ? {} : { onBehalfOf: personOf(on_behalf_of) }),
            purpose: request.subject.id,
            field: request.resource.id,
            ...(user === undefined ? {} : { person: personOf(user) }),
            reason: valueAt(context, 'reason'),
            ...(valueAt(context, 'derived_source') === undefined
              ? {}
              : { source: valueAt(context, 'derived_source') }),
            obligations: valueAt(context, 'obligations'),
          }));
        });
        expect(decisionsIn(recording.entries)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('says nothing of what could not be recorded, but that', async () => {
    const { evaluation, recording } = await houseWith(USERS);
    await fc.assert(
      fc.asyncProperty(
        fc.array(requests, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (asked, isKnown) => {
          // it is known before, or found when it is written
          recording.isAvailable = !isKnown;
          recording.writes = isKnown;
          const body: unknown = JSON.parse(
            await evaluateBatch(evaluation, CLIENT, { evaluations: asked }, 'r-1'),
          );
          for (const answer of listAt(body, 'evaluations'))
            expect(answer).toEqual({
              decision: false,
              context: {
                reason: 'record_unavailable',
                policy: evaluation.policy.id,
                revision: expect.any(String),
                obligations: [],
              },
            });
          const [one] = asked;
          if (one === undefined || !reference.purposes.has(one.subject.id)) return;
          expect(await evaluation.evaluate(CLIENT, one, 'r-1')).toMatchObject({
            decision: false,
            context: { reason: 'record_unavailable' },
          });
        },
      ),
      { numRuns: 200 },
    );
    expect(recording.entries).toEqual([]);
  });

  it('does not leave before it is recorded', async () => {
    const { evaluation, recording } = await houseWith(USERS);
    const written = heldBack(recording);
    let hasLeft = false;
    const answer = evaluation.evaluate(CLIENT, readBy('service'), 'r-1').finally(() => (hasLeft = true));
    await written.isAsked;
    await Promise.resolve();
    expect(hasLeft).toBe(false);
    written.let(true);
    expect(await answer).toMatchObject({ decision: true });
  });
});

describe('a search', () => {
  it('for users is recorded with those it found, and how many it did not', async () => {
    const { search, recording, state } = await houseWith(USERS);
    const { results } = await search.resources(
      CLIENT,
      {
        subject: { type: 'purpose', id: 'ads.personalised' },
        action: { name: 'read' },
        resource: { type: 'user', properties: { field: 'member.skills' } },
        context: { actor: 'automated' },
      },
      'r-1',
    );
    expect(results.length).toBeGreaterThan(0);
    const [entry] = recording.entries;
    const sets = setsIn(recording.entries);
    expect([...(sets.get('member.skills') ?? [])]).toEqual(results.map(({ id }) => state.numberOf(id)));
    const refused = Object.values(entry?.kind === 'users' ? entry.refused : {});
    expect(refused.reduce((sum, count) => sum + count, 0)).toBe(USERS.length - results.length);
  });

  it('for purposes is recorded with the answer for each', async () => {
    const { search, recording } = await houseWith(USERS);
    const { results } = await search.subjects(
      CLIENT,
      {
        subject: { type: 'purpose' },
        action: { name: 'read' },
        resource: { type: 'field', id: 'member.skills', properties: { user: 'u-2' } },
      },
      'r-1',
    );
    const decided = decisionsIn(recording.entries);
    expect(decided.map(({ purpose }) => purpose)).toEqual(PURPOSES);
    expect(decided.filter(({ reason }) => reason === 'permitted').map(({ purpose }) => purpose)).toEqual(
      results.map(({ id }) => id),
    );
  });

  it.each(['before', 'as it is written'])('is refused when it cannot be recorded, known %s', async (when) => {
    const { search, recording } = await houseWith(USERS);
    recording.isAvailable = when !== 'before';
    recording.writes = false;
    const question = { subject: { type: 'purpose', id: 'service' }, action: { name: 'read' } };
    const refused = { code: 'record_unavailable' };
    await expect(
      search.resources(
        CLIENT,
        { ...question, resource: { type: 'user', properties: { field: 'member.skills' } } },
        'r',
      ),
    ).rejects.toMatchObject(refused);
    await expect(
      search.resources(
        CLIENT,
        { ...question, resource: { type: 'field', properties: { user: 'u-1' } } },
        'r',
      ),
    ).rejects.toMatchObject(refused);
  });
});

describe('an answer about many', () => {
  // more than two parts, in no order, some twice, some unknown
  const members = Array.from({ length: 2.5 * MOST_PEOPLE }, (_, place) => `u-${place}`);
  const asked = [...members.map((_, place) => at(members, place * 7_919)), 'u-1', 'nobody', 'u-2', 'u-1'];
  const fields = ['member.skills', 'member.name'];

  async function audience(house: Awaited<ReturnType<typeof houseWith>>, purpose = 'ads.personalised') {
    const open = await house.audiences.open(CLIENT, { purpose, fields, context: {} }, 'r-1');
    return new AudienceStream(open, 'application/x-ndjson', 'text').answer(linesOf(asked), GONE);
  }

  it('is recorded with exactly those whom it let through, for each field', async () => {
    const house = await houseWith(members);
    for (const purpose of ['ads.personalised', 'service']) {
      house.recording.entries.length = 0;
      const told = new Map<string, Set<unknown>>();
      for (const row of await rowsOf(await audience(house, purpose)))
        if (row.user !== undefined)
          for (const field of row.fields)
            told.set(field, (told.get(field) ?? new Set()).add(String(house.personOf(row.user))));
      const recorded = setsIn(house.recording.entries);
      expect([...recorded.keys()].sort()).toEqual([...told.keys()].sort());
      for (const [field, people] of told)
        expect(new Set([...(recorded.get(field) ?? [])].map(String))).toEqual(people);
      const parts = house.recording.entries.flatMap((entry) => (entry.kind === 'users' ? [entry] : []));
      expect(parts.map(({ part }) => part)).toEqual(parts.map((_, place) => place));
      expect(parts.map(({ isLast }) => isLast)).toEqual(parts.map((_, place) => place === parts.length - 1));
      expect(new Set(parts.map(({ stream }) => stream)).size).toBe(1);
      for (const { users } of parts.flatMap(({ sets }) => sets))
        expect(users.every((user, place) => place === 0 || user > (users[place - 1] ?? 0))).toBe(true);
    }
  });

  it('leaves no part of which nobody knows whether it was recorded, and is cut off where one was not', async () => {
    const house = await houseWith(members);
    const written = heldBack(house.recording);
    const rows: unknown[] = [];
    const reading = (async () => {
      for await (const piece of await audience(house)) rows.push(piece);
    })();
    await written.isAsked;
    expect(rows).toEqual([]);
    written.let(false);
    await expect(reading).rejects.toMatchObject({ code: 'record_unavailable' });
    expect(rows).toEqual([]);
  });

  it('as a file of permits is recorded the same way, by its columns', async () => {
    const house = await houseWith(USERS);
    const request = { purpose: 'ads.personalised', fields: ['member.skills', 'post.text'], context: {} };
    for await (const _piece of await house.permits.open(CLIENT, request, 'r-1', GONE));
    const { search, recording, state } = house;
    const recorded = setsIn(recording.entries);
    const { results } = await search.resources(
      CLIENT,
      {
        subject: { type: 'purpose', id: 'ads.personalised' },
        action: { name: 'read' },
        resource: { type: 'user', properties: { field: 'member.skills' } },
      },
      'r-2',
    );
    expect([...(recorded.get('member.skills') ?? [])]).toEqual(results.map(({ id }) => state.numberOf(id)));
    const levels = reference.document.visibility?.find(({ id }) => id === 'posts')?.levels ?? [];
    const [entry] = recording.entries;
    expect(entry?.kind === 'users' ? entry.fields : []).toEqual([
      'member.skills',
      ...levels.map(({ id }) => `post.text@${id}`),
    ]);
  });

  it('is not begun when it could not be recorded', async () => {
    const house = await houseWith(USERS);
    house.recording.isAvailable = false;
    await expect(audience(house)).rejects.toMatchObject({ code: 'record_unavailable' });
    await expect(
      house.permits.open(CLIENT, { purpose: 'ads.personalised', context: {} }, 'r-1', GONE),
    ).rejects.toMatchObject({ code: 'record_unavailable' });
  });
});

function readBy(purpose: string): EvaluationRequest {
  return {
    subject: { type: 'purpose', id: purpose },
    action: { name: 'read' },
    resource: { type: 'field', id: 'member.skills', properties: { user: 'u-1' } },
  };
}

/** Has a test say when, and whether, what was taken down is written. */
function heldBack(recording: { settled: () => Promise<boolean> | undefined }) {
  let letIt: (isWritten: boolean) => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => {
    const settled = new Promise<boolean>((settle) => (letIt = settle));
    recording.settled = () => {
      resolve();
      return settled;
    };
  });
  return { isAsked, let: (isWritten: boolean) => letIt(isWritten) };
}

function decisionsIn(entries: readonly RecordEntry[]) {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'decisions') return [];
    const { kind: _kind, decisions, ...asked } = entry;
    return decisions.map((decision) => ({ ...asked, ...decision }));
  });
}

/** By field, who was let through. */
function setsIn(entries: readonly RecordEntry[]): Map<string, (number | Uint8Array)[]> {
  const people = new Map<string, (number | Uint8Array)[]>();
  const sets = entries.flatMap((entry): RecordedUsers['sets'] => (entry.kind === 'users' ? entry.sets : []));
  for (const { permits, users, strangers } of sets)
    for (const field of permits) people.set(field, [...(people.get(field) ?? []), ...users, ...strangers]);
  return people;
}

async function rowsOf(
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ readonly user?: string; readonly fields: readonly string[] }[]> {
  const chunks: Uint8Array[] = [];
  for await (const piece of pieces) chunks.push(piece);
  return Buffer.concat(chunks)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
