/** The records that users were erased. */
import { api, said } from '../../api/api.js';
import type { components } from '../../api/types.js';
import type { Column } from '../../parts/listing.js';
import { PagedListing } from '../../parts/paged-listing.js';
import { usePaged } from '../../parts/paged.js';
import { Time } from '../../parts/time.js';
import { useWordsOf } from '../../words/words.js';
import { PROOF } from './words.js';

type Erasure = components['schemas']['Erasure'];

/** Records in a page. */
const LIMIT = 100;

export function Erasures() {
  const own = useWordsOf(PROOF).erasures;
  const { columns } = own;
  const paged = usePaged(
    ['erasures'],
    (after, signal) =>
      said(
        api.GET('/v1/erasures', {
          params: { query: { limit: LIMIT, ...(after === undefined ? {} : { after }) } },
          signal,
        }),
      ),
    ({ erasures }) => (erasures.length < LIMIT ? undefined : erasures.at(-1)?.id),
  );
  const shown: readonly Column<Erasure>[] = [
    {
      id: 'record',
      title: columns.id,
      value: ({ id }) => id,
      shown: ({ id }) => <code className="long">{id}</code>,
    },
    { id: 'revision', title: columns.revision, isNumber: true, value: ({ revision }) => revision },
    { id: 'at', title: columns.at, value: ({ at }) => at, shown: ({ at }) => <Time at={at} /> },
    {
      id: 'by',
      title: columns.by,
      value: ({ by }) => `${by.kind} ${by.id ?? ''}`.trim(),
      shown: ({ by }) =>
        by.id === undefined ? (
          own.themselves
        ) : (
          <>
            {own.kinds[by.kind]} <bdi>{by.id}</bdi>
          </>
        ),
    },
  ];
  return (
    <PagedListing
      title={own.title}
      about={own.about}
      file="erasures"
      columns={shown}
      paged={paged}
      rowsOf={({ erasures }) => erasures}
      keyOf={({ id }) => id}
      none={own.none}
    />
  );
}
