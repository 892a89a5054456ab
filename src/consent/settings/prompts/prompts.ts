/**
 * Which opt-ins a user must be asked for. The caller records the answer, yes or no, which settles the question; after a
 * no, the user is not asked again soon.
 */
import { type Purpose, noticeOf } from '../../../decision/policy.js';
import { DAY_MS } from '../../../time.js';
import { askedFrom } from '../../log/settlement/lapses.js';
import { type Cause, acceptedNotice, optInCause } from '../causes/cause.js';
import { endOfGrant, lapseOf } from '../grant-end.js';
import type { PurposeSetting, UserSettings } from '../settings.js';
import type { UserHistory } from '../history.js';
import { onIf } from '../what-if.js';

/** How long after a no the user is not asked: twelve months (California Code of Regulations, title 11, § 7026(k)). */
const LEFT_ALONE_MS = 365 * DAY_MS;

/** What a user may be asked for now, and what not yet. */
export type Prompts = {
  /** In the order of the policy. */
  readonly ask: readonly { readonly purpose: Purpose; readonly cause: Cause }[];
  /**
   * Purposes that the user or a signal refused, and from when they may be asked for again, in milliseconds since the
   * Unix epoch.
   */
  readonly notBefore: readonly { readonly purpose: Purpose; readonly from: number }[];
};

/**
 * What the user must be asked for: the opt-ins that only their own choice keeps closed, and those whose grant lapses soon. Opt-ins that the law, age, a
 * signal or another closed purpose closes are left out: a yes would open nothing.
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
  // leave out what a yes to all of them would not open, and then what depends on it
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
    ask: settings.purposes.flatMap((one) => {
      if (asked.includes(one)) return [{ purpose: one.purpose, cause: ownCause(settings, one, history) }];
      const at = lapsingAt(settings, one, history, now);
      return at === undefined ? [] : [{ purpose: one.purpose, cause: { because: 'lapses_soon', at } }];
    }),
    notBefore: settings.purposes.flatMap(({ purpose }) => {
      const from = refused.get(purpose.id);
      return from === undefined ? [] : [{ purpose, from }];
    }),
  };
}

/** When a grant lapses so soon that the user is asked ahead; `undefined`: it does not, or they let it end before. */
function lapsingAt(
  settings: UserSettings,
  one: PurposeSetting,
  history: UserHistory,
  now: number,
): number | undefined {
  const lapse = one.on ? lapseOf(settings, one, history) : undefined;
  const isLapse = lapse !== undefined && endOfGrant(settings, one, history) === lapse.at;
  return isLapse && askedFrom(lapse.given, lapse.at) <= now ? lapse.at : undefined;
}

/** How the user's own choice keeps an opt-in closed. */
function ownCause(settings: UserSettings, { purpose, choice }: PurposeSetting, history: UserHistory): Cause {
  const origin = history.choices.get(purpose.id);
  switch (choice) {
    case null:
      return optInCause(purpose, history);
    case 'granted':
      return { because: 'notice', accepted: acceptedNotice(settings, purpose), origin };
    case 'denied':
      return { because: 'choice', choice, origin };
  }
}

/**
 * When a purpose that the user denied or a signal closes may be asked for again; `undefined` when neither is the case.
 */
function leftAloneUntil(
  { record }: UserSettings,
  { purpose, setting, choice, reason }: PurposeSetting,
  history: UserHistory,
  now: number,
): number | undefined {
  if (setting === 'always' || setting === 'never') return undefined;
  const said = history.choices.get(purpose.id);
  // an expired grant is not a denial; a denial of unknown date counts as made now
  const denied = choice === 'denied' && said?.via !== 'expiry' ? (said?.at ?? now) : undefined;
  const signals = [...record.signals].flatMap((signal) => history.signals.get(signal)?.at ?? []);
  const signalled = reason === 'signal_opted_out' ? signals : [];
  const last = Math.max(...signalled, denied ?? -Infinity);
  return last === -Infinity ? undefined : last + LEFT_ALONE_MS;
}
