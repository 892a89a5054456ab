/**
 * Times as they come in and go out: RFC 3339, read strictly, so that a time means one moment or is refused.
 *
 * Taken: `2027-01-31T12:00:00Z`, with an offset (`+02:00`) in place of `Z`, with 1 to 9 digits of a second, of which
 * milliseconds are kept. Refused: a time without a zone or without seconds, in lower case, a day or hour that does not
 * exist, a leap second, and what is before 2000 or after 9999: it is a number of seconds or days that was taken for another.
 */

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
export const EARLIEST_TIME = Date.UTC(2000, 0, 1);
const LATEST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** Day 0 of spreadsheets, and the last day they are taken for: the end of 2199. */
const SPREADSHEET_EPOCH = Date.UTC(1899, 11, 30);
const LATEST_GUESS = Date.UTC(2199, 11, 31);
const TOO_EARLY = 'is before the year 2000, when no such thing was said: send the time that is meant';
const EXAMPLE = '2027-01-31T12:00:00Z';

/** Milliseconds since the Unix epoch of an RFC 3339 time; `undefined` when it is none, see {@link faultOfTime}. */
export function timeOf(text: unknown): number | undefined {
  const read = readTime(text);
  return typeof read === 'number' ? read : undefined;
}

/** The same of a text that must be a time. @throws Error when it is none */
export function momentOf(time: string): number {
  const read = readTime(time);
  if (typeof read === 'string') throw new Error(`the time ${read}`);
  return read;
}

/** How a time is written: in UTC, with its milliseconds. @param at milliseconds since the Unix epoch */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** Why this is no time that is taken, and what to send, to follow the name of what is at fault. */
export function faultOfTime(text: unknown): string | undefined {
  const read = readTime(text);
  return typeof read === 'number' ? undefined : read;
}

function readTime(value: unknown): number | string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return `must be a time with its zone, such as \`${EXAMPLE}\``;
  const parts = TIME.exec(text);
  if (parts === null || typeof value === 'number') return guess(text);
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = parts;
  const [fraction = '', sign, offsetHours = '00', offsetMinutes = '00'] = parts.slice(7);
  if (year < '1999') return TOO_EARLY;
  const midnight = dayOf(year, month, day);
  if (midnight === undefined)
    return `names a day that does not exist: correct the date \`${year}-${month}-${day}\``;
  if (second === '60') return 'names a leap second, which clocks here do not have: send second 59';
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return 'names a time of day that does not exist: send 00:00:00 to 23:59:59; midnight is 00:00:00 of the day that begins';
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59)
    return 'names an offset that does not exist: send `Z`, or one such as `+02:00`';
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * MINUTE_MS;
  const at =
    midnight +
    (Number(hour) * 60 + Number(minute)) * MINUTE_MS +
    Number(second) * SECOND_MS +
    Number(fraction.slice(0, 3).padEnd(3, '0')) -
    (sign === '-' ? -offset : offset);
  if (at < EARLIEST_TIME) return TOO_EARLY;
  if (at > LATEST_TIME) return 'is after the year 9999: send the time that is meant';
  return at;
}

/** The beginning of a day in UTC, if there is such a day. */
function dayOf(year: string, month: string, day: string): number | undefined {
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return timeText(at).startsWith(`${year}-${month}-${day}`) ? at : undefined;
}

/** What a text that is no time was perhaps meant to be. */
function guess(text: string): string {
  if (/^-?\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    const candidates = [
      ['days as spreadsheets count them', SPREADSHEET_EPOCH + number * DAY_MS],
      ['seconds since 1970', number * SECOND_MS],
      ['milliseconds since 1970', number],
      ['microseconds since 1970', number / 1e3],
      ['nanoseconds since 1970', number / 1e6],
    ] as const;
    const meant = candidates.find(([, at]) => at >= EARLIEST_TIME && at <= LATEST_GUESS);
    if (meant !== undefined)
      return `looks like ${meant[0]}: send it as RFC 3339, that is \`${timeText(Math.round(meant[1])).replace('.000Z', 'Z')}\``;
  } else if (/^\d{4}-\d\d-\d\d$/.test(text))
    return `is a day, not a time: say when on that day, and in which zone, such as \`${text}T00:00:00Z\``;
  else if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text))
    return `does not say its zone: add \`Z\` if it is UTC, or an offset such as \`+02:00\``;
  else if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(text))
    return `does not say its seconds: send it such as \`${EXAMPLE}\``;
  return `must be a time as RFC 3339 has it, with its zone, such as \`${EXAMPLE}\``;
}
