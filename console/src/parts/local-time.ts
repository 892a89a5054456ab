/** Times as the browser's control for them has them: local, without a zone. */

/** RFC 3339, which the service takes, has years of four digits (section 1). */
const OF_FOUR_DIGITS = /^\d{4}-/;

/**
 * @param local as `2026-11-29T14:03` (HTML, section 2.3.5.5)
 * @returns RFC 3339; undefined: there is no such time, or no service takes it
 */
export function timeOfLocal(local: string): string | undefined {
  const time = new Date(local);
  if (Number.isNaN(time.getTime())) return undefined;
  const text = time.toISOString();
  return OF_FOUR_DIGITS.test(text) ? text : undefined;
}

/** @param at RFC 3339, or empty @returns the local time; empty: it is none */
export function localOfTime(at: string): string {
  const time = new Date(at);
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return Number.isNaN(local.getTime()) ? '' : local.toISOString().slice(0, 23);
}
