/** What services took of people for training, and whether they left out who withdrew. */
import { useQueries } from '@tanstack/react-query';
import { api, said } from '../../api/api.js';
import type { components } from '../../api/types.js';
import type { Column } from '../../parts/listing.js';
import { PagedListing } from '../../parts/paged-listing.js';
import { usePaged } from '../../parts/paged.js';
import { sentenceOf } from '../../parts/said.js';
import { Time } from '../../parts/time.js';
import { useLanguage, useWords, useWordsOf } from '../../words/words.js';
import { CONSENT } from './words.js';

type Extract = components['schemas']['ExtractSummary'];
type Detail = components['schemas']['Extract'];
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
  const details = useQueries({
    queries: listed.map(({ id }) => ({
      queryKey: ['extract', id],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        said(api.GET('/v1/extracts/{id}', { params: { path: { id } }, signal })),
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
    // why there is no number, in the words of the file
    {
      id: 'left_is',
      title: columns.left,
      isOnlyInFile: true,
      value: ({ id }) => standingOf(balances.get(id)?.data),
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
      value: ({ id }) => {
        const { data } = details.get(id) ?? {};
        return data === undefined ? NOT_READ : (data.unlearned.at(-1)?.at ?? 'never');
      },
      shown: ({ id }) => <Unlearned extract={details.get(id)} />,
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

/** What stands in the file for what the service has not told, or not yet. */
const NOT_READ = 'not read';

/** What the number of those who withdrew is, in the file. */
function standingOf(balance: Balance | undefined): string {
  if (balance === undefined) return NOT_READ;
  if (balance.left !== null) return 'rounded';
  return balance.remaining === null ? 'not told' : `fewer than ${balance.minimum}`;
}

type Asked<T> = { readonly data: T | undefined; readonly error: unknown } | undefined;

/** How many have withdrawn since, where that may be told. */
function Left({ balance }: { readonly balance: Asked<Balance> }) {
  const words = useWords();
  const own = useWordsOf(CONSENT).extracts;
  const language = useLanguage();
  const { data, error = null } = balance ?? {};
  if (data === undefined)
    return <span className="quiet">{error === null ? words.reading : sentenceOf(error, words)}</span>;
  const { left, remaining, minimum } = data;
  if (left !== null) return own.around(left.toLocaleString(language));
  return (
    <span className="quiet">
      {remaining === null ? own.untold : own.fewer(minimum.toLocaleString(language))}
    </span>
  );
}

/** When the service last said that it has left out who withdrew. */
function Unlearned({ extract }: { readonly extract: Asked<Detail> }) {
  const words = useWords();
  const own = useWordsOf(CONSENT).extracts;
  const { data, error = null } = extract ?? {};
  if (data === undefined)
    return <span className="quiet">{error === null ? words.reading : sentenceOf(error, words)}</span>;
  const last = data.unlearned.at(-1);
  if (last === undefined) return own.never;
  return (
    <>
      {own.times(data.unlearned.length)} <Time at={last.at} />
    </>
  );
}
