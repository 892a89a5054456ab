/** Decide about a draft: what it changes, for whom, what it takes; and approve, decline or publish what one has seen. */
import { useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import {
  type Draft,
  checkKey,
  tagOf,
  useChange,
  useCheck,
  useDraft,
  useIsOutdated,
} from '../../api/review.js';
import { api, said } from '../../api/api.js';
import { useMay } from '../../api/session.js';
import { LongWork } from '../../parts/long-work.js';
import { Said } from '../../parts/said.js';
import { visible } from '../../parts/visible.js';
import { useWords, useWordsOf } from '../../words/words.js';
import { Actions, type Done } from './actions.js';
import { Changes } from './changes.js';
import './decide.css';
import { ImpactPart } from './impact.js';
import { Takes } from './takes.js';
import { DECIDE } from './words.js';

export function DecideView({ id }: { readonly id: string }) {
  const own = useWordsOf(DECIDE);
  const draft = useDraft(id);
  if (draft.data === undefined)
    return (
      <>
        <h1>{own.title}</h1>
        {draft.error === null ? (
          <Said busy />
        ) : (
          <Said error={draft.error} again={() => void draft.refetch()} />
        )}
      </>
    );
  return (
    <>
      {draft.error === null ? null : <Said error={draft.error} again={() => void draft.refetch()} />}
      <Seen draft={draft.data} />
    </>
  );
}

/** What somebody sees stays of one edit until they ask for the next: nobody decides about what they have not read. */
function Seen({ draft }: { readonly draft: Draft }) {
  const own = useWordsOf(DECIDE);
  const [seen, see] = useState(draft);
  const [done, setDone] = useState<Done>();
  const isEdited = draft.edit > seen.edit;
  // who approved it, and whether it is published, changes without an edit
  const shown = draft.edit === seen.edit ? draft : seen;
  const [title = '', ...more] = visible(shown.message).split('\n');
  const rest = more.join('\n').trim();
  return (
    <>
      <h1>{title}</h1>
      <p className="quiet">
        {own.by(visible(shown.authors.join(', ')))}, {own.of(shown.edit)}, {own.statuses[shown.status]}.{' '}
        <Link href={`/drafts/${shown.id}`}>{own.toEditor}</Link>{' '}
        <Link href={`/drafts/${shown.id}/shadow`}>{own.toShadow}</Link>
      </p>
      {rest === '' ? null : <p className="message">{rest}</p>}
      {isEdited ? (
        <div className="said failed" role="alert">
          <p>{own.edited(draft.edit)}</p>
          <Button
            onPress={() => {
              see(draft);
              setDone(undefined);
            }}
          >
            {own.showNew(draft.edit)}
          </Button>
        </div>
      ) : null}
      <WhatWasDone done={done} />
      <Reviewed
        key={seen.edit}
        draft={shown}
        isEdited={isEdited}
        onDone={setDone}
        onOwnEdit={(edited, what) => {
          see(edited);
          setDone(what);
        }}
      />
    </>
  );
}

/** What was done. The control that did it may be gone, so the keyboard goes on from here. */
function WhatWasDone({ done }: { readonly done: Done | undefined }) {
  const own = useWordsOf(DECIDE);
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (done !== undefined) place.current?.focus();
  }, [done]);
  return (
    <p role="status" className="done" tabIndex={-1} ref={place}>
      {done === undefined ? '' : own.done[done]}
    </p>
  );
}

type ReviewedProps = {
  readonly draft: Draft;
  readonly isEdited: boolean;
  /** What somebody edits here themselves, they see at once. */
  readonly onOwnEdit: (draft: Draft, done: Done) => void;
  readonly onDone: (done: Done) => void;
};

function Reviewed({ draft, isEdited, onOwnEdit, onDone }: ReviewedProps) {
  const own = useWordsOf(DECIDE);
  const check = useCheck(draft);
  const isOther = useIsOutdated(draft.base);
  // it was edited between the two requests: the banner comes with the next look at the draft
  const checked = check.data?.edit === draft.edit ? check.data : undefined;
  const hasEnded = draft.status === 'published' || draft.status === 'discarded';
  const isOutdated = !hasEnded && isOther;
  const canDecide = !isEdited && !hasEnded && checked !== undefined;
  return (
    <>
      {isOutdated && !isEdited ? <Outdated draft={draft} onOwnEdit={onOwnEdit} /> : null}
      {draft.compiles ? null : (
        <div className="said failed">
          <p>{own.unsound}</p>
          <ul lang="en">
            {draft.errors.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <code>{path}</code> {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="decision">
        <div>
          <section aria-labelledby="takes">
            <h2 id="takes">{own.takes}</h2>
            <Takes
              draft={draft}
              requirements={checked?.requirements}
              isEdited={isEdited}
              onOwnEdit={onOwnEdit}
            />
          </section>
          {canDecide ? (
            <section aria-labelledby="yours">
              <h2 id="yours">{own.yours}</h2>
              <Actions draft={draft} check={checked} isOutdated={isOutdated} onDone={onDone} />
            </section>
          ) : null}
        </div>
        <div>
          {draft.compiles && !hasEnded ? (
            <section aria-labelledby="impact">
              <h2 id="impact">{own.impact}</h2>
              <ImpactPart draft={draft} isEdited={isEdited} />
            </section>
          ) : null}
          <section aria-labelledby="changes">
            <h2 id="changes">{own.changes}</h2>
            {checked === undefined ? (
              isEdited ? null : (
                <LongWork says={own.checking} queryKey={checkKey(draft)} query={check} />
              )
            ) : (
              <Changes check={checked} draft={draft} />
            )}
          </section>
        </div>
      </div>
    </>
  );
}

function Outdated({ draft: { id, edit }, onOwnEdit }: Pick<ReviewedProps, 'draft' | 'onOwnEdit'>) {
  const words = useWords();
  const own = useWordsOf(DECIDE);
  const may = useMay('POST /v1/policies/drafts/{id}/rebase');
  const rebase = useChange(
    id,
    () =>
      said(
        api.POST('/v1/policies/drafts/{id}/rebase', {
          params: { path: { id }, header: { 'If-Match': tagOf(edit) } },
        }),
      ),
    (rebased) => onOwnEdit(rebased, 'rebased'),
  );
  return (
    <div className="said failed" role="alert">
      <p>{own.outdated}</p>
      {rebase.error === null ? null : <Said error={rebase.error} />}
      {may.may ? (
        <Button isPending={rebase.isPending} onPress={() => rebase.mutate(undefined)}>
          {own.rebase}
        </Button>
      ) : (
        <p className="quiet">{words.mayNot(may.why)}</p>
      )}
    </div>
  );
}
