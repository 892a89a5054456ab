/** A draft on real traffic: it is started on a share, what it would have answered otherwise is seen, and it is ended. */
import { useEffect, useId, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { Problem } from '../../api/problem.js';
import { type Draft, useDraft } from '../../api/drafts.js';
import { useMay } from '../../api/session.js';
import { Answer } from '../../parts/answer.js';
import { MayNot } from '../../parts/may-not.js';
import { Names } from '../../parts/sentence.js';
import { Said } from '../../parts/said.js';
import { Time } from '../../parts/time.js';
import { visible } from '../../parts/visible.js';
import { useWordsOf } from '../../words/words.js';
import { Differences } from './differences.js';
import { Figures } from './figures.js';
import './shadow.css';
import { type Heard, useEnd, useOther, useProcesses, useShadow, useStart } from './use-shadow.js';
import { SHADOW } from './words.js';

export function ShadowView({ id }: { readonly id: string }) {
  const own = useWordsOf(SHADOW);
  const draft = useDraft(id);
  const [first = ''] = visible(draft.data?.message ?? '').split('\n', 1);
  return (
    <>
      <h1>
        <bdi>{own.title(first)}</bdi>
      </h1>
      <p className="quiet">{own.about}</p>
      <p className="links">
        <Link href={`/drafts/${id}`}>{own.toDraft}</Link>
        <Link href={`/drafts/${id}/decide`}>{own.toDecision}</Link>
      </p>
      <Answer query={draft}>{(known) => <Shadow draft={known} />}</Answer>
    </>
  );
}

function Shadow({ draft }: { readonly draft: Draft }) {
  const query = useShadow(draft.id);
  return (
    <Answer query={query}>
      {(heard) => (
        <>
          <Orders draft={draft} heard={heard} />
          <Standing draft={draft} heard={heard} />
          {heard.report === null ? null : (
            <>
              <Figures report={heard.report} />
              <Differences report={heard.report} />
            </>
          )}
        </>
      )}
    </Answer>
  );
}

type Props = { readonly draft: Draft; readonly heard: Heard };

/** How it stands, where that is not simply that it runs. */
function Standing({ draft, heard: { report, at, isRunning } }: Props) {
  const own = useWordsOf(SHADOW);
  const processes = useProcesses() ?? 1;
  const isFleet = processes > 1;
  return (
    <>
      {isFleet ? <p className="quiet">{own.fleet(processes)}</p> : null}
      {isRunning ? null : report === null ? (
        <p role="status">{isFleet ? own.notHere : own.notRunning}</p>
      ) : (
        <p className="said notice" role="status">
          {isFleet ? own.notHereAsOf : own.notRunningAsOf} <Time at={new Date(at).toISOString()} />.
        </p>
      )}
      {report === null || report.trouble === null ? null : (
        <p className="said failed" role="alert">
          <Names says={own.trouble(report.trouble)} />
        </p>
      )}
      {report !== null && isRunning && report.edit < draft.edit ? (
        <p className="said notice">{own.olderEdit(report.edit, draft.edit)}</p>
      ) : null}
    </>
  );
}

/** What somebody may do with it, and why not the rest. */
function Orders({ draft, heard }: Props) {
  const own = useWordsOf(SHADOW);
  const may = useMay('PUT /v1/policies/drafts/{id}/shadow');
  const start = useStart(draft.id);
  const end = useEnd(draft.id);
  const [done, setDone] = useState<'started' | 'ended'>();
  const told = useRef<HTMLParagraphElement>(null);
  // the control that did it may be gone, so the keyboard goes on from the sentence
  useEffect(() => {
    if (done !== undefined) told.current?.focus();
  }, [done]);
  if (!may.may)
    return (
      <p>
        <MayNot why={may.why} />
      </p>
    );
  const isOver = draft.status === 'published' || draft.status === 'discarded';
  const isUnsound = start.error instanceof Problem && start.error.code === 'draft_not_sound';
  const isGone = end.error instanceof Problem && end.error.code === 'shadow_not_found';
  return (
    <>
      <p role="status" className="done" tabIndex={-1} ref={told}>
        {/* somebody else may have ended it since */}
        {done === undefined || (done === 'started' && !heard.isRunning) ? '' : own[done]}
      </p>
      {isOver ? (
        <p>{own.over}</p>
      ) : draft.compiles ? (
        <Start
          id={draft.id}
          isRunning={heard.isRunning}
          isPending={start.isPending}
          start={(share) => {
            end.reset();
            start.mutate(share, { onSuccess: () => setDone('started') });
          }}
        />
      ) : (
        <p>{own.unsound}</p>
      )}
      {start.error === null ? null : isUnsound ? (
        <p className="said failed" role="alert">
          {own.unsoundNow}
        </p>
      ) : (
        <Said error={start.error} />
      )}
      {heard.report !== null && (heard.isRunning || isGone) ? (
        <div className="bar">
          <Button
            isPending={end.isPending}
            onPress={() => end.mutate(undefined, { onSuccess: () => setDone('ended') })}
          >
            {own.end}
          </Button>
          <span className="quiet">{own.ends}</span>
        </div>
      ) : null}
      {end.error === null ? null : isGone ? (
        <p className="said failed" role="alert">
          {own.notEnded}
        </p>
      ) : (
        <Said error={end.error} />
      )}
    </>
  );
}

type StartProps = {
  readonly id: string;
  readonly isRunning: boolean;
  readonly isPending: boolean;
  readonly start: (share: number) => void;
};

function Start({ id, isRunning, isPending, start }: StartProps) {
  const own = useWordsOf(SHADOW);
  const other = useOther(id);
  const [percent, setPercent] = useState('10');
  const hint = useId();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start(Number(percent) / 100);
      }}
    >
      {other === undefined ? null : (
        <p className="said notice">
          {own.other}{' '}
          <Link href={`/drafts/${encodeURIComponent(other.id)}/shadow`}>
            <bdi>{visible(other.about).split('\n', 1)[0]}</bdi>
          </Link>
        </p>
      )}
      <div className="bar">
        <label>
          <span>{own.share}</span>
          <input
            type="number"
            required
            min={0.01}
            max={100}
            step={0.01}
            value={percent}
            aria-describedby={hint}
            onChange={({ target }) => setPercent(target.value)}
          />
        </label>
        <Button type="submit" className={isRunning ? '' : 'primary'} isPending={isPending}>
          {isPending ? own.starting : isRunning ? own.restart : own.start}
        </Button>
      </div>
      <p className="quiet" id={hint}>
        {own.shareHint} {isRunning ? own.restartHint : ''}
      </p>
    </form>
  );
}
