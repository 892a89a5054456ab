/**
 * Parses and writes times: RFC 3339, read strictly, so that a time means one moment or is refused.
 *
 * Taken: `2027-01-31T12:00:00Z`, with an offset (`+02:00`) in place of `Z`, with 1 to 9 digits of a second, of which
 * milliseconds are kept. Refused: a time without a zone or without seconds, in lower case, a day or hour that does not
 * exist, a leap second, and times before 2000 or after 9999: they are misread numbers of seconds or days.
 */

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Allowed difference between the clocks of two machines. */
export const CLOCK_TOLERANCE_MS = 60_000;
export const EARLIEST_TIME = Date.UTC(2000, 0, 1);
const LATEST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** Day 0 of spreadsheets, and the last day that is recognised: the end of 2199. */
const SPREADSHEET_EPOCH = Date.UTC(1899, 11, 30);
const LATEST_GUESS = Date.UTC(2199, 11, 31);
const TOO_EARLY = 'is before the year 2000, when no such thing was said: send the time that is meant';
const EXAMPLE = '2027-01-31T12:00:00Z';

/** Milliseconds since the Unix epoch of an RFC 3339 time; `undefined` when it is none, see {@link faultOfTime}. */
export function timeOf(text: unknown): number | undefined {
  const read = readTime(text);
  return typeof read === 'number' ? read : undefined;
}

/** The same for a text that must be a time. @throws Error when it is none */
export function momentOf(time: string): number {
  const read = readTime(time);
  if (typeof read === 'string') throw new Error(`the time ${read}`);
  return read;
}

/**
 * A clock that never goes back: what has expired stays so where the clock of the machine is set back.
 *
 * @param now milliseconds since the Unix epoch
 */
export function steadyClock(now: () => number): () => number {
  let latest = -Infinity;
  return () => (latest = Math.max(latest, now()));
}

/** How a time is written: in UTC, with its milliseconds. @param at milliseconds since the Unix epoch */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** The day of a time in UTC, YYYY-MM-DD. @param at milliseconds since the Unix epoch */
export function dayText(at: number): string {
  return timeText(at).slice(0, 10);
}

/** Why a value is not accepted as a time, and what to send, to follow its name. */
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

/**
 * Values that were probably meant as a time: each with a sentence to follow the value's name.
 *
 * @param that what to send, such as "such as" and a time
 */
const SLIPS = {
  spreadsheet_days: (that: string) =>
    `looks like days as spreadsheets count them: send it as RFC 3339, ${that}`,
  seconds: (that: string) => `looks like seconds since 1970: send it as RFC 3339, ${that}`,
  milliseconds: (that: string) => `looks like milliseconds since 1970: send it as RFC 3339, ${that}`,
  microseconds: (that: string) => `looks like microseconds since 1970: send it as RFC 3339, ${that}`,
  nanoseconds: (that: string) => `looks like nanoseconds since 1970: send it as RFC 3339, ${that}`,
  day: (that: string) => `is a day, not a time: say when on that day, and in which zone, ${that}`,
  no_zone: () => 'does not say its zone: add `Z` if it is UTC, or an offset such as `+02:00`',
  no_seconds: (that: string) => `does not say its seconds: send it ${that}`,
  spaced: (that: string) =>
    `has a space between day and time: send \`T\` there and its zone, as RFC 3339 has it, ${that}`,
  other_order: (that: string) =>
    `has year, month and day in another order or otherwise divided: send it as RFC 3339, ${that}`,
} as const;

export type TimeSlip = keyof typeof SLIPS;

function isTimeSlip(text: string): text is TimeSlip {
  return Object.hasOwn(SLIPS, text);
}

export const TIME_SLIPS: readonly TimeSlip[] = Object.keys(SLIPS).filter(isTimeSlip);

/** What an invalid time looks like; `undefined` when it is valid, or not recognised. */
export function slipOfTime(value: unknown): TimeSlip | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  return timeOf(value) === undefined ? slipIn(String(value))?.slip : undefined;
}

/** The sentence of {@link faultOfTime} without the value, where it must not be stored. */
export function sentenceOfSlip(slip: TimeSlip): string {
  return SLIPS[slip](`such as \`${EXAMPLE}\``);
}

function guess(text: string): string {
  const found = slipIn(text);
  return found === undefined
    ? `must be a time as RFC 3339 has it, with its zone, such as \`${EXAMPLE}\``
    : SLIPS[found.slip](found.meant ?? `such as \`${EXAMPLE}\``);
}

/** What an invalid text looks like and, if recognisable, what was meant. */
function slipIn(text: string): { readonly slip: TimeSlip; readonly meant?: string } | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    const candidates = [
      ['spreadsheet_days', SPREADSHEET_EPOCH + number * DAY_MS],
      ['seconds', number * SECOND_MS],
      ['milliseconds', number],
      ['microseconds', number / 1e3],
      ['nanoseconds', number / 1e6],
    ] as const;
    const [slip, at] = candidates.find(([, time]) => time >= EARLIEST_TIME && time <= LATEST_GUESS) ?? [];
    return slip && { slip, meant: `that is \`${timeText(Math.round(at)).replace('.000Z', 'Z')}\`` };
  }
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return { slip: 'day', meant: `such as \`${text}T00:00:00Z\`` };
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text)) return { slip: 'no_zone' };
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(text)) return { slip: 'no_seconds' };
  if (/^\d{4}-\d\d-\d\d +\d\d:\d\d/.test(text)) return { slip: 'spaced' };
  if (/^(\d{1,2}([./-])\d{1,2}\2\d{2,4}|\d{4}([./-])\d{1,2}\3\d{1,2})\b/.test(text))
    return { slip: 'other_order' };
  return undefined;
}
