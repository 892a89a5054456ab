/** Times as people read them, in their language and their time zone. */

/** The time of day; with the day, unless it is today. */
export function sinceText(time: string, language: string): string {
  const at = new Date(time);
  const isToday = at.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, {
    timeStyle: 'medium',
    ...(isToday ? {} : { dateStyle: 'long' }),
  }).format(at);
}

export function minuteText(time: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(time));
}

export function dayText(time: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(new Date(time));
}

/** A day of UTC, such as the ledger counts by. */
export function utcDayText(day: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(day));
}

export function listText(texts: readonly string[], language: string): string {
  // the first list of a page takes as long as drawing a fifth of it
  if (texts.length < 2) return texts[0] ?? '';
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(texts);
}

/** A time such as `P1Y6M`: years, months and days (ISO 8601), of which some may be missing. */
export function durationText(duration: string, language: string): string {
  const units = ['year', 'month', 'day'] as const;
  const counts = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?$/.exec(duration)?.slice(1) ?? [];
  const parts = units.flatMap((unit, at) => {
    const count = counts[at];
    return count === undefined
      ? []
      : [new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(Number(count))];
  });
  return listText(parts, language);
}
