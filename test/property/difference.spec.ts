/**
 * The difference of two policies, held equal to brute force: every cell of both decision tables, one after the other, for
 * records with every choice on every notice, before and after a signal was shown, in every region that a policy names and some that none does.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestFacts } from '../../src/decision/rules/ability.js';
import {
  AGE_BANDS,
  EMPTY_RECORD,
  type RecordedChoice,
  type UserRecord,
} from '../../src/decision/consent-event.js';
import { decide } from '../../src/decision/table/decide.js';
import type { Difference, Direction, Flip, Who } from '../../src/decision/comparison/difference.js';
import { compile, difference, tabulate } from '../at-once.js';
import { ANY_REGION, type PolicyDocument } from '../../src/decision/policy.js';
import { decideAtLevel, decideByRules } from '../../src/decision/rules/reference.js';
import { type DecisionTable, factsIndex } from '../../src/decision/table/table.js';
import type { Said } from '../../src/decision/comparison/user-states.js';
import { expectedDependencies, expectedObligations, knownRegime } from '../oracle.js';
import { CASES, compiled, questionsOn, soundDocuments } from './arbitraries.js';
import { edits } from './edits.js';
import { isLong, times } from '../times.js';

/** How many pairs of policies are compared. */
const PAIRS = times(400, 80);

type Pair = { readonly before: PolicyDocument; readonly after: PolicyDocument };

/** Two policies that have nothing to do with each other, or one and what a few edits made of it. */
const pairs: fc.Arbitrary<Pair> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ before: soundDocuments, after: soundDocuments }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(soundDocuments, fc.array(edits, { minLength: 1, maxLength: 3 }))
      .map(([before, all]) => ({
        before,
        after: all.reduce((document, { apply }) => {
          const edited = apply(document);
          return compile(edited).ok ? edited : document;
        }, before),
      })),
  },
);

const FACTS: readonly RequestFacts[] = (['automated', 'human'] as const).flatMap((actor) =>
  CASES.flatMap((standing) =>
    [true, false].flatMap((legalReference) =>
      [true, false].map((ownData) => ({ actor, case: standing, legalReference, ownData })),
    ),
  ),
);

// ------------------------------------------------------------------------------------------------ brute force

const regimeOf = (document: PolicyDocument, region: string | null) =>
  knownRegime(document, region) ?? 'unknown';

/** One region for each pair of regimes that people live in. */
function regionsOf(documents: readonly PolicyDocument[]): (string | null)[] {
  const listed = documents.flatMap(({ regimes }) => regimes.flatMap(({ regions }) => regions));
  const byRegimes = new Map<string, string | null>();
  for (const region of [...listed.filter((one) => one !== ANY_REGION), 'TV', 'US-TX', 'DE-BY', null])
    byRegimes.set(documents.map((document) => regimeOf(document, region)).join(), region);
  return [...byRegimes.values()];
}

/** What may be said for a purpose, once for each way that the documents understand it. */
function choicesOf(
  documents: readonly PolicyDocument[],
  purpose: string,
  closable: boolean,
): (RecordedChoice | undefined)[] {
  const notices = documents.flatMap(({ purposes }) =>
    purposes.filter(({ id }) => id === purpose).map(({ notice }) => notice ?? 1),
  );
  const grants = new Map<string, RecordedChoice>();
  for (let notice = 0; notice <= Math.max(...notices) + 1; notice++)
    for (const signal of closable ? [false, true] : [false])
      grants.set([signal, ...notices.map((today) => notice >= today)].join(), {
        choice: 'granted',
        notice,
        signal,
      });
  return [undefined, { choice: 'denied', notice: 0, signal: false }, ...grants.values()];
}

/** Every way to say something for these purposes. */
function* spoken(
  choices: readonly (readonly [string, readonly (RecordedChoice | undefined)[]])[],
): Generator<[string, RecordedChoice][]> {
  const [first, ...rest] = choices;
  if (first === undefined) return void (yield []);
  const [purpose, possible] = first;
  for (const others of spoken(rest))
    for (const choice of possible) yield choice === undefined ? others : [[purpose, choice], ...others];
}

/** Every user that the documents can tell apart for a purpose. */
function* usersOf(documents: readonly PolicyDocument[], purpose: string): Generator<UserRecord> {
  yield EMPTY_RECORD;
  const dependencies = new Set(
    documents
      .filter(({ purposes }) => purposes.some(({ id }) => id === purpose))
      .flatMap((document) => expectedDependencies(document, purpose).map(({ id }) => id)),
  );
  // where a signal closes nothing, it does not matter that a grant was given in spite of it
  const closable = (id: string) =>
    documents.some(
      (document) =>
        document.overlays.gpc.opt_out.includes(id) &&
        document.purposes.some((one) => one.id === purpose) &&
        expectedDependencies(document, purpose).some((one) => one.id === id),
    );
  const choices = [...dependencies].map((id) => [id, choicesOf(documents, id, closable(id))] as const);
  const regions = regionsOf(documents);
  for (const said of spoken(choices))
    for (const region of regions)
      for (const ageBand of AGE_BANDS)
        for (const signals of [new Set<'gpc'>(), new Set(['gpc'] as const)])
          yield { registered: true, region, ageBand, choices: new Map(said), signals };
}

function isSaid(choice: RecordedChoice | undefined, said: Said): boolean {
  if (choice === undefined) return said.choice === 'none';
  if (choice.choice === 'denied') return said.choice === 'denied';
  return (
    said.choice === 'granted' &&
    choice.notice >= said.from &&
    choice.notice <= (said.to ?? Infinity) &&
    (said.signal ?? choice.signal) === choice.signal
  );
}

function isOneOf(documents: readonly PolicyDocument[], record: UserRecord, who: Who): boolean {
  if (!who.registered || !record.registered) return who.registered === record.registered;
  const [before, after] = documents.map((document) => regimeOf(document, record.region));
  return (
    (who.regimes?.some((one) => one.before === before && one.after === after) ?? true) &&
    (who.ages?.includes(record.ageBand) ?? true) &&
    (who.gpc ?? record.signals.has('gpc')) === record.signals.has('gpc') &&
    who.choices.every(({ purpose, said }) => said.some((one) => isSaid(record.choices.get(purpose), one)))
  );
}

function isAsked(facts: RequestFacts, { requests }: Flip): boolean {
  return (
    (requests.actor ?? facts.actor) === facts.actor &&
    (requests.cases?.includes(facts.case) ?? true) &&
    (requests.legalReference ?? facts.legalReference) === facts.legalReference &&
    (requests.ownData ?? facts.ownData) === facts.ownData
  );
}

/** What brute force found, and what it found wrong with the flips. */
type Found = {
  cells: number;
  opened: number;
  closed: number;
  /** Per flip, how many cells it is. */
  readonly perFlip: Map<Flip, number>;
  /** Per purpose that permits some cell in both, the fields of these. */
  readonly kept: Map<string, Set<string>>;
  readonly faults: string[];
};

function bruteForce(tables: readonly [DecisionTable, DecisionTable], { flips }: Difference): Found {
  const found: Found = { cells: 0, opened: 0, closed: 0, perFlip: new Map(), kept: new Map(), faults: [] };
  const documents = tables.map(({ policy }) => policy.document);
  for (const purpose of new Set(documents.flatMap(({ purposes }) => purposes.map(({ id }) => id)))) {
    const own = flips.filter((flip) => flip.purpose === purpose);
    // users whom both tables answer alike and who are in the same flips are asked about together
    const alike = new Map<string, { users: number; consents: readonly number[]; flips: readonly Flip[] }>();
    for (const record of usersOf(documents, purpose)) {
      const consents = tables.map((table) => table.consentOf(record)(table.purposeIndex(purpose) ?? -1));
      const within = own.map(({ who }) => who.filter((one) => isOneOf(documents, record, one)).length);
      if (within.some((count) => count > 1)) found.faults.push(`a user of ${purpose} is twice in a flip`);
      const key = [...consents, ...within].join();
      const known = alike.get(key);
      if (known === undefined)
        alike.set(key, { users: 1, consents, flips: own.filter((_, index) => within[index] !== 0) });
      else known.users++;
    }
    for (const group of alike.values()) askAll(tables, purpose, group, found);
  }
  return found;
}

/** A cell by its name, and the level of each group, or of any. */
type Cell = { readonly name: string; readonly levelOf: (group: string) => string | undefined };

/**
 * Every field at every level that a document has; where both have a group for it, at the levels of both. One that is
 * derived and has several groups, at every combination of their levels.
 */
function cellsOf(documents: readonly PolicyDocument[]): Cell[] {
  const ids = new Set(documents.flatMap(({ fields }) => fields.map(({ id }) => id)));
  return [...ids].flatMap((id): Cell[] => {
    const ladders = documents.flatMap((document) => laddersOf(document, id));
    const groups = [...new Set(ladders.map(({ group }) => group))];
    const levelsOf = (group: string | undefined) => [
      ...new Set(ladders.flatMap((one) => (group === undefined || one.group === group ? one.levels : []))),
    ];
    const isDerived = documents.some(({ fields }) =>
      fields.some((field) => field.id === id && field.derived_from !== undefined),
    );
    if (groups.length > 1 && isDerived)
      return combined(groups.map((group) => [group, levelsOf(group)] as const)).map((pairs) => ({
        name: `${id}@${pairs.map((pair) => pair.join(':')).join()}`,
        levelOf: (group) => pairs.find(([one]) => one === group)?.[1],
      }));
    const levels = levelsOf(undefined);
    return levels.length === 0
      ? [{ name: id, levelOf: () => undefined }]
      : levels.map((level) => ({ name: `${id}@${level}`, levelOf: () => level }));
  });
}

function combined(lists: readonly (readonly [string, readonly string[]])[]): [string, string][][] {
  const [first, ...rest] = lists;
  if (first === undefined) return [[]];
  const [group, levels] = first;
  return levels.flatMap((level) =>
    combined(rest).map((others): [string, string][] => [[group, level], ...others]),
  );
}

/** The groups of all that a field is made of, in their order, with their levels. */
function laddersOf(
  document: PolicyDocument,
  id: string,
): { readonly group: string; readonly levels: readonly string[] }[] {
  const { fields, visibility = [] } = document;
  const field = fields.find((one) => one.id === id);
  return [
    ...visibility
      .filter((group) => group.id === field?.visibility)
      .map(({ id: group, levels }) => ({ group, levels: levels.map((level) => level.id) })),
    ...(field?.derived_from ?? []).flatMap((source) => laddersOf(document, source)),
  ];
}

/** Asks both tables about every field at every level, in every request, for users that they answer alike. */
function askAll(
  tables: readonly [DecisionTable, DecisionTable],
  purpose: string,
  group: { readonly users: number; readonly consents: readonly number[]; readonly flips: readonly Flip[] },
  found: Found,
): void {
  const { users } = group;
  for (const { name, levelOf } of cellsOf(tables.map(({ policy }) => policy.document)))
    for (const facts of FACTS) {
      const [field = ''] = name.split('@');
      const question = {
        purpose,
        action: 'read',
        field,
        clientPurposes: new Set([purpose]),
        facts: factsIndex(facts),
      };
      const [was, is] = tables.map((table, index) => {
        const groups = table.policy.document.visibility ?? [];
        // the levels that members have set
        const resolved = (place: number) => {
          const at = place - table.purposeCount;
          return at < 0
            ? (group.consents[index] ?? 0)
            : table.opennessOf(at, levelOf(groups[at]?.id ?? '') ?? '');
        };
        return decide(table, question, resolved).permit;
      });
      found.cells += users;
      if (was === true && is === true)
        found.kept.set(purpose, (found.kept.get(purpose) ?? new Set()).add(field));
      const turned: Direction | undefined = was === is ? undefined : is === true ? 'opened' : 'closed';
      if (turned !== undefined) found[turned] += users;
      const telling = group.flips.filter((flip) => flip.fields.includes(name) && isAsked(facts, flip));
      for (const flip of telling) found.perFlip.set(flip, (found.perFlip.get(flip) ?? 0) + users);
      const told = telling.map(({ direction }) => direction).join();
      if (told !== (turned ?? ''))
        found.faults.push(`${purpose} ${name} ${JSON.stringify(facts)}: turned ${turned}, told ${told}`);
    }
}

// ---------------------------------------------------------------------------------------------- the properties

const tabulated = ({ before, after }: Pair): [DecisionTable, DecisionTable] => [
  tabulate(compiled(before)),
  tabulate(compiled(after)),
];

describe('the difference of two policies', () => {
  it('is what brute force over every cell finds, and every flipped cell is in one flip', () => {
    const turned = { opened: 0, closed: 0, signal: 0, pairs: 0 };
    fc.assert(
      fc.property(pairs, (pair) => {
        const tables = tabulated(pair);
        const told = difference(...tables);
        const found = bruteForce(tables, told);
        expect(found.faults).toEqual([]);
        const { cells, opened, closed } = found;
        expect(told).toMatchObject({ cells, opened, closed });
        for (const flip of told.flips) expect(flip.cells).toBe(found.perFlip.get(flip));
        const shown = told.flips.some(({ who }) =>
          who.some(
            (one) =>
              one.registered &&
              one.choices.some(({ said }) => said.some((each) => 'signal' in each && each.signal)),
          ),
        );
        if (shown) turned.signal++;
        if (opened > 0) turned.opened++;
        if (closed > 0) turned.closed++;
        turned.pairs++;
      }),
      { numRuns: PAIRS },
    );
    // pairs that are all alike would prove nothing
    expect(turned.opened).toBeGreaterThan(turned.pairs / 20);
    expect(turned.closed).toBeGreaterThan(turned.pairs / 20);
    // one in eight, so in few pairs there may be little of it
    expect(turned.signal).toBeGreaterThan(isLong ? turned.pairs / 40 : 0);
  });

  it('gives an example of every flip, which the rules of both confirm', () => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const [before, after] = tabulated(pair);
        for (const flip of difference(before, after).flips) {
          const { purpose, direction, example, fields, who } = flip;
          const { record, field, facts } = example;
          const clientPurposes = new Set([purpose]);
          const question = { purpose, action: 'read', field, clientPurposes, record, facts };
          const [was, is] = [before, after].map(({ policy }) => decideAtLevel(policy, question));
          expect([was?.permit, is?.permit]).toEqual([direction === 'closed', direction === 'opened']);
          expect([example.before, example.after]).toEqual([was?.reason, is?.reason]);
          expect(fields).toContain(field);
          expect(isAsked(facts, flip)).toBe(true);
          expect(who.some((one) => isOneOf([pair.before, pair.after], record, one))).toBe(true);
        }
      }),
      { numRuns: PAIRS },
    );
  });

  it('widens when a cell opens, or is permitted on fewer obligations or less proof; narrows when the one before would widen', () => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const tables = tabulated(pair);
        const told = difference(...tables);
        const { opened, kept } = bruteForce(tables, told);
        const drops = [...kept].some(([purpose, fields]) =>
          [...fields].some((field) => {
            const [was, is] = [pair.before, pair.after].map((document) =>
              expectedObligations(document, purpose, field),
            );
            return was?.some((id) => is?.includes(id) === false);
          }),
        );
        const demands = (document: PolicyDocument, purpose: string) =>
          expectedDependencies(document, purpose).some(({ consistency }) => consistency === 'confirmed');
        const yields = pair.after.purposes.some(
          ({ id }) => demands(pair.before, id) && !demands(pair.after, id),
        );
        const moves = told.visibility.some(({ opens }) => opens);
        expect(told.widens).toBe(opened > 0 || drops || yields || moves || told.lineage.length > 0);
        const [before, after] = tables;
        const back = difference(after, before);
        expect([back.opened, back.closed, back.cells]).toEqual([told.closed, told.opened, told.cells]);
        // forgetting is no less than what it takes to remember
        if (back.lineage.length === 0) expect(told.narrows).toBe(back.widens);
      }),
      { numRuns: PAIRS / 4 },
    );
  });

  it('widens when a question of anybody about anything opens, and narrows when one closes', () => {
    const seen = { opened: 0, closed: 0 };
    const worlds = pairs.chain((pair) => {
      const questions = [questionsOn(compiled(pair.before)), questionsOn(compiled(pair.after))] as const;
      return fc.tuple(fc.constant(pair), fc.array(fc.oneof(...questions), { minLength: 60, maxLength: 60 }));
    });
    fc.assert(
      fc.property(worlds, ([pair, questions]) => {
        const [before, after] = tabulated(pair);
        const told = difference(before, after);
        for (const question of questions) {
          const bound = { ...question, clientPurposes: new Set([question.purpose]) };
          const was = decideByRules(before.policy, bound).permit;
          const is = decideByRules(after.policy, bound).permit;
          if (is && !was) expect(told.widens).toBe(true);
          if (was && !is) expect(told.narrows).toBe(true);
          if (is && !was) seen.opened++;
          if (was && !is) seen.closed++;
        }
      }),
      { numRuns: PAIRS * 4 },
    );
    expect(seen.opened).toBeGreaterThan(PAIRS);
    expect(seen.closed).toBeGreaterThan(PAIRS);
  });

  it('is nothing between a policy and itself', () => {
    fc.assert(
      fc.property(soundDocuments, (document) => {
        const [before, after] = tabulated({ before: document, after: structuredClone(document) });
        expect(difference(before, after)).toMatchObject({
          opened: 0,
          closed: 0,
          flips: [],
          obligations: [],
          widens: false,
          narrows: false,
        });
      }),
      { numRuns: PAIRS },
    );
  });
});
