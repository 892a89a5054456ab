/** How often data was used over time: stacked bars, and the table of their numbers. Each number leads to its uses. */
import { useQuery } from '@tanstack/react-query';
import { scaleLinear, scaleUtc } from 'd3-scale';
import { useMemo } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { api, said } from '../../api/api.js';
import { Problem } from '../../api/problem.js';
import type { components } from '../../api/types.js';
import { csvOf, save } from '../../parts/csv.js';
import { Said } from '../../parts/said.js';
import { Scrolls } from '../../parts/scrolls.js';
import { useLanguage, useWords, useWordsOf } from '../../words/words.js';
import { type Asked, type Change, PARTS, type Part, type Wanted, partOf, searchOf, spanOf } from './asked.js';
import { SPANS, lastDayOf, startOfNext } from './days.js';
import { Chosen } from './filters.js';
import { USES } from './words.js';

type Bucket = components['schemas']['UseBucket'];

/** Buckets that are drawn: as many days as a record is kept by default. */
const BUCKETS = 90;
/** Parts with a colour and a letter of their own. */
const MOST_PARTS = 6;
/** No id is empty. */
const OTHERS = '';

type Props = { readonly asked: Asked; readonly wanted: Wanted; readonly change: Change };

export function Histogram({ asked, wanted, change }: Props) {
  const own = useWordsOf(USES);
  const [every, by] = [spanOf(asked), partOf(asked)];
  const counts = useQuery({
    queryKey: ['uses', 'counts', wanted, every, by],
    queryFn: ({ signal }) =>
      said(
        api.GET('/v1/uses/counts', {
          params: { query: { ...wanted, every, by, limit: BUCKETS } },
          signal,
        }),
      ),
  });
  return (
    <section aria-labelledby="uses-counts">
      <h2 id="uses-counts">{own.histogram}</h2>
      <div className="bar">
        <Chosen label={own.every} value={every} onChange={(value) => change({ every: value })}>
          {SPANS.map((span) => (
            <option key={span} value={span}>
              {own.spans[span]}
            </option>
          ))}
        </Chosen>
        <Chosen label={own.by} value={by} onChange={(value) => change({ by: value })}>
          {PARTS.map((part) => (
            <option key={part} value={part}>
              {own.parts[part]}
            </option>
          ))}
        </Chosen>
      </div>
      {counts.error !== null ? (
        <NotCounted error={counts.error} again={() => void counts.refetch()} />
      ) : counts.data === undefined ? (
        <Said busy />
      ) : counts.data.buckets.length === 0 ? (
        <p>{own.none}</p>
      ) : (
        <Counts
          asked={{ ...asked, every: counts.data.every }}
          by={counts.data.by}
          buckets={counts.data.buckets}
          isCut={counts.data.next !== undefined}
        />
      )}
    </section>
  );
}

function NotCounted({ error, again }: { readonly error: Error; readonly again: () => void }) {
  const own = useWordsOf(USES);
  if (error instanceof Problem && error.code === 'nothing_recorded') return <p>{own.nothingRecorded}</p>;
  return <Said error={error} again={again} />;
}

type CountsProps = {
  readonly asked: Asked;
  readonly by: Part;
  readonly buckets: readonly Bucket[];
  readonly isCut: boolean;
};

function Counts({ asked, by, buckets, isCut }: CountsProps) {
  const words = useWords();
  const own = useWordsOf(USES);
  const language = useLanguage();
  const { parts, rows } = useMemo(() => divided(buckets), [buckets]);
  const number = new Intl.NumberFormat(language);
  const every = spanOf(asked);
  // a week or a month at the edge of what is asked for is counted in part
  const { from: first, until: last } = asked;
  const addressOf = (start: string, narrowed: Partial<Asked> = {}) => {
    const end = lastDayOf(start, every);
    return searchOf(asked, {
      from: start < first ? first : start,
      until: last !== '' && last < end ? last : end,
      use: '',
      ...narrowed,
    });
  };
  const addressOfPart = (from: string, part: string) => addressOf(from, { [by]: part });
  const named = (part: string) => (part === OTHERS ? own.others : part);
  return (
    <>
      <Bars
        asked={asked}
        parts={parts}
        rows={rows}
        addressOf={addressOfPart}
        named={named}
        label={own.chart}
      />
      <Scrolls label={{ of: 'uses-counts' }} className="counts">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{own.start}</th>
              <th scope="col" className="number">
                {own.total}
              </th>
              <th scope="col" className="number">
                {own.permitted}
              </th>
              {parts.map((part, place) => (
                <th key={part} scope="col" className="number">
                  <span className="part" data-part={placeOf(part, place)} aria-hidden="true">
                    {letterOf(place)}
                  </span>{' '}
                  {named(part)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ bucket: { from, times, permitted }, byPart }) => (
              <tr key={from}>
                <th scope="row">{from}</th>
                <td className="number">
                  <Link href={addressOf(from)}>{number.format(times)}</Link>
                </td>
                <td className="number">
                  {permitted === 0 ? (
                    number.format(permitted)
                  ) : (
                    <Link
                      href={addressOf(from, { verdict: 'permitted' })}
                      title={own.only(own.permitted, from)}
                    >
                      {number.format(permitted)}
                    </Link>
                  )}
                </td>
                {parts.map((part) => {
                  const count = byPart.get(part) ?? 0;
                  return (
                    <td key={part} className="number">
                      {count === 0 || part === OTHERS ? (
                        number.format(count)
                      ) : (
                        <Link href={addressOfPart(from, part)} title={own.only(named(part), from)}>
                          {number.format(count)}
                        </Link>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      {isCut ? <p className="quiet">{own.cut(number.format(rows.length))}</p> : null}
      <div className="bar">
        <Button
          onPress={() =>
            save(
              'use-counts.csv',
              'text/csv',
              csvOf([
                ['from', 'every', 'times', 'permitted', ...parts.map(named)],
                ...rows.map(({ bucket: { from, times, permitted }, byPart }) => [
                  from,
                  every,
                  times,
                  permitted,
                  ...parts.map((part) => byPart.get(part) ?? 0),
                ]),
              ]),
            )
          }
        >
          {words.exportTable}
        </Button>
      </div>
    </>
  );
}

type Row = { readonly bucket: Bucket; readonly byPart: ReadonlyMap<string, number> };

/** The largest parts over all buckets, and the rest as one. */
function divided(buckets: readonly Bucket[]): {
  readonly parts: readonly string[];
  readonly rows: readonly Row[];
} {
  const sums = new Map<string, number>();
  for (const { counts } of buckets)
    for (const { id, times } of counts) sums.set(id, (sums.get(id) ?? 0) + times);
  const largest = [...sums].sort(([, one], [, other]) => other - one).map(([id]) => id);
  const own = largest.slice(0, MOST_PARTS);
  const rows = buckets.map((bucket) => {
    const byPart = new Map(
      bucket.counts.filter(({ id }) => own.includes(id)).map(({ id, times }) => [id, times]),
    );
    const rest = [...byPart.values()].reduce((left, times) => left - times, bucket.times);
    if (rest > 0) byPart.set(OTHERS, rest);
    return { bucket, byPart };
  });
  return { parts: rows.some(({ byPart }) => byPart.has(OTHERS)) ? [...own, OTHERS] : own, rows };
}

/** Permits, the floor and the rest keep their colours, whatever else there is. */
function placeOf(part: string, place: number): string {
  if (part === OTHERS) return 'others';
  return part === 'permitted' || part === 'floor' ? part : String(place);
}

function letterOf(place: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + place);
}

/** Of the picture, in its own units. */
const WIDTH = 960;
const HEIGHT = 190;
const LEFT = 52;
const BOTTOM = 22;
const TOP = 10;
/** Less room has no letter. */
const LETTER = 12;

type BarsProps = {
  readonly asked: Asked;
  readonly parts: readonly string[];
  readonly rows: readonly Row[];
  readonly addressOf: (from: string, part: string) => string;
  readonly named: (part: string) => string;
  readonly label: string;
};

function Bars({ asked, parts, rows, addressOf, named, label }: BarsProps) {
  const language = useLanguage();
  const every = spanOf(asked);
  const days = rows.map(({ bucket }) => bucket.from);
  const [first = '', last = ''] = [days.at(-1), days[0]];
  const x = scaleUtc()
    .domain([new Date(`${first}T00:00:00Z`), startOfNext(last, every)])
    .range([LEFT, WIDTH]);
  const most = Math.max(...rows.map(({ bucket }) => bucket.times));
  const y = scaleLinear()
    .domain([0, most])
    .nice(4)
    .range([HEIGHT - BOTTOM, TOP]);
  const whole = y.ticks(4).filter(Number.isInteger);
  const number = new Intl.NumberFormat(language, { notation: 'compact' });
  const day = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' });
  // a label has room of 80 units, and stands at the begin of a bar
  const each = Math.max(1, Math.ceil((rows.length * 80) / (WIDTH - LEFT)));
  return (
    <figure className="bars">
      {/* who cannot see it, or point at it, has the same links in the table */}
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <g>
          {whole.map((tick) => (
            <g key={tick}>
              <line x1={LEFT} x2={WIDTH} y1={y(tick)} y2={y(tick)} />
              <text x={LEFT - 6} y={y(tick)} dy="0.32em" textAnchor="end">
                {number.format(tick)}
              </text>
            </g>
          ))}
          {rows.map(({ bucket: { from }, byPart }, index) => {
            const start = x(new Date(`${from}T00:00:00Z`));
            // one bar alone is no wall
            const width = Math.min(64, Math.max(1, x(startOfNext(from, every)) - start - 1));
            let below = 0;
            return (
              <g key={from}>
                {parts.map((part, place) => {
                  const count = byPart.get(part) ?? 0;
                  if (count === 0) return null;
                  const [bottom, top] = [y(below), y(below + count)];
                  below += count;
                  const drawn = (
                    <>
                      <title>{`${from}, ${named(part)}: ${count}`}</title>
                      <rect
                        x={start}
                        y={top}
                        width={width}
                        height={bottom - top}
                        data-part={placeOf(part, place)}
                      />
                      {width < LETTER || bottom - top < LETTER ? null : (
                        <text
                          className="letter"
                          x={start + width / 2}
                          y={(top + bottom) / 2}
                          dy="0.35em"
                          textAnchor="middle"
                          data-part={placeOf(part, place)}
                        >
                          {letterOf(place)}
                        </text>
                      )}
                    </>
                  );
                  return part === OTHERS ? (
                    <g key={part}>{drawn}</g>
                  ) : (
                    <Link key={part} href={addressOf(from, part)} tabIndex={-1}>
                      {drawn}
                    </Link>
                  );
                })}
                {(rows.length - 1 - index) % each === 0 ? (
                  <text
                    x={start}
                    y={HEIGHT - 6}
                    textAnchor={start > WIDTH - 40 ? 'end' : 'start'}
                    dx={start > WIDTH - 40 ? width : 0}
                  >
                    {day.format(new Date(`${from}T00:00:00Z`))}
                  </text>
                ) : null}
              </g>
            );
          })}
        </g>
      </svg>
      <figcaption className="quiet">{label}</figcaption>
    </figure>
  );
}
