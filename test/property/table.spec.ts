/**
 * Every cell of the decision table of the reference policy is asked of the rules. Fields that the policy treats alike for
 * a purpose stand for each other in the states of users; every field is asked in some states. Of policies that nobody
 * wrote, every field is asked in every state.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Attributes,
  type ChoiceStanding,
  type RequestFacts,
  choiceName,
} from '../../src/decision/rules/ability.js';
import type { CompiledPolicy } from '../../src/decision/rules/compile.js';
import { AGE_BANDS } from '../../src/decision/consent-event.js';
import { UNKNOWN_REGION, regimesOfDecisions } from '../../src/decision/policy.js';
import { type DecisionTable, REASON_CODES, factsIndex } from '../../src/decision/table/table.js';
import { categoryAt } from '../../src/decision/visibility.js';
import { CASES, at, compiled, reference, soundDocuments } from './arbitraries.js';
import { isLong, times } from '../times.js';
import { tabulate } from '../at-once.js';

/** The standings of choices by the number that `resolve` knows them by. */
const STANDINGS: readonly ChoiceStanding[] = ['none', 'granted', 'outdated', 'denied'];
const FACTS: readonly RequestFacts[] = (['automated', 'human'] as const).flatMap((actor) =>
  CASES.flatMap((standing) =>
    [true, false].flatMap((legalReference) =>
      [true, false].map((ownData) => ({ actor, case: standing, legalReference, ownData })),
    ),
  ),
);
/** Facts that no condition stands against. */
const SATISFIED: RequestFacts = { actor: 'automated', case: 'valid', legalReference: true, ownData: true };

const { document } = reference;
const table = tabulate(reference);
const purposes = document.purposes.map(({ id }) => id);

/** The first field of each group that the policy treats alike for a purpose. */
function fieldGroups(purpose: string): string[] {
  const groups = new Map<string, string>();
  for (const [place, field] of reference.atLevels.all.entries()) {
    const { id } = field;
    const category = categoryAt(field);
    if (category === undefined) continue;
    const closed = table.isOpenAt(purposes.indexOf(purpose), place);
    const key = closed ? category : reference.ask(purpose, id, attributes(reference, category, purpose, {}));
    if (!groups.has(key)) groups.set(key, id);
  }
  return [...groups.values()];
}

function attributes(
  policy: CompiledPolicy,
  category: Attributes['category'],
  purpose: string,
  more: Partial<Attributes>,
): Attributes {
  const choices: Record<string, ChoiceStanding> = Object.create(null);
  for (const id of policy.dependencies.get(purpose) ?? []) choices[choiceName(id)] = 'none';
  return {
    category,
    client: 'bound',
    record: 'known',
    regime: UNKNOWN_REGION,
    age: 'adult',
    gpc: false,
    choices,
    actor: 'human',
    case: 'none',
    legal_reference: false,
    own_data: false,
    ...more,
  };
}

/** What a record can say for a purpose: the attributes, and what line 6 answers by the table. */
function* statesOf(
  policy: CompiledPolicy,
  table: DecisionTable,
  purpose: string,
): Generator<{ readonly person: Partial<Attributes>; readonly answer: number }> {
  const ids = policy.document.purposes.map(({ id }) => id);
  const dependencies = policy.dependencies.get(purpose) ?? [];
  const answers = new Uint8Array(ids.length);
  for (const [regimePlace, regime] of regimesOfDecisions(policy.document).entries())
    for (const [agePlace, age] of AGE_BANDS.entries())
      for (const gpc of [false, true])
        for (let code = 0; code < STANDINGS.length ** dependencies.length; code++) {
          const standings = new Uint8Array(ids.length);
          const choices: Record<string, ChoiceStanding> = Object.create(null);
          dependencies.forEach((id, digit) => {
            const standing = Math.floor(code / STANDINGS.length ** digit) % STANDINGS.length;
            standings[ids.indexOf(id)] = standing;
            choices[choiceName(id)] = STANDINGS[standing] ?? 'none';
          });
          table.resolve(regimePlace, agePlace, gpc, standings, answers, 0);
          yield { person: { regime, age, gpc, choices }, answer: answers[ids.indexOf(purpose)] ?? 0 };
        }
}

/**
 * Asks the table and the rules about a purpose for every state of a record, and holds the two equal.
 *
 * @param facts those to ask about in the n-th state
 * @returns how many cells that were
 */
function compareStates(
  policy: CompiledPolicy,
  table: DecisionTable,
  purpose: string,
  fields: readonly string[],
  facts: (state: number) => readonly RequestFacts[],
): number {
  const place = table.purposeIndex(purpose) ?? -1;
  let asked = 0;
  let state = 0;
  for (const { person, answer } of statesOf(policy, table, purpose)) {
    const factsOfState = facts(state++);
    for (const id of fields) {
      const field = policy.atLevels.placeOf(id) ?? -1;
      const at = policy.atLevels.all[field];
      const category = at === undefined ? undefined : categoryAt(at);
      if (category === undefined) continue;
      for (const one of factsOfState) {
        const cell = attributes(policy, category, purpose, {
          ...person,
          actor: one.actor,
          case: one.case,
          legal_reference: one.legalReference,
          own_data: one.ownData,
        });
        const byRules = policy.ask(purpose, id, cell);
        const byTable = REASON_CODES[table.decide(place, field, answer, factsIndex(one))];
        if (byTable !== byRules) expect({ purpose, id, cell, byTable }).toMatchObject({ byTable: byRules });
        asked++;
      }
    }
  }
  return asked;
}

describe('the decision table', () => {
  // some minutes of one core: every cell there is
  it.runIf(isLong)('answers every cell as the rules do', () => {
    let asked = 0;
    for (const purpose of purposes)
      asked += compareStates(reference, table, purpose, fieldGroups(purpose), () => FACTS);
    // 640 combinations of choices over the purposes × 8 regimes × 3 ages × 2 signals × 56 facts, for each group of fields
    expect(asked).toBe(8_440_320);
  });

  it('answers as the rules of any policy do: every field at every level in every state, the facts in turn', () => {
    fc.assert(
      fc.property(soundDocuments, (sound) => {
        const policy = compiled(sound);
        const own = tabulate(policy);
        const fields = policy.atLevels.all.map(({ id }) => id);
        // 56 facts and steps of 9, which share no divisor: all of them come up
        const inTurn = (state: number) => [at(FACTS, state * 9), SATISFIED];
        for (const { id } of sound.purposes) compareStates(policy, own, id, fields, inTurn);
      }),
      { numRuns: times(60, 30) },
    );
  });

  it('takes a signal for none where a grant prevails over it for each dependency that it closes, and else not', () => {
    let prevailed = 0;
    const compare = (policy: CompiledPolicy, own: DecisionTable) => {
      const { purposes: all, overlays } = policy.document;
      for (const [place, { id: purpose }] of all.entries()) {
        const closed = (policy.dependencies.get(purpose) ?? []).filter((id) =>
          overlays.gpc.opt_out.includes(id),
        );
        for (let some = 0; some < 2 ** closed.length; some++) {
          const prevails = Uint8Array.from(all, ({ id }) =>
            // what the signal does not close, or not here, takes no part in it
            closed.includes(id) ? (some >> closed.indexOf(id)) & 1 : 1,
          );
          const stands = closed.length === 0 || some !== 2 ** closed.length - 1;
          if (!stands) prevailed++;
          for (const regime of regimesOfDecisions(policy.document).keys())
            for (const standing of STANDINGS.keys()) {
              const standings = new Uint8Array(all.length).fill(standing);
              const [expected, answers] = [new Uint8Array(all.length), new Uint8Array(all.length)];
              own.resolve(regime, 0, stands, standings, expected, 0);
              own.resolve(regime, 0, true, standings, answers, 0, prevails);
              expect(answers[place]).toBe(expected[place]);
              // where there is no signal, nothing prevails over it
              own.resolve(regime, 0, false, standings, expected, 0);
              own.resolve(regime, 0, false, standings, answers, 0, prevails);
              expect(answers).toEqual(expected);
            }
        }
      }
    };
    compare(reference, table);
    expect(prevailed).toBe(3);
    fc.assert(
      fc.property(soundDocuments, (sound) => {
        const policy = compiled(sound);
        compare(policy, tabulate(policy));
      }),
      { numRuns: 150 },
    );
    expect(prevailed).toBeGreaterThan(10);
  });

  it('answers for every field at every level, and for users who are unknown or cannot be read, as the rules do', () => {
    for (const [place, purpose] of purposes.entries())
      for (const [fieldPlace, field] of reference.atLevels.all.entries()) {
        const { id } = field;
        const category = categoryAt(field);
        if (category === undefined) continue;
        for (const facts of FACTS)
          for (const [record, consent] of [
            [
              'absent',
              table.consentOf({
                registered: false,
                region: 'US',
                ageBand: 'adult',
                choices: new Map(),
                signals: new Set(),
              }),
            ],
            ['unavailable', table.consentOf('unavailable')],
            [
              'known',
              table.consentOf({
                registered: true,
                region: null,
                ageBand: 'unknown',
                choices: new Map(),
                signals: new Set(),
              }),
            ],
          ] as const) {
            const cell = attributes(reference, category, purpose, {
              record,
              age: 'unknown',
              actor: facts.actor,
              case: facts.case,
              legal_reference: facts.legalReference,
              own_data: facts.ownData,
            });
            const byTable = REASON_CODES[table.decide(place, fieldPlace, consent(place), factsIndex(facts))];
            expect(byTable).toBe(reference.ask(purpose, id, cell));
          }
      }
  });

  it('never reads as a permit where nothing was written', () => {
    expect(REASON_CODES[0]).toBe('consent_unavailable');
    expect(REASON_CODES[table.decide(999, 999, 999, 999)]).toBe('consent_unavailable');
  });

  it('reads a region or an age that is none as unknown, and what was said beyond what it knows as a no', () => {
    const answers = (regime: number, ageBand: number, standings = new Uint8Array(table.purposeCount)) => {
      const out = new Uint8Array(table.purposeCount);
      table.resolve(regime, ageBand, false, standings, out, 0);
      return [...out];
    };
    const adult = AGE_BANDS.indexOf('adult');
    const unknownAge = AGE_BANDS.indexOf('unknown');
    const unknownRegion = table.regimeIndex(null);
    for (const none of [-1, unknownRegion + 1, 999])
      expect(answers(none, adult)).toEqual(answers(unknownRegion, adult));
    for (let regime = 0; regime <= unknownRegion; regime++)
      for (const none of [-1, AGE_BANDS.length, 999])
        expect(answers(regime, none)).toEqual(answers(regime, unknownAge));
    const denied = new Uint8Array(table.purposeCount).fill(STANDINGS.indexOf('denied'));
    expect(answers(0, adult, new Uint8Array(0))).toEqual(answers(0, adult, denied));
  });
});
