/**
 * Every cell of the decision table of the reference policy is asked of the rules. Fields that the policy treats alike for
 * a purpose stand for each other in the states of users; every field is asked in some states.
 */
import { describe, expect, it } from 'vitest';
import { type Attributes, type ChoiceStanding, choiceName } from '../../src/decision/ability.js';
import { AGE_BANDS } from '../../src/decision/consent-event.js';
import { UNKNOWN_REGION, regimesOfDecisions } from '../../src/decision/policy.js';
import { DecisionTable, REASON_CODES, factsIndex } from '../../src/decision/table.js';
import { reference } from './arbitraries.js';

/** The standings of choices by the number that `resolve` knows them by. */
const STANDINGS: readonly ChoiceStanding[] = ['none', 'granted', 'outdated', 'denied'];
const FACTS = (['automated', 'human'] as const).flatMap((actor) =>
  (['none', 'valid', 'expired', 'out_of_scope'] as const).flatMap((standing) =>
    [true, false].flatMap((legalReference) =>
      [true, false].map((ownData) => ({ actor, case: standing, legalReference, ownData })),
    ),
  ),
);

const table = new DecisionTable(reference);
const { document } = reference;
const purposes = document.purposes.map(({ id }) => id);

/** The first field of each group that the policy treats alike for a purpose. */
function fieldGroups(purpose: string): string[] {
  const groups = new Map<string, string>();
  for (const { id, category } of document.fields) {
    if (category === 'unclassified') continue;
    const closed = table.isOpen(purposes.indexOf(purpose), table.fieldIndex(id) ?? -1);
    const key = closed ? category : reference.ask(purpose, id, attributes(category, purpose, {}));
    if (!groups.has(key)) groups.set(key, id);
  }
  return [...groups.values()];
}

function attributes(
  category: Attributes['category'],
  purpose: string,
  more: Partial<Attributes>,
): Attributes {
  const choices: Record<string, ChoiceStanding> = {};
  for (const id of reference.dependencies.get(purpose) ?? []) choices[choiceName(id)] = 'none';
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

describe('the decision table', () => {
  it('answers every cell as the rules do', () => {
    let asked = 0;
    const answers = new Uint8Array(purposes.length);
    for (const [place, purpose] of purposes.entries()) {
      const dependencies = reference.dependencies.get(purpose) ?? [];
      const groups = fieldGroups(purpose).map((id) => ({
        id,
        place: table.fieldIndex(id) ?? -1,
        field: reference.fields.get(id),
      }));
      for (const [regimePlace, regime] of regimesOfDecisions(document).entries())
        for (const [agePlace, age] of AGE_BANDS.entries())
          for (const gpc of [false, true])
            for (let code = 0; code < STANDINGS.length ** dependencies.length; code++) {
              const standings = new Uint8Array(purposes.length);
              const choices: Record<string, ChoiceStanding> = {};
              dependencies.forEach((id, digit) => {
                const standing = Math.floor(code / STANDINGS.length ** digit) % STANDINGS.length;
                standings[purposes.indexOf(id)] = standing;
                choices[choiceName(id)] = STANDINGS[standing] ?? 'none';
              });
              table.resolve(regimePlace, agePlace, gpc, standings, answers, 0);
              for (const { id, place: fieldPlace, field } of groups) {
                if (field === undefined || field.category === 'unclassified') continue;
                for (const facts of FACTS) {
                  const cell = attributes(field.category, purpose, {
                    regime,
                    age,
                    gpc,
                    choices,
                    actor: facts.actor,
                    case: facts.case,
                    legal_reference: facts.legalReference,
                    own_data: facts.ownData,
                  });
                  const byRules = reference.ask(purpose, id, cell);
                  const byTable =
                    REASON_CODES[table.decide(place, fieldPlace, answers[place] ?? 0, factsIndex(facts))];
                  if (byTable !== byRules)
                    expect({ purpose, id, cell, byTable }).toMatchObject({ byTable: byRules });
                  asked++;
                }
              }
            }
    }
    // 640 combinations of choices over the purposes × 8 regimes × 3 ages × 2 signals × 32 facts, for each group of fields
    expect(asked).toBe(4_810_752);
  });

  it('answers for every field, and for users who are unknown or cannot be read, as the rules do', () => {
    for (const [place, purpose] of purposes.entries())
      for (const [fieldPlace, { id, category }] of document.fields.entries()) {
        if (category === 'unclassified') continue;
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
            const cell = attributes(category, purpose, {
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
});
