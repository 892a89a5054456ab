/** What people who look at data are called, for the person whose data it is. */
import { type InEach, spokenTo } from '../../http/headers/spoken.js';

const TITLES: InEach<Readonly<Record<string, string>>> = {
  en: {
    case_reviewer: 'people who review reports',
    security_investigator: 'people who investigate attacks',
    privacy_officer: 'data protection officer',
    auditor: 'auditor',
  },
  de: {
    case_reviewer: 'Personen, die Meldungen prüfen',
    security_investigator: 'Personen, die Angriffe untersuchen',
    privacy_officer: 'Datenschutzbeauftragte',
    auditor: 'Revision',
  },
  fr: {
    case_reviewer: 'personnes qui examinent les signalements',
    security_investigator: 'personnes qui enquêtent sur les attaques',
    privacy_officer: 'délégué à la protection des données',
    auditor: 'audit',
  },
  es: {
    case_reviewer: 'personas que revisan denuncias',
    security_investigator: 'personas que investigan ataques',
    privacy_officer: 'responsable de protección de datos',
    auditor: 'auditoría',
  },
  ar: {
    case_reviewer: 'من يراجعون البلاغات',
    security_investigator: 'من يحققون في الهجمات',
    privacy_officer: 'مسؤول حماية البيانات',
    auditor: 'التدقيق',
  },
  ja: {
    case_reviewer: '通報を審査する担当者',
    security_investigator: '攻撃を調査する担当者',
    privacy_officer: 'データ保護責任者',
    auditor: '監査担当者',
  },
};

/**
 * The title of a role; the role itself where it has none.
 *
 * @param language as a BCP 47 tag; the title is in the one that `spokenTo` finds for it
 */
export function roleTitle(role: string, language: string): string {
  return new Map(Object.entries(TITLES[spokenTo(language)])).get(role) ?? role;
}
