/** A user's settings as a page shows them, in one language. */
import {
  SETTINGS as SETTING_WORDS,
  type Purpose,
  dependenciesOf,
  languagesOf,
  textsIn,
} from '../../decision/policy.js';
import { type Notice, noticeIn } from '../../policy/notices.js';
import { REASONS } from '../../decision/reasons.js';
import {
  LANG,
  TEXT,
  TIME,
  WHOLE,
  YES_OR_NO,
  listOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import { AGE_BAND, CHANGED_BY_KIND, CHOICE, SIGNAL, WAY } from '../log/change.shape.js';
import { DISCLOSED } from './prompts/notice.shape.js';
import { langOfWhy } from '../../http/headers/spoken.js';
import { type WithLang, titleIn, withLang, wordsIn } from '../../policy/words.js';
import { timeText } from '../../time.js';
import { BECAUSE, type Cause, acceptedNotice, causeOf, keepsOff } from './causes/cause.js';
import { endOfGrant, lapsesAfter } from './grant-end.js';
import type { PurposeSetting, PurposesOn, UserSettings } from './settings.js';
import type { Tokens } from '../log/consistency-token.js';
import type { Origin, UserHistory } from './history.js';
import type { VisibilitySetting } from './visibility.js';
import { onIf } from './what-if.js';
import { sentenceFor } from './causes/cause-sentences.js';
import type { Named } from './causes/sentences/sentences.js';

const NOTICE_NAME = { version: WHOLE, language: TEXT, hash: TEXT };
/** As what one agrees for a time. */
const LAPSES_AFTER = said(
  'where the user lives, the time after which a grant lapses, as a duration of ISO 8601; null: never',
  orNull(TEXT),
);
/** Identifies the notice that a user saw. */
export const SEEN_NOTICE = named('SeenNotice', objectOf({ ...NOTICE_NAME, lapses_after: LAPSES_AFTER }));

const PURPOSE_MEMBERS = {
  id: TEXT,
  parent: orNull(TEXT),
  title: TEXT,
  description: TEXT,
  setting: said('what the purpose needs where the user lives', wordOf(SETTING_WORDS)),
  choice: said('null: nothing was said', orNull(CHOICE)),
  on: said('whether data may be used for it, as far as the user is concerned', YES_OR_NO),
  reason: wordOf(Object.keys(REASONS)),
  because: said('why it stands so', wordOf(BECAUSE)),
  why: said('the same as a sentence', TEXT),
  set_by: said(
    'who said last what stands now',
    orNull(objectOf({ kind: CHANGED_BY_KIND, via: WAY }, { service: said('the id of the service', TEXT) })),
  ),
  set_at: orNull(TIME),
  until: said('when a grant ends: when the user said, or when it lapses', orNull(TIME)),
  notice: objectOf({
    ...NOTICE_NAME,
    lapses_after: LAPSES_AFTER,
    accepted: said('the notice that a grant was given on', orNull(WHOLE)),
  }),
  offers: said('the choices that the law leaves', listOf(CHOICE)),
  also_closes: said('purposes that a no would close with it', listOf(TEXT)),
  also_opens: said('purposes that a yes would open with it', listOf(TEXT)),
  needs: said('purposes that it depends on and that are off', listOf(TEXT)),
  data: said('what it opens', DISCLOSED),
};
const PURPOSE_ALSO = { dependency: said('the purpose that keeps it off', TEXT), ...LANG };

const VISIBILITY_MEMBERS = {
  id: TEXT,
  title: TEXT,
  description: orNull(TEXT),
  level: said('the level that holds', TEXT),
  choice: said('null: none was set', orNull(TEXT)),
  levels: said('the widest first', listOf(objectOf({ id: TEXT, title: TEXT }, LANG))),
  fields: said(
    'what it is about',
    listOf(objectOf({ id: TEXT, title: TEXT }, { description: TEXT, ...LANG })),
  ),
  set_by: PURPOSE_MEMBERS.set_by,
  set_at: PURPOSE_MEMBERS.set_at,
};

/** A user's settings. */
export const SETTINGS = named(
  'Settings',
  objectOf(
    {
      user: TEXT,
      known: said('whether a region and an age band were ever given', YES_OR_NO),
      region: TEXT,
      regime: TEXT,
      regime_title: TEXT,
      age_band: AGE_BAND,
      signals: listOf(SIGNAL),
      policy: TEXT,
      revision: TEXT,
      language: TEXT,
      languages: listOf(TEXT),
      purposes: listOf(named('PurposeSetting', objectOf(PURPOSE_MEMBERS, PURPOSE_ALSO))),
      visibility: listOf(named('VisibilitySetting', objectOf(VISIBILITY_MEMBERS, LANG))),
    },
    LANG,
  ),
);

/** One purpose of a user. */
export const PURPOSE_OF_USER = named(
  'PurposeOfUser',
  objectOf({ user: TEXT, policy: TEXT, ...PURPOSE_MEMBERS }, PURPOSE_ALSO),
);

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
    ...lawTitleLang(settings, language),
    purposes: purposes.map((one) => purposeView(settings, one, history, language, named)),
    visibility: settings.visibility.map((one) => visibilityView(settings, one, history, language)),
  };
}

/** A visibility group of the settings. */
function visibilityView(
  { policy: { document } }: UserSettings,
  { group, level, choice }: VisibilitySetting,
  history: UserHistory,
  language: string,
) {
  const { title, description = null, lang = {} } = wordsIn(document, group, language);
  return {
    id: group.id,
    title,
    description,
    ...withLang(lang),
    level: level.id,
    choice,
    levels: group.levels.map((one) => ({ id: one.id, ...titleIn(document, one, language) })),
    fields: document.fields
      .filter(({ visibility }) => visibility === group.id)
      .map((field) => ({ id: field.id, ...wordsIn(document, field, language) })),
    ...stated(history.levels.get(group.id)),
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
    ...withLang({ ...notice.lang, ...langOfWhy(language) }),
    setting: one.setting,
    choice: one.choice,
    on: one.on,
    reason: one.reason,
    ...causeView(cause, language, named),
    ...originView(cause, history.choices.get(one.purpose.id)),
    until: textOfEnd(endOfGrant(settings, one, history)),
    notice: {
      ...noticeView(notice),
      lapses_after: lapsesAfter(settings, one.purpose) ?? null,
      accepted: acceptedNotice(settings, one.purpose),
    },
    offers: one.offers,
    also_closes: alsoCloses(settings, one),
    also_opens: alsoOpens(settings, one),
    needs: needsOf(settings, one.purpose),
    data: notice.data,
  };
}

/** Why a purpose is on or off. */
export function causeView(cause: Cause, language: string, named: Named) {
  return {
    because: cause.because,
    ...(cause.because === 'dependency' ? { dependency: cause.on.id } : {}),
    why: sentenceFor(cause, language, named),
  };
}

/** Names for the sentences about the settings. */
export function namedIn(settings: PurposesOn, language: string): Named {
  return { law: lawOf(settings, language), titleOf: titlesIn(language) };
}

/** Identifies this notice, so that a caller can show that the user saw it. */
export function noticeView({ version, language, hash }: Notice) {
  return { version, language, hash };
}

/** The purposes that this one depends on and that are off now. */
export function needsOf(settings: PurposesOn, { id }: Purpose): string[] {
  const dependencies = new Set(dependenciesOf(id, settings.policy.purposes));
  return settings.purposes.flatMap((one) =>
    one.purpose.id !== id && dependencies.has(one.purpose.id) && keepsOff(settings, one)
      ? [one.purpose.id]
      : [],
  );
}

/** Title of the law that applies to the user; null: it is not known where they live. */
function lawOf(settings: PurposesOn, language: string): string | null {
  return settings.record.region === null ? null : regimeTitle(settings, language);
}

function regimeTitle({ policy, regime }: PurposesOn, language: string): string {
  const law = policy.document.regimes.find(({ id }) => id === regime);
  return law === undefined ? regime : textsIn(law, language).title;
}

function lawTitleLang({ policy: { document }, regime }: UserSettings, language: string): WithLang {
  const law = document.regimes.find(({ id }) => id === regime);
  const { title } = law === undefined ? {} : (titleIn(document, law, language).lang ?? {});
  return withLang(title === undefined ? {} : { regime_title: title });
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

/** The purposes that are off now and would be on if this one were granted. */
function alsoOpens(settings: UserSettings, { purpose, offers }: PurposeSetting): string[] {
  if (!offers.includes('granted')) return [];
  const open = onIf(settings, 'granted', [purpose.id]);
  return settings.purposes.flatMap((one) =>
    !one.on && one.purpose.id !== purpose.id && open.has(one.purpose.id) ? [one.purpose.id] : [],
  );
}

/** Who made the current choice, how and when; nothing where there is none. */
function originView(cause: Cause, said: Origin | undefined) {
  return stated(cause.because === 'signal' ? (cause.origin ?? said) : said);
}

function textOfEnd(end: number | undefined): string | null {
  return end === undefined ? null : timeText(end);
}

function stated(origin: Origin | undefined) {
  return {
    set_by: origin === undefined ? null : setBy(origin),
    set_at: origin === undefined ? null : timeText(origin.at),
  };
}

/** Names the service that acted for the user. */
function setBy({ by: { kind, id }, via }: Origin) {
  return { kind, ...(kind === 'service' ? { service: id } : {}), via };
}
