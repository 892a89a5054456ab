/** A user's settings as a page shows them, in one language. */
import { type Purpose, dependenciesOf, languagesOf, textsIn } from '../../decision/policy.js';
import { type Notice, noticeIn } from '../../policy/notices.js';
import { timeText } from '../../time.js';
import { type Cause, acceptedNotice, causeOf, keepsOff } from './cause.js';
import type { PurposeSetting, UserSettings } from './settings.js';
import type { Tokens } from '../log/consistency-token.js';
import type { Origin, UserHistory } from './history.js';
import { onIf } from './what-if.js';
import { type Named, sentenceFor } from './cause-sentences.js';

/** @param language one of the policy's */
export function settingsView(
  user: string,
  settings: UserSettings,
  history: UserHistory,
  language: string,
  tokens: Tokens,
) {
  const { record, regime, policy, revision, purposes } = settings;
  const named = namedIn(settings, language);
  return {
    user,
    known: record.registered,
    region: record.region ?? 'unknown',
    regime,
    regime_title: regimeTitle(settings, language),
    age_band: record.ageBand,
    signals: [...record.signals],
    policy: policy.id,
    revision: tokens.of(revision),
    language,
    languages: languagesOf(policy.document),
    purposes: purposes.map((one) => purposeView(settings, one, history, language, named)),
  };
}

/** One purpose of the settings of a user. @param language one of the policy's */
export function purposeView(
  settings: UserSettings,
  one: PurposeSetting,
  history: UserHistory,
  language: string,
  named: Named = namedIn(settings, language),
) {
  const cause = causeOf(settings, one, history);
  const notice = noticeIn(settings.policy, one.purpose, language);
  return {
    id: one.purpose.id,
    parent: one.purpose.parent ?? null,
    title: notice.title,
    description: notice.description,
    setting: one.setting,
    choice: one.choice,
    on: one.on,
    reason: one.reason,
    because: cause.because,
    ...(cause.because === 'dependency' ? { dependency: cause.on.id } : {}),
    why: sentenceFor(cause, language, named),
    ...originView(cause, history.choices.get(one.purpose.id)),
    notice: { ...noticeView(notice), accepted: acceptedNotice(settings, one.purpose) },
    offers: one.offers,
    also_closes: alsoCloses(settings, one),
    needs: needsOf(settings, one.purpose),
    data: notice.data,
  };
}

/** What sentences about the settings may name. */
export function namedIn(settings: UserSettings, language: string): Named {
  return { law: lawOf(settings, language), titleOf: titlesIn(language) };
}

/** By what a caller shows that this notice is the one that the user saw. */
export function noticeView({ version, language, hash }: Notice) {
  return { version, language, hash };
}

/** The purposes that this one depends on and that are off now. */
export function needsOf(settings: UserSettings, { id }: Purpose): string[] {
  const dependencies = new Set(dependenciesOf(id, settings.policy.purposes));
  return settings.purposes.flatMap((one) =>
    one.purpose.id !== id && dependencies.has(one.purpose.id) && keepsOff(settings, one)
      ? [one.purpose.id]
      : [],
  );
}

/** Title of the law that the user lives under; null: it is not known where they live. */
function lawOf(settings: UserSettings, language: string): string | null {
  return settings.record.region === null ? null : regimeTitle(settings, language);
}

function regimeTitle({ policy, regime }: UserSettings, language: string): string {
  const law = policy.document.regimes.find(({ id }) => id === regime);
  return law === undefined ? regime : textsIn(law, language).title;
}

/** The titles of purposes in a language. */
function titlesIn(language: string): (purpose: Purpose) => string {
  return (purpose) => textsIn(purpose, language).title;
}

/** The purposes that are on now and would be off if this one were denied. */
function alsoCloses(settings: UserSettings, { purpose, offers }: PurposeSetting): string[] {
  if (!offers.includes('denied')) return [];
  const left = onIf(settings, 'denied', [purpose.id]);
  return settings.purposes.flatMap((one) =>
    one.on && one.purpose.id !== purpose.id && !left.has(one.purpose.id) ? [one.purpose.id] : [],
  );
}

/** Who said last what stands now, how and when; nothing where nothing was said. */
function originView(cause: Cause, said: Origin | undefined) {
  const origin = cause.because === 'signal' ? (cause.origin ?? said) : said;
  return {
    set_by: origin === undefined ? null : setBy(origin),
    set_at: origin === undefined ? null : timeText(origin.at),
  };
}

/** A service is named to the user for whom it acted. */
function setBy({ by: { kind, id }, via }: Origin) {
  return { kind, ...(kind === 'service' ? { service: id } : {}), via };
}
