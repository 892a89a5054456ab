/** The languages of the page's own words. English comes with the page, the others when they are needed. */
import { type Words, en } from './en.js';

export type { Words };

const OTHERS: ReadonlyMap<string, () => Promise<Words>> = new Map([
  ['de', async () => (await import('./de.js')).de],
  ['fr', async () => (await import('./fr.js')).fr],
  ['es', async () => (await import('./es.js')).es],
  ['ar', async () => (await import('./ar.js')).ar],
  ['ja', async () => (await import('./ja.js')).ja],
]);

/**
 * What each of these calls itself (Unicode CLDR). Browsers know it as well, but reading their data of each language took
 * longer than drawing a tenth of the page.
 */
const OWN_NAMES: ReadonlyMap<string, string> = new Map([
  ['en', 'English'],
  ['de', 'Deutsch'],
  ['fr', 'français'],
  ['es', 'español'],
  ['ar', 'العربية'],
  ['ja', '日本語'],
]);

/** What a language calls itself. @param language as a BCP 47 tag */
export function ownNameOf(language: string): string {
  return (
    OWN_NAMES.get(language) ?? new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language
  );
}

/** A language and its words; `lang` is as BCP 47 has it. */
export type Spoken = { readonly words: Words; readonly lang: string };

export const ENGLISH: Spoken = { words: en, lang: 'en' };

/**
 * The words in a language, or in English where there are none of it.
 *
 * @param language as a BCP 47 tag
 * @throws Error when they do not arrive
 */
export async function spoken(language: string): Promise<Spoken> {
  const [lang = 'en'] = language.toLowerCase().split('-');
  const load = OTHERS.get(lang);
  return load === undefined ? ENGLISH : { words: await load(), lang };
}

/** The languages that are written from right to left (Unicode CLDR, by their usual script). */
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur', 'ps', 'sd', 'yi', 'dv', 'ckb']);

export function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(language.toLowerCase().split('-')[0] ?? '') ? 'rtl' : 'ltr';
}
