/** The register of cases, what no case opens, and how to open one. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { api, said } from '../../api/api.js';
import { useMay } from '../../api/session.js';
import { MayNot } from '../../parts/may-not.js';
import { Said } from '../../parts/said.js';
import { useQueryState } from '../../parts/query.js';
import { Scrolls } from '../../parts/scrolls.js';
import { Time } from '../../parts/time.js';
import { visible } from '../../parts/visible.js';
import { useWordsOf } from '../../words/words.js';
import { type CaseSummary, SIGNS, STATUSES, WITHIN } from './case.js';
import './cases.css';
import { Clock } from './clock.js';
import { NeverOpened } from './never-opened.js';
import { OpenCase } from './open-case.js';
import { CASES } from './words.js';

export function CasesView() {
  const own = useWordsOf(CASES);
  const may = useMay('GET /v1/cases');
  return (
    <>
      <h1>{own.title}</h1>
      <p className="quiet">{own.about}</p>
      {may.may ? (
        <Register />
      ) : (
        <p>
          <MayNot why={may.why} />
        </p>
      )}
      <OpenCase />
      <NeverOpened />
    </>
  );
}

function Register() {
  const own = useWordsOf(CASES);
  const [asked, change] = useQueryState({ status: '', within: '' });
  const status = STATUSES.find((one) => one === asked.status);
  const within = WITHIN.find((hours) => String(hours) === asked.within);
  const cases = useInfiniteQuery({
    queryKey: ['cases', status, within],
    initialPageParam: '',
    queryFn: ({ signal, pageParam: cursor }) =>
      said(
        api.GET('/v1/cases', {
          params: {
            query: {
              ...(status === undefined ? {} : { status }),
              ...(within === undefined ? {} : { expires_within: within }),
              ...(cursor === '' ? {} : { cursor }),
            },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ next }) => next,
  });
  const all = cases.data?.pages.flatMap((page) => page.cases) ?? [];
  return (
    <section aria-labelledby="register">
      <h2 id="register">{own.register}</h2>
      <div className="bar">
        <label>
          <span>{own.status}</span>
          <select value={status ?? ''} onChange={({ target }) => change({ status: target.value })}>
            <option value="">{own.all}</option>
            {STATUSES.map((one) => (
              <option key={one} value={one}>
                {own.statuses[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{own.ends}</span>
          <select value={within ?? ''} onChange={({ target }) => change({ within: target.value })}>
            <option value="">{own.anyTime}</option>
            {WITHIN.map((hours) => (
              <option key={hours} value={hours}>
                {own.within(hours)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {cases.error === null ? null : <Said error={cases.error} again={() => void cases.refetch()} />}
      {cases.data === undefined ? (
        cases.error === null && <Said busy />
      ) : all.length === 0 ? (
        <p>{status === undefined && within === undefined ? own.none : own.noneSuch}</p>
      ) : (
        <Scrolls label={{ of: 'register' }}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{own.case}</th>
                <th scope="col">{own.status}</th>
                <th scope="col">{own.ends}</th>
                <th scope="col">{own.purpose}</th>
                <th scope="col">{own.user}</th>
                <th scope="col">{own.covers}</th>
                <th scope="col">{own.readers}</th>
                <th scope="col">{own.opened}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((one) => (
                <Line key={one.id} one={one} />
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
      {cases.hasNextPage ? (
        <Button isDisabled={cases.isFetchingNextPage} onPress={() => void cases.fetchNextPage()}>
          {own.older}
        </Button>
      ) : null}
    </section>
  );
}

function Line({ one }: { readonly one: CaseSummary }) {
  const own = useWordsOf(CASES);
  const isOn = one.status === 'open' || one.status === 'waiting';
  return (
    <tr>
      <th scope="row">
        <Link href={`/cases/${encodeURIComponent(one.id)}`} className="id">
          {one.id.slice(0, 8)}
        </Link>
      </th>
      <td>
        <Status one={one} />
      </td>
      <td>
        {isOn ? <Clock until={one.expires_at} /> : null}
        <span className="note">
          <Time at={one.expires_at} />
        </span>
      </td>
      <td>
        <code>{one.purpose}</code>
      </td>
      <td>
        <bdi className="id">{visible(one.user)}</bdi>
      </td>
      <td>
        {one.report === null ? (
          one.fields === null ? (
            own.anyField
          ) : (
            <code>{one.fields.join(' ')}</code>
          )
        ) : (
          <>
            {own.report} <bdi>{visible(one.report)}</bdi>
          </>
        )}
      </td>
      <td>{visible(one.reviewers.map(({ id }) => id).join(', '))}</td>
      <td>
        <Time at={one.opened_at} />
      </td>
    </tr>
  );
}

export function Status({ one: { status, extension } }: { readonly one: CaseSummary }) {
  const own = useWordsOf(CASES);
  return (
    <>
      <span data-status={status}>
        <span aria-hidden="true">{SIGNS[status]}</span> {own.statuses[status]}
      </span>
      {extension === null || status !== 'open' ? null : <span className="note">{own.extensionWaits}</span>}
    </>
  );
}
