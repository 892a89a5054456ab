/** How those for whom a purpose is on differ from all people, with how sure that is. */
import { useQuery } from '@tanstack/react-query';
import { scaleLinear } from 'd3-scale';
import { api, said } from '../../api/api.js';
import type { components } from '../../api/types.js';
import { Answer } from '../../parts/answer.js';
import { type Column, Listing } from '../../parts/listing.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { CONSENT } from './words.js';

type Report = components['schemas']['ConsentBalance'];
type Estimate = components['schemas']['Estimate'];

/** A group of people, and its name. */
type Cohort = {
  readonly name: string;
  readonly all: number | null;
  readonly remaining: number | null;
  readonly left: number | null;
  readonly share_of_all: number | null;
  readonly share_of_remaining: number | null;
  readonly ratio: Estimate | null;
};

type Split = {
  readonly id: string;
  readonly title: string;
  readonly part: number;
  readonly users: Report['users'];
  readonly divergence: Estimate | null;
  readonly cohorts: readonly Cohort[];
  readonly movers: readonly { readonly name: string; readonly difference: number }[];
};

type Props = {
  readonly purpose: string;
  /** Id of a split. */
  readonly by: string;
  readonly choose: (by: string) => void;
};

export function Balance({ purpose, by, choose }: Props) {
  const own = useWordsOf(CONSENT);
  const language = useLanguage();
  const query = useQuery({
    // titles are in the language that the page speaks
    queryKey: ['consent-balance', purpose, language],
    queryFn: ({ signal }) =>
      said(api.GET('/v1/reports/consent-balance', { params: { query: { purpose } }, signal })),
  });
  return (
    <Answer query={query}>
      {(report) => {
        const splits = splitsOf(report, own);
        const [first] = splits;
        const split = splits.find(({ id }) => id === by) ?? first;
        if (split === undefined) return null;
        const at = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
          new Date(report.counted_at),
        );
        return (
          <>
            <Cohorts split={split} about={own.balance.about(at)} purpose={purpose}>
              <label>
                {own.balance.of}{' '}
                <select value={split.id} onChange={({ target }) => choose(target.value)}>
                  {splits.map(({ id, title }) => (
                    <option key={id} value={id}>
                      {title}
                    </option>
                  ))}
                </select>
              </label>
            </Cohorts>
            <p className="quiet">{own.small(report.minimum.toLocaleString(language))}</p>
            {split.part === 1 ? null : (
              <p className="quiet">{own.part(split.part.toLocaleString(language, { style: 'percent' }))}</p>
            )}
            {split.movers.length === 0 ? null : (
              <Listing
                title={own.balance.movers}
                file={`movers-${purpose}`}
                columns={[
                  { id: 'cohort', title: own.balance.columns.cohort, value: ({ name }) => name },
                  {
                    id: 'difference',
                    title: own.balance.difference,
                    isNumber: true,
                    value: ({ difference }) => difference,
                    shown: ({ difference }) =>
                      difference.toLocaleString(language, {
                        style: 'percent',
                        signDisplay: 'exceptZero',
                        maximumFractionDigits: 2,
                      }),
                  },
                ]}
                rows={split.movers}
                keyOf={({ name }) => name}
                none=""
              />
            )}
          </>
        );
      }}
    </Answer>
  );
}

type CohortsProps = {
  readonly split: Split;
  readonly about: string;
  readonly purpose: string;
  readonly children: React.ReactNode;
};

function Cohorts({ split, about, purpose, children }: CohortsProps) {
  const own = useWordsOf(CONSENT).balance;
  const language = useLanguage();
  const { columns } = own;
  const { users, divergence, cohorts, id } = split;
  const number = (count: number | null) => count?.toLocaleString(language) ?? own.untold;
  const known = (count: number | null) => count?.toLocaleString(language) ?? null;
  const digits = (value: number, most = 3) => value.toLocaleString(language, { maximumFractionDigits: most });
  const told = cohorts.filter(({ all }) => all !== null);
  const untold = cohorts.filter(({ all }) => all === null);
  const most = Math.max(2, ...cohorts.map(({ ratio }) => ratio?.high ?? 0));
  const share = (member: 'share_of_all' | 'share_of_remaining', title: string): Column<Cohort> => ({
    id: member,
    title,
    isNumber: true,
    value: (cohort) => cohort[member],
    shown: (cohort) =>
      cohort[member]?.toLocaleString(language, { style: 'percent', maximumFractionDigits: 1 }) ?? '–',
  });
  const people = (member: 'all' | 'remaining' | 'left', title: string): Column<Cohort> => ({
    id: member,
    title,
    isNumber: true,
    value: (cohort) => cohort[member],
    shown: (cohort) =>
      cohort[member] === null ? <span className="quiet">{own.untold}</span> : number(cohort[member]),
  });
  const shown: readonly Column<Cohort>[] = [
    { id: 'cohort', title: columns.cohort, value: ({ name }) => name },
    people('all', columns.all),
    people('remaining', columns.remaining),
    people('left', columns.left),
    share('share_of_all', columns.shareAll),
    share('share_of_remaining', columns.shareRemaining),
    {
      id: 'ratio',
      title: columns.ratio,
      isNumber: true,
      value: ({ ratio }) => ratio?.value ?? null,
      shown: ({ ratio }) => (ratio === null ? '–' : digits(ratio.value)),
    },
    {
      id: 'drawing',
      title: columns.drawing(digits(most, 1)),
      isDrawing: true,
      value: () => null,
      shown: ({ ratio }) => (ratio === null ? null : <Interval estimate={ratio} most={most} />),
    },
    {
      id: 'low',
      title: columns.interval,
      isNumber: true,
      value: ({ ratio }) => ratio?.low ?? null,
      shown: ({ ratio }) => (ratio === null ? '–' : `${digits(ratio.low)} – ${digits(ratio.high)}`),
    },
    {
      id: 'high',
      title: '',
      isOnlyInFile: true,
      value: ({ ratio }) => ratio?.high ?? null,
    },
  ];
  return (
    <Listing
      title={own.title}
      about={about}
      file={`balance-${purpose}-${id}`}
      columns={shown}
      rows={told}
      keyOf={({ name }) => name}
      none={own.none}
      before={
        <>
          <div>{children}</div>
          {users.all === null ? null : (
            <p>{own.total(number(users.all), known(users.remaining), known(users.left))}</p>
          )}
          {divergence === null ? null : (
            <p>
              {own.divergence(
                digits(divergence.value, 6),
                digits(divergence.low, 6),
                digits(divergence.high, 6),
              )}
            </p>
          )}
          {told.length === 0 ? null : <p className="quiet">{own.ratio}</p>}
          {untold.length === 0 ? null : (
            <p className="quiet">{own.tooFew(untold.map(({ name }) => name).join('; '))}</p>
          )}
        </>
      }
    />
  );
}

/** Width and height of the drawing, in pixels. */
const [WIDTH, HEIGHT] = [120, 20];

/** A dot with its error bar, and the line at which it makes no difference. Its numbers stand beside it. */
function Interval({
  estimate: { value, low, high },
  most,
}: {
  readonly estimate: Estimate;
  readonly most: number;
}) {
  const x = scaleLinear([0, most], [4, WIDTH - 4]);
  const middle = HEIGHT / 2;
  return (
    <svg
      className="interval"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
    >
      <line className="rule" x1={x(0)} x2={x(most)} y1={middle} y2={middle} />
      <line className="even" x1={x(1)} x2={x(1)} y1={0} y2={HEIGHT} />
      <path d={`M${x(low)} 5V15M${x(high)} 5V15M${x(low)} ${middle}H${x(high)}`} />
      <circle cx={x(value)} cy={middle} r={4} />
    </svg>
  );
}

type Own = (typeof CONSENT)['en'];

function splitsOf(report: Report, { balance }: Own): readonly Split[] {
  const ages = new Map<string, string>(Object.entries(balance.ages));
  const ageOf = (band: string) => ages.get(band) ?? band;
  const whole = { part: report.part, users: report.users };
  return [
    {
      ...whole,
      ...report.by_regime,
      id: 'regime',
      title: balance.splits.regime,
      cohorts: report.by_regime.cohorts.map((one) => ({ ...one, name: one.regime.title })),
      movers: [],
    },
    {
      ...whole,
      ...report.by_age_band,
      id: 'age',
      title: balance.splits.age,
      cohorts: report.by_age_band.cohorts.map((one) => ({ ...one, name: ageOf(one.age_band) })),
      movers: [],
    },
    {
      ...whole,
      ...report.by_regime_and_age_band,
      id: 'both',
      title: balance.splits.both,
      cohorts: report.by_regime_and_age_band.cohorts.map((one) => ({
        ...one,
        name: `${one.regime.title}, ${ageOf(one.age_band)}`,
      })),
      movers: report.movers.map(({ regime, age_band, difference }) => ({
        name: `${regime.title}, ${ageOf(age_band)}`,
        difference,
      })),
    },
    ...report.by_attribute.map(({ attribute, part, users, divergence, cohorts, movers }) => ({
      id: `attribute:${attribute.id}`,
      title: attribute.title,
      part,
      users,
      divergence,
      cohorts: cohorts.map((one) => ({ ...one, name: one.value?.title ?? balance.noValue })),
      movers: movers.map(({ value, difference }) => ({
        name: value?.title ?? balance.noValue,
        difference,
      })),
    })),
  ];
}
