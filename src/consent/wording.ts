/** Why a purpose stands as it does, in a sentence for the person whose settings these are. */
import { matching } from '../http/accept-language.js';
import type { Because, Cause } from './cause.js';
import type { Origin } from './history.js';

/** What a sentence may name, in its language. */
export type Named = {
  /** Title of the law that the user lives under; null: it is not known where they live. */
  readonly law: string | null;
  /** Title of the purpose that a dependency is on. */
  readonly titleOf: (purpose: Extract<Cause, { because: 'dependency' }>['on']) => string;
};

/** A sentence or two for each cause; the compiler sees to it that none is missing. */
type Sentences = {
  readonly [B in Because]: (cause: Extract<Cause, { because: B }>, named: Named) => string;
};

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
  choice: ({ choice, origin }) => {
    const when = dated(origin, 'en', (date) => ` on ${date}`);
    if (origin?.via === 'expiry') return `You had turned this on for a time, which ended${when}.`;
    return choice === 'granted' ? `You turned this on${when}.` : `You turned this off${when}.`;
  },
  signal: ({ origin }) => {
    const when = dated(origin, 'en', (date) => ` on ${date}`);
    return origin?.via === 'tcf'
      ? `This is off because of a choice of yours that another site or app passed on to us${when}.`
      : `This is off because your browser sent a Global Privacy Control signal${when}.`;
  },
  dependency: ({ on }, { titleOf }) => `This is off because it needs “${titleOf(on)}”, which is off.`,
  age: ({ known }) =>
    known
      ? 'This is off for everyone who is under age.'
      : 'This is off because we do not know whether you are of age.',
  notice: ({ accepted }, { law }) => {
    if (accepted !== null)
      return 'You turned this on, but what you agreed to has changed since. It is off until you agree to it anew.';
    const where = law === null ? '' : ` under the law where you live (${law})`;
    return `You turned this on when your consent was not needed. Now it is${where}, so it is off until you agree to it.`;
  },
  regime: ({ opens }, { law }) => {
    if (!opens) return 'This is off for everyone: it uses none of your data.';
    return law === null
      ? 'This is off, because we do not know where you live.'
      : `This is off for everyone under the law where you live (${law}).`;
  },
  unknown_user: () => 'This is off because we do not know yet where you live and whether you are of age.',
};

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
  choice: ({ choice, origin }) => {
    const when = dated(origin, 'de', (date) => ` am ${date}`);
    if (origin?.via === 'expiry')
      return `Sie hatten dies für eine Zeit eingeschaltet, die${when} geendet hat.`;
    return `Sie haben dies${when} ${choice === 'granted' ? 'eingeschaltet' : 'ausgeschaltet'}.`;
  },
  signal: ({ origin }) => {
    const when = dated(origin, 'de', (date) => ` am ${date}`);
    return origin?.via === 'tcf'
      ? `Dies ist ausgeschaltet, weil eine andere Website oder App uns${when} eine entsprechende Entscheidung von Ihnen übermittelt hat.`
      : `Dies ist ausgeschaltet, weil Ihr Browser${when} ein Global-Privacy-Control-Signal gesendet hat.`;
  },
  dependency: ({ on }, { titleOf }) =>
    `Dies ist ausgeschaltet, weil dafür „${titleOf(on)}“ eingeschaltet sein muss und es nicht ist.`,
  age: ({ known }) =>
    known
      ? 'Dies ist für alle ausgeschaltet, die minderjährig sind.'
      : 'Dies ist ausgeschaltet, weil wir nicht wissen, ob Sie volljährig sind.',
  notice: ({ accepted }, { law }) => {
    if (accepted !== null)
      return 'Sie haben dies eingeschaltet, aber wozu Sie eingewilligt haben, hat sich seither geändert. Es ist ausgeschaltet, bis Sie neu einwilligen.';
    const where = law === null ? '' : ` nach dem Recht, das an Ihrem Wohnort gilt (${law}),`;
    return `Sie haben dies eingeschaltet, als Ihre Einwilligung nicht nötig war. Jetzt ist sie${where} nötig; deshalb ist es ausgeschaltet, bis Sie einwilligen.`;
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

/** The languages that there are sentences in; a policy may have others, and then gets English ones. */
export const SPOKEN: readonly string[] = [...SENTENCES.keys()];

/**
 * The sentence for a cause.
 *
 * @param language as a BCP 47 tag
 */
export function sentenceFor(cause: Cause, language: string, named: Named): string {
  const sentences = SENTENCES.get(matching(language, SPOKEN) ?? 'en') ?? ENGLISH;
  return said(sentences, cause, named);
}

function said(sentences: Sentences, cause: Cause, named: Named): string {
  switch (cause.because) {
    case 'default':
      return sentences.default(cause, named);
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

/** The day, in UTC: to the user it may have been the day before or after. */
function dated(origin: Origin | undefined, language: string, phrase: (date: string) => string): string {
  if (origin === undefined) return '';
  const date = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'long',
    timeZone: 'UTC',
  }).format(origin.at);
  return phrase(date);
}
