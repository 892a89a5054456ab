/** Holds what the service says against the model. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { serviceUnder } from '../../../src/access/clients.js';
import { GENESIS, firstBroken } from '../../../src/consent/log/chain.js';
import type { ConsentStore } from '../../../src/consent/log/consent.store.js';
import { eventView } from '../../../src/consent/rights/event.view.js';
import { AGE_BANDS, type UserRecord } from '../../../src/decision/consent-event.js';
import { finish } from '../../../src/decision/steps.js';
import { decide } from '../../../src/decision/table/decide.js';
import { REASON_CODES, factsIndex } from '../../../src/decision/table/table.js';
import type { PolicyVersion } from '../../../src/policy/policy.service.js';
import { countReasons } from '../../../src/reports/counts/count-reasons.js';
import { expectedReason, expectedRegime } from '../../oracle.js';
import { at } from '../arbitraries.js';
import { type Life, shown } from './model.js';
import { FAMILIES, consentAlone } from './policies.js';
import { count } from './seen.js';
import type { Rooms, Service } from './service.js';

const CLIENT = serviceUnder(
  {},
  {
    kind: 'service',
    id: 'client',
    listings: { purposes: [], scopes: [] },
    purposes: new Set([
      ...FAMILIES.flatMap((family) => family.flatMap(({ purposes }) => [...purposes.keys()])),
      'retired',
    ]),
  },
);

const FACTS = { actor: 'automated', case: 'none', legalReference: false, ownData: true } as const;

/** `toEqual` says more, and costs more. */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
}

/** A history in which what one signal, or its end, does to grants stands in one order, whatever theirs was. */
function orderly(
  history: readonly (Pick<ReturnType<typeof shown>, 'id' | 'kind' | 'via'> & { readonly choice?: string })[],
): unknown[] {
  let block = 0;
  const keyed = history.map(({ id: _id, ...said }) => {
    const isLeft = said.kind === 'choice' && (said.via === 'gpc' || said.choice === 'none');
    if (!isLeft) block++;
    return { block, key: isLeft ? JSON.stringify(said) : '', said };
  });
  keyed.sort((one, other) => one.block - other.block || (one.key < other.key ? -1 : 1));
  return keyed.map(({ said }, place) => ({ ...said, id: history[place]?.id }));
}

/** Holds what the service says of everybody against the model. */
export async function hold(
  life: Life,
  { rooms, policies }: Service,
  users: readonly string[],
): Promise<void> {
  const { events, log, settings, state, store } = rooms;
  const { policy } = life;
  same(policies.current.id, policy.id, 'the policy in force');
  same([await store.head(), log.state.revision], [life.head, life.head], 'the last revision');
  for (const user of users) {
    const record = life.record(user);
    same(
      orderly(
        (await events.page(user, 0, 1_000)).map(({ event, policy }) =>
          eventView(event, policy, store.tokens),
        ),
      ),
      orderly(life.of(user).map((entry) => shown(entry, store.tokens))),
      `the history of ${user}`,
    );
    same(await store.knows(user), life.of(user).length > 0, `whether ${user} is known`);
    same(state.recordOf(user), record, `the record of ${user}`);
    const [said] = await store.readUser(user, 0, 1);
    same(state.numberOf(user), said?.subject, `the number of ${user}`);
    same(
      settings.settingsOf(user).purposes.map(({ purpose, setting, choice, on, reason, offers }) => ({
        id: purpose.id,
        setting,
        choice,
        on,
        reason,
        offers,
      })),
      settingsIn(policy, record),
      `the settings of ${user}`,
    );
    await holdDecisions(life, rooms, user, record);
  }
  holdCounts(
    life,
    rooms,
    users.map((user) => life.record(user)),
  );
}

/** Holds how many users have which reason against their settings, one by one. */
function holdCounts(
  { policy }: Life,
  { log: { state } }: Pick<Rooms, 'log'>,
  records: readonly UserRecord[],
): void {
  const resolution = state.attach(policy.table);
  finish(resolution.fill());
  const counts = finish(countReasons(state, resolution, []));
  state.detach(resolution);
  const expected = new Map<string, number>();
  for (const record of records.filter(({ registered }) => registered))
    for (const { id, reason } of settingsIn(policy, record)) {
      const key = [id, policy.regimeInDecisions(record.region), record.ageBand, reason].join(' ');
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
  const counted = new Map<string, number>();
  for (const [place, id] of [...policy.purposes.keys()].entries())
    for (let cohort = 0; cohort < counts.cohorts; cohort++)
      for (const [byte, reason] of REASON_CODES.entries()) {
        const users = counts.of(place, cohort, byte);
        const [regime, age] = [Math.floor(cohort / AGE_BANDS.length), cohort % AGE_BANDS.length];
        if (users > 0) counted.set([id, counts.regimes[regime], AGE_BANDS[age], reason].join(' '), users);
      }
  // users of earlier lives are in the same database
  if (state.size <= records.length) same(counted, expected, 'the counts by purpose, regime and reason');
}

function settingsIn({ id, document }: PolicyVersion, record: UserRecord) {
  const regime = expectedRegime(document, record.region);
  const probe = consentAlone.get(id) ?? document;
  return document.purposes.map((one) => {
    const setting = one.settings[regime] ?? 'never';
    const question = {
      purpose: one.id,
      action: 'read',
      field: 'probe',
      clientPurposes: CLIENT.purposes,
      record,
      facts: FACTS,
    };
    const reason = expectedReason(probe, question);
    const choice = record.choices.get(one.id)?.choice ?? null;
    const offers = {
      always: [],
      never: ['denied'],
      opt_in: ['granted', 'denied'],
      opt_out: ['granted', 'denied'],
    }[setting];
    return { id: one.id, setting, choice, on: reason === 'permitted', reason, offers };
  });
}

async function holdDecisions(
  { policy, head }: Life,
  { evaluation, store }: Pick<Rooms, 'evaluation' | 'store'>,
  user: string,
  record: UserRecord,
): Promise<void> {
  const { document, table } = policy;
  const consistency_token = store.tokens.of(head);
  // each purpose on a field of its own, another one with every revision
  for (const [place, { id }] of [...document.purposes, { id: 'retired' }].entries()) {
    const field = at(document.fields, place + head).id;
    const asked = { purpose: id, action: 'read', field, clientPurposes: CLIENT.purposes };
    const expected = expectedReason(document, { ...asked, record, facts: FACTS });
    const { reason } = decide(table, { ...asked, facts: factsIndex(FACTS) }, table.consentOf(record));
    count(expected);
    const { decision, context } = await evaluation.evaluate(
      CLIENT,
      {
        subject: { type: 'purpose', id },
        action: { name: 'read' },
        resource: { type: 'field', id: field, properties: { user } },
        context: { actor: 'automated', on_behalf_of: user, consistency_token },
      },
      'r-1',
    );
    same(
      { reason, decision, served: context.reason, revision: context.revision, policy: context.policy },
      {
        reason: expected,
        decision: expected === 'permitted',
        served: expected,
        revision: consistency_token,
        policy: policy.id,
      },
      `the decision on ${id} and ${field} of ${user}`,
    );
  }
}

/** Everything since a place of the log hangs together. */
export async function holdChain(store: ConsentStore, after: number, head: number): Promise<void> {
  const before = after === 0 ? { revision: 0, hash: GENESIS } : at(await store.links(after - 1, 1), 0);
  expect(firstBroken(before, await store.links(after, head))).toBeUndefined();
  const revisions = (await store.read(after, head)).map(({ revision }) => revision);
  same(
    revisions,
    Array.from({ length: head - after }, (_, place) => after + place + 1),
    'the revisions',
  );
}
