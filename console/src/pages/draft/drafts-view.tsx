/** The drafts, and how to open one. */
import { type FormEvent, useId, useState } from 'react';
import { Button } from 'react-aria-components';
import { Link, useLocation } from 'wouter';
import { usePolicies } from '../../api/policy.js';
import { useMay } from '../../api/session.js';
import { csvOf, save } from '../../parts/csv.js';
import { useQueryState } from '../../parts/query.js';
import { Said } from '../../parts/said.js';
import { visible } from '../../parts/visible.js';
import { Time } from '../../parts/time.js';
import { useWords, useWordsOf } from '../../words/words.js';
import './draft.css';
import { Refusal } from './refusal.js';
import { short } from './short.js';
import { type DraftSummary, useDrafts, useOpenDraft } from './use-drafts.js';
import { DRAFT } from './words.js';

const ENDED = new Set<DraftSummary['status']>(['published', 'discarded']);

export function DraftsView() {
  const words = useWords();
  const own = useWordsOf(DRAFT);
  const [asked, change] = useQueryState({ show: 'going' });
  const drafts = useDrafts();
  if (drafts.data === undefined)
    return drafts.error === null ? (
      <Said busy />
    ) : (
      <Said error={drafts.error} again={() => void drafts.refetch()} />
    );
  const shown = drafts.data.drafts.filter(({ status }) => asked.show === 'all' || !ENDED.has(status));
  return (
    <>
      <h1>{own.title}</h1>
      <p className="quiet">{own.intro}</p>
      <NewDraft />
      <div className="bar">
        <label>
          <span>{own.show}</span>
          <select value={asked.show} onChange={({ target }) => change({ show: target.value })}>
            <option value="going">{own.states.going}</option>
            <option value="all">{own.states.all}</option>
          </select>
        </label>
        <Button onPress={() => save('drafts.csv', 'text/csv', csvOf(rowsOf(shown)))}>
          {words.exportTable}
        </Button>
      </div>
      {shown.length === 0 ? (
        <p>{own.none}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{own.columns.status}</th>
              <th scope="col">{own.columns.message}</th>
              <th scope="col">{own.columns.authors}</th>
              <th scope="col">{own.columns.changed}</th>
              <th scope="col">{own.columns.waits}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((draft) => (
              <tr key={draft.id}>
                <td>{own.status[draft.status]}</td>
                <th scope="row">
                  <Link href={`/drafts/${draft.id}`}>
                    <bdi>{visible(draft.message)}</bdi>
                  </Link>
                </th>
                <td>
                  <bdi>{draft.authors.join(', ')}</bdi>
                </td>
                <td>
                  <Time at={draft.changed_at} />
                </td>
                <td>
                  <Waits draft={draft} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {drafts.data.next === undefined ? null : <p className="quiet">{own.more}</p>}
    </>
  );
}

function Waits({ draft }: { readonly draft: DraftSummary }) {
  const { waits, decide, shadow } = useWordsOf(DRAFT);
  if (ENDED.has(draft.status)) return null;
  return (
    <ul>
      {draft.declined === 0 ? null : <li>{waits.declined(draft.declined)}</li>}
      {draft.approvals.length === 0 ? null : (
        <li>{waits.approvals(draft.approvals.map(({ by }) => by).join(', '))}</li>
      )}
      {draft.publish_at === null ? null : (
        <li>
          {waits.at} <Time at={draft.publish_at} />
        </li>
      )}
      {draft.refusal === null ? null : <li>{waits.refused(draft.refusal)}</li>}
      {draft.publish_at === null && draft.declined === 0 ? <li>{waits.review}</li> : null}
      <li>
        <Link href={`/drafts/${draft.id}/decide`} aria-label={`${decide}: ${draft.message}`}>
          {decide}
        </Link>
      </li>
      <li>
        <Link href={`/drafts/${draft.id}/shadow`} aria-label={`${shadow}: ${draft.message}`}>
          {shadow}
        </Link>
      </li>
    </ul>
  );
}

function NewDraft() {
  const words = useWords();
  const own = useWordsOf(DRAFT);
  const may = useMay('POST /v1/policies/drafts');
  const policies = usePolicies();
  const open = useOpenDraft();
  const [, go] = useLocation();
  const [base, setBase] = useState('current');
  const [message, setMessage] = useState('');
  const heading = useId();
  if (!may.may) return <p className="quiet">{words.mayNot(may.why)}</p>;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    open.mutate({ base, message }, { onSuccess: ({ id }) => go(`/drafts/${id}`) });
  };
  const ids = [...new Set((policies.data?.versions ?? []).map(({ id }) => id))];
  return (
    <form className="new-draft" aria-labelledby={heading} onSubmit={submit}>
      <h2 id={heading}>{own.open}</h2>
      <div className="bar">
        <label className="wide">
          <span>{own.why}</span>
          <input
            type="text"
            required
            maxLength={2000}
            value={message}
            onChange={({ target }) => setMessage(target.value)}
          />
        </label>
        <label>
          <span>{own.from}</span>
          <select value={base} onChange={({ target }) => setBase(target.value)}>
            <option value="current">{own.inForce}</option>
            {ids.map((id) => (
              <option key={id} value={id}>
                {own.version(short(id))}
              </option>
            ))}
          </select>
        </label>
        <Button type="submit" className="primary" isDisabled={open.isPending}>
          {own.open}
        </Button>
      </div>
      <Refusal error={open.error} />
    </form>
  );
}

function rowsOf(drafts: readonly DraftSummary[]): (string | number | null)[][] {
  return [
    [
      'id',
      'status',
      'message',
      'authors',
      'edit',
      'base',
      'created_at',
      'changed_at',
      'publish_at',
      'approvals',
    ],
    ...drafts.map((draft) => [
      draft.id,
      draft.status,
      draft.message,
      draft.authors.join(' '),
      draft.edit,
      draft.base,
      draft.created_at,
      draft.changed_at,
      draft.publish_at,
      draft.approvals.map(({ by }) => by).join(' '),
    ]),
  ];
}
