/** Days and spans of days in UTC, as `2026-11-29`. */
export const SPANS = ['day', 'week', 'month'] as const;
export type Span = (typeof SPANS)[number];

/** @param span that begins at the day */
export function lastDayOf(from: string, span: Span): string {
  const next = startOfNext(from, span);
  next.setUTCDate(next.getUTCDate() - 1);
  return next.toISOString().slice(0, 10);
}

/** @param span that begins at the day */
export function startOfNext(from: string, span: Span): Date {
  const at = new Date(`${from}T00:00:00Z`);
  if (span === 'month') at.setUTCMonth(at.getUTCMonth() + 1);
  else at.setUTCDate(at.getUTCDate() + (span === 'week' ? 7 : 1));
  return at;
}

/** A day as the service takes it; what is no day is asked as it is, so that the service says so. */
export function timeOf(day: string): string {
  return `${day}T00:00:00Z`;
}
