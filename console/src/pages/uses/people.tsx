/** Whose data a use was: numbers, and ids only for whoever may see them, with a reason that is noted first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { api, said } from '../../api/api.js';
import { useMe } from '../../api/session.js';
import { Said } from '../../parts/said.js';
import { Scrolls } from '../../parts/scrolls.js';
import { Time } from '../../parts/time.js';
import { visible } from '../../parts/visible.js';
import { useLanguage, useWords, useWordsOf } from '../../words/words.js';
import { USES } from './words.js';

const OFFICER = 'privacy_officer';

export function People({ use, close }: { readonly use: string; readonly close: () => void }) {
  const words = useWords();
  const own = useWordsOf(USES).people;
  const me = useMe();
  // never in the address: who opens a link is not to have it noted without being told
  const [reason, setReason] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <aside className="people" aria-labelledby="people">
      <h2 id="people" tabIndex={-1} ref={heading}>
        {own.title}
      </h2>
      {reason === undefined ? (
        <>
          <p className="quiet">{own.numbers}</p>
          {me.roles?.includes(OFFICER) === true ? <Ask onAsk={setReason} /> : <p>{own.officerOnly}</p>}
        </>
      ) : null}
      <Shown use={use} reason={reason} />
      <Button onPress={close}>{words.close}</Button>
    </aside>
  );
}

function Ask({ onAsk }: { readonly onAsk: (reason: string) => void }) {
  const own = useWordsOf(USES).people;
  const [reason, setReason] = useState('');
  return (
    <form
      aria-label={own.ask}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== '') onAsk(reason.trim());
      }}
    >
      <h3>{own.ask}</h3>
      <p id="noted">{own.noted}</p>
      <label>
        <span>{own.reason}</span>
        <input
          type="text"
          required
          maxLength={500}
          aria-describedby="noted"
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
      </label>
      <Button type="submit">{own.show}</Button>
    </form>
  );
}

function Shown({ use, reason }: { readonly use: string; readonly reason: string | undefined }) {
  const all = useWordsOf(USES);
  const own = all.people;
  const language = useLanguage();
  const people = useInfiniteQuery({
    queryKey: ['uses', 'people', use, reason],
    initialPageParam: '',
    // each time it is asked with a reason it is noted: never by itself
    ...(reason === undefined
      ? {}
      : {
          staleTime: Infinity,
          gcTime: 0,
          retry: false,
          refetchOnReconnect: false,
          refetchOnWindowFocus: false,
        }),
    queryFn: ({ signal, pageParam: cursor }) =>
      said(
        api.GET('/v1/uses/{id}/people', {
          params: {
            path: { id: use },
            query: {
              ...(reason === undefined ? {} : { reason }),
              ...(cursor === '' ? {} : { cursor }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ next }) => next,
  });
  if (people.data === undefined)
    return people.error === null ? (
      <Said busy />
    ) : (
      <Said error={people.error} again={() => void people.refetch()} />
    );
  const shown = people.data.pages.flatMap((page) => page.people);
  const number = new Intl.NumberFormat(language);
  return (
    <>
      {shown.some(({ user }) => user !== null) ? <p role="status">{own.wasNoted}</p> : null}
      {shown.length === 0 ? (
        <p>{own.none}</p>
      ) : (
        <Scrolls label={own.title}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{own.number}</th>
                {reason === undefined ? null : <th scope="col">{own.user}</th>}
                <th scope="col" className="number">
                  {all.times}
                </th>
                <th scope="col">{own.first}</th>
                <th scope="col">{own.last}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((person) => (
                <tr key={person.number}>
                  <td>{person.number}</td>
                  {reason === undefined ? null : (
                    <td>
                      {person.user === null ? own.unknown : <bdi className="id">{visible(person.user)}</bdi>}
                    </td>
                  )}
                  <td className="number">{number.format(person.times)}</td>
                  <td>
                    <Time at={person.first_at} />
                  </td>
                  <td>
                    <Time at={person.last_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
      {people.error === null ? null : (
        <Said
          error={people.error}
          // who is shown already was noted once
          again={() => void (people.isFetchNextPageError ? people.fetchNextPage() : people.refetch())}
        />
      )}
      {people.hasNextPage ? (
        <Button isDisabled={people.isFetchingNextPage} onPress={() => void people.fetchNextPage()}>
          {all.older}
        </Button>
      ) : null}
    </>
  );
}
