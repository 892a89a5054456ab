/** The languages of the engine's own words. A policy may have others; its readers then get the engine's in English. */
import { matching } from './accept-language.js';

export const SPOKEN = ['en', 'de', 'fr', 'es', 'ar', 'ja'] as const;
/** A BCP 47 tag. */
export type Spoken = (typeof SPOKEN)[number];

/** Something in each of these languages; the compiler sees to it that none is missing. */
export type InEach<T> = Readonly<Record<Spoken, T>>;

/**
 * The one of these languages in which a reader of another is spoken to: the nearest, else English.
 *
 * @param language as a BCP 47 tag
 */
export function spokenTo(language: string): Spoken {
  const found = matching(language, SPOKEN);
  return SPOKEN.find((one) => one === found) ?? 'en';
}

/** Whether a reader of a language is spoken to in it. */
export function isSpoken(language: string): boolean {
  return matching(language, SPOKEN) !== undefined;
}

/** The language of the engine's own sentence in an answer, `why`, where it is not the one of the answer. */
export function langOfWhy(language: string): { readonly why?: Spoken } {
  return isSpoken(language) ? {} : { why: spokenTo(language) };
}

/** How a page in one of these languages is written, for the attribute `dir` of HTML. */
export function directionOf(language: Spoken): 'ltr' | 'rtl' {
  return language === 'ar' ? 'rtl' : 'ltr';
}
