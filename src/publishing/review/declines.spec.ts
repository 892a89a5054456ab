import { describe, expect, it } from 'vitest';
import type { Decline } from '../../policy/policy.store.js';
import {
  numberOfDecliners,
  numberOfKnownDeclines,
  sentenceOfDeclines,
  standingDeclines,
  standingDeclinesOf,
} from './declines.js';

const NOW = 'sha256:now';
const BASE = 'sha256:base';
const DECLINE: Decline = {
  draft: 'this',
  number: 1,
  edit: 1,
  content: NOW,
  bases: [BASE],
  by: 'cat',
  roles: ['policy_admin'],
  remark: 'not so',
  at: 1,
  liftedAt: null,
};
const OF_BEFORE: Decline = { ...DECLINE, number: 2, content: 'sha256:before' };
const LIFTED: Decline = { ...DECLINE, number: 3, by: 'bob', liftedAt: 5 };
const OF_DAN: Decline = { ...DECLINE, number: 4, by: 'dan', remark: 'nor\nso' };
const IN_A_TWIN: Decline = { ...DECLINE, draft: 'other', by: 'eve' };

function draftWith(declines: readonly Decline[], content = NOW) {
  return { id: 'this', base: BASE, content, declines };
}

describe('what stands against a draft', () => {
  it('are the declines of what it says now that nobody has lifted, of whichever edit', () => {
    const declines = [DECLINE, OF_BEFORE, LIFTED, OF_DAN].map((decline) => ({
      ...decline,
      edit: decline.number,
    }));
    expect(standingDeclines(draftWith(declines)).map(({ number }) => number)).toEqual([1, 4]);
    expect(standingDeclines(draftWith(declines, 'sha256:else'))).toEqual([]);
  });

  it('are those of another draft as well that says the same and follows the same version, then or now', () => {
    const after = { ...IN_A_TWIN, bases: ['sha256:other'] };
    const rebased = { ...IN_A_TWIN, bases: ['sha256:other', BASE] };
    expect(standingDeclines(draftWith([IN_A_TWIN, after, rebased]))).toEqual([IN_A_TWIN, rebased]);
    // what a publication must know of is more than what stands against it
    expect(numberOfKnownDeclines(draftWith([IN_A_TWIN, after, rebased, LIFTED, OF_BEFORE]))).toBe(4);
  });

  it('is lifted by nobody but the person who said it, under whichever id', () => {
    const draft = draftWith([DECLINE, OF_BEFORE, LIFTED, OF_DAN, { ...IN_A_TWIN, number: 5, by: 'CAT' }]);
    expect(standingDeclinesOf('Cat\u200b', draft).map(({ number }) => number)).toEqual([1, 5]);
    expect(standingDeclinesOf('bob', draft)).toEqual([]);
    expect(numberOfDecliners(draft)).toBe(2);
  });

  it('is told with everybody who said it, their words, and where, if not here', () => {
    expect(sentenceOfDeclines(draftWith([OF_BEFORE, LIFTED]))).toBeUndefined();
    expect(sentenceOfDeclines(draftWith([DECLINE, OF_BEFORE, OF_DAN, IN_A_TWIN]))).toBe(
      'it was declined by `cat` with the remark `not so`, and by `dan` with the remark `nor\nso`, and by `eve` with the remark `not so` in the draft `other`, which says the same',
    );
  });
});
