/** What services took of people for training, and whether they left out who withdrew. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { api, said } from '../../api/api.js';
import type { components } from '../../api/types.js';
import type { Column } from '../../parts/listing.js';
import { PagedListing } from '../../parts/paged-listing.js';
import { usePaged } from '../../parts/paged.js';
import { Time } from '../../parts/time.js';
import { useLanguage, useWords, useWordsOf } from '../../words/words.js';
import { CONSENT } from './words.js';

type Extract = components['schemas']['ExtractSummary'];
type Balance = components['schemas']['ExtractBalance'];

/** Extracts in a page: each is asked for once more, for what its service said since. */
const LIMIT = 20;

export function Extracts() {
  const own = useWordsOf(CONSENT).extracts;
  const { columns } = own;
  const paged = usePaged(
    ['extracts'],
    (cursor, signal) =>
      said(
        api.GET('/v1/extracts', {
          params: { query: { limit: LIMIT, ...(cursor === undefined ? {} : { cursor }) } },
          signal,
        }),
      ),
    ({ next }) => next,
  );
  const listed = paged.query.data?.flatMap(({ extracts }) => extracts) ?? [];
  const balances = useQueries({
    queries: listed.map(({ id }) => ({
      queryKey: ['extract-balance', id],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        said(api.GET('/v1/extracts/{id}/balance', { params: { path: { id } }, signal })),
    })),
    combine: (all) => new Map(listed.map(({ id }, place) => [id, all[place]])),
  });
  const shown: readonly Column<Extract>[] = [
    {
      id: 'extract',
      title: columns.id,
      value: ({ id }) => id,
      shown: ({ id, title }) => (
        <>
          {title === null ? null : <p>{title}</p>}
          <code className="long">{id}</code>
        </>
      ),
    },
    { id: 'client', title: columns.client, value: ({ client }) => client },
    { id: 'purpose', title: columns.purpose, value: ({ purpose }) => purpose },
    {
      id: 'fields',
      title: columns.fields,
      value: ({ fields }) => fields.join(' '),
      shown: ({ fields }) => fields.join(', '),
    },
    { id: 'members', title: columns.members, isNumber: true, value: ({ members }) => members },
    {
      id: 'left',
      title: columns.left,
      isNumber: true,
      value: ({ id }) => balances.get(id)?.data?.left ?? null,
      shown: ({ id }) => <Left balance={balances.get(id)} />,
    },
    {
      id: 'opened_at',
      title: columns.opened,
      value: ({ opened_at: at }) => at,
      shown: ({ opened_at: at }) => <Time at={at} />,
    },
    {
      id: 'closed_at',
      title: columns.closed,
      value: ({ closed_at: at }) => at,
      shown: ({ closed_at: at }) => (at === null ? own.open : <Time at={at} />),
    },
    {
      id: 'unlearned',
      title: columns.unlearned,
      isDrawing: true,
      value: () => null,
      shown: ({ id }) => <Unlearned id={id} />,
    },
  ];
  return (
    <PagedListing
      title={own.title}
      about={own.about}
      file="extracts"
      columns={shown}
      paged={paged}
      rowsOf={({ extracts }) => extracts}
      keyOf={({ id }) => id}
      none={own.none}
    />
  );
}

/** How many have withdrawn since, where that may be told. */
function Left({
  balance,
}: {
  readonly balance: { readonly data: Balance | undefined; readonly error: unknown } | undefined;
}) {
  const words = useWords();
  const own = useWordsOf(CONSENT).extracts;
  const language = useLanguage();
  const { data, error = null } = balance ?? {};
  if (data === undefined)
    return <span className="quiet">{error === null ? words.reading : words.failed.no_answer}</span>;
  const { left, remaining, minimum } = data;
  if (left !== null) return own.around(left.toLocaleString(language));
  return (
    <span className="quiet">
      {remaining === null ? own.untold : own.fewer(minimum.toLocaleString(language))}
    </span>
  );
}

/** When the service last said that it has left out who withdrew. */
function Unlearned({ id }: { readonly id: string }) {
  const words = useWords();
  const own = useWordsOf(CONSENT).extracts;
  const language = useLanguage();
  const { data, error } = useQuery({
    queryKey: ['extract', id],
    queryFn: ({ signal }) => said(api.GET('/v1/extracts/{id}', { params: { path: { id } }, signal })),
  });
  if (data === undefined)
    return <span className="quiet">{error === null ? words.reading : words.failed.no_answer}</span>;
  const last = data.unlearned.at(-1);
  if (last === undefined) return own.never;
  return (
    <>
      {own.times(data.unlearned.length.toLocaleString(language))} <Time at={last.at} />
    </>
  );
}
