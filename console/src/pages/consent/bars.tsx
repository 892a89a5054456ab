/** People by reason, a bar for each day. Its numbers stand in the table below it. */
import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { type Told, type ToldReason, reasonsOf } from './told.js';
import { markOf, useSentence } from './reasons.js';
import { CONSENT } from './words.js';

/** In pixels of its own. */
const [WIDTH, HEIGHT] = [960, 240];
const EDGE = { left: 64, right: 8, top: 8, bottom: 24 };
const TICKS = 4;
/** Of a day. */
const WIDEST = 80;
/** A part of a bar that is lower or narrower has no sign of its own. */
const SIGN_HEIGHT = 16;
const SIGN_WIDTH = 12;
/** Days that are written below the bars, at most. */
const MOST_DAYS = 8;

type Props = { readonly days: readonly string[]; readonly told: readonly Told[] };

export function Bars({ days, told }: Props) {
  const own = useWordsOf(CONSENT);
  const language = useLanguage();
  const sentence = useSentence();
  const reasons = reasonsOf(told);
  const x = scaleBand(days, [
    EDGE.left,
    Math.min(WIDTH - EDGE.right, EDGE.left + days.length * WIDEST),
  ]).padding(0.15);
  const most = Math.max(...told.map(({ people }) => people), 1);
  const y = scaleLinear([0, most], [HEIGHT - EDGE.bottom, EDGE.top]).nice(TICKS);
  const parts = stack<Told, ToldReason>()
    .keys(reasons)
    .value(({ byReason }, reason) => byReason.get(reason) ?? 0)(told);
  const each = Math.ceil(days.length / MOST_DAYS);
  return (
    <svg
      className="bars"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={own.overTime.alt(days[0] ?? '', days.at(-1) ?? '')}
    >
      {y.ticks(TICKS).map((tick) => (
        <g key={tick}>
          <line className="rule" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(tick)} y2={y(tick)} />
          <text x={EDGE.left - 8} y={y(tick)} dy="0.32em" textAnchor="end">
            {tick.toLocaleString(language)}
          </text>
        </g>
      ))}
      {days.map((day, place) =>
        place % each === 0 ? (
          <text key={day} x={(x(day) ?? 0) + x.bandwidth() / 2} y={HEIGHT - 6} textAnchor="middle">
            {day.slice(5)}
          </text>
        ) : null,
      )}
      {parts.map((part) => {
        const { sign, tone, look } = markOf(part.key);
        return (
          <g key={part.key} data-tone={tone} data-look={look}>
            {part.map(([from, to], place) => {
              const one = told[place];
              const left = one === undefined ? undefined : x(one.day);
              if (one === undefined || left === undefined || to === from) return null;
              const height = y(from) - y(to);
              return (
                <g key={one.day}>
                  <rect x={left} y={y(to)} width={x.bandwidth()} height={height}>
                    <title>{`${one.day}: ${(to - from).toLocaleString(language)}, ${sentence(part.key)}`}</title>
                  </rect>
                  {height < SIGN_HEIGHT || x.bandwidth() < SIGN_WIDTH ? null : (
                    <text
                      className="sign"
                      x={left + x.bandwidth() / 2}
                      y={y(to) + height / 2}
                      dy="0.35em"
                      textAnchor="middle"
                    >
                      {sign}
                    </text>
                  )}
                </g>
              );
            })}
          </g>
        );
      })}
    </svg>
  );
}
