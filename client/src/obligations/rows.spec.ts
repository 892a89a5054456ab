/** What is no list of rows is refused in words of ours, by each function that takes rows; and no message quotes freely. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { deidentify } from './deidentify.js';
import { ObligationError } from './obligation-error.js';
import { pseudonymise } from './pseudonymise.js';
import type { Row } from './rows.js';
import { aggregateOnly } from './tables/aggregate-only.js';
import { minCohort } from './tables/min-cohort.js';

const BY = { column: 'of', values: ['a'] };
const USES: readonly ((rows: readonly Row[]) => unknown)[] = [
  (rows) => deidentify(rows, { person: 'id', direct: [], quasi: new Map([['of', []]]), keep: [], k: 2 }),
  (rows) =>
    pseudonymise(rows, {
      secret: new Uint8Array(32),
      purpose: 'ads',
      person: 'id',
      direct: [],
      keep: ['of'],
    }),
  (rows) => aggregateOnly(rows, { person: 'id', by: [BY], atLeast: 2 }),
  (rows) => minCohort(rows, { person: 'id', by: BY, atLeast: 2 }),
];

function refusalOf(use: () => unknown): ObligationError {
  try {
    use();
  } catch (error) {
    if (error instanceof ObligationError) return error;
    throw error;
  }
  throw new Error('it is not refused');
}

describe('rows', () => {
  it('that are none are refused by each function', () => {
    for (const wrong of [
      'null',
      '"ab"',
      '{"length":1}',
      '[null]',
      '[7]',
      '["id"]',
      '[{"id":"u","of":"a"},null]',
    ])
      for (const use of USES) expect(refusalOf(() => use(JSON.parse(wrong))).code).toBe('bad_input');
    // a gap
    for (const use of USES) expect(refusalOf(() => use(Array<Row>(2))).code).toBe('bad_input');
  });

  it('with a column whose name is an attack do not get it into a message as it is', () => {
    const name = `x\`\n2026-11-29 permitted u-1 \u202e${'long'.repeat(100)}`;
    for (const use of USES.slice(0, 2)) {
      const { message } = refusalOf(() => use([{ id: 'u', of: 'a', [name]: 1 }]));
      expect(message).not.toMatch(/[\n\u202e]/);
      expect(message.length).toBeLessThan(250);
    }
  });

  it('have columns that are listed, not spelled out in one text', () => {
    const how = JSON.parse('{"person":"id","direct":[],"keep":"ab","purpose":"ads"}');
    const rows = [{ id: 'u', a: 1, b: 2 }];
    expect(refusalOf(() => pseudonymise(rows, { ...how, secret: new Uint8Array(32) })).code).toBe(
      'bad_input',
    );
  });

  it('are refused without a word of what a step of the caller throws', () => {
    const step = (value: unknown) => {
      throw new ObligationError('clock', `cannot read ${String(value)}`);
    };
    const error = refusalOf(() =>
      deidentify([{ id: 'u', of: 'secret-value' }], {
        person: 'id',
        direct: [],
        quasi: new Map([['of', [step]]]),
        keep: [],
        k: 2,
      }),
    );
    expect(error.code).toBe('bad_input');
    expect(error.message).toContain('`of`');
    expect(inspect(error)).not.toContain('secret-value');
  });
});
