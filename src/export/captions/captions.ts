/** The words of the page of an export. */
import type { InEach } from '../../http/headers/spoken.js';
import { arabic } from './ar.js';
import type { Captions } from './words.js';
import { german } from './de.js';
import { english } from './en.js';
import { spanish } from './es.js';
import { french } from './fr.js';
import { japanese } from './ja.js';

export const CAPTIONS: InEach<Captions> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  ar: arabic,
  ja: japanese,
};
