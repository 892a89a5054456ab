/** How much is left of a case, of the 72 hours that it may last. It steps with the minutes. */
import { useEffect, useState } from 'react';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { HOUR_MS, MOST_HOURS } from './case.js';
import { CASES } from './words.js';

const MINUTE_MS = 60_000;

export function Clock({ until }: { readonly until: string }) {
  const own = useWordsOf(CASES);
  const language = useLanguage();
  const left = Date.parse(until) - useMinutes();
  if (left <= 0) return <span className="quiet">{own.over}</span>;
  const share = Math.min(1, left / (MOST_HOURS * HOUR_MS));
  return (
    <span className="clock" data-short={left < 4 * HOUR_MS ? 'yes' : undefined}>
      <span className="clock-bar" title={own.clock} aria-hidden="true">
        <span style={{ inlineSize: `${share * 100}%` }} />
      </span>
      {own.left(timeText(left, language))}
    </span>
  );
}

function useMinutes(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const every = setInterval(() => setNow(Date.now()), MINUTE_MS);
    return () => clearInterval(every);
  }, []);
  return now;
}

function timeText(time: number, language: string): string {
  const minutes = Math.max(1, Math.floor(time / MINUTE_MS));
  const unit = (count: number, of: 'hour' | 'minute') =>
    new Intl.NumberFormat(language, { style: 'unit', unit: of, unitDisplay: 'long' }).format(count);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours === 0 ? '' : unit(hours, 'hour'), rest === 0 ? '' : unit(rest, 'minute')]
    .filter((text) => text !== '')
    .join(' ');
}
