import { describe, expect, it } from 'vitest';
import type { Decline } from '../../policy/policy.store.js';
import { sentenceOfDeclines, standingDeclines, standingDeclinesOf } from './declines.js';

const NOW = 'sha256:now';
const DECLINE: Decline = {
  number: 1,
  edit: 1,
  content: NOW,
  by: 'cat',
  roles: ['policy_admin'],
  remark: 'not so',
  at: 1,
  liftedAt: null,
};
const OF_BEFORE: Decline = { ...DECLINE, number: 2, content: 'sha256:before' };
const LIFTED: Decline = { ...DECLINE, number: 3, by: 'bob', liftedAt: 5 };
const OF_DAN: Decline = { ...DECLINE, number: 4, by: 'dan', remark: 'nor\nso' };

describe('what stands against a draft', () => {
  it('are the declines of what it says now that nobody has lifted, of whichever edit', () => {
    const declines = [DECLINE, OF_BEFORE, LIFTED, OF_DAN].map((decline) => ({
      ...decline,
      edit: decline.number,
    }));
    expect(standingDeclines({ content: NOW, declines }).map(({ number }) => number)).toEqual([1, 4]);
    expect(standingDeclines({ content: 'sha256:else', declines })).toEqual([]);
  });

  it('is lifted by nobody but the person who said it, under whichever id', () => {
    const draft = {
      content: NOW,
      declines: [DECLINE, OF_BEFORE, LIFTED, OF_DAN, { ...DECLINE, number: 5, by: 'CAT' }],
    };
    expect(standingDeclinesOf('Cat\u200b', draft)).toEqual([1, 5]);
    expect(standingDeclinesOf('bob', draft)).toEqual([]);
  });

  it('is told with everybody who said it, and their words', () => {
    expect(sentenceOfDeclines({ content: NOW, declines: [OF_BEFORE, LIFTED] })).toBeUndefined();
    expect(sentenceOfDeclines({ content: NOW, declines: [DECLINE, OF_BEFORE, OF_DAN] })).toBe(
      'it was declined by `cat` with the remark `not so`, and by `dan` with the remark `nor\nso`',
    );
  });
});
