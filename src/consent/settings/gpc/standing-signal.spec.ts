import { describe, expect, it } from 'vitest';
import {
  EMPTY_RECORD,
  type RecordedChoice,
  type UserRecord,
  applyChange,
} from '../../../decision/consent-event.js';
import { grantsAgainstSignal, grantsItCloses } from './standing-signal.js';
import { REFERENCE } from '../../../../test/reference-policy.js';
import { policiesOn } from '../../../../test/at-once.js';

const policy = policiesOn(REFERENCE).current;

/** Closed by Global Privacy Control, in the United States alone. */
const PURPOSE = 'ads.off_platform';

function userIn(region: string | null, gpc: boolean, said?: RecordedChoice, purpose = PURPOSE): UserRecord {
  return {
    ...EMPTY_RECORD,
    registered: true,
    region,
    signals: new Set(gpc ? (['gpc'] as const) : []),
    choices: new Map(said === undefined ? [] : [[purpose, said]]),
  };
}

const denied = (signal: boolean): RecordedChoice => ({ choice: 'denied', notice: 0, signal });
const granted = (signal: boolean): RecordedChoice => ({ choice: 'granted', notice: 0, signal });

describe('a grant', () => {
  it.each([
    { who: 'a Californian whose browser sends the signal', user: userIn('US-CA', true) },
    { who: 'a user of unknown region whose browser sends it', user: userIn(null, true) },
    { who: 'one who granted it before the signal came', user: userIn('US-CA', true, granted(false)) },
    { who: 'one who denied it by hand since', user: userIn('US-CA', true, denied(false)) },
    { who: 'a German whose TC string refused it', user: userIn('DE', false, denied(true)) },
  ])('of $who waits until the signal was shown, and is then one against it', ({ user }) => {
    expect(() => grantsAgainstSignal(policy, user, PURPOSE, false)).toThrow('show it to the user');
    expect(grantsAgainstSignal(policy, user, PURPOSE, true)).toBe(true);
  });

  it.each([
    { who: 'one whose browser sends nothing', user: userIn('US-CA', false) },
    { who: 'a German, whose law does not hear it', user: userIn('DE', true) },
    { who: 'one who denied it by hand', user: userIn('DE', false, denied(false)) },
  ])('of $who needs nothing more, and is one against no signal, shown or not', ({ user }) => {
    for (const shown of [false, true]) expect(grantsAgainstSignal(policy, user, PURPOSE, shown)).toBe(false);
  });

  it('that was given against the signal is given again without asking, and stays one against it', () => {
    const user = userIn('US-CA', true, granted(true));
    expect(grantsAgainstSignal(policy, user, PURPOSE, false)).toBe(true);
  });

  it('of another purpose than the signal closes needs nothing more', () => {
    expect(grantsAgainstSignal(policy, userIn('US-CA', true), 'ads.inferred', false)).toBe(false);
  });
});

describe('a signal that is new', () => {
  it('closes a grant that was given against an earlier one, until it is given again', () => {
    const overruled = userIn('US-CA', false, { choice: 'granted', notice: 3, signal: true });
    const changes = [{ kind: 'signal', signal: 'gpc' } as const, ...grantsItCloses(overruled)];
    const after = changes.reduce<UserRecord>(applyChange, overruled);
    expect(after.choices.get(PURPOSE)).toEqual({ choice: 'granted', notice: 3, signal: false });
    expect(() => grantsAgainstSignal(policy, after, PURPOSE, false)).toThrow('show it to the user');
  });

  it('leaves every other choice as it is', () => {
    for (const said of [granted(false), denied(true), denied(false)])
      expect(grantsItCloses(userIn('US-CA', false, said))).toEqual([]);
  });
});
