/** Changes that rest on what their caller has seen. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policiesOn } from '../../../../test/at-once.js';
import { houseOn } from '../../../../test/house.js';
import { MemoryConsentStore } from '../../../../test/memory/memory-consent.store.js';
import { reference, usersOf } from '../../../../test/property/arbitraries.js';
import { REFERENCE } from '../../../../test/reference-policy.js';
import type { UserRecord } from '../../../decision/consent-event.js';
import { Ends } from '../../log/settlement/ends.js';
import { markOf } from './settings-mark.js';

const MEMBER = { kind: 'user', id: 'u' } as const;
const ACCOUNTS = { kind: 'service', id: 'accounts' } as const;
const NOW = Date.parse('2027-01-01T00:00:00Z');

async function member(region = 'US-CA') {
  const policies = policiesOn(REFERENCE);
  const house = await houseOn(new MemoryConsentStore(), policies, () => NOW);
  const register = (user: string) => house.choices.setProfile(user, ACCOUNTS, { region, ageBand: 'adult' });
  await register('u');
  const mark = async () => (await house.settings.explained('u')).mark;
  return { ...house, policies, register, mark };
}

type Member = Awaited<ReturnType<typeof member>>;
type Change = (member: Member, seen?: readonly string[]) => Promise<unknown>;

const until = (days: number) => NOW + days * 86_400_000;
/** Each differs from what stands, and from every other. */
const CHANGES: Readonly<Record<string, Change>> = {
  'a grant': ({ choices }, seen) =>
    choices.choose('u', MEMBER, { purpose: 'recruiting', choice: 'granted', notice: 1 }, 'en', seen),
  'a grant until tomorrow': ({ choices }, seen) =>
    choices.choose('u', MEMBER, { purpose: 'ai', choice: 'granted', until: until(1) }, 'en', seen),
  'a grant until next month': ({ choices }, seen) =>
    choices.choose('u', MEMBER, { purpose: 'ai', choice: 'granted', until: until(30) }, 'en', seen),
  'a no': ({ choices }, seen) =>
    choices.choose('u', MEMBER, { purpose: 'research', choice: 'denied' }, 'en', seen),
  'a no to everything': ({ choices }, seen) => choices.chooseMany('u', MEMBER, 'denied', 'en', seen),
  'two choices': ({ choices }, seen) =>
    choices.chooseMany(
      'u',
      MEMBER,
      [
        { purpose: 'improve', choice: 'denied' },
        { purpose: 'personalise', choice: 'denied' },
      ],
      'en',
      seen,
    ),
  'a level': ({ visibility }, seen) => visibility.set('u', MEMBER, 'posts', 'only_me', seen),
};
const NAMES = Object.keys(CHANGES);
const PAIRS = NAMES.flatMap((one) => NAMES.map((other) => [one, other] as const));
const made = (name: string, member: Member, seen?: readonly string[]) =>
  CHANGES[name]?.(member, seen) ?? Promise.reject(new Error(name));

describe('of two changes that rest on the same settings', () => {
  test.each(PAIRS)('%s and %s at the same moment, exactly one is made', async (one, other) => {
    const both = await member();
    const seen = [await both.mark()];
    const [first, second] = await Promise.allSettled([made(one, both, seen), made(other, both, seen)]);
    expect(first).toMatchObject({ status: 'fulfilled' });
    // a grant meets a no that is being saved before its turn comes
    expect(second).toMatchObject({
      status: 'rejected',
      reason: { code: expect.stringMatching(/^(settings_changed|opt_out_in_progress)$/) },
    });
  });

  test.each(PAIRS)('%s and then %s, the second is refused', async (one, other) => {
    const both = await member();
    const seen = [await both.mark()];
    await made(one, both, seen);
    const before = await both.mark();
    await expect(made(other, both, seen)).rejects.toMatchObject({ code: 'settings_changed' });
    expect(await both.mark()).toBe(before);
  });
});

describe('a change', () => {
  test.each(NAMES)('is made where nothing has changed: %s', async (name) => {
    const one = await member();
    const before = await one.mark();
    await one.register('somebody else');
    expect(await one.mark()).toBe(before);
    await made(name, one, ['another', before]);
    expect(await one.mark()).not.toBe(before);
  });

  test.each(NAMES)('that rests on nothing is made whatever has changed: %s', async (name) => {
    const one = await member();
    await one.choices.choose('u', MEMBER, { purpose: 'share.affiliates', choice: 'denied' });
    await expect(made(name, one)).resolves.toMatchObject({ changed: true });
  });

  test.each(NAMES)('is refused where another policy has come into force: %s', async (name) => {
    const one = await member();
    const seen = [await one.mark()];
    const changed = policiesOn({ ...REFERENCE, purposes: REFERENCE.purposes.toReversed() });
    one.policies.put(changed.current);
    await expect(made(name, one, seen)).rejects.toMatchObject({ code: 'settings_changed' });
  });
});

describe('the end of a grant', () => {
  test('is part of what was seen', async () => {
    const one = await member();
    const grantUntil = (days: number, seen: readonly string[]) =>
      one.choices.choose('u', MEMBER, { purpose: 'ai', choice: 'granted', until: until(days) }, 'en', seen);
    await grantUntil(1, [await one.mark()]);
    const seen = [await one.mark()];
    await grantUntil(2, seen);
    await expect(grantUntil(3, seen)).rejects.toMatchObject({ code: 'settings_changed' });
  });
});

describe('a mark', () => {
  const policy = policiesOn(REFERENCE).current;
  const inOrder = <T>(entries: Iterable<readonly [string, T]>) =>
    [...entries].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const plain = (record: UserRecord) =>
    JSON.stringify([
      record.registered,
      record.region,
      record.ageBand,
      inOrder(record.choices),
      [...record.signals],
      inOrder(record.visibility ?? []),
    ]);

  test('is that of the record, in whatever order it is kept', () => {
    fc.assert(
      fc.property(usersOf(reference), usersOf(reference), (one, other) => {
        const shuffled = { ...one, choices: new Map([...one.choices].toReversed()) };
        expect(markOf(policy, shuffled, Ends.NONE)).toBe(markOf(policy, one, Ends.NONE));
        expect(markOf(policy, one, Ends.NONE) === markOf(policy, other, Ends.NONE)).toBe(
          plain(one) === plain(other),
        );
      }),
    );
  });
});
