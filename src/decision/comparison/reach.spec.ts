/** What a version can permit at all, against a search through every state of a user. */
import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { compiled, soundDocuments } from '../../../test/property/arbitraries.js';
import { AGE_BANDS } from '../consent-event.js';
import { regimesOfDecisions } from '../policy.js';
import { reachOf } from './reach.js';
import { finish } from '../steps.js';
import { type DecisionTable, FACTS, PERMITTED, SIGNALLED, STANDINGS } from '../table/table.js';
import { tabulate } from '../../../test/at-once.js';

// much is tried, on machines that may be busy
vi.setConfig({ testTimeout: 120_000 });

/** What line 6 answers for every purpose, in every state of the registered users of a regime. */
function* answersIn(table: DecisionTable, regime: number): Generator<Uint8Array> {
  const count = table.purposeCount;
  for (let code = 0; code < STANDINGS.length ** count; code++) {
    const standings = Uint8Array.from(
      { length: count },
      (_, purpose) => Math.floor(code / STANDINGS.length ** purpose) % STANDINGS.length,
    );
    for (const age of AGE_BANDS.keys())
      for (const gpc of SIGNALLED) {
        const answers = new Uint8Array(count);
        table.resolve(regime, age, gpc, standings, answers, 0);
        yield answers;
      }
  }
}

/** Whether a purpose may read a field of a user, by what line 6 answers, in any request. */
function permits(table: DecisionTable, purpose: number, field: number, consent: number): boolean {
  return Array.from({ length: FACTS }, (_, facts) => table.decide(purpose, field, consent, facts)).includes(
    PERMITTED,
  );
}

it('a field can be read, and a purpose is open in a regime, where some user and some request are permitted', () => {
  fc.assert(
    fc.property(soundDocuments, (document) => {
      const table = tabulate(compiled(document));
      const reach = finish(reachOf(table));
      const read = new Set<string>();
      const open = new Map(document.purposes.map(({ id }) => [id, new Set<string>()]));
      for (const [place, regime] of regimesOfDecisions(document).entries()) {
        // what answers may come up at all, per purpose
        const consents = document.purposes.map(() => new Set<number>());
        for (const answers of answersIn(table, place))
          for (const [purpose, answer] of answers.entries()) consents[purpose]?.add(answer);
        for (const [purpose, { id }] of document.purposes.entries())
          for (const [at, { id: name, field }] of table.policy.atLevels.all.entries())
            for (const consent of consents[purpose] ?? [])
              if (permits(table, purpose, at, consent)) {
                read.add(`${purpose} ${name}`).add(`${purpose} ${field.id}`);
                open.get(id)?.add(regime);
              }
      }
      for (const [purpose, { id }] of document.purposes.entries()) {
        expect(new Set(reach.opensIn(id))).toEqual(open.get(id));
        const dependents = document.purposes.filter((one) =>
          table.policy.dependencies.get(one.id)?.includes(id),
        );
        const counts = dependents.flatMap((one) => [...(open.get(one.id) ?? [])]);
        expect(new Set(reach.countsIn(id))).toEqual(new Set(counts));
        for (const [field, { id: name }] of document.fields.entries())
          expect(reach.mayRead(purpose, field)).toBe(read.has(`${purpose} ${name}`));
        for (const [at, { id: name }] of table.policy.atLevels.all.entries())
          expect(reach.mayReadAt(purpose, at)).toBe(read.has(`${purpose} ${name}`));
      }
    }),
    { numRuns: 150 },
  );
});
