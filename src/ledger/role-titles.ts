/** What people who look at data are called, for the person whose data it is. */
import { matching } from '../http/headers/accept-language.js';

type Titles = ReadonlyMap<string, string>;

const ENGLISH: Titles = new Map([
  ['case_reviewer', 'people who review reports'],
  ['security_investigator', 'people who investigate attacks'],
  ['privacy_officer', 'data protection officer'],
  ['auditor', 'auditor'],
]);
const GERMAN: Titles = new Map([
  ['case_reviewer', 'Personen, die Meldungen prüfen'],
  ['security_investigator', 'Personen, die Angriffe untersuchen'],
  ['privacy_officer', 'Datenschutzbeauftragte'],
  ['auditor', 'Revision'],
]);

const LANGUAGES: ReadonlyMap<string, Titles> = new Map([
  ['en', ENGLISH],
  ['de', GERMAN],
]);

/**
 * The title of a role; the role itself where it has none.
 *
 * @param language as a BCP 47 tag; where these titles are not written in it, they are English
 */
export function roleTitle(role: string, language: string): string {
  const titles = LANGUAGES.get(matching(language, [...LANGUAGES.keys()]) ?? 'en') ?? ENGLISH;
  return titles.get(role) ?? role;
}
