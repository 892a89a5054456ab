/** That a grant has lapsed, or soon will, in a sentence for the user. */
import { matching } from '../../http/headers/accept-language.js';
import type { Cause } from './cause.js';

/** Why a purpose is off whose grant has lapsed, or why the user is asked for it again. */
export type LapseCause = Extract<Cause, { because: 'lapsed' | 'lapses_soon' }>;

const SENTENCES: ReadonlyMap<
  string,
  Readonly<Record<LapseCause['because'], (day: string) => string>>
> = new Map([
  [
    'en',
    {
      lapsed: (day) =>
        `What was agreed to here held for a limited time, which ended on ${day}. It is off until you agree to it again.`,
      lapses_soon: (day) =>
        `What was agreed to here holds until ${day}. Then it is turned off, unless you agree to it again.`,
    },
  ],
  [
    'de',
    {
      lapsed: (day) =>
        `Die Einwilligung galt für eine begrenzte Zeit, die am ${day} geendet hat. Dies ist ausgeschaltet, bis Sie wieder einwilligen.`,
      lapses_soon: (day) =>
        `Die Einwilligung gilt bis zum ${day}. Dann wird dies ausgeschaltet, wenn Sie nicht wieder einwilligen.`,
    },
  ],
]);

/** The sentence for a lapse; in other languages than these it is English. @param language as a BCP 47 tag */
export function lapseSentence({ because, at }: LapseCause, language: string): string {
  const found = matching(language, [...SENTENCES.keys()]) ?? 'en';
  // in UTC: to the user it may be the day before or after
  const day = new Intl.DateTimeFormat(found === 'en' ? 'en-GB' : found, {
    dateStyle: 'long',
    timeZone: 'UTC',
  }).format(at);
  return SENTENCES.get(found)?.[because](day) ?? '';
}
