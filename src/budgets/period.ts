/** The periods that budgets are for, in UTC, as ISO 8601 writes them. */
import type { BudgetPeriod } from '../decision/policy.js';
import { DAY_MS, dayText } from '../time.js';

/** The period of a kind that a time is in: `2026`, `2026-11`, `2026-W48` or `2026-11-29`. @param at in milliseconds since the Unix epoch */
export function periodAt(kind: BudgetPeriod, at: number): string {
  const day = dayText(at);
  switch (kind) {
    case 'year':
      return day.slice(0, 4);
    case 'month':
      return day.slice(0, 7);
    case 'week':
      return weekAt(at);
    case 'day':
      return day;
  }
}

/** The week belongs to the year that its Thursday is in (ISO 8601, "week date"). */
function weekAt(at: number): string {
  const weekday = (new Date(at).getUTCDay() + 6) % 7;
  const thursday = at + (3 - weekday) * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const week = Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}
