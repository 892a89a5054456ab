/** What is brought in from earlier systems, and what became of it. */
import { api, said } from '../../api/api.js';
import type { components } from '../../api/types.js';
import type { Column } from '../../parts/listing.js';
import { PagedListing } from '../../parts/paged-listing.js';
import { usePaged } from '../../parts/paged.js';
import { Time } from '../../parts/time.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { OPERATION } from './words.js';

type Import = components['schemas']['Import'];

export function Imports() {
  const own = useWordsOf(OPERATION).imports;
  const language = useLanguage();
  const paged = usePaged(
    ['imports'],
    (cursor, signal) =>
      said(api.GET('/v1/imports', { params: { query: cursor === undefined ? {} : { cursor } }, signal })),
    ({ next }) => next,
  );
  const { columns } = own;
  const reasonsOf = ({ summary }: Import) =>
    Object.entries(summary.reasons).sort(([, one], [, other]) => other - one);
  const remarksOf = ({ summary }: Import) => [
    ...(summary.permits_nothing === 0 ? [] : [own.nothing(summary.permits_nothing)]),
    ...(summary.taken_as_strictest === 0 ? [] : [own.strictest(summary.taken_as_strictest)]),
  ];
  const shown: readonly Column<Import>[] = [
    {
      id: 'import',
      title: columns.id,
      value: ({ id }) => id,
      shown: ({ id, by }) => (
        <>
          <code className="long">{id}</code>
          {by === null ? null : (
            <p className="quiet">
              <bdi>{by}</bdi>
            </p>
          )}
        </>
      ),
    },
    { id: 'by', title: null, value: ({ by }) => by, isOnlyInFile: true },
    {
      id: 'changed_at',
      title: columns.changed,
      value: ({ changed_at: at }) => at,
      shown: ({ changed_at: at }) => (at === null ? '–' : <Time at={at} />),
    },
    { id: 'lines', title: columns.line, isNumber: true, value: ({ line }) => line },
    { id: 'changed', title: columns.changes, isNumber: true, value: ({ summary }) => summary.changed },
    { id: 'unchanged', title: columns.unchanged, isNumber: true, value: ({ summary }) => summary.unchanged },
    { id: 'refused', title: columns.refused, isNumber: true, value: ({ summary }) => summary.refused },
    {
      id: 'reasons',
      title: columns.reasons,
      value: (one) =>
        reasonsOf(one)
          .map(([reason, count]) => `${reason} ${count}`)
          .join(' '),
      shown: (one) => {
        const reasons = reasonsOf(one);
        return reasons.length === 0 ? (
          own.none_refused
        ) : (
          <ul>
            {reasons.map(([reason, count]) => (
              <li key={reason}>
                <code>{reason}</code> {count.toLocaleString(language)}
              </li>
            ))}
          </ul>
        );
      },
    },
    {
      id: 'remarks',
      title: columns.remarks,
      value: (one) => remarksOf(one).join('; '),
      shown: (one) => remarksOf(one).map((remark) => <p key={remark}>{remark}</p>),
    },
  ];
  return (
    <PagedListing
      title={own.title}
      about={own.about}
      file="imports"
      columns={shown}
      paged={paged}
      rowsOf={({ imports }) => imports}
      keyOf={({ id }) => id}
      none={own.none}
    />
  );
}
