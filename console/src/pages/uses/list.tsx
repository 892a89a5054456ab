/** The uses, the latest day first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { api, said } from '../../api/api.js';
import { Problem } from '../../api/problem.js';
import type { components } from '../../api/types.js';
import { Said } from '../../parts/said.js';
import { Scrolls } from '../../parts/scrolls.js';
import { Time } from '../../parts/time.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { type Asked, type Wanted, searchOf } from './asked.js';
import { USES } from './words.js';

type Use = components['schemas']['Uses'];

export function List({ asked, wanted }: { readonly asked: Asked; readonly wanted: Wanted }) {
  const own = useWordsOf(USES);
  const language = useLanguage();
  const uses = useInfiniteQuery({
    queryKey: ['uses', 'list', wanted, language],
    initialPageParam: '',
    queryFn: async ({ signal, pageParam: cursor }) => {
      const page = await said(
        api.GET('/v1/uses', {
          params: { query: { ...wanted, ...(cursor === '' ? {} : { cursor }) } },
          signal,
        }),
      );
      if (typeof page === 'string' || !('uses' in page)) throw new Problem('not_understood', 200, '');
      return page;
    },
    getNextPageParam: ({ next }) => next,
  });
  if (uses.error instanceof Problem && uses.error.code === 'nothing_recorded')
    return <p>{own.nothingRecorded}</p>;
  const pages = uses.data?.pages ?? [];
  const all = pages.flatMap((page) => page.uses);
  const until = pages[0]?.complete_until;
  return (
    <>
      {uses.data === undefined ? (
        uses.error === null && <Said busy />
      ) : (
        <>
          <p className="quiet">
            {typeof until === 'string' ? (
              <>
                {own.completeUntil} <Time at={until} />.
              </>
            ) : (
              own.notCounted
            )}
          </p>
          {all.length === 0 ? (
            <p>{own.none}</p>
          ) : (
            <Scrolls label={{ of: 'uses-list' }}>
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{own.day}</th>
                    <th scope="col">{own.client}</th>
                    <th scope="col">{own.purpose}</th>
                    <th scope="col">{own.data}</th>
                    <th scope="col">{own.answer}</th>
                    <th scope="col" className="number">
                      {own.times}
                    </th>
                    <th scope="col">{own.whose}</th>
                  </tr>
                </thead>
                <tbody>
                  {all.map((use) => (
                    <Line key={use.id} use={use} asked={asked} />
                  ))}
                </tbody>
              </table>
            </Scrolls>
          )}
        </>
      )}
      {uses.error === null ? null : <Said error={uses.error} again={() => void uses.refetch()} />}
      {uses.hasNextPage ? (
        <Button isPending={uses.isFetchingNextPage} onPress={() => void uses.fetchNextPage()}>
          {own.older}
        </Button>
      ) : null}
    </>
  );
}

function Line({ use, asked }: { readonly use: Use; readonly asked: Asked }) {
  const own = useWordsOf(USES);
  const language = useLanguage();
  const number = new Intl.NumberFormat(language);
  return (
    <tr aria-current={asked.use === use.id ? 'true' : undefined}>
      <td>{use.day}</td>
      <td title={use.client_does ?? undefined}>
        <bdi>{use.client}</bdi>
      </td>
      <td title={use.purpose.title}>
        <code>{use.purpose.id}</code>
        {use.case === null ? null : (
          <>
            {' '}
            {own.under} <Link href={`/cases/${encodeURIComponent(use.case)}`}>{use.case.slice(0, 8)}</Link>
          </>
        )}
      </td>
      <td>
        {use.data.map(({ id, title }) => (
          <code key={id} title={title} className="datum">
            {id}
          </code>
        ))}
      </td>
      <td>
        <span data-verdict={use.permitted ? 'yes' : 'no'}>
          {use.permitted ? `● ${own.yes}` : `× ${own.no}`}
        </span>{' '}
        <code title={`${sentenceOf(use.reason, language)}.`}>{use.reason}</code>
      </td>
      <td className="number">
        {number.format(use.times)}
        {use.strangers === 0 ? null : (
          <span className="quiet note">{own.strangers(number.format(use.strangers))}</span>
        )}
      </td>
      <td>
        <Link href={searchOf(asked, { use: use.id })}>{own.whose}</Link>
      </td>
    </tr>
  );
}
