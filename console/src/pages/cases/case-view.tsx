/** One case: what it opens and for how long, what happened to it, what was asked for under it, and what may be done. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { api, said } from '../../api/api.js';
import { Problem } from '../../api/problem.js';
import { useMay } from '../../api/session.js';
import { MayNot } from '../../parts/may-not.js';
import { Said } from '../../parts/said.js';
import { Scrolls } from '../../parts/scrolls.js';
import { Time } from '../../parts/time.js';
import { visible } from '../../parts/visible.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { Acts } from './acts.js';
import type { Case } from './case.js';
import './cases.css';
import { Status } from './cases-view.js';
import { Clock } from './clock.js';
import { NeverOpened } from './never-opened.js';
import { CASES } from './words.js';

export function CaseView({ id }: { readonly id: string }) {
  const own = useWordsOf(CASES);
  const may = useMay('GET /v1/cases/{id}');
  return (
    <>
      <p>
        <Link href="/cases">{own.title}</Link>
      </p>
      <h1>
        {own.case} <span className="id">{id}</span>
      </h1>
      {may.may ? (
        <Read id={id} />
      ) : (
        <p>
          <MayNot why={may.why} />
        </p>
      )}
    </>
  );
}

function Read({ id }: { readonly id: string }) {
  const own = useWordsOf(CASES);
  const one = useQuery({
    queryKey: ['case', id],
    queryFn: ({ signal }) => said(api.GET('/v1/cases/{id}', { params: { path: { id } }, signal })),
  });
  const isMissing = one.error instanceof Problem && one.error.code === 'case_not_found';
  return (
    <>
      {isMissing ? <p>{own.notFound}</p> : null}
      {one.error !== null && !isMissing ? <Said error={one.error} again={() => void one.refetch()} /> : null}
      {one.data === undefined ? (
        one.error === null && <Said busy />
      ) : (
        <>
          <Facts one={one.data} />
          <Acts one={one.data} again={() => void one.refetch()} />
          <Events one={one.data} />
          <Accesses id={id} />
          <NeverOpened purpose={one.data.purpose} />
        </>
      )}
    </>
  );
}

function Facts({ one }: { readonly one: Case }) {
  const own = useWordsOf(CASES);
  const isOn = one.status === 'open' || one.status === 'waiting';
  return (
    <dl className="facts" aria-label={own.what}>
      <dt>{own.status}</dt>
      <dd>
        <Status one={one} />
      </dd>
      <dt>{own.ends}</dt>
      <dd>
        {isOn ? <Clock until={one.expires_at} /> : null} <Time at={one.expires_at} />
      </dd>
      <dt>{own.purpose}</dt>
      <dd>
        <code>{one.purpose}</code>
      </dd>
      <dt>{own.user}</dt>
      <dd>
        <bdi className="id">{visible(one.user)}</bdi>
      </dd>
      {one.report === null ? null : (
        <>
          <dt>{own.report}</dt>
          <dd>
            <bdi>{visible(one.report)}</bdi>
          </dd>
        </>
      )}
      <dt>{own.fields}</dt>
      <dd>{one.fields === null ? own.anyField : one.fields.join(', ')}</dd>
      <dt>{own.reported}</dt>
      <dd>
        {one.items === null
          ? own.anyItem
          : `${own.items(one.items.length)}: ${visible(one.items.join(', '))}`}
      </dd>
      <dt>{own.readers}</dt>
      <dd>
        {one.reviewers.map(({ id, issuer }) => (
          <span key={`${issuer} ${id}`} title={issuer} className="note">
            {visible(id)}
          </span>
        ))}
      </dd>
      <dt>{own.disclosed}</dt>
      <dd>
        {one.disclose_after === null ? (
          own.onceEnded
        ) : (
          <>
            {own.notBefore} <Time at={one.disclose_after} />
          </>
        )}
      </dd>
    </dl>
  );
}

function Events({ one }: { readonly one: Case }) {
  const own = useWordsOf(CASES);
  return (
    <section aria-labelledby="events">
      <h2 id="events">{own.events}</h2>
      <Scrolls label={own.events}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{own.when}</th>
              <th scope="col">{own.by}</th>
              <th scope="col">{own.did}</th>
              <th scope="col">{own.why}</th>
            </tr>
          </thead>
          <tbody>
            {one.events.map((event, place) => (
              // events are appended and never change, so that the place is their name
              <tr key={`${one.id} ${place}`}>
                <td>
                  <Time at={event.at} />
                </td>
                <td>
                  <bdi>{visible(event.by.id)}</bdi>
                  {event.by.kind === 'service' ? <span className="note quiet">{own.byService}</span> : null}
                </td>
                <td>
                  {own.kinds[event.kind]}
                  {event.expires_at === undefined ? null : (
                    <span className="note quiet">
                      {own.endsAt} <Time at={event.expires_at} />
                    </span>
                  )}
                  {event.reviewers === undefined ? null : (
                    <span className="note quiet">
                      {own.readers}: {visible(event.reviewers.map(({ id }) => id).join(', '))}
                    </span>
                  )}
                </td>
                <td className="said-why">{visible(event.reason)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </section>
  );
}

function Accesses({ id }: { readonly id: string }) {
  const own = useWordsOf(CASES);
  const language = useLanguage();
  const accesses = useInfiniteQuery({
    queryKey: ['case', id, 'accesses'],
    initialPageParam: '',
    queryFn: ({ signal, pageParam: cursor }) =>
      said(
        api.GET('/v1/cases/{id}/accesses', {
          params: { path: { id }, query: cursor === '' ? {} : { cursor } },
          signal,
        }),
      ),
    getNextPageParam: ({ next }) => next,
  });
  const isOff = accesses.error instanceof Problem && accesses.error.code === 'nothing_recorded';
  const all = accesses.data?.pages.flatMap((page) => page.accesses) ?? [];
  const until = accesses.data?.pages[0]?.complete_until;
  return (
    <section aria-labelledby="accesses">
      <h2 id="accesses">{own.accesses}</h2>
      {isOff ? <p>{own.nothingRecorded}</p> : null}
      {accesses.error !== null && !isOff ? (
        <Said error={accesses.error} again={() => void accesses.refetch()} />
      ) : null}
      {accesses.data === undefined ? (
        accesses.error === null && <Said busy />
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
            <p>{own.noAccess}</p>
          ) : (
            <Scrolls label={own.accesses}>
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{own.when}</th>
                    <th scope="col">{own.reader}</th>
                    <th scope="col">{own.field}</th>
                    <th scope="col">{own.item}</th>
                    <th scope="col">{own.answer}</th>
                    <th scope="col">{own.client}</th>
                  </tr>
                </thead>
                <tbody>
                  {all.map((access, place) => (
                    <tr key={`${access.at} ${place}`}>
                      <td>
                        <Time at={access.at} />
                      </td>
                      <td>{access.reader === null ? own.nobody : visible(access.reader)}</td>
                      <td>
                        <code>{access.field}</code>
                      </td>
                      <td>{visible(access.item ?? '')}</td>
                      <td>
                        <span data-status={access.permitted ? 'open' : 'floor'}>
                          {access.permitted ? `● ${own.yes}` : `× ${own.no}`}
                        </span>
                        <span className="note quiet">{sentenceOf(access.reason, language)}.</span>
                      </td>
                      <td>{access.client}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scrolls>
          )}
          {accesses.hasNextPage ? (
            <Button isDisabled={accesses.isFetchingNextPage} onPress={() => void accesses.fetchNextPage()}>
              {own.older}
            </Button>
          ) : null}
        </>
      )}
    </section>
  );
}
