/** Why a purpose is on or off, in a sentence for the user. */
import type { Choice } from '../../decision/consent-event.js';
import { matching } from '../../http/headers/accept-language.js';
import type { Because, Cause } from './cause.js';
import { type LapseCause, lapseSentence } from './lapse-sentences.js';
import type { Origin } from './history.js';

/** What a sentence may name, in its language. */
export type Named = {
  /** Title of the law that applies to the user; null: it is not known where they live. */
  readonly law: string | null;
  /** Title of the purpose that a dependency is on. */
  readonly titleOf: (purpose: Extract<Cause, { because: 'dependency' }>['on']) => string;
};

/** A sentence or two for each cause; the compiler sees to it that none is missing. */
type Sentences = {
  readonly [B in Exclude<Because, LapseCause['because']>]: (
    cause: Extract<Cause, { because: B }>,
    named: Named,
  ) => string;
};

/** Who acted: a user must not be told that they did what a service did for them. */
function turnedInEnglish(choice: Choice, origin: Origin | undefined): string {
  const way = choice === 'granted' ? 'on' : 'off';
  if (origin === undefined) return `This was turned ${way}; by whom and when is no longer recorded`;
  const when = englishDate(origin);
  const service = serviceOf(origin);
  if (service === undefined) return `You turned this ${way}${when}`;
  return origin.via === 'import'
    ? `The service “${service}” took this over from an earlier system, where it was turned ${way}${when}`
    : `The service “${service}” turned this ${way} for you${when}`;
}

const ENGLISH: Sentences = {
  default: ({ setting }, { law }) => {
    const where =
      law === null ? 'we do not know where you live, and then' : `under the law where you live (${law})`;
    switch (setting) {
      case 'always':
        return 'This is always on and cannot be turned off.';
      case 'opt_out':
        return `You have not said anything about this. It is on, because ${where} it is on until you turn it off.`;
      case 'opt_in':
        return `You have not said anything about this. It is off, because ${where} it is off until you turn it on.`;
    }
  },
  choice: ({ choice, origin }) =>
    origin?.via === 'expiry'
      ? `This was on for a time, which ended${englishDate(origin)}.`
      : `${turnedInEnglish(choice, origin)}.`,
  signal: ({ origin }) => {
    const when = englishDate(origin);
    const service = serviceOf(origin);
    if (origin?.via === 'tcf')
      return `This is off because of a choice of yours that ${service === undefined ? 'another site or app' : `the service “${service}”`} passed on to us${when}.`;
    return service === undefined
      ? `This is off because your browser sent a Global Privacy Control signal${when}.`
      : `This is off because the service “${service}” told us${when} that your browser sends a Global Privacy Control signal.`;
  },
  dependency: ({ on }, { titleOf }) => `This is off because it needs “${titleOf(on)}”, which is off.`,
  age: ({ known }) =>
    known
      ? 'This is off for everyone who is under age.'
      : 'This is off because we do not know whether you are of age.',
  notice: ({ accepted, origin }, { law }) => {
    const granted = turnedInEnglish('granted', origin);
    if (accepted !== null)
      return `${granted}. What was agreed to then has changed since, so it is off until you agree to it anew.`;
    const where = law === null ? '' : ` under the law where you live (${law})`;
    return `${granted}. Your consent was not asked for then. Now it is needed${where}, so it is off until you agree to it.`;
  },
  regime: ({ opens }, { law }) => {
    if (!opens) return 'This is off for everyone: it uses none of your data.';
    return law === null
      ? 'This is off, because we do not know where you live.'
      : `This is off for everyone under the law where you live (${law}).`;
  },
  unknown_user: () => 'This is off because we do not know yet where you live and whether you are of age.',
};

function turnedInGerman(choice: Choice, origin: Origin | undefined): string {
  const turned = choice === 'granted' ? 'eingeschaltet' : 'ausgeschaltet';
  if (origin === undefined) return `Dies wurde ${turned}; durch wen und wann, ist nicht mehr aufgezeichnet`;
  const when = germanDate(origin);
  const service = serviceOf(origin);
  if (service === undefined) return `Sie haben dies${when} ${turned}`;
  return origin.via === 'import'
    ? `Der Dienst „${service}“ hat dies aus einem früheren System übernommen, in dem es${when} ${turned} wurde`
    : `Der Dienst „${service}“ hat dies${when} für Sie ${turned}`;
}

const GERMAN: Sentences = {
  default: ({ setting }, { law }) => {
    const where =
      law === null
        ? 'weil wir nicht wissen, wo Sie leben, und es dann'
        : `weil es nach dem Recht, das an Ihrem Wohnort gilt (${law}),`;
    switch (setting) {
      case 'always':
        return 'Dies ist immer eingeschaltet und lässt sich nicht abschalten.';
      case 'opt_out':
        return `Sie haben dazu nichts gesagt. Es ist eingeschaltet, ${where} eingeschaltet ist, bis Sie es ausschalten.`;
      case 'opt_in':
        return `Sie haben dazu nichts gesagt. Es ist ausgeschaltet, ${where} ausgeschaltet ist, bis Sie es einschalten.`;
    }
  },
  choice: ({ choice, origin }) =>
    origin?.via === 'expiry'
      ? `Dies war für eine Zeit eingeschaltet, die${germanDate(origin)} geendet hat.`
      : `${turnedInGerman(choice, origin)}.`,
  signal: ({ origin }) => {
    const when = germanDate(origin);
    const service = serviceOf(origin);
    if (origin?.via === 'tcf')
      return `Dies ist ausgeschaltet, weil uns ${service === undefined ? 'eine andere Website oder App' : `der Dienst „${service}“`}${when} eine entsprechende Entscheidung von Ihnen übermittelt hat.`;
    return service === undefined
      ? `Dies ist ausgeschaltet, weil Ihr Browser${when} ein Global-Privacy-Control-Signal gesendet hat.`
      : `Dies ist ausgeschaltet, weil uns der Dienst „${service}“${when} mitgeteilt hat, dass Ihr Browser ein Global-Privacy-Control-Signal sendet.`;
  },
  dependency: ({ on }, { titleOf }) =>
    `Dies ist ausgeschaltet, weil dafür „${titleOf(on)}“ eingeschaltet sein muss und es nicht ist.`,
  age: ({ known }) =>
    known
      ? 'Dies ist für alle ausgeschaltet, die minderjährig sind.'
      : 'Dies ist ausgeschaltet, weil wir nicht wissen, ob Sie volljährig sind.',
  notice: ({ accepted, origin }, { law }) => {
    const granted = turnedInGerman('granted', origin);
    if (accepted !== null)
      return `${granted}. Wozu dabei eingewilligt wurde, hat sich seither geändert; deshalb ist es ausgeschaltet, bis Sie neu einwilligen.`;
    const where = law === null ? '' : ` nach dem Recht, das an Ihrem Wohnort gilt (${law}),`;
    return `${granted}. Nach Ihrer Einwilligung wurde dabei nicht gefragt. Jetzt ist sie${where} nötig; deshalb ist es ausgeschaltet, bis Sie einwilligen.`;
  },
  regime: ({ opens }, { law }) => {
    if (!opens) return 'Dies ist für alle ausgeschaltet: Es verwendet keine Ihrer Daten.';
    return law === null
      ? 'Dies ist ausgeschaltet, weil wir nicht wissen, wo Sie leben.'
      : `Dies ist nach dem Recht, das an Ihrem Wohnort gilt (${law}), für alle ausgeschaltet.`;
  },
  unknown_user: () =>
    'Dies ist ausgeschaltet, weil wir noch nicht wissen, wo Sie leben und ob Sie volljährig sind.',
};

const SENTENCES: ReadonlyMap<string, Sentences> = new Map([
  ['en', ENGLISH],
  ['de', GERMAN],
]);

/** The languages of these sentences; for other languages of a policy they are English. */
export const SPOKEN: readonly string[] = [...SENTENCES.keys()];

/**
 * The sentence for a cause.
 *
 * @param language as a BCP 47 tag
 */
export function sentenceFor(cause: Cause, language: string, named: Named): string {
  const sentences = SENTENCES.get(matching(language, SPOKEN) ?? 'en') ?? ENGLISH;
  return said(sentences, cause, named, language);
}

function said(sentences: Sentences, cause: Cause, named: Named, language: string): string {
  switch (cause.because) {
    case 'default':
      return sentences.default(cause, named);
    case 'lapsed':
    case 'lapses_soon':
      return lapseSentence(cause, language);
    case 'choice':
      return sentences.choice(cause, named);
    case 'signal':
      return sentences.signal(cause, named);
    case 'dependency':
      return sentences.dependency(cause, named);
    case 'age':
      return sentences.age(cause, named);
    case 'notice':
      return sentences.notice(cause, named);
    case 'regime':
      return sentences.regime(cause, named);
    case 'unknown_user':
      return sentences.unknown_user(cause, named);
  }
}

/** The service that acted for the user, if one did. */
function serviceOf(origin: Origin | undefined): string | undefined {
  return origin?.by.kind === 'service' ? origin.by.id : undefined;
}

function englishDate(origin: Origin | undefined): string {
  return origin === undefined ? '' : ` on ${dayOf(origin, 'en-GB')}`;
}

function germanDate(origin: Origin | undefined): string {
  return origin === undefined ? '' : ` am ${dayOf(origin, 'de')}`;
}

/** The day, in UTC: to the user it may have been the day before or after. */
function dayOf({ at }: Origin, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(at);
}
