/** What may be done to a case, by whom, and why not the rest. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from 'react-aria-components';
import { api, said } from '../../api/api.js';
import { useMay, useMe } from '../../api/session.js';
import { MayNot } from '../../parts/may-not.js';
import { useWordsOf } from '../../words/words.js';
import { type Case, readersIn, timeIn } from './case.js';
import { isSame } from '../../parts/people.js';
import { Hours, Lines } from './open-case.js';
import { Refused } from './refused.js';
import { CASES } from './words.js';

type Props = { readonly one: Case; readonly again: () => void };

export function Acts({ one, again }: Props) {
  const own = useWordsOf(CASES).acts;
  const isOver = one.status === 'closed' || one.status === 'expired';
  return (
    <section className="acts" aria-labelledby="acts">
      <h2 id="acts">{own.title}</h2>
      {isOver ? (
        <p>{own.ended}</p>
      ) : (
        <>
          <Approve one={one} again={again} />
          <Extend one={one} again={again} />
          <Reassign one={one} again={again} />
          <Close one={one} again={again} />
        </>
      )}
    </section>
  );
}

function Approve({ one, again }: Props) {
  const own = useWordsOf(CASES).acts;
  const me = useMe();
  const waits = one.status === 'waiting';
  const may = useMay('POST /v1/cases/{id}/approvals');
  const isReader = one.reviewers.some(({ id }) => isSame(id, me.id));
  const approve = (reason: string) =>
    api.POST('/v1/cases/{id}/approvals', {
      params: { path: { id: one.id }, header: { 'If-Match': `"${one.events.length}"` } },
      body: { reason },
    });
  return (
    <Act
      title={waits || one.extension === null ? own.approve : own.approveEnd}
      may={may}
      whyNot={
        !waits && one.extension === null
          ? own.nothingWaits
          : isOpener(one, me.id)
            ? own.ownCase
            : isReader
              ? own.wouldRead
              : !waits && one.extension !== null && isSame(one.extension.by.id, me.id)
                ? own.ownEnd
                : undefined
      }
      hint={own.seen}
      one={one}
      again={again}
      send={({ reason }) => said(approve(reason))}
    />
  );
}

function Extend({ one, again }: Props) {
  const own = useWordsOf(CASES).acts;
  const may = useMay('POST /v1/cases/{id}/extensions');
  const [hours, setHours] = useState('72');
  return (
    <Act
      title={own.extend}
      may={may}
      whyNot={one.status === 'waiting' ? own.caseWaits : one.extension === null ? undefined : own.endWaits}
      hint={own.twoPeople}
      one={one}
      again={again}
      send={({ reason }) =>
        said(
          api.POST('/v1/cases/{id}/extensions', {
            params: { path: { id: one.id } },
            body: { reason, expires_at: timeIn(hours) },
          }),
        )
      }
    >
      <Hours label={own.hours} value={hours} onChange={setHours} endsAt={own.endsAt} />
    </Act>
  );
}

function Reassign({ one, again }: Props) {
  const own = useWordsOf(CASES).acts;
  const me = useMe();
  const may = useMay('POST /v1/cases/{id}/reviewers');
  const [readers, setReaders] = useState('');
  return (
    <Act
      title={own.reassign}
      may={may}
      whyNot={isOpener(one, me.id) ? own.ownCase : undefined}
      hint={own.notSelf}
      one={one}
      again={again}
      send={({ reason }) =>
        said(
          api.POST('/v1/cases/{id}/reviewers', {
            params: { path: { id: one.id } },
            body: { reason, reviewers: readersIn(readers) },
          }),
        )
      }
    >
      <Lines label={own.readers} value={readers} onChange={setReaders} />
    </Act>
  );
}

function Close({ one, again }: Props) {
  const own = useWordsOf(CASES).acts;
  const may = useMay('POST /v1/cases/{id}/closings');
  return (
    <Act
      title={own.close}
      may={may}
      whyNot={undefined}
      hint={own.forGood}
      one={one}
      again={again}
      send={({ reason }) =>
        said(api.POST('/v1/cases/{id}/closings', { params: { path: { id: one.id } }, body: { reason } }))
      }
    />
  );
}

/** Whether this person opened the case; what a service opened is nobody's own. */
function isOpener({ events: [opened] }: Case, person: string): boolean {
  return opened?.by.kind === 'admin' && isSame(opened.by.id, person);
}

type ActProps = {
  readonly title: string;
  readonly may: ReturnType<typeof useMay>;
  /** What stands against it besides the roles. */
  readonly whyNot: string | undefined;
  readonly hint: string;
  readonly one: Case;
  readonly again: () => void;
  readonly send: (written: { readonly reason: string }) => Promise<Case>;
  readonly children?: ReactNode;
};

function Act({ title, may, whyNot, hint, one, again, send, children }: ActProps) {
  const own = useWordsOf(CASES).acts;
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const acting = useMutation({
    mutationFn: send,
    onSuccess: (changed) => {
      setReason('');
      queries.setQueryData(['case', one.id], changed);
      void queries.invalidateQueries({ queryKey: ['cases'] });
    },
  });
  const cannot = may.may ? whyNot : <MayNot why={may.why} />;
  const done = <p role="status">{acting.isSuccess ? own.done : ''}</p>;
  if (cannot !== undefined)
    return (
      <div className="act">
        <h3>{title}</h3>
        <p>{cannot}</p>
        {done}
      </div>
    );
  return (
    <details className="act" name="acts">
      <summary>{title}</summary>
      <form
        className="form"
        aria-label={title}
        onSubmit={(event) => {
          event.preventDefault();
          if (!acting.isPending) acting.mutate({ reason: reason.trim() });
        }}
      >
        <p className="quiet">{hint}</p>
        {children}
        <Lines label={own.reason} value={reason} onChange={setReason} />
        <Button type="submit" className="primary" isDisabled={acting.isPending}>
          {title}
        </Button>
      </form>
      {acting.error === null ? null : (
        <Refused
          error={acting.error}
          again={() => {
            acting.reset();
            again();
          }}
        />
      )}
      {done}
    </details>
  );
}
