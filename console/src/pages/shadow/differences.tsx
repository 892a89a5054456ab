/** Which answers would have been otherwise: by purpose as bars, and each kind with its client and both reasons. */
import { Link } from 'wouter';
import { useMe } from '../../api/session.js';
import { Bars } from '../../parts/bars.js';
import { type Column, Count, Listing } from '../../parts/listing.js';
import { useQueryState } from '../../parts/query.js';
import { hasFor } from '../../shell/views.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { TURNS, USUAL } from './turns.js';
import type { Difference, Report } from './use-shadow.js';
import { SHADOW } from './words.js';

export function Differences({ report }: { readonly report: Report }) {
  const own = useWordsOf(SHADOW);
  const language = useLanguage();
  const me = useMe();
  const [asked, change] = useQueryState(USUAL);
  const { differences, compared, since } = report;
  const purposes = [...new Set(differences.map(({ purpose }) => purpose))].sort();
  // no link hides anything behind what is none of these
  const only = TURNS.find((turns) => turns === asked.turns);
  const purposeOnly = purposes.find((purpose) => purpose === asked.purpose);
  const rows = differences.filter(
    ({ turns, purpose }) =>
      (only === undefined || turns === only) && (purposeOnly === undefined || purpose === purposeOnly),
  );
  const bars = barsOf(rows);
  const maySeeUses = hasFor(me, 'uses').may;
  const reason = (of: Difference['live']) => (
    <>
      <code>{of}</code> {sentenceOf(of, language)}
    </>
  );
  const columns: readonly Column<Difference>[] = [
    {
      id: 'purpose',
      title: own.columns.purpose,
      value: ({ purpose }) => purpose,
      shown: ({ purpose }) => (
        <Link href={`/matrix?${new URLSearchParams({ find: purpose }).toString()}`}>
          <code>{purpose}</code>
        </Link>
      ),
    },
    { id: 'client', title: own.columns.client, value: ({ client }) => client },
    { id: 'live', title: own.columns.live, value: ({ live }) => live, shown: ({ live }) => reason(live) },
    {
      id: 'draft',
      title: own.columns.draft,
      value: ({ draft }) => draft,
      shown: ({ draft }) => reason(draft),
    },
    {
      id: 'turns',
      title: own.columns.turns,
      value: ({ turns }) => turns,
      shown: ({ turns }) => own.turns[turns],
    },
    {
      id: 'count',
      title: own.columns.count,
      isNumber: true,
      value: ({ count }) => count,
      shown: ({ purpose, client, live, count }) =>
        maySeeUses ? (
          <Link
            href={`/uses?${new URLSearchParams({ purpose, client, reason: live, from: since.slice(0, 10) }).toString()}`}
          >
            <Count of={count} />
          </Link>
        ) : (
          <Count of={count} />
        ),
    },
  ];
  return (
    <Listing
      title={own.differences}
      about={maySeeUses ? `${own.toMatrix} ${own.toUses}` : own.toMatrix}
      file="shadow"
      columns={columns}
      rows={rows}
      keyOf={({ purpose, client, live, draft }) => `${purpose} ${client} ${live} ${draft}`}
      none={compared === 0 ? own.noneYet : differences.length === 0 ? own.none : own.noneSuch}
      before={
        differences.length === 0 ? null : (
          <>
            <div className="bar">
              <label>
                <span>{own.show}</span>
                <select value={only ?? ''} onChange={({ target }) => change({ turns: target.value })}>
                  <option value="">{own.all}</option>
                  {TURNS.map((turns) => (
                    <option key={turns} value={turns}>
                      {own.turns[turns]}
                    </option>
                  ))}
                </select>
              </label>
              <label>
                <span>{own.purpose}</span>
                <select
                  value={purposeOnly ?? ''}
                  onChange={({ target }) => change({ purpose: target.value })}
                >
                  <option value="">{own.allPurposes}</option>
                  {purposes.map((purpose) => (
                    <option key={purpose}>{purpose}</option>
                  ))}
                </select>
              </label>
            </div>
            {bars.size === 0 ? null : (
              <Bars label={own.chart} closes={own.turns.to_deny} opens={own.turns.to_permit} bars={bars} />
            )}
          </>
        )
      }
    />
  );
}

/** What turns, by purpose: another reason for the same answer turns nothing. */
function barsOf(rows: readonly Difference[]) {
  const bars = new Map<string, { opened: number; closed: number }>();
  for (const { purpose, turns, count } of rows) {
    if (turns === 'reason_only') continue;
    const bar = bars.get(purpose) ?? { opened: 0, closed: 0 };
    if (turns === 'to_permit') bar.opened += count;
    else bar.closed += count;
    bars.set(purpose, bar);
  }
  return bars;
}
