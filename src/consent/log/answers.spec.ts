import { expect, test } from 'vitest';
import type { Moment } from '../../fleet/machine.js';
import { answeredWithin, termsOf } from '../../fleet/terms.js';
import { Answers } from './answers.js';

const TERMS = termsOf(2_000);

test.each<[string, Partial<Moment>]>([
  ['on a machine that was suspended, whose timers stood still', { wall: answeredWithin(TERMS) }],
  ['on a machine whose wall clock was set back', { monotonic: answeredWithin(TERMS), wall: -1 }],
])('a change that is confirmed too late is answered `not_confirmed`, also %s', async (_where, passed) => {
  let now: Moment = { monotonic: 0, wall: 0 };
  const answers = new Answers(TERMS, { clocks: () => now, later: () => () => undefined });
  const answer = answers.inTime<void>((resolve) => {
    now = { ...now, ...passed };
    resolve();
  });
  await expect(answer).rejects.toMatchObject({ code: 'not_confirmed' });
  expect(answers.areOpen).toBe(false);
});
