/**
 * No private message is ever opened outside its floor: not drawn at random but asked, every cell there is, of the rules
 * themselves. They are asked directly, so that also the states which the engine would never resolve are covered; and so
 * is the table that is made of them.
 */
import { describe, expect, it } from 'vitest';
import { type Attributes, type ChoiceStanding, choiceName } from '../../src/decision/rules/ability.js';
import type { CompiledPolicy } from '../../src/decision/rules/compile.js';
import type { Field, Purpose } from '../../src/decision/policy.js';
import { PERMITTED, REASON_CODES, factsIndex } from '../../src/decision/table/table.js';
import { expectedDependencies } from '../oracle.js';
import { isLong } from '../times.js';
import { CASES, compiled, reference } from './arbitraries.js';
import { MESSAGES, READERS } from './private-messages.js';
import { tabulate } from '../at-once.js';

const STANDINGS = ['none', 'granted', 'outdated', 'denied'] as const;
const CLIENTS = ['bound', 'unbound'] as const;
const RECORDS = ['known', 'absent', 'unavailable'] as const;
const AGES = ['adult', 'minor', 'unknown'] as const;
const ACTORS = ['automated', 'human'] as const;
const EITHER = [true, false] as const;
/** How many combinations of the facts of a request the table knows. */
const FACTS =
  1 + factsIndex({ actor: 'automated', case: 'other_reader', legalReference: true, ownData: true });

/** Every combination of what was said for the purposes. */
function* choicesFor(purposes: readonly string[]): Generator<Record<string, ChoiceStanding>> {
  const [first, ...rest] = purposes;
  if (first === undefined) return void (yield {});
  for (const others of choicesFor(rest))
    for (const standing of STANDINGS) yield { ...others, [choiceName(first)]: standing };
}

/** Every state that a decision on the purpose can rest on. */
function* statesOf({ document }: CompiledPolicy, purpose: Purpose): Generator<Attributes> {
  const category = 'private_message';
  const dependencies = expectedDependencies(document, purpose.id).map(({ id }) => id);
  for (const choices of choicesFor(dependencies))
    for (const { id: regime } of document.regimes)
      for (const client of CLIENTS)
        for (const record of RECORDS)
          for (const gpc of EITHER)
            for (const age of AGES)
              for (const actor of ACTORS)
                for (const standing of CASES)
                  for (const legal_reference of EITHER)
                    for (const own_data of EITHER)
                      yield {
                        category,
                        client,
                        record,
                        regime,
                        age,
                        gpc,
                        choices,
                        actor,
                        case: standing,
                        legal_reference,
                        own_data,
                      };
}

type Findings = { readonly asked: number; readonly opened: readonly string[] };

/** Asks the policy of every message, and every state, for these purposes. */
function askAll(policy: CompiledPolicy, messages: readonly Field[], purposes: readonly Purpose[]): Findings {
  let asked = 0;
  const opened: string[] = [];
  for (const purpose of purposes)
    for (const state of statesOf(policy, purpose))
      for (const { id } of messages) {
        asked++;
        if (policy.ask(purpose.id, id, state) === 'permitted') opened.push(`${purpose.id} reads ${id}`);
      }
  return { asked, opened };
}

const { document } = reference;
const messages = document.fields.filter(({ category }) => category === 'private_message');
const outside = document.purposes.filter(({ id }) => !READERS.has(id));

describe('private messages', () => {
  it('are the fields that people think of, and none of the others is one', () => {
    expect(document.fields.length).toBe(53);
    expect(messages.map(({ id }) => id).sort()).toEqual([...MESSAGES].sort());
    const others = document.fields.filter(({ id }) => !MESSAGES.includes(id));
    expect(others.map(({ category }) => category)).not.toContain('private_message');
  });

  // two million questions; the next one asks the table, which `table.spec.ts` holds equal to the rules
  it.runIf(isLong)('are permitted to no purpose outside the floor, in any state there is', () => {
    expect(document.purposes.length).toBe(22);
    expect(document.regimes.length).toBe(7);
    expect(outside.length).toBe(22 - READERS.size);
    const { asked, opened } = askAll(reference, messages, outside);
    expect(opened).toEqual([]);
    // 6 messages × 7 regimes × 2 clients × 3 records × 2 signals × 3 ages × 2 actors × 7 cases × 2 references × 2 owners,
    // times, summed over the 15 purposes, the 4 standings of each of the 1 to 4 purposes that one rests on
    const standings = 6 * 4 ** 1 + 4 * 4 ** 2 + 4 * 4 ** 3 + 1 * 4 ** 4;
    expect(asked).toBe(6 * 7 * 2 * 3 * 2 * 3 * 2 * 7 * 2 * 2 * standings);
  });

  it('are permitted to no purpose outside the floor by the decision table, whatever user and request answer', () => {
    const table = tabulate(reference);
    const every = <T>(count: number, of: (index: number) => T) =>
      Array.from({ length: count }, (_, index) => of(index));
    const opened = outside.flatMap(({ id }) =>
      messages.filter((message) => {
        const [purpose, field] = [table.purposeIndex(id), table.fieldIndex(message.id)];
        if (purpose === undefined || field === undefined) return true;
        const answers = every(REASON_CODES.length, (consent) =>
          every(FACTS, (facts) => table.decide(purpose, field, consent, facts)),
        );
        return answers.flat().includes(PERMITTED);
      }),
    );
    expect(opened).toEqual([]);
  });

  it('are permitted to each purpose of the floor that reads them, when all it asks for is there', () => {
    const readers = document.purposes.filter(({ categories }) => categories.includes('private_message'));
    expect(new Set(readers.map(({ id }) => id))).toEqual(READERS);
    const denied = readers.flatMap((purpose) => {
      const dependencies = expectedDependencies(document, purpose.id);
      const satisfied: Attributes = {
        category: 'private_message',
        client: 'bound',
        record: 'known',
        regime: 'US',
        age: 'adult',
        gpc: false,
        choices: Object.fromEntries(dependencies.map(({ id }) => [choiceName(id), 'granted'])),
        actor: 'automated',
        case: 'valid',
        legal_reference: true,
        own_data: true,
      };
      return messages
        .map(({ id }) => `${purpose.id} reads ${id}: ${reference.ask(purpose.id, id, satisfied)}`)
        .filter((answer) => !answer.endsWith(': permitted'));
    });
    expect(denied).toEqual([]);
  });

  it('would be found open, were a policy to open them to ads', () => {
    const broken = compiled({
      ...document,
      purposes: document.purposes.map((purpose) =>
        purpose.id === 'ads' ? { ...purpose, categories: ['public', 'private_message'] } : purpose,
      ),
      floor: { ...document.floor, private_message: [...READERS, 'ads'] },
    });
    const ads = broken.document.purposes.filter(({ id }) => id === 'ads');
    const { opened } = askAll(broken, messages, ads);
    expect([...new Set(opened)].sort()).toEqual(MESSAGES.map((id) => `ads reads ${id}`).sort());
  });
});
