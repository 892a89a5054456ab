import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Approval } from '../../policy/policy.store.js';
import { type Effect, countingApprovals, readyAt, requirementsOf } from './requirements.js';

const WAIT = 1_000;
const NARROWS: Effect = {
  widens: false,
  releases: false,
  changesFloor: false,
  rewrites: false,
  changedTerms: [],
};
const WIDENS: Effect = { ...NARROWS, widens: true };
const RELEASES: Effect = { ...WIDENS, releases: true };
const MOVES_FLOOR: Effect = { ...NARROWS, changesFloor: true };

const people: fc.Arbitrary<string> = fc.constantFrom('ann', 'bob', 'cat', 'dan');
/** As the store keeps them: one of each admin. */
const approvals: fc.Arbitrary<Approval[]> = fc.uniqueArray(
  fc.record({
    by: people,
    roles: fc.subarray(['policy_admin', 'privacy_officer']),
    at: fc.integer({ min: 0, max: 100 }),
  }),
  { selector: ({ by }) => by },
);
const drafts = fc.record({ authors: fc.uniqueArray(people, { minLength: 1 }), approvals });

describe('what it takes to publish a draft', () => {
  it.each([
    ['only narrows', NARROWS, { approvers: 0, role: null, wait: 0 }],
    ['widens', WIDENS, { approvers: 2, role: null, wait: 0 }],
    ['says something else', { ...NARROWS, rewrites: true }, { approvers: 2, role: null, wait: 0 }],
    ['releases a field', RELEASES, { approvers: 2, role: 'privacy_officer', wait: 0 }],
    ['moves the floor', MOVES_FLOOR, { approvers: 2, role: 'privacy_officer', wait: WAIT }],
    [
      'moves the floor and widens',
      { ...MOVES_FLOOR, widens: true },
      { approvers: 2, role: 'privacy_officer', wait: WAIT },
    ],
  ])('that %s', (_what, effect, expected) => {
    expect(requirementsOf(effect, WAIT)).toEqual({ ...expected, notices: [] });
    // the notices are to be named whatever else it takes
    const changedTerms = ['ads.inferred'];
    expect(requirementsOf({ ...effect, changedTerms }, WAIT)).toEqual({ ...expected, notices: changedTerms });
  });

  it('counts no author, and for the floor and for releases nobody but privacy officers', () => {
    fc.assert(
      fc.property(drafts, fc.constantFrom(WIDENS, RELEASES, MOVES_FLOOR), (draft, effect) => {
        const counting = countingApprovals(requirementsOf(effect, WAIT), draft);
        const expected = draft.approvals.filter(
          ({ by, roles }) =>
            !draft.authors.includes(by) && (effect === WIDENS || roles.includes('privacy_officer')),
        );
        expect(new Set(counting)).toEqual(new Set(expected));
      }),
    );
  });

  it('is there from the second approval that counts on, and after the wait; later ones put nothing off', () => {
    fc.assert(
      fc.property(drafts, fc.constantFrom(WIDENS, MOVES_FLOOR), (draft, effect) => {
        const requirements = requirementsOf(effect, WAIT);
        const [, second] = countingApprovals(requirements, draft)
          .map(({ at }) => at)
          .toSorted((one, other) => one - other);
        expect(readyAt(requirements, draft)).toBe(
          second === undefined ? undefined : second + requirements.wait,
        );
      }),
    );
  });

  it('counts one person once, under however many ids, and neither as author nor as publisher', () => {
    const requirements = requirementsOf(WIDENS, WAIT);
    const approval = (by: string, at: number) => ({ by, roles: ['policy_admin'], at });
    const by = (...ids: string[]) => ids.map((id, at) => approval(id, at));
    const counted = (draft: Parameters<typeof countingApprovals>[1], publisher?: string) =>
      countingApprovals(requirements, draft, publisher).map(({ by: id }) => id);
    expect(counted({ authors: ['ann'], approvals: by('bob', 'Bob', 'bob ', 'BOB\u200b') })).toEqual(['bob']);
    expect(counted({ authors: ['ann'], approvals: by('Ann', 'ann\u00a0', 'cat') })).toEqual(['cat']);
    expect(counted({ authors: ['ann'], approvals: by('bob', 'cat') }, 'BOB')).toEqual(['cat']);
    expect(readyAt(requirements, { authors: ['ann'], approvals: by('bob', 'Bob') })).toBeUndefined();
    expect(readyAt(requirements, { authors: ['ann'], approvals: by('bob', 'cat') }, 'cat ')).toBeUndefined();
  });

  it('is nothing for what only narrows', () => {
    expect(readyAt(requirementsOf(NARROWS, WAIT), { authors: ['ann'], approvals: [] })).toBe(0);
  });
});
