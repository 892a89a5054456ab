/** The obligations of the reference policy are known, but for those that no function can keep. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readObligation } from './read-obligation.js';

const POLICY = new URL('../../../policies/policy.yaml', import.meta.url);
/** The first is about what a caller does not do, the second is kept by an extract. */
const NOT_HERE = ['contextual_only', 'training_snapshot_id'];

function idsInPolicy(): string[] {
  const policy: { obligations: { id: string }[] } = parse(readFileSync(POLICY, 'utf8'));
  return policy.obligations.map(({ id }) => id);
}

function isKnown(id: string): boolean {
  try {
    readObligation(id);
    return true;
  } catch {
    return false;
  }
}

describe('an obligation', () => {
  it('of the reference policy is known, but for those of others', () => {
    expect(
      idsInPolicy()
        .filter((id) => !isKnown(id))
        .toSorted(),
    ).toEqual(NOT_HERE);
  });

  it('has the number that is in its id', () => {
    expect(readObligation('min_cohort_300')).toEqual({ kind: 'min_cohort', atLeast: 300 });
    expect(readObligation('retain_90d')).toEqual({ kind: 'retain', days: 90 });
  });

  it('that is unknown or nearly known is refused', () => {
    for (const id of [
      '',
      'min_cohort',
      'min_cohort_',
      'min_cohort_1',
      'min_cohort_0',
      'min_cohort_050',
      'min_cohort_50 ',
      'retain_90',
      'retain_0d',
      'retain_d',
      'constructor',
      '__proto__',
      'Pseudonymise',
      'dp_noise\n',
    ])
      expect(() => readObligation(id)).toThrow(expect.objectContaining({ code: 'unknown_obligation' }));
  });
});
