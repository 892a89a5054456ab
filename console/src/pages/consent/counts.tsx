/** How many people have which reason, over time and by law. */
import { useQuery } from '@tanstack/react-query';
import { Button } from 'react-aria-components';
import { api, said } from '../../api/api.js';
import { Answer } from '../../parts/answer.js';
import { type Column, Listing } from '../../parts/listing.js';
import { Time } from '../../parts/time.js';
import { VersionId } from '../../parts/version-id.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { Bars } from './bars.js';
import { markOf, useSentence } from './reasons.js';
import {
  type CountsOfDay,
  type Told,
  type ToldReason,
  daysUntilToday,
  lastOfEachDay,
  reasonsOf,
  toldOf,
} from './told.js';
import { CONSENT } from './words.js';

type Props = {
  readonly purpose: string;
  /** Empty: all together. */
  readonly regime: string;
  readonly days: number;
  readonly titleOf: (regime: string) => string;
  readonly choose: (regime: string) => void;
};

export function Counts({ purpose, regime, days, titleOf, choose }: Props) {
  const wanted = daysUntilToday(days);
  const [from = ''] = wanted;
  const query = useQuery({
    queryKey: ['consent-counts', purpose, from],
    queryFn: ({ signal }) =>
      said(
        api.GET('/v1/reports/consent-counts', {
          params: { query: { purpose, from: `${from}T00:00:00Z` } },
          signal,
        }),
      ),
  });
  return (
    <Answer query={query}>
      {(answer) => (
        <>
          <OverTime days={wanted} counts={answer.days} purpose={purpose} regime={regime} />
          <ByRegime counts={answer.days} purpose={purpose} titleOf={titleOf} choose={choose} />
        </>
      )}
    </Answer>
  );
}

type OverTimeProps = {
  readonly days: readonly string[];
  readonly counts: readonly CountsOfDay[];
  readonly purpose: string;
  readonly regime: string;
};

function OverTime({ days, counts, purpose, regime }: OverTimeProps) {
  const own = useWordsOf(CONSENT);
  const language = useLanguage();
  const sentence = useSentence();
  const all = counts.map((count) => toldOf(count, regime));
  const told = all.filter(({ people }) => people > 0);
  const drawn = lastOfEachDay(told);
  const isWhole = days.every((day) => drawn.some((one) => one.day === day));
  const reasons = reasonsOf(told);
  const [{ minimum, part } = { minimum: 0, part: 1 }] = counts.slice(-1);
  const columns: readonly Column<Told>[] = [
    {
      id: 'day',
      title: own.overTime.columns.day,
      value: ({ day }) => day,
      shown: ({ day }) => <span className="day">{day}</span>,
    },
    {
      id: 'regime',
      title: own.overTime.columns.regime,
      isOnlyInFile: true,
      value: () => (regime === '' ? 'all' : regime),
    },
    { id: 'people', title: own.overTime.columns.people, isNumber: true, value: ({ people }) => people },
    ...reasons.map((reason) => ({
      id: reason,
      title: (
        <>
          <Sign of={reason} /> <span title={sentence(reason)}>{reason}</span>
        </>
      ),
      isNumber: true,
      value: ({ byReason }: Told) => byReason.get(reason) ?? null,
    })),
    {
      id: 'counted_at',
      title: own.overTime.columns.counted,
      value: ({ countedAt }) => countedAt,
      shown: ({ countedAt }) => <Time at={countedAt} />,
    },
    {
      id: 'policy',
      title: own.overTime.columns.policy,
      value: ({ policy }) => policy,
      shown: ({ policy }) => <VersionId id={policy} />,
    },
  ];
  return (
    <>
      <Listing
        title={own.overTime.title}
        about={own.overTime.about}
        file={['consent', purpose, ...(regime === '' ? [] : [regime])].join('-')}
        columns={columns}
        rows={told.toReversed()}
        keyOf={({ day, policy }) => `${day} ${policy}`}
        none={own.overTime.none}
        before={
          told.length === 0 ? null : (
            <figure>
              <Bars days={days} told={drawn} />
              <figcaption>
                <ul className="signs">
                  {reasons.map((reason) => (
                    <li key={reason}>
                      <Sign of={reason} /> {sentence(reason)}
                    </li>
                  ))}
                </ul>
                {isWhole ? null : <p className="quiet">{own.overTime.missing}</p>}
              </figcaption>
            </figure>
          )
        }
      />
      {minimum === 0 ? null : <p className="quiet">{own.small(minimum.toLocaleString(language))}</p>}
      {part === 1 ? null : (
        <p className="quiet">{own.part(part.toLocaleString(language, { style: 'percent' }))}</p>
      )}
    </>
  );
}

type ByRegimeProps = Pick<Props, 'purpose' | 'titleOf' | 'choose'> & {
  readonly counts: readonly CountsOfDay[];
};

type OfRegime = { readonly regime: string; readonly told: Told };

function ByRegime({ counts, purpose, titleOf, choose }: ByRegimeProps) {
  const own = useWordsOf(CONSENT).byRegime;
  const language = useLanguage();
  const last = counts.toSorted((one, other) => (one.counted_at < other.counted_at ? -1 : 1)).at(-1);
  if (last === undefined || last.regimes.length === 0) return null;
  const rows = last.regimes.map(({ regime }) => ({ regime, told: toldOf(last, regime) }));
  const onOf = ({ told }: OfRegime) => told.byReason.get('permitted') ?? null;
  const columns: readonly Column<OfRegime>[] = [
    {
      id: 'regime',
      title: own.columns.regime,
      value: ({ regime }) => regime,
      shown: ({ regime }) => (
        <Button className="link" onPress={() => choose(regime)}>
          {titleOf(regime)}
        </Button>
      ),
    },
    { id: 'people', title: own.columns.people, isNumber: true, value: ({ told }) => told.people },
    { id: 'on', title: own.columns.on, isNumber: true, value: onOf },
    {
      id: 'share_on',
      title: own.columns.share,
      isNumber: true,
      value: (row) => {
        const on = onOf(row);
        return on === null ? null : Number((on / row.told.people).toFixed(4));
      },
      shown: (row) => {
        const on = onOf(row);
        return on === null ? '–' : (on / row.told.people).toLocaleString(language, { style: 'percent' });
      },
    },
    {
      id: 'drawing',
      title: own.columns.drawing,
      isDrawing: true,
      value: () => null,
      shown: ({ told }) => <Strip told={told} />,
    },
  ];
  return (
    <Listing
      title={own.title(last.day)}
      about={own.about}
      file={`consent-${purpose}-${last.day}`}
      columns={columns}
      rows={rows}
      keyOf={({ regime }) => regime}
      none=""
    />
  );
}

/** The reasons of one row as a strip, with their numbers for who does not see it. */
function Strip({ told }: { readonly told: Told }) {
  const language = useLanguage();
  const sentence = useSentence();
  const reasons = reasonsOf([told]);
  return (
    <div className="strip">
      {reasons.map((reason) => {
        const count = told.byReason.get(reason) ?? 0;
        const { tone, look, sign } = markOf(reason);
        const words = `${sentence(reason)}: ${count.toLocaleString(language)}`;
        return (
          <span key={reason} data-tone={tone} data-look={look} style={{ flexGrow: count }} title={words}>
            <span aria-hidden="true">{sign}</span>
            <span className="hidden">{words}. </span>
          </span>
        );
      })}
    </div>
  );
}

function Sign({ of }: { readonly of: ToldReason }) {
  const { sign, tone, look } = markOf(of);
  return (
    <span className="sign" data-tone={tone} data-look={look} aria-hidden="true">
      {sign}
    </span>
  );
}
