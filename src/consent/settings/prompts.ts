/**
 * Whether a user must be asked, and what. Whoever asks records the answer, either way, and by that the question is
 * settled: nothing here asks twice for one answer, and nobody is asked again soon who said no.
 */
import { type Purpose, noticeOf } from '../../decision/policy.js';
import { DAY_MS } from '../../time.js';
import { type Cause, acceptedNotice } from './cause.js';
import type { PurposeSetting, UserSettings } from './settings.js';
import type { UserHistory } from './history.js';
import { onIf } from './what-if.js';

/** How long a no is left alone: twelve months (California Code of Regulations, title 11, § 7026(k)). */
const LEFT_ALONE_MS = 365 * DAY_MS;

/** What a user may be asked now, and what not yet. */
export type Prompts = {
  /** In the order of the policy. */
  readonly ask: readonly { readonly purpose: Purpose; readonly cause: Cause }[];
  /** Purposes that somebody said no to, and from when they may be asked again, in milliseconds since the Unix epoch. */
  readonly notBefore: readonly { readonly purpose: Purpose; readonly from: number }[];
};

/**
 * What the user must be asked: the opt-ins that only their word keeps closed. Those that law, age or a signal closes, or
 * a purpose that they are not to be asked for, are not asked for: a yes would open nothing.
 *
 * @param now milliseconds since the Unix epoch
 */
export function promptsOf(settings: UserSettings, history: UserHistory, now: number): Prompts {
  const refused = new Map(
    settings.purposes.flatMap((one) => {
      const from = leftAloneUntil(settings, one, history, now);
      return from === undefined || from <= now ? [] : [[one.purpose.id, from] as const];
    }),
  );
  let asked = settings.purposes.filter(
    ({ purpose, setting, choice, on }) =>
      settings.record.registered &&
      setting === 'opt_in' &&
      !on &&
      !refused.has(purpose.id) &&
      !(choice === 'granted' && (acceptedNotice(settings, purpose) ?? 0) >= noticeOf(purpose)),
  );
  // what a yes to all of them would not open is not asked for, nor then what builds on it
  for (let before = -1; before !== asked.length;) {
    before = asked.length;
    const open = onIf(
      settings,
      'granted',
      asked.map(({ purpose }) => purpose.id),
    );
    asked = asked.filter(({ purpose }) => open.has(purpose.id));
  }
  return {
    ask: asked.map((one) => ({ purpose: one.purpose, cause: ownCause(settings, one, history) })),
    notBefore: settings.purposes.flatMap(({ purpose }) => {
      const from = refused.get(purpose.id);
      return from === undefined ? [] : [{ purpose, from }];
    }),
  };
}

/** What of the user's own words closes an opt-in. */
function ownCause(settings: UserSettings, { purpose, choice }: PurposeSetting, history: UserHistory): Cause {
  const origin = history.choices.get(purpose.id);
  switch (choice) {
    case null:
      return { because: 'default', setting: 'opt_in' };
    case 'granted':
      return { because: 'notice', accepted: acceptedNotice(settings, purpose), origin };
    case 'denied':
      return { because: 'choice', choice, origin };
  }
}

/** When a purpose may be asked for again that the user denied or a signal closes; nothing when neither was. */
function leftAloneUntil(
  { record }: UserSettings,
  { purpose, setting, choice, reason }: PurposeSetting,
  history: UserHistory,
  now: number,
): number | undefined {
  if (setting === 'always' || setting === 'never') return undefined;
  const said = history.choices.get(purpose.id);
  // that a grant has ended is no no; of one whose time is not known, the time is now
  const denied = choice === 'denied' && said?.via !== 'expiry' ? (said?.at ?? now) : undefined;
  const signals = [...record.signals].flatMap((signal) => history.signals.get(signal)?.at ?? []);
  const signalled = reason === 'signal_opted_out' ? signals : [];
  const last = Math.max(...signalled, denied ?? -Infinity);
  return last === -Infinity ? undefined : last + LEFT_ALONE_MS;
}
