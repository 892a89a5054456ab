/** Calendar durations: years, months and days as ISO 8601 writes them, added to times in UTC. */

/** Years, months and days, at least one of them, such as `P13M` (ISO 8601-1, section 5.5.2.2). */
const DURATION = /^P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?$/;

/**
 * The time so much later: years and months first, on the last day of the month where it is shorter; then days.
 *
 * @param time in milliseconds since the Unix epoch
 * @throws RangeError when it is no such duration
 */
export function timeAfter(time: number, duration: string): number {
  const found = DURATION.exec(duration);
  if (found === null) throw new RangeError('a duration is in years, months and days: write it as in P13M');
  const [years = 0, months = 0, days = 0] = found.slice(1).map((digits) => Number(digits ?? 0));
  const from = new Date(time);
  const month = from.getUTCMonth() + months + 12 * years;
  const last = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  from.setUTCFullYear(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), last));
  from.setUTCDate(from.getUTCDate() + days);
  return from.getTime();
}

/** Beginnings that show which of two durations can be longer: each day of four years. */
const BEGINNINGS = Array.from({ length: 4 * 365 + 1 }, (_, day) => Date.UTC(2024, 0, 1 + day));

/** Whether the first duration ends later than the other, whenever both begin on some day. */
export function canBeLonger(one: string, other: string): boolean {
  return BEGINNINGS.some((time) => timeAfter(time, one) > timeAfter(time, other));
}
