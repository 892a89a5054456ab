/**
 * The evaluation room adds nothing to a decision and takes nothing away: an answer is what `decide` says of the question,
 * a batch is its items one by one, and a search finds exactly what one would find by asking of every candidate.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceCaller } from '../../src/access/caller.js';
import { serviceUnder } from '../../src/access/clients.js';
import type { Tokens } from '../../src/consent/log/consistency-token.js';
import {
  type ConsentChange,
  EMPTY_RECORD,
  type NewConsentEvent,
  type UserRecord,
} from '../../src/decision/consent-event.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { DomainError } from '../../src/errors.js';
import { BATCH_KEYS } from '../../src/decision/state/key-batch.js';
import { evaluateBatch } from '../../src/evaluation/batch.js';
import { EvaluationDto, SEMANTICS } from '../../src/evaluation/evaluation.dto.js';
import type { Answer } from '../../src/evaluation/answer.js';
import type { EvaluationService } from '../../src/evaluation/evaluation.service.js';
import type { EvaluationRequest } from '../../src/evaluation/question.js';
import { Search, type SearchAnswer } from '../../src/evaluation/search.js';
import { parserOf } from '../../src/http/contract/schema.js';
import { isSpelledId } from '../../src/id.js';
import type { PolicyVersion } from '../../src/policy/policy.service.js';
import { houseOn } from '../house.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { decideBothWays } from '../decide-both-ways.js';
import { listAt, membersOf, valueAt } from '../e2e/replies.js';
import { RUNS, at, reference, soundDocuments, usersOf } from './arbitraries.js';
import { policiesOn } from '../at-once.js';

const parseEvaluation = parserOf(EvaluationDto);

const POLICIES = 40;
const USERS = [
  'u-1',
  'u-2',
  'u-3',
  'u-4',
  'u-5',
  'u-6',
  '__proto__',
  'constructor',
  'Ünal, Ökonomin',
  // spelled as ids are no more; good for users whom the log knows
  'U\u0308nal',
  ' u-7',
  'u 1',
  '\u{1f600}',
  '*',
];

/** The rooms, on one policy, with users of every sort. */
type Rooms = {
  readonly policy: PolicyVersion;
  readonly evaluation: EvaluationService;
  readonly search: Search;
  readonly revision: number;
  readonly tokens: Tokens;
  readonly recordOf: (user: string) => UserRecord;
  /** Users the log knows, in the order in which it came to know them. */
  readonly users: readonly string[];
};

async function roomsOf(document: PolicyDocument): Promise<Rooms> {
  const policies = policiesOn(document);
  const drawn = fc.sample(usersOf(policies.current), { numRuns: USERS.length, seed: 1 });
  const records = new Map(USERS.map((user, index) => [user, at(drawn, index)]));
  const events = [...records].flatMap(([user, record]) => eventsOf(user, record));
  const store = new MemoryConsentStore();
  await store.append(events);
  const { evaluation, state } = await houseOn(store, policies);
  return {
    policy: policies.current,
    evaluation,
    search: new Search(evaluation, state),
    revision: events.length,
    tokens: store.tokens,
    recordOf: (user) => records.get(user) ?? EMPTY_RECORD,
    users: [...new Set(events.map(({ user }) => user))],
  };
}

/** Events whose fold is the record. */
function eventsOf(
  user: string,
  { registered, region, ageBand, choices, signals, visibility }: UserRecord,
): NewConsentEvent[] {
  const changes: ConsentChange[] = [
    ...(registered ? [{ kind: 'profile', region, ageBand } as const] : []),
    ...[...choices].map(([purpose, said]) => ({ kind: 'choice', purpose, ...said }) as const),
    ...[...(visibility ?? [])].map(([group, level]) => ({ kind: 'visibility', group, level }) as const),
    ...[...signals].map((signal) => ({ kind: 'signal', signal }) as const),
  ];
  return changes.map((change) => ({
    user,
    by: { kind: 'service', id: 'test' },
    at: 0,
    via: 'settings',
    change,
  }));
}

const plans = fc.record({
  rooms: fc.nat(POLICIES - 1),
  purpose: fc.nat(999),
  field: fc.nat(999),
  user: fc.nat(USERS.length),
  lists: fc.nat(5),
  astray: fc.nat(60),
  actor: fc.nat(2),
  reference: fc.boolean(),
  onBehalf: fc.nat(3),
  // rarely: an answer waits a moment for a revision that is ahead
  token: fc.nat(400),
});
type Plan = typeof plans extends fc.Arbitrary<infer T> ? T : never;

/** What a question says the resource is; the rest are fields. */
const RESOURCE_TYPES: Readonly<Record<number, string>> = { 5: 'user', 6: 'user', 8: 'record' };

/** A well-formed evaluation; now and then of what there is not. */
function requestOf({ policy, revision, tokens }: Rooms, plan: Plan) {
  const user = at([...USERS, 'nobody'], plan.user);
  const field = plan.astray === 1 ? 'nothing' : at([...policy.fields.keys()], plan.field);
  const type = RESOURCE_TYPES[plan.astray % 9] ?? 'field';
  const properties: { user?: string; field?: string } = plan.astray === 7 ? {} : { user, field };
  return {
    subject: {
      type: plan.astray === 2 ? 'service' : 'purpose',
      id: plan.astray === 3 ? 'nobody.knows' : at([...policy.purposes.keys()], plan.purpose),
    },
    action: { name: plan.astray === 4 ? 'write' : 'read' },
    resource: {
      type,
      id: type === 'user' ? user : field,
      properties,
    },
    context: {
      ...(plan.actor === 0 ? {} : { actor: plan.actor === 1 ? ('automated' as const) : ('human' as const) }),
      ...(plan.reference ? { legal_reference: 'file 7' } : {}),
      ...(plan.onBehalf === 0 ? {} : { on_behalf_of: plan.onBehalf === 1 ? 'u-1' : user }),
      case: 'c-1',
      ...tokenFor(plan.token, revision, tokens),
    },
  };
}

function tokenFor(drawn: number, revision: number, tokens: Tokens): { consistency_token?: string } {
  if (drawn === 0) return { consistency_token: 'no token' };
  if (drawn === 1) return { consistency_token: tokens.of(revision + 1) };
  return drawn < 130 ? { consistency_token: tokens.of(revision) } : {};
}

/** A service that may ask for most purposes, or for none. */
function clientOf({ policy }: Rooms, { lists, purpose }: Plan): ServiceCaller {
  const all = [...policy.purposes.keys()];
  const purposes = lists === 0 ? [] : all.filter((_, index) => lists > 2 || (index + purpose) % 3 > 0);
  return serviceUnder(
    {},
    { kind: 'service', id: 'client', purposes: new Set(purposes), listings: { purposes: [], scopes: [] } },
  );
}

/** What came of it: the value, or the code of the refusal. */
async function outcome<T>(work: Promise<T>): Promise<T | { readonly refused: string }> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DomainError) return { refused: error.code };
    throw error;
  }
}

type Asking = ReturnType<typeof requestOf>;

/** Whose data a resource is, and which field of theirs. */
function asksOf({ type, id, properties }: Asking['resource']): { user?: string; field?: string } {
  if (type !== 'user') return { ...properties, field: type === 'field' ? id : 'not a field' };
  const { user: _ignored, ...rest } = properties;
  return { ...rest, user: id };
}

/** Whether a question is one that nobody can answer. */
function isRefused({ users }: Rooms, { resource, context }: Asking): boolean {
  const { user, field } = asksOf(resource);
  const strange = [user, context.on_behalf_of].filter((id) => id !== undefined && !isSpelledId(id));
  return (
    context.consistency_token === 'no token' ||
    field === undefined ||
    (resource.type === 'field' && user === undefined) ||
    strange.some((id) => id !== undefined && !users.includes(id))
  );
}

function isPermit(answer: Answer | { readonly refused: string }): boolean {
  return 'decision' in answer && answer.decision;
}

/** All pages of a search, put together. */
async function walk<T>(
  limit: number,
  next: (page: { token?: string; limit?: number }) => Promise<SearchAnswer<T>>,
): Promise<T[]> {
  const found: T[] = [];
  for (let token: string | undefined; token !== '';) {
    const size = limit === 0 ? {} : { limit };
    const { page, results } = await next(token === undefined ? size : { ...size, token });
    expect(page.count).toBe(results.length);
    if (limit > 0) expect(results.length).toBeLessThanOrEqual(limit);
    found.push(...results);
    token = page.next_token;
  }
  return found;
}

/** The candidates that pass when they are asked about one by one, or the refusal that each of them meets. */
async function oneByOne(
  { evaluation }: Rooms,
  client: ServiceCaller,
  candidates: readonly string[],
  request: (id: string) => EvaluationRequest,
): Promise<string[] | { readonly refused: string }> {
  const passing: string[] = [];
  const refusals: string[] = [];
  for (const id of candidates) {
    const answer = await outcome(evaluation.evaluate(client, request(id), 'r-1'));
    if ('refused' in answer) refusals.push(answer.refused);
    if (isPermit(answer)) passing.push(id);
  }
  const [refused] = refusals;
  return refused !== undefined && refusals.length === candidates.length ? { refused } : passing;
}

const idsOf = (entities: readonly { readonly id: string }[]) => entities.map(({ id }) => id);

const generated = await Promise.all(
  fc.sample(soundDocuments, { numRuns: POLICIES, seed: 2 }).map((document) => roomsOf(document)),
);

describe.each([
  { of: 'generated policies', all: generated },
  { of: 'the reference policy', all: [await roomsOf(reference.document)] },
])('on $of', ({ all }) => {
  /** Tries a property on many questions; a limit of 0 stands for none. */
  async function holds(
    property: (rooms: Rooms, plan: Plan, limit: number) => Promise<void>,
    numRuns = RUNS,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(15), (plan, limit) => property(at(all, plan.rooms), plan, limit)),
      { numRuns },
    );
  }

  it('an answer is what `decide` says of the question', () =>
    holds(async (rooms, plan) => {
      const { policy, evaluation, revision, tokens, recordOf } = rooms;
      const client = clientOf(rooms, plan);
      const request = requestOf(rooms, plan);
      const { subject, action, resource, context } = request;
      const { user, field } = asksOf(resource);
      const answer = await outcome(evaluation.evaluate(client, request, 'r-1'));
      if (subject.type === 'purpose' && policy.purposes.has(subject.id) && !client.purposes.has(subject.id)) {
        expect(answer).toEqual({ refused: 'purpose_not_allowed' });
        return;
      }
      if (isRefused(rooms, request)) {
        expect(answer).toEqual({ refused: 'invalid_request' });
        return;
      }
      const ahead = context.consistency_token === tokens.of(revision + 1);
      const { permit, reason, obligations, source } = decideBothWays(policy, {
        purpose: subject.type === 'purpose' ? subject.id : 'not a purpose',
        action: action.name,
        field: field ?? 'not a field',
        clientPurposes: client.purposes,
        record: ahead || user === undefined ? 'unavailable' : recordOf(user),
        facts: {
          actor: context.actor ?? 'human',
          case: 'none',
          legalReference: context.legal_reference !== undefined,
          ownData: context.on_behalf_of === user,
        },
      });
      const said = {
        reason,
        derived_source: source,
        obligations,
        policy: policy.id,
        revision: tokens.of(revision),
      };
      expect(answer).toEqual({ decision: permit, context: said });
    }));

  it('a batch answers every item as it is answered alone, and stops where it is told to', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(plans, fc.nat(31)), { minLength: 1, maxLength: 5 }),
        plans,
        fc.constantFrom(...SEMANTICS),
        async (drawn, plan, semantic) => {
          const rooms = at(all, plan.rooms);
          const client = clientOf(rooms, plan);
          const defaults = requestOf(rooms, plan);
          const items = drawn.map(([one, shape]) => itemOf(requestOf(rooms, one), shape));
          const batch: unknown = JSON.parse(
            await evaluateBatch(
              rooms.evaluation,
              client,
              {
                ...defaults,
                evaluations: items,
                options: { evaluations_semantic: semantic },
              },
              'r-1',
            ),
          );
          const answers = listAt(batch, 'evaluations');
          const stopsAt = { execute_all: undefined, deny_on_first_deny: false, permit_on_first_permit: true };
          const stop = answers.findIndex((answer) => valueAt(answer, 'decision') === stopsAt[semantic]);
          expect(answers.length).toBe(stop < 0 ? items.length : stop + 1);
          for (const [index, answer] of answers.entries())
            expectSame(answer, await outcome(alone(rooms, client, defaults, at(items, index))));
        },
      ),
      { numRuns: RUNS },
    ));

  it('a batch of more items than are looked up together answers each as it is answered alone', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(plans, fc.nat(31)), { minLength: 1, maxLength: 9 }),
        plans,
        async (drawn, plan) => {
          const rooms = at(all, plan.rooms);
          const client = clientOf(rooms, plan);
          const defaults = requestOf(rooms, plan);
          const items = drawn.map(([one, shape]) => {
            const { resource, ...rest } = requestOf(rooms, one);
            // a user is asked about by id, whoever else is named beside it
            const properties = {
              ...resource.properties,
              ...(resource.type === 'user' ? { user: 'nobody' } : {}),
            };
            return itemOf({ ...rest, resource: { ...resource, properties } }, shape);
          });
          // so many that no item has the same neighbours in every group
          const count = 2 * BATCH_KEYS + items.length;
          const evaluations = Array.from({ length: count }, (_, place) => at(items, place % items.length));
          const batch: unknown = JSON.parse(
            await evaluateBatch(rooms.evaluation, client, { ...defaults, evaluations }, 'r-1'),
          );
          const expected = await Promise.all(
            items.map((item) => outcome(alone(rooms, client, defaults, item))),
          );
          const answers = listAt(batch, 'evaluations');
          expect(answers.length).toBe(count);
          for (const [place, answer] of answers.entries())
            expectSame(answer, at(expected, place % items.length));
        },
      ),
      { numRuns: 50 },
    ));

  it('a search for purposes finds those that pass one by one', () =>
    holds(async (rooms, plan, limit) => {
      const client = clientOf(rooms, plan);
      const request = requestOf(rooms, plan);
      const subject = { type: 'purpose' };
      const found = await outcome(
        walk(limit, (page) => rooms.search.subjects(client, { ...request, subject, page }, 'r-1')),
      );
      const expected = await oneByOne(rooms, client, [...rooms.policy.purposes.keys()], (id) => ({
        ...request,
        subject: { ...subject, id },
      }));
      // what a client may not ask for it does not find; a question that is not well-formed is refused all the same
      const [first] = client.purposes;
      if (isRefused(rooms, request)) {
        expect(found).toEqual({ refused: 'invalid_request' });
        return;
      }
      expect('refused' in found ? found : idsOf(found)).toEqual(first === undefined ? [] : expected);
    }));

  it('a search for fields finds those that pass one by one', () =>
    holds(async (rooms, plan, limit) => {
      const client = clientOf(rooms, plan);
      const request = requestOf(rooms, plan);
      const resource = { ...request.resource, type: 'field' };
      const found = await outcome(
        walk(limit, (page) => rooms.search.resources(client, { ...request, resource, page }, 'r-1')),
      );
      const expected = await oneByOne(rooms, client, [...rooms.policy.fields.keys()], (id) => ({
        ...request,
        resource: { ...resource, id },
      }));
      expect('refused' in found ? found : idsOf(found)).toEqual(expected);
    }));

  it('a search for users finds those that pass one by one', () =>
    holds(async (rooms, plan, limit) => {
      const client = clientOf(rooms, plan);
      const request = requestOf(rooms, plan);
      const { field } = request.resource.properties;
      if (field === undefined) return;
      const resource = { type: 'user', properties: { field } };
      const found = await outcome(
        walk(limit, (page) => rooms.search.resources(client, { ...request, resource, page }, 'r-1')),
      );
      const expected = await oneByOne(rooms, client, rooms.users, (user) => ({
        ...request,
        resource: { type: 'field', id: field, properties: { user } },
      }));
      expect('refused' in found ? found : idsOf(found)).toEqual(expected);
    }));

  it('a search for actions finds reading, if it passes', () =>
    holds(async (rooms, plan, limit) => {
      const client = clientOf(rooms, plan);
      const request = requestOf(rooms, plan);
      const found = await outcome(
        walk(limit, (page) => rooms.search.actions(client, { ...request, page }, 'r-1')),
      );
      const expected = await oneByOne(rooms, client, ['read'], (name) => ({ ...request, action: { name } }));
      expect('refused' in found ? found : found.map(({ name }) => name)).toEqual(expected);
    }));

  it('what a search finds is permitted when it is put back as it came, and what it leaves out is not', () =>
    holds(async (rooms, plan) => {
      const client = clientOf(rooms, plan);
      const request = requestOf(rooms, plan);
      const { user, field } = request.resource.properties;
      const isPermitted = async (change: object) => {
        const sent: unknown = JSON.parse(JSON.stringify({ ...request, ...change }));
        const answer = async () => rooms.evaluation.evaluate(client, parseEvaluation(sent), 'r-1');
        return isPermit(await outcome(answer()));
      };
      /** Puts each of the results in place of what was searched for, and then each of the others. */
      const holdsFor = async (
        member: string,
        search: (page: { token?: string }) => Promise<SearchAnswer<object>>,
        all: readonly object[],
      ) => {
        const found = await outcome(walk(0, search));
        const results: readonly object[] = 'refused' in found ? [] : found;
        for (const result of results) expect(await isPermitted({ [member]: result })).toBe(true);
        const known = new Set(results.map((result) => JSON.stringify(result)));
        for (const other of all.filter((one) => !known.has(JSON.stringify(one))))
          expect(await isPermitted({ [member]: other })).toBe(false);
      };
      const { search, policy } = rooms;
      await holdsFor(
        'subject',
        (page) => search.subjects(client, { ...request, subject: { type: 'purpose' }, page }, 'r-1'),
        [...policy.purposes.keys()].map((id) => ({ type: 'purpose', id })),
      );
      await holdsFor('action', (page) => search.actions(client, { ...request, page }, 'r-1'), [
        { name: 'read' },
      ]);
      const ofUser = user === undefined ? {} : { user };
      await holdsFor(
        'resource',
        (page) =>
          search.resources(
            client,
            { ...request, resource: { type: 'field', properties: ofUser }, page },
            'r-1',
          ),
        [...policy.fields.keys()].map((id) => ({ type: 'field', id, properties: ofUser })),
      );
      const ofField = field === undefined ? {} : { field };
      await holdsFor(
        'resource',
        (page) =>
          search.resources(
            client,
            { ...request, resource: { type: 'user', properties: ofField }, page },
            'r-1',
          ),
        rooms.users.map((id) => ({ type: 'user', id, properties: ofField })),
      );
      // each asks some hundred questions
    }, RUNS / 10));

  it('is drawn so that all that may come of a question does', async () => {
    const drawn = fc.sample(plans, { numRuns: 2_000, seed: 1 });
    const came = new Set<string>();
    for (const plan of drawn) {
      const rooms = at(all, plan.rooms);
      const answer = await outcome(
        rooms.evaluation.evaluate(clientOf(rooms, plan), requestOf(rooms, plan), 'r-1'),
      );
      came.add('refused' in answer ? answer.refused : answer.context.reason);
    }
    for (const one of [
      'permitted',
      'invalid_request',
      'purpose_not_allowed',
      'consent_unavailable',
      'opted_out',
    ])
      expect(came).toContain(one);
  });
});

/** Shapes of an item: whole, in part, with members that nobody asked for, or broken. */
function itemOf({ subject, action, resource, context }: ReturnType<typeof requestOf>, shape: number) {
  const members = { subject, action, resource, context };
  const extra = { decision: true, evaluation: 'permit' };
  switch (shape) {
    case 0:
      return null;
    case 1:
      return 'an item';
    case 2:
      return { ...members, subject: { type: 'purpose' } };
    case 3:
      return { ...members, action: 'read' };
    case 4:
      return { ...members, ...extra };
    case 5:
      return {};
    case 6:
      return { resource };
    case 7:
      return { subject, context };
    default:
      return members;
  }
}

/** The item as a request of its own; what it leaves out is taken from the defaults, whole. */
async function alone(
  { evaluation }: Rooms,
  client: ServiceCaller,
  defaults: object,
  item: ReturnType<typeof itemOf>,
): Promise<Answer> {
  if (item === null || typeof item === 'string') throw new DomainError('invalid_request', 'no object');
  return evaluation.evaluate(client, parseEvaluation({ ...defaults, ...item }), 'r-1');
}

/** In a batch the item is answered as alone; where a whole request is refused, it is denied. */
function expectSame(answer: unknown, alone: Answer | { readonly refused: string }): void {
  if (!('refused' in alone)) {
    expect(answer).toStrictEqual(JSON.parse(alone.json));
    return;
  }
  expect(
    membersOf(answer)
      .map(([name]) => name)
      .sort(),
  ).toEqual(['context', 'decision']);
  expect(valueAt(answer, 'decision')).toBe(false);
  if (alone.refused === 'invalid_request') expect(valueAt(answer, 'context', 'error', 'status')).toBe(400);
}
