/** When grants end: when the user said, or when the policy lets them lapse. */
import { timeAfter } from '../../decision/duration.js';
import type { Purpose } from '../../decision/policy.js';
import type { UserHistory } from './history.js';
import type { PurposeSetting, UserSettings } from './settings.js';

/** After which time grants of a purpose lapse where the user lives; `undefined`: never. */
export function lapsesAfter({ policy, record }: UserSettings, purpose: Purpose): string | undefined {
  return purpose.lapses_after?.[policy.regimeOf(record.region)];
}

/** When the grant of a purpose lapses, and when it was given; `undefined`: it does not, or that is not known. */
export function lapseOf(
  settings: UserSettings,
  { purpose, choice }: PurposeSetting,
  history: UserHistory,
): { readonly given: number; readonly at: number } | undefined {
  const duration = lapsesAfter(settings, purpose);
  const given = history.choices.get(purpose.id)?.at;
  if (choice !== 'granted' || duration === undefined || given === undefined) return undefined;
  return { given, at: timeAfter(given, duration) };
}

/** When the grant of a purpose ends, in milliseconds since the Unix epoch; `undefined`: it does not. */
export function endOfGrant(
  settings: UserSettings,
  one: PurposeSetting,
  history: UserHistory,
): number | undefined {
  const until = one.choice === 'granted' ? history.choices.get(one.purpose.id)?.until : undefined;
  const lapse = lapseOf(settings, one, history)?.at;
  return until === undefined || lapse === undefined ? (until ?? lapse) : Math.min(until, lapse);
}
