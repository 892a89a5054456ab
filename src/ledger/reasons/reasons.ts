/** Why a use was permitted or refused, and what a service said of it, in the words of the reader. */
import { type InEach, spokenTo } from '../../http/headers/spoken.js';
import { arabic } from './ar.js';
import { german } from './de.js';
import { english } from './en.js';
import { spanish } from './es.js';
import { french } from './fr.js';
import { japanese } from './ja.js';
import type { ReasonWords } from './reason-words.js';

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
