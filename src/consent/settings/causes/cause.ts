/**
 * Why a purpose is on or off for a user. The decision table decides what is on; this only finds the explanation, and
 * opens nothing.
 */
import type { Choice } from '../../../decision/consent-event.js';
import { type Purpose, type Setting, dependenciesOf, noticeOf } from '../../../decision/policy.js';
import type { Reason } from '../../../decision/reasons.js';
import type { Origin, UserHistory } from '../history.js';
import type { PurposeSetting, PurposesOn } from '../settings.js';

/** Why a purpose is on or off. `origin` is missing where the log no longer says how it came about. */
export type Cause =
  /** No choice counts, so the law of the user's region decides. */
  | { readonly because: 'default'; readonly setting: Exclude<Setting, 'never'> }
  /** A grant lapsed, so that nothing is said. */
  | { readonly because: 'lapsed'; readonly at: number }
  /** Of a prompt: a grant lapses soon. */
  | { readonly because: 'lapses_soon'; readonly at: number }
  | { readonly because: 'choice'; readonly choice: Choice; readonly origin: Origin | undefined }
  | { readonly because: 'signal'; readonly origin: Origin | undefined }
  /** A purpose that it depends on is off. */
  | { readonly because: 'dependency'; readonly on: Purpose }
  | { readonly because: 'age'; readonly known: boolean }
  /** It was granted, but not on the current notice; null: on none, where no consent was needed. */
  | { readonly because: 'notice'; readonly accepted: number | null; readonly origin: Origin | undefined }
  /** It is closed for everyone: by the law, or because the policy opens no data to it. */
  | { readonly because: 'regime'; readonly opens: boolean }
  | { readonly because: 'unknown_user' };

export type Because = Cause['because'];

/** All possible causes. */
export const BECAUSE = [
  'default',
  'lapsed',
  'lapses_soon',
  'choice',
  'signal',
  'dependency',
  'age',
  'notice',
  'regime',
  'unknown_user',
] as const satisfies readonly Because[];

/** Why one purpose of the settings is on or off. */
export function causeOf(settings: PurposesOn, of: PurposeSetting, history: UserHistory): Cause {
  const { purpose, setting, choice, reason } = of;
  const { record, policy } = settings;
  const origin = history.choices.get(purpose.id);
  if (CLOSED_BY_WORDS.has(reason) && !closesWith(settings, of, reason)) {
    const on = dependenciesOf(purpose.id, policy.purposes)
      .flatMap((id) => settings.purposes.filter((one) => one.purpose.id === id))
      .find((one) => closesWith(settings, one, reason));
    if (on !== undefined) return { because: 'dependency', on: on.purpose };
  }
  switch (reason) {
    case 'permitted':
      if (choice !== null && setting !== 'always') return { because: 'choice', choice, origin };
      return setting === 'never' ? { because: 'regime', opens: true } : { because: 'default', setting };
    case 'needs_opt_in':
      return optInCause(purpose, history);
    case 'opted_out':
      return record.choices.get(purpose.id)?.signal === true
        ? { because: 'signal', origin }
        : { because: 'choice', choice: 'denied', origin };
    case 'signal_opted_out':
      return { because: 'signal', origin: [...history.signals.values()].at(-1) };
    case 'age':
      return { because: 'age', known: record.ageBand === 'minor' };
    case 'notice_outdated':
      return { because: 'notice', accepted: acceptedNotice(settings, purpose), origin };
    case 'unknown_user':
      return { because: 'unknown_user' };
    case 'regime_never':
      return { because: 'regime', opens: true };
    // the table has no answer for a purpose that opens no data
    case 'record_unavailable':
    case 'consent_unavailable':
      return { because: 'regime', opens: false };
    case 'unknown_purpose':
    case 'unknown_action':
    case 'unknown_field':
    case 'field_unclassified':
    case 'purpose_not_allowed_for_client':
    case 'floor':
    case 'field_prohibited':
    case 'category_not_allowed':
    case 'provenance_not_allowed':
    case 'needs_automated_actor':
    case 'needs_case':
    case 'case_not_approved':
    case 'case_closed':
    case 'case_expired':
    case 'case_scope':
    case 'case_reader':
    case 'needs_legal_reference':
    case 'not_own_data':
      // INVARIANT: settings are read when the state is known, and consent gives no reason of another line
      throw new Error(`settings have no reason \`${reason}\``);
  }
}

/** Why an opt-in is off for which nothing is said. */
export function optInCause({ id }: Purpose, { lapses }: UserHistory): Cause {
  const at = lapses?.get(id);
  return at === undefined ? { because: 'default', setting: 'opt_in' } : { because: 'lapsed', at };
}

/** The notice on which the user granted a purpose; null when they did not, or on none. */
export function acceptedNotice({ record }: PurposesOn, { id }: Purpose): number | null {
  const said = record.choices.get(id);
  return said?.choice === 'granted' && said.notice > 0 ? said.notice : null;
}

/** Whether a purpose is off, and keeps off what depends on it. */
export function keepsOff(settings: PurposesOn, one: PurposeSetting): boolean {
  if (one.on) return false;
  // a purpose without data is never on, but blocks others only if its own setting or choice closes it
  return one.reason !== NO_DATA || [...CLOSED_BY_WORDS].some((reason) => closesWith(settings, one, reason));
}

/** What the table answers for a purpose that opens no data. */
const NO_DATA: Reason = 'consent_unavailable';

/**
 * The reasons that come from a setting and the choice for it. Age and signals are not among them: they close dependent
 * purposes for the same reason as the purpose itself.
 */
const CLOSED_BY_WORDS: ReadonlySet<Reason> = new Set([
  'regime_never',
  'needs_opt_in',
  'opted_out',
  'notice_outdated',
]);

/** Whether a purpose is closed by its own setting and choice, for this reason. */
function closesWith(
  { record }: PurposesOn,
  { purpose, setting, choice }: PurposeSetting,
  reason: Reason,
): boolean {
  if (reason === 'regime_never') return setting === 'never';
  if (reason === 'needs_opt_in') return setting === 'opt_in' && choice === null;
  if (reason === 'opted_out') return choice === 'denied' && (setting === 'opt_in' || setting === 'opt_out');
  const notice = record.choices.get(purpose.id)?.notice ?? 0;
  return setting === 'opt_in' && choice === 'granted' && notice < noticeOf(purpose);
}
