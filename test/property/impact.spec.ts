/** The impact of a draft equals a naive loop over users: each is asked about every field, under all facts, by both versions. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledPolicy } from '../../src/decision/rules/compile.js';
import { type ConsentChange, EMPTY_RECORD, type UserRecord } from '../../src/decision/consent-event.js';
import { ConsentState, type Resolution } from '../../src/decision/state/consent-state.js';
import { decide } from '../../src/decision/table/decide.js';
import { type Impact, impactOf } from '../../src/decision/comparison/impact.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { finish } from '../../src/decision/steps.js';
import { type DecisionTable, FACTS } from '../../src/decision/table/table.js';
import { at, compiled, reference, soundDocuments, usersOf } from './arbitraries.js';
import { times } from '../times.js';
import { tabulate } from '../at-once.js';

type Version = { readonly policy: CompiledPolicy; readonly table: DecisionTable };
type People = ReadonlyMap<string, UserRecord>;

function versionOf(document: PolicyDocument): Version {
  const policy = document === reference.document ? reference : compiled(document);
  return { policy, table: tabulate(policy) };
}

/** What makes a record, as changes. */
function changesOf({
  registered,
  region,
  ageBand,
  choices,
  signals,
  visibility,
}: UserRecord): ConsentChange[] {
  return [
    ...(registered ? [{ kind: 'profile', region, ageBand } as const] : []),
    ...[...signals].map((signal) => ({ kind: 'signal', signal }) as const),
    ...[...choices].map(([purpose, said]) => ({ kind: 'choice', purpose, ...said }) as const),
    ...[...(visibility ?? [])].map(([group, level]) => ({ kind: 'visibility', group, level }) as const),
  ];
}

function stateOf(people: People): ConsentState {
  const state = new ConsentState([3, 4]);
  for (const [user, record] of people)
    for (const change of changesOf(record))
      state.apply({
        revision: state.revision + 1,
        subject: state.numberOf(user) ?? state.size + 1,
        user,
        by: { kind: 'user', id: user },
        at: 0,
        via: 'settings',
        change,
      });
  return state;
}

function filled(resolution: Resolution): Resolution {
  for (const _slice of resolution.fill());
  return resolution;
}

function impact(people: People, before: Version, after: Version, samples: number): Impact {
  const state = stateOf(people);
  const [live, draft] = [before, after].map(({ table }) => filled(state.attach(table)));
  if (live === undefined || draft === undefined) throw new Error('two versions have two resolutions');
  return finish(impactOf(state, live, draft, samples));
}

/** Whether a version permits, under each of the facts. */
function verdicts({ table }: Version, record: UserRecord, purpose: string, field: string): boolean[] {
  const consent = table.consentOf(record);
  const clientPurposes = new Set([purpose]);
  return Array.from(
    { length: FACTS },
    (_, facts) => decide(table, { purpose, action: 'read', field, clientPurposes, facts }, consent).permit,
  );
}

/** Of one user and purpose, how many fields turn. */
function turnedFields(before: Version, after: Version, record: UserRecord, purpose: string) {
  const fields = [before, after].flatMap(({ policy }) => policy.document.fields.map(({ id }) => id));
  const turned = { opened: 0, closed: 0 };
  for (const field of new Set(fields)) {
    const was = verdicts(before, record, purpose, field);
    const is = verdicts(after, record, purpose, field);
    if (is.some((permit, facts) => permit && was[facts] === false)) turned.opened++;
    if (was.some((permit, facts) => permit && is[facts] === false)) turned.closed++;
  }
  return turned;
}

type Naive = { userFields: number; users: Set<string> };
const nothing = (): { opened: Naive; closed: Naive } => ({
  opened: { userFields: 0, users: new Set() },
  closed: { userFields: 0, users: new Set() },
});

/** The impact as a loop over users finds it. Keys of the entries: purpose, regime before, regime after. */
function naiveImpact(people: People, before: Version, after: Version) {
  const purposes = [before, after].flatMap(({ policy }) => policy.document.purposes.map(({ id }) => id));
  const total = nothing();
  const entries = new Map<string, ReturnType<typeof nothing>>();
  for (const [user, record] of people) {
    // of a user without a profile no region is known, whatever the record holds
    const region = record.registered ? record.region : null;
    const regimes = [before, after].map(({ policy }) => policy.regimeInDecisions(region));
    for (const purpose of new Set(purposes)) {
      const turned = turnedFields(before, after, record, purpose);
      for (const way of ['opened', 'closed'] as const) {
        if (turned[way] === 0) continue;
        const key = [purpose, ...regimes].join(' ');
        const entry = entries.get(key) ?? nothing();
        entries.set(key, entry);
        for (const naive of [entry[way], total[way]]) {
          naive.userFields += turned[way];
          naive.users.add(user);
        }
      }
    }
  }
  return { total, entries };
}

/** Holds the impact equal to what the loop over users finds. */
function compare(people: People, before: Version, after: Version, most: number): void {
  const found = impact(people, before, after, most);
  const { total, entries } = naiveImpact(people, before, after);
  const counted = ({ userFields, users }: Naive) => ({ userFields, users: users.size });
  const known = [...people.values()].filter((record) => changesOf(record).length > 0);
  expect(found).toMatchObject({
    users: known.length,
    revision: known.flatMap(changesOf).length,
    changes: 0,
    concerned: new Set([...total.opened.users, ...total.closed.users]).size,
    opened: counted(total.opened),
    closed: counted(total.closed),
  });
  const keyed = found.byPurpose.map((entry) => ({
    key: [entry.purpose, entry.regimeBefore, entry.regimeAfter].join(' '),
    ...entry,
  }));
  expect(keyed.map(({ key }) => key).sort()).toEqual([...entries.keys()].sort());
  for (const { key, samples, ...entry } of keyed)
    for (const way of ['opened', 'closed'] as const) {
      const naive = (entries.get(key) ?? nothing())[way];
      expect({ key, way, ...entry[way] }).toEqual({ key, way, ...counted(naive) });
      // as many as are wanted or there are, none twice, and nobody whom it does not concern
      expect(samples[way]).toHaveLength(Math.min(most, naive.users.size));
      expect(new Set(samples[way]).size).toBe(samples[way].length);
      expect(samples[way].filter((user) => !naive.users.has(user))).toEqual([]);
    }
}

/** Users who chose among the purposes of either version. */
function populations(one: PolicyDocument, other: PolicyDocument): fc.Arbitrary<People> {
  const users = fc.oneof(
    ...[one, other].map((document) =>
      usersOf(document === reference.document ? reference : compiled(document)),
    ),
  );
  return fc
    .array(users, { maxLength: 12 })
    .map(
      (records) =>
        new Map(
          records.filter((one) => changesOf(one).length > 0).map((one, number) => [`u-${number}`, one]),
        ),
    );
}

const samples = fc.nat(4);

/** The fields but the first and what is made of it. */
function withoutFirst({ fields }: PolicyDocument): PolicyDocument['fields'] {
  const gone = new Set(fields.slice(0, 1).map(({ id }) => id));
  // items added to a set during iteration are visited too
  for (const id of gone)
    for (const field of fields) if (field.derived_from?.includes(id) === true) gone.add(field.id);
  return fields.filter(({ id }) => !gone.has(id));
}

/** A document with some sections of another: a draft that leaves much as it was. */
const drafts = fc
  .tuple(soundDocuments, soundDocuments, fc.boolean())
  .map(([before, other, related]): [PolicyDocument, PolicyDocument] => [
    before,
    related ? { ...before, fields: withoutFirst(before), regimes: before.regimes.toReversed() } : other,
  ]);

describe('the impact of a draft', () => {
  it('is what a loop over all users finds, for any two versions', () => {
    fc.assert(
      fc.property(
        drafts.chain(([one, other]) =>
          fc.tuple(fc.constant(one), fc.constant(other), populations(one, other), samples),
        ),
        ([one, other, people, wanted]) => compare(people, versionOf(one), versionOf(other), wanted),
      ),
      { numRuns: times(700, 300) },
    );
  });

  it('is what a loop over all users finds, for edits of the reference policy', () => {
    const live = versionOf(reference.document);
    const settings = ['always', 'opt_out', 'opt_in', 'never'] as const;
    const edits = fc.tuple(fc.nat(1_000), fc.nat(3), fc.nat(1_000), fc.nat(2));
    const edited = edits.map(([which, setting, where, what]): PolicyDocument => {
      const { document } = reference;
      const purpose = at(document.purposes, which);
      const regime = at(document.regimes, where);
      return {
        ...document,
        purposes: document.purposes.map((one) => {
          if (one !== purpose) return one;
          const laxer = { ...one.settings, [regime.id]: at(settings, setting) };
          const strictest = Object.values(laxer).includes('never') ? 'never' : 'opt_in';
          if (what === 0) return { ...one, settings: { ...laxer, [document.unknown_regime]: strictest } };
          if (what === 1)
            return { ...one, conditions: at([[], ['legal_ref'], ['automated_only']] as const, where) };
          return {
            ...one,
            categories: at([['public'], ['profile'], ['public', 'engagement']] as const, where),
          };
        }),
        overlays: { ...document.overlays, gpc: { regimes: [regime.id], opt_out: [] } },
      };
    });
    const users = fc.array(usersOf(reference), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(edited, users, samples, (document, records, wanted) => {
        const people = new Map(records.map((record, number) => [`u-${number}`, record]));
        compare(people, live, versionOf(document), wanted);
      }),
      { numRuns: times(120, 40) },
    );
  });

  it('of no edit is nothing, and nobody unknown to the log is counted', () => {
    const live = versionOf(reference.document);
    const people = new Map([['nobody', EMPTY_RECORD]]);
    expect(impact(people, live, live, 3)).toEqual({
      users: 0,
      revision: 0,
      changes: 0,
      concerned: 0,
      opened: { userFields: 0, users: 0 },
      closed: { userFields: 0, users: 0 },
      byPurpose: [],
    });
  });
});
