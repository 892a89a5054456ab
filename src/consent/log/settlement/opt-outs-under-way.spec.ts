import { beforeEach, expect, test } from 'vitest';
import type { ConsentChange, ConsentEvent } from '../../../decision/consent-event.js';
import { answeredWithin, outlived, termsOf } from '../../../fleet/terms.js';
import { OptOutsUnderWay } from './opt-outs-under-way.js';

const TERMS = termsOf(2_000);
const NOW = Date.UTC(2026, 10, 27);
const GRANT = { user: 'u', opens: ['ads'] };
const REFUSAL = { code: 'opt_out_in_progress' };

let passed = 0;
let optOuts: OptOutsUnderWay;
beforeEach(() => {
  passed = 0;
  optOuts = new OptOutsUnderWay(TERMS, { clocks: () => ({ monotonic: passed, wall: NOW + passed }) });
});

/** An opt-out that another process has written. */
function optOutAt(revision: number, at = NOW): ConsentEvent {
  const change = { kind: 'choice', purpose: 'ads', choice: 'denied', notice: 0, signal: false } as const;
  return { revision, subject: 1, user: 'u', by: { kind: 'user', id: 'u' }, at, via: 'settings', change };
}

test('an opt-in that waits while an opt-out of another process is read is refused, even if that is confirmed before it is settled', () => {
  const waiting = { ...GRANT };
  optOuts.begin([waiting]);
  optOuts.note(optOutAt(1));
  optOuts.confirmed(1, 1);
  expect(optOuts.refusesWaiting(waiting)).toMatchObject(REFUSAL);
  const later = { ...GRANT };
  expect(optOuts.refuses(later)).toBeUndefined();
  optOuts.begin([later]);
  expect(optOuts.refusesWaiting(later)).toBeUndefined();
});

test('an opt-in that came before an opt-out of another process was confirmed is refused, even if it is settled after', () => {
  optOuts.note(optOutAt(1));
  expect(optOuts.refuses(GRANT)).toMatchObject(REFUSAL);
  optOuts.begin([GRANT]);
  optOuts.confirmed(1, 1);
  expect(optOuts.refusesWaiting(GRANT)).toMatchObject(REFUSAL);
});

test('an opt-out is unconfirmed until the block that it is in is confirmed, whatever is confirmed of others', () => {
  optOuts.note(optOutAt(3));
  optOuts.note(optOutAt(4));
  optOuts.confirmed(4, 7);
  expect(optOuts.refuses(GRANT)).toMatchObject(REFUSAL);
  optOuts.confirmed(1, 3);
  expect(optOuts.refuses(GRANT)).toBeUndefined();
});

test('an opt-out of which nothing more is heard is unconfirmed for as long as it may be answered, and no longer', () => {
  optOuts.note(optOutAt(1));
  passed = answeredWithin(TERMS);
  expect(optOuts.refuses(GRANT)).toMatchObject(REFUSAL);
  passed = outlived({ ...TERMS, lease: answeredWithin(TERMS) });
  expect(optOuts.refuses(GRANT)).toBeUndefined();
});

test('of the opt-outs that a process finds in the log when it starts, those of late are unconfirmed', () => {
  optOuts.noteOfBefore(optOutAt(1, NOW - 3_600_000));
  expect(optOuts.refuses(GRANT)).toBeUndefined();
  optOuts.noteOfBefore(optOutAt(2, NOW - 2_000));
  expect(optOuts.refuses(GRANT)).toMatchObject(REFUSAL);
});

test.each<[string, ConsentChange]>([
  [
    'a choice that is taken back',
    { kind: 'choice', purpose: 'ads', choice: 'none', notice: 0, signal: false },
  ],
  ['a signal', { kind: 'signal', signal: 'gpc' }],
])('%s in another process is an opt-out: it may close', (_what, change) => {
  const back = { user: 'u', opens: ['signal gpc', 'ads'] };
  optOuts.note({ ...optOutAt(1), change });
  expect(optOuts.refuses(back)).toMatchObject(REFUSAL);
});

test('what time alone ends is no opt-out, and nor is a signal that was taken back', () => {
  const none = { kind: 'choice', purpose: 'ads', choice: 'none', notice: 0, signal: false } as const;
  optOuts.note({ ...optOutAt(1), by: { kind: 'engine', id: 'assent' }, via: 'lapse', change: none });
  optOuts.note({ ...optOutAt(2), change: { kind: 'signal', signal: 'gpc', withdrawn: true } });
  expect(optOuts.refuses({ user: 'u', opens: ['signal gpc', 'ads'] })).toBeUndefined();
});
