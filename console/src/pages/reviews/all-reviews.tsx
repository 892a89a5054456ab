/** Every review that was recorded. */
import { api, said } from '../../api/api.js';
import { REVIEWED } from '../../api/due.js';
import type { components } from '../../api/types.js';
import type { Column } from '../../parts/listing.js';
import { PagedListing } from '../../parts/paged-listing.js';
import { usePaged } from '../../parts/paged.js';
import { Time } from '../../parts/time.js';
import { VersionId } from '../../parts/version-id.js';
import { useWordsOf } from '../../words/words.js';
import { REVIEWS } from './words.js';

type Review = components['schemas']['PurposeReview'];

export function AllReviews() {
  const own = useWordsOf(REVIEWS).all;
  const { columns } = own;
  const paged = usePaged(
    [REVIEWED, 'all'],
    (cursor, signal) =>
      said(
        api.GET('/v1/policies/reviews', {
          params: { query: cursor === undefined ? {} : { cursor } },
          signal,
        }),
      ),
    ({ next }) => next,
  );
  const shown: readonly Column<Review>[] = [
    {
      id: 'purpose',
      title: columns.purpose,
      value: ({ purpose }) => purpose,
      shown: ({ purpose }) => <code>{purpose}</code>,
    },
    { id: 'at', title: columns.at, value: ({ at }) => at, shown: ({ at }) => <Time at={at} /> },
    { id: 'by', title: columns.by, value: ({ by, roles }) => `${by} (${roles.join(', ')})` },
    {
      id: 'finding',
      title: columns.finding,
      value: ({ finding }) => finding,
      shown: ({ finding }) => <span className="finding">{finding}</span>,
    },
    {
      id: 'review_by',
      title: columns.answered,
      value: ({ review_by: day }) => day,
      shown: ({ review_by: day }) => day ?? <span className="quiet">{own.noDay}</span>,
    },
    {
      id: 'next',
      title: columns.next,
      value: ({ next }) => next,
      shown: ({ next }) => next ?? <span className="quiet">{own.open}</span>,
    },
    {
      id: 'policy',
      title: columns.policy,
      value: ({ policy }) => policy,
      shown: ({ policy }) => <VersionId id={policy} />,
    },
  ];
  return (
    <PagedListing
      title={own.title}
      about={own.about}
      file="reviews"
      columns={shown}
      paged={paged}
      rowsOf={({ reviews }) => reviews}
      keyOf={({ purpose, at }) => `${purpose} ${at}`}
      none={own.none}
    />
  );
}
