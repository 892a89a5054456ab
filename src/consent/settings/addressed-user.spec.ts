/** Who may make a record of a user whom the log does not know. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { UserCaller } from '../../access/caller.js';
import { rememberIssued } from '../../access/issued.js';
import { DAY_MS } from '../../time.js';
import { mayBegin, userOf } from './addressed-user.js';

const NOW = Date.parse('2027-01-01T00:00:00Z');
const known = { knows: () => true };
const unknown = { knows: () => false };

beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** A user by a token of this age; null: the token does not say. */
function userBy(age: number | null): UserCaller {
  const caller: UserCaller = { kind: 'user', id: 'u' };
  if (age !== null) rememberIssued(caller, NOW - age);
  return caller;
}

describe('a user whom the log does not know', () => {
  test.each([
    { what: 'just now', age: 0, may: true },
    { what: 'almost a day ago', age: DAY_MS - 1, may: true },
    { what: 'a day ago, when they may have been erased since', age: DAY_MS, may: false },
    { what: 'long ago', age: 30 * DAY_MS, may: false },
    { what: 'nobody knows when', age: null, may: false },
  ])('who showed who they are $what: $may', ({ age, may }) => {
    const caller = userBy(age);
    expect(mayBegin(caller, 'u', unknown)).toBe(may);
    expect(mayBegin(caller, 'u', known)).toBe(true);
    const choosing = () => userOf(caller, 'me', 'choose', unknown);
    if (may) expect(choosing()).toBe('u');
    else expect(choosing).toThrow(/sign in again/);
    expect(userOf(caller, 'me', 'choose', known)).toBe('u');
    expect(userOf(caller, 'me', 'read_settings', unknown)).toBe('u');
    expect(userOf(caller, 'me', 'erase', unknown)).toBe('u');
  });
});
