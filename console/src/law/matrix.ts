/** What a policy answers about every purpose and field, for one kind of user: the decision itself, asked cell by cell. */
import { regionClasses } from '../../../src/decision/comparison/user-states.js';
import type { AgeBand, UserRecord } from '../../../src/decision/consent-event.js';
import { ACTION, noticeOf, regimesOfDecisions } from '../../../src/decision/policy.js';
import type { Steps } from '../../../src/decision/steps.js';
import { decide } from '../../../src/decision/table/decide.js';
import { type DecisionTable, byteOf, factsIndex } from '../../../src/decision/table/table.js';

/** A kind of user: of all who answer alike, one. */
export type Who = {
  /** Id of a regime; `unknown`: the region is not known. */
  readonly regime: string;
  readonly age: AgeBand;
  /** What they answered to every purpose. */
  readonly said: 'nothing' | 'granted' | 'denied';
  /** Whether their browser sends Global Privacy Control. */
  readonly gpc: boolean;
};

export type Matrix = {
  readonly purposes: readonly string[];
  readonly fields: readonly string[];
  /** Purpose after purpose, for each field the byte of the reason, see `REASON_CODES`. */
  readonly reasons: Uint8Array;
  /** Where another field than the asked one denies, by the index in `reasons`. */
  readonly sources: ReadonlyMap<number, string>;
};

/** Facts of a request that meet every condition: what a purpose demands of requests stands beside the matrix. */
const SATISFIED = factsIndex({ actor: 'automated', case: 'valid', legalReference: true, ownData: true });

/** The matrix of a policy, for users of one kind and requests that meet every condition. */
export function* matrixSteps(table: DecisionTable, who: Who): Steps<Matrix> {
  const { document } = table.policy;
  const purposes = document.purposes.map(({ id }) => id);
  const fields = document.fields.map(({ id }) => id);
  const consent = table.consentOf(recordOf(table, who));
  const reasons = new Uint8Array(purposes.length * fields.length);
  const sources = new Map<number, string>();
  let cell = 0;
  for (const purpose of purposes) {
    const clientPurposes = new Set([purpose]);
    for (const field of fields) {
      const question = { purpose, action: ACTION, field, clientPurposes, facts: SATISFIED };
      const { reason, source } = decide(table, question, consent);
      reasons[cell] = byteOf(reason);
      if (source !== undefined) sources.set(cell, source);
      cell++;
    }
    yield;
  }
  return { purposes, fields, reasons, sources };
}

/** The record of one user of this kind. */
function recordOf(table: DecisionTable, { regime, age, said, gpc }: Who): UserRecord {
  const { document } = table.policy;
  const place = regimesOfDecisions(document).indexOf(regime);
  const found = regionClasses([table]).find(({ regimes }) => regimes[0] === place);
  return {
    registered: true,
    region: found?.region ?? null,
    ageBand: age,
    choices: new Map(
      said === 'nothing'
        ? []
        : document.purposes.map((purpose) => [
            purpose.id,
            // whoever grants has been shown the signal of their browser, as the settings page shows it
            { choice: said, notice: noticeOf(purpose), signal: gpc },
          ]),
    ),
    signals: new Set(gpc ? ['gpc'] : []),
  };
}
