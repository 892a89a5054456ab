/** For whom a draft turns something: counted over everybody, as diverging bars and as the table of their numbers. */
import { Button } from 'react-aria-components';
import { type DraftSummary, type Impact, impactKey, useImpact } from '../../api/drafts.js';
import { useMe } from '../../api/session.js';
import { Bars } from '../../parts/bars.js';
import { csvOf, save } from '../../parts/csv.js';
import { type Column, Count, Listing } from '../../parts/listing.js';
import { LongWork } from '../../parts/long-work.js';
import { useQueryState } from '../../parts/query.js';
import { Scrolls } from '../../parts/scrolls.js';
import { Names } from '../../parts/sentence.js';
import { visible } from '../../parts/visible.js';
import { useLanguage, useWords, useWordsOf } from '../../words/words.js';
import { DECIDE } from './words.js';

/** What stands in the address. */
const USUAL = { count: 'users', regime: '', named: '' };
const COUNTS = ['users', 'user_fields'] as const;
/** How many people to name for each purpose and direction. */
const SAMPLES = 5;

export function ImpactPart({
  draft,
  isEdited,
}: {
  readonly draft: DraftSummary;
  readonly isEdited: boolean;
}) {
  const own = useWordsOf(DECIDE);
  const [{ named }] = useQueryState(USUAL);
  const isOfficer = (useMe().roles ?? []).includes('privacy_officer');
  const samples = named === 'some' && isOfficer ? SAMPLES : 0;
  const impact = useImpact(draft, samples, !isEdited);
  if (impact.data === undefined)
    return isEdited ? null : (
      <LongWork says={own.counting} queryKey={impactKey(draft, samples)} query={impact} />
    );
  return (
    <Counted
      impact={impact.data}
      isOfficer={isOfficer}
      isAgain={impact.isFetching}
      again={() => void impact.refetch()}
    />
  );
}

type CountedProps = {
  readonly impact: Impact;
  readonly isOfficer: boolean;
  readonly isAgain: boolean;
  readonly again: () => void;
};

function Counted({ impact, isOfficer, isAgain, again }: CountedProps) {
  const words = useWords();
  const own = useWordsOf(DECIDE);
  const [asked, change] = useQueryState(USUAL);
  const count = COUNTS.find((name) => name === asked.count) ?? 'users';
  const regimes = [...new Set(impact.by_purpose.map(({ regime_before }) => regime_before))];
  // no link hides anything behind a law that is none of these
  const only = regimes.find((regime) => regime === asked.regime);
  const rows = impact.by_purpose.filter(({ regime_before }) => only === undefined || regime_before === only);
  const bars = new Map<string, { opened: number; closed: number }>();
  for (const { purpose, opened, closed } of rows) {
    const bar = bars.get(purpose) ?? { opened: 0, closed: 0 };
    // nobody lives under two laws, so the sums over laws are exact
    bars.set(purpose, { opened: bar.opened + opened[count], closed: bar.closed + closed[count] });
  }
  return (
    <>
      <p>{own.concerned(impact.concerned, impact.users)}</p>
      <p className="quiet">{own.meanwhile(impact.changes)}</p>
      {impact.by_purpose.length === 0 ? null : (
        <>
          <div className="bar">
            <label>
              <span>{own.count}</span>
              <select value={count} onChange={({ target }) => change({ count: target.value })}>
                {COUNTS.map((name) => (
                  <option key={name} value={name}>
                    {own.counts[name]}
                  </option>
                ))}
              </select>
            </label>
            <label>
              <span>{own.regime}</span>
              <select value={only ?? ''} onChange={({ target }) => change({ regime: target.value })}>
                <option value="">{own.allRegimes}</option>
                {regimes.map((regime) => (
                  <option key={regime}>{regime}</option>
                ))}
              </select>
            </label>
          </div>
          <Bars label={own.chart(own.counts[count])} closes={own.closes} opens={own.opens} bars={bars} />
          <Table rows={rows} />
        </>
      )}
      <Lapsing lapsing={impact.lapsing} />
      <div className="bar">
        {impact.by_purpose.length === 0 ? null : (
          <Button onPress={() => save('impact.csv', 'text/csv', csvOf(tableOf(impact)))}>
            {words.exportTable}
          </Button>
        )}
        <Button isPending={isAgain} onPress={again}>
          {own.again}
        </Button>
        {isOfficer ? (
          <Button onPress={() => change({ named: asked.named === 'some' ? '' : 'some' })}>
            {asked.named === 'some' ? own.hideNames : own.showNames}
          </Button>
        ) : null}
      </div>
      {isOfficer ? null : (
        <p className="quiet">
          <Names says={own.namesFor} />
        </p>
      )}
    </>
  );
}

type Lapse = Impact['lapsing'][number];

/** Grants that are too old for the draft: they are closed without an answer of the engine turning, so no count has them. */
function Lapsing({ lapsing }: { readonly lapsing: readonly Lapse[] }) {
  const own = useWordsOf(DECIDE);
  const language = useLanguage();
  if (lapsing.length === 0) return null;
  const all = lapsing.reduce((sum, { grants }) => sum + grants, 0);
  const columns: readonly Column<Lapse>[] = [
    {
      id: 'purpose',
      title: own.purpose,
      value: ({ purpose }) => purpose,
      shown: ({ purpose }) => <code>{purpose}</code>,
    },
    { id: 'regime', title: own.regimes, value: ({ regime }) => regime },
    { id: 'grants', title: own.lapsing.grants, isNumber: true, value: ({ grants }) => grants },
  ];
  return (
    <Listing
      title={own.lapsing.title}
      about={<strong>{own.lapsing.says(all, all.toLocaleString(language))}</strong>}
      file="lapsing"
      columns={columns}
      rows={lapsing}
      keyOf={({ purpose, regime }) => `${purpose} ${regime}`}
      none=""
    />
  );
}

type Rows = Impact['by_purpose'];

function Table({ rows }: { readonly rows: Rows }) {
  const own = useWordsOf(DECIDE);
  const isNamed = rows.some(({ samples }) => samples.opened.length + samples.closed.length > 0);
  return (
    <Scrolls label={own.impact}>
      <table className="table">
        <thead>
          <tr>
            <th rowSpan={2} scope="col">
              {own.purpose}
            </th>
            <th rowSpan={2} scope="col">
              {own.regimes}
            </th>
            <th colSpan={isNamed ? 3 : 2} scope="colgroup">
              {own.closes}
            </th>
            <th colSpan={isNamed ? 3 : 2} scope="colgroup">
              {own.opens}
            </th>
          </tr>
          <tr>
            {[0, 1].map((at) => [
              <th key={`people-${at}`} scope="col" className="number">
                {own.column.people}
              </th>,
              <th key={`fields-${at}`} scope="col" className="number">
                {own.column.fields}
              </th>,
              isNamed ? (
                <th key={`names-${at}`} scope="col">
                  {own.names}
                </th>
              ) : null,
            ])}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={`${row.purpose} ${row.regime_before} ${row.regime_after}`}
              row={row}
              isNamed={isNamed}
            />
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}

function Row({ row, isNamed }: { readonly row: Rows[number]; readonly isNamed: boolean }) {
  const own = useWordsOf(DECIDE);
  const { purpose, regime_before, regime_after, opened, closed, samples } = row;
  return (
    <tr>
      <th scope="row">
        <code>{purpose}</code>
      </th>
      <td>{own.from(regime_before, regime_after)}</td>
      {[
        { turned: closed, named: samples.closed },
        { turned: opened, named: samples.opened },
      ].map(({ turned: { users, user_fields }, named }, at) => [
        <td key={`people-${at}`} className="number">
          <Count of={users} />
        </td>,
        <td key={`fields-${at}`} className="number">
          <Count of={user_fields} />
        </td>,
        isNamed ? (
          <td key={`names-${at}`} className="names">
            {visible(named.join(', '))}
          </td>
        ) : null,
      ])}
    </tr>
  );
}

function tableOf({ by_purpose }: Impact): (string | number)[][] {
  return [
    [
      'purpose',
      'regime_before',
      'regime_after',
      'closed_users',
      'closed_user_fields',
      'opened_users',
      'opened_user_fields',
    ],
    ...by_purpose.map(({ purpose, regime_before, regime_after, opened, closed }) => [
      purpose,
      regime_before,
      regime_after,
      closed.users,
      closed.user_fields,
      opened.users,
      opened.user_fields,
    ]),
  ];
}
