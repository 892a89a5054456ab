/** Why a purpose is on or off, in a sentence for the user. */
import { type InEach, spokenTo } from '../../../http/headers/spoken.js';
import type { Cause } from './cause.js';
import { arabic } from './sentences/ar.js';
import { german } from './sentences/de.js';
import { english } from './sentences/en.js';
import { spanish } from './sentences/es.js';
import { french } from './sentences/fr.js';
import { japanese } from './sentences/ja.js';
import type { Named, Sentences } from './sentences/sentences.js';

const SENTENCES: InEach<Sentences> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  ar: arabic,
  ja: japanese,
};

/**
 * The sentence for a cause.
 *
 * @param language as a BCP 47 tag; the sentence is in the one that `spokenTo` finds for it
 */
export function sentenceFor(cause: Cause, language: string, named: Named): string {
  return said(SENTENCES[spokenTo(language)], cause, named);
}

function said(sentences: Sentences, cause: Cause, named: Named): string {
  switch (cause.because) {
    case 'default':
      return sentences.default(cause, named);
    case 'lapsed':
      return sentences.lapsed(cause, named);
    case 'lapses_soon':
      return sentences.lapses_soon(cause, named);
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
