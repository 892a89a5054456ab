/** Cases as the service tells them. */
import type { components } from '../../api/types.js';

export type Case = components['schemas']['Case'];
export type CaseSummary = components['schemas']['CaseSummary'];
export type CasePurpose = CaseSummary['purpose'];

export const REPORTS = 'safety.report_review';
const INVESTIGATIONS = 'security.investigation';
/** Purposes that the service opens cases for, with the role of who opens them and reads. */
export const OPENED_BY = { [REPORTS]: 'case_reviewer', [INVESTIGATIONS]: 'security_investigator' } as const;
export const CASE_PURPOSES: readonly CasePurpose[] = [REPORTS, INVESTIGATIONS];

/** The longest that a case lasts. */
export const MOST_HOURS = 72;
export const HOUR_MS = 3_600_000;

export const SIGNS: Readonly<Record<CaseSummary['status'], string>> = {
  waiting: '◔',
  open: '●',
  closed: '–',
  expired: '–',
};

export const STATUSES = [
  'waiting',
  'open',
  'closed',
  'expired',
] as const satisfies readonly CaseSummary['status'][];
/** Hours within which cases end that a list can be of. */
export const WITHIN = [6, 24, MOST_HOURS] as const;

/** The lines of a text that say something. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Those who are to read, one on each line, each with its issuer behind a blank where it has one. */
export function readersIn(text: string): { id: string; issuer?: string }[] {
  return linesOf(text).map((line) => {
    const [id = '', issuer] = line.split(/\s+/);
    return issuer === undefined ? { id } : { id, issuer };
  });
}

export function timeIn(hours: string): string {
  return new Date(Date.now() + Number(hours) * HOUR_MS).toISOString();
}

/** Whether hours were given that a case may last. */
export function areHours(hours: string): boolean {
  return Number(hours) > 0 && Number(hours) <= MOST_HOURS;
}
