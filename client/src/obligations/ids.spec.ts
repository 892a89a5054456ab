/** An id has one spelling, and it is the one of the core. */
import { assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSpelledId } from '../../../src/id.js';
import { deidentify } from './deidentify.js';
import { anything } from './generalise.js';
import { mustBeId } from './ids.js';
import { logDisclosure } from './log-disclosure.js';
import { ParticipantsOnly } from './participants-only.js';
import { pseudonymOf, pseudonymise } from './pseudonymise.js';
import { aggregateOnly } from './tables/aggregate-only.js';
import { minCohort } from './tables/min-cohort.js';

/** Each looks like `josé`, or nearly so, and is another text. */
const MISSPELLED = [
  'jose\u0301',
  ' josé',
  'josé ',
  'josé\n',
  'jo\u200bsé',
  '\u202ejosé',
  'jo\u00adsé',
  'jos\ufffd',
  'josé\u2800',
];
const SECRET = new Uint8Array(32).fill(7);

function isTaken(id: unknown): boolean {
  try {
    return mustBeId(id, 'an id') === id;
  } catch {
    return false;
  }
}

describe('an id', () => {
  it('is taken if and only if the core would take it', () => {
    const unit = oneof(
      string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      constantFrom(
        ...MISSPELLED.flatMap((id) => Array.from(id)),
        '\ud800',
        '\u0301',
        '\u3164',
        '\ufe0f',
        '\u2028',
        '\ufdd0',
        'x',
      ),
    );
    assert(
      property(string({ unit, maxLength: 6 }), (id) => {
        expect(isTaken(id)).toBe(isSpelledId(id));
      }),
      { numRuns: 3000 },
    );
    for (let point = 0; point < 0x3_0000; point++) {
      const id = `a${String.fromCodePoint(point)}b`;
      if (isTaken(id) !== isSpelledId(id))
        expect.fail(`the core has another opinion of U+${point.toString(16)}`);
    }
    for (const id of ['é'.repeat(128), 'é'.repeat(129), '', 7, null])
      expect(isTaken(id)).toBe(isSpelledId(id));
  });

  it('in a second spelling is refused by each function that takes a person', async () => {
    for (const id of MISSPELLED) {
      const rows = [
        { id: 'josé', of: 'a' },
        { id, of: 'a' },
      ];
      const by = { column: 'of', values: ['a'] };
      const columns = { person: 'id', direct: [], keep: [] };
      const key = { secret: SECRET, purpose: 'ads' };
      for (const use of [
        () => deidentify(rows, { ...columns, quasi: new Map([['of', [anything]]]), k: 2 }),
        () => minCohort(rows, { person: 'id', by, atLeast: 2 }),
        () => minCohort([], { person: 'id', by, atLeast: 2, before: [new Set([id])] }),
        () => aggregateOnly(rows, { person: 'id', by: [by], atLeast: 2 }),
        () => pseudonymise(rows, { ...key, ...columns, keep: ['of'] }),
        () => pseudonymOf(id, key),
        () => new ParticipantsOnly('data', [id]),
      ])
        expect(use).toThrow('is not spelled as ids are');
      const disclosure = { to: 'court', user: id, fields: ['f'], purpose: 'p', reason: 'r', at: 0 };
      await expect(
        logDisclosure(disclosure, { append: () => Promise.resolve() }, () => 'data'),
      ).rejects.toThrow('is not spelled as ids are');
    }
  });
});
