/** Why a use was permitted or refused, and what a service said of it, in the words of the reader. */
import type { Reason } from '../../decision/reasons.js';
import { type InEach, spokenTo } from '../../http/headers/spoken.js';
import { arabic } from './ar.js';
import { german } from './de.js';
import { english } from './en.js';
import { spanish } from './es.js';
import { french } from './fr.js';
import { japanese } from './ja.js';

/** The compiler sees to it that no language lacks one. */
export type ReasonWords = {
  readonly reasons: Readonly<Record<Reason, string>>;
  /** Who said that an obligation was discharged. */
  readonly discharged: (client: string) => string;
};

const WORDS: InEach<ReasonWords> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  ar: arabic,
  ja: japanese,
};

/** @param language as a BCP 47 tag; the words are in the one that `spokenTo` finds for it */
export function reasonWords(language: string): ReasonWords {
  return WORDS[spokenTo(language)];
}
