/** What publishing a draft takes, who has said what to it, and what it waits for. */
import { Link } from 'wouter';
import { Button } from 'react-aria-components';
import { type Draft, type Requirements, tagOf, useChange } from '../../api/drafts.js';
import { api, said } from '../../api/api.js';
import { useMay } from '../../api/session.js';
import { MayNot } from '../../parts/may-not.js';
import { Names, Sentence } from '../../parts/sentence.js';
import { Said } from '../../parts/said.js';
import { Time } from '../../parts/time.js';
import { visible } from '../../parts/visible.js';
import { useWordsOf } from '../../words/words.js';
import { isPolicy } from '../../law/document.js';
import { DECIDE } from './words.js';

type Props = {
  readonly draft: Draft;
  /** Absent: they are not known yet, or it does not compile. */
  readonly requirements: Requirements | undefined;
  readonly isEdited: boolean;
  readonly onOwnEdit: (draft: Draft, done: 'raised') => void;
};

export function Takes({ draft, requirements, isEdited, onOwnEdit }: Props) {
  const own = useWordsOf(DECIDE);
  return (
    <>
      <Standing draft={draft} />
      {requirements === undefined || draft.status === 'published' ? null : (
        <Needed draft={draft} requirements={requirements} isEdited={isEdited} onOwnEdit={onOwnEdit} />
      )}
      {draft.approvals.length === 0 && draft.declines.length === 0 ? (
        <p className="quiet">{own.nobodyYet}</p>
      ) : null}
      <ul className="said-by">
        {draft.approvals.map(({ by, roles, at }) => (
          <li key={`${by} ${at}`} className="yes">
            {own.approvedBy} <b>{visible(by)}</b> <span className="quiet">({roles.join(', ')})</span>,{' '}
            <Time at={at} />
          </li>
        ))}
        {draft.declines.map(({ by, roles, at, remark, stands, lifted_at }) => (
          <li key={`${by} ${at}`} className={stands ? 'no' : 'quiet'}>
            {own.declinedBy} <b>{visible(by)}</b> <span className="quiet">({roles.join(', ')})</span>,{' '}
            <Time at={at} />
            {stands ? null : `, ${lifted_at === null ? own.lapsed : own.lifted}`}
            <blockquote>{visible(remark)}</blockquote>
          </li>
        ))}
      </ul>
    </>
  );
}

function Standing({ draft: { status, publish_at, refusal } }: { readonly draft: Draft }) {
  const own = useWordsOf(DECIDE);
  return (
    <>
      {status === 'published' ? (
        <p>
          {own.published} <Link href="/versions">{own.toVersions}</Link>
        </p>
      ) : null}
      {status === 'discarded' ? <p>{own.discarded}</p> : null}
      {status === 'scheduled' && publish_at !== null ? (
        <p>
          {own.scheduledFor} <Time at={publish_at} />.
        </p>
      ) : null}
      {refusal === null ? null : (
        <div className="said failed">
          <p>{own.refusal}</p>
          <p>
            <Sentence says={refusal} />
          </p>
        </div>
      )}
    </>
  );
}

type NeededProps = Omit<Props, 'requirements'> & { readonly requirements: Requirements };

function Needed({ draft, requirements, isEdited, onOwnEdit }: NeededProps) {
  const own = useWordsOf(DECIDE);
  const { approvals_needed: needed, approvals_given: given, role, ready_at, notices_to_raise } = requirements;
  return (
    <>
      <p>
        {needed === 0 ? own.needsNone : <Names says={own.needs(needed, given, role)} />}{' '}
        {given < needed ? <strong>{own.missing(needed - given)}</strong> : null}
      </p>
      {ready_at !== undefined && Date.parse(ready_at) > Date.now() ? (
        <p>
          {own.waits} <Time at={ready_at} />.
        </p>
      ) : null}
      {Object.entries(requirements.notices).map(([purpose, notice]) => (
        <p key={purpose}>
          <Names says={own.asksAgain(purpose, notice)} />
        </p>
      ))}
      {notices_to_raise.length === 0 ? null : (
        <div className="said failed">
          {notices_to_raise.map(({ purpose, at_least }) => (
            <p key={purpose}>
              <Names says={own.raise(purpose, at_least)} />
            </p>
          ))}
          {isEdited ? null : <Raise draft={draft} requirements={requirements} onOwnEdit={onOwnEdit} />}
        </div>
      )}
    </>
  );
}

/** Raises the notices as far as they must be. */
function Raise({ draft, requirements, onOwnEdit }: Omit<NeededProps, 'isEdited'>) {
  const own = useWordsOf(DECIDE);
  const may = useMay('PATCH /v1/policies/drafts/{id}/document');
  const { id, edit, document } = draft;
  const raise = useChange(
    () => {
      const purposes = isPolicy(document) ? document.purposes : [];
      return said(
        api.PATCH('/v1/policies/drafts/{id}/document', {
          params: { path: { id }, header: { 'If-Match': tagOf(edit) } },
          body: requirements.notices_to_raise.flatMap(({ purpose, at_least: value }) => {
            const at = `/purposes/${purposes.findIndex((entry) => entry.id === purpose)}`;
            return [
              { op: 'test' as const, path: `${at}/id`, value: purpose },
              { op: 'add' as const, path: `${at}/notice`, value },
            ];
          }),
          headers: { 'content-type': 'application/json-patch+json' },
        }),
      );
    },
    (raised) => onOwnEdit(raised, 'raised'),
  );
  if (!may.may)
    return (
      <p>
        <MayNot why={may.why} />
      </p>
    );
  return (
    <>
      {raise.error === null ? null : <Said error={raise.error} />}
      <Button isPending={raise.isPending} onPress={() => raise.mutate(undefined)}>
        {own.raiseNow}
      </Button>
      <p className="quiet">{own.raiseMakesAuthor}</p>
    </>
  );
}
