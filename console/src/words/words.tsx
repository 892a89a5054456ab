/** The languages of the console, and the one that is spoken. */
import { createContext, useContext } from 'react';
import { de } from './de.js';
import { type Words, en } from './en.js';

const LANGUAGES: Readonly<Record<Language, Words>> = { en, de };
export const LANGUAGE_NAMES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGE_NAMES;

const KEY = 'assent.console.language';

export function isLanguage(text: unknown): text is Language {
  return typeof text === 'string' && Object.hasOwn(LANGUAGE_NAMES, text);
}

/** The language that was chosen here before, or the first of the browser that there is. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(KEY);
  const wanted = [chosen, ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wanted.find(isLanguage) ?? 'en';
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
}

const Spoken = createContext<Language>('en');
export const SpokenProvider = Spoken.Provider;

export function useLanguage(): Language {
  return useContext(Spoken);
}

export function useWords(): Words {
  return LANGUAGES[useContext(Spoken)];
}

/** The words of one view, in every language: what is missing in one does not compile. */
export type InEach<T> = Readonly<Record<Language, T>>;

export function inEach<T>(en: T, de: NoInfer<T>): InEach<T> {
  return { en, de };
}

/** @param all words of a view */
export function useWordsOf<T>(all: InEach<T>): T {
  return all[useContext(Spoken)];
}
