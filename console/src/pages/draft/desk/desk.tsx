/** Where a draft is written: the editor, its verdict, and the way of what was written to the service. */
import { Suspense, lazy, useEffect, useId, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { type Draft, useDiscard, useIsOutdated, useRebase, useSave } from '../../../api/drafts.js';
import { type Version, useVersion } from '../../../api/policy.js';
import { useMay, useMe } from '../../../api/session.js';
import { MayNot } from '../../../parts/may-not.js';
import { Said } from '../../../parts/said.js';
import { visible } from '../../../parts/visible.js';
import { Time } from '../../../parts/time.js';
import { short } from '../../../parts/version-id.js';
import { useWords, useWordsOf } from '../../../words/words.js';
import { Editor, type EditorHandle } from '../editor/editor.js';
import { Forms } from './forms.js';
import { type Kept, dropKept, dropSaved } from './kept.js';
import { Refusal } from './refusal.js';
import { Findings } from './seal.js';
import { type Rest, useText, useWrittenText } from './use-text.js';
import { useVerdict } from './use-verdict.js';
import { DRAFT } from '../words.js';

type Props = {
  /** As the service has it now. */
  readonly draft: Draft;
  /** The edit that is opened. */
  readonly first: Rest;
  readonly base: Version;
  /** What was written here before and not saved. */
  readonly kept: Kept | undefined;
  /** Why it may not be edited; absent: it may. */
  readonly mayNot: string | undefined;
  /** Why the draft could not be looked at again. */
  readonly lost: Error | null;
};

const NONE: readonly never[] = [];

const Merge = lazy(async () => ({ default: (await import('../editor/merge.js')).Merge }));

export function Desk({ draft, first, base: firstBase, kept: keptBefore, mayNot, lost }: Props) {
  const own = useWordsOf(DRAFT);
  const me = useMe();
  const editor = useRef<EditorHandle>(null);
  const { rest, text, isUnsaved, hasRoom, write, restOn } = useWrittenText(me.id, draft, first);
  const [kept, setKept] = useState(keptBefore?.text === first.text ? undefined : keptBefore);
  const [told, setTold] = useState('');
  const saving = useRef<HTMLButtonElement>(null);
  const standing = useRef<HTMLParagraphElement>(null);
  const base = useVersion(draft.base).data ?? firstBase;
  const judged = useVerdict(text, base.document);
  const { verdict, lints } = judged;
  const save = useSave(({ edit, content }, { text: saved }) => {
    dropSaved(me.id, draft.id, saved);
    restOn({ edit, content, text: saved });
    setTold(own.saved(edit));
    // the control that somebody stands on has nothing more to save: the keyboard goes on from the sentence
    if (document.activeElement === saving.current) standing.current?.focus();
  });
  /** The later edit that is brought together with what was written. */
  const [merging, setMerging] = useState<Rest>();
  const isOver = draft.status !== 'open' && draft.status !== 'scheduled';
  const isReadOnly = isOver || mayNot !== undefined;
  // what is written would be kept in the place of what was kept before
  const isWritable = !isReadOnly && kept === undefined;

  const isLater = draft.edit > rest.edit && !save.isPending && save.data?.edit !== draft.edit;
  const saysOther = isLater && draft.content !== rest.content;
  const theirs = useText(saysOther ? draft : undefined).data;
  useEffect(() => {
    if (!isLater) return;
    if (!saysOther) restOn({ ...rest, edit: draft.edit });
    else if (theirs !== undefined && !isUnsaved) {
      editor.current?.put(theirs);
      write(theirs);
      restOn({ edit: draft.edit, content: draft.content, text: theirs });
      setTold(own.later.loaded(draft.edit));
    }
  }, [isLater, saysOther, theirs, isUnsaved, draft, rest, restOn, write, own]);

  const isReadable = verdict?.names !== undefined;
  const approvers = draft.approvals.map(({ by }) => by);
  return (
    <>
      <Head draft={draft} />
      {mayNot === undefined ? null : (
        <p>
          <MayNot why={mayNot} says={own.readOnly} />
        </p>
      )}
      {isOver ? <p>{own.ended}</p> : null}
      {kept === undefined || isReadOnly ? null : (
        <div className="said notice" role="status">
          <p>
            {own.kept.title}. {own.kept.at} <Time at={kept.at} />.
          </p>
          <div className="buttons">
            <Button
              className="primary"
              onPress={() => {
                restOn({
                  edit: kept.edit,
                  content: kept.edit === draft.edit ? draft.content : '',
                  text: kept.from,
                });
                editor.current?.put(kept.text);
                write(kept.text);
                setKept(undefined);
              }}
            >
              {own.kept.take}
            </Button>
            <Button
              onPress={() => {
                dropKept(me.id, draft.id);
                setKept(undefined);
              }}
            >
              {own.kept.drop}
            </Button>
          </div>
        </div>
      )}
      {isLater && isUnsaved && saysOther ? (
        <div className="said notice" role="alert">
          <p>
            <b>{own.later.title(draft.edit)}</b> <bdi>({draft.authors.join(', ')})</bdi>,{' '}
            <Time at={draft.changed_at} />.
          </p>
          <p>{own.later.nothingLost}</p>
          {merging !== undefined ? null : (
            <Button
              className="primary"
              isDisabled={theirs === undefined}
              onPress={() =>
                theirs !== undefined && setMerging({ edit: draft.edit, content: draft.content, text: theirs })
              }
            >
              {own.later.merge}
            </Button>
          )}
        </div>
      ) : null}
      <p className="quiet" role="status" tabIndex={-1} ref={standing}>
        {isUnsaved ? own.unsaved : told === '' ? own.nothingToSave : told}{' '}
        {isUnsaved && verdict !== undefined && !isReadable ? `${own.notReadable} ` : ''}
        {isUnsaved && approvers.length > 0 ? `${own.voids(approvers.join(', '))} ` : ''}
        {hasRoom ? '' : own.kept.full}
      </p>
      <div className="bar">
        {!isWritable || merging !== undefined ? null : (
          <>
            <Button
              ref={saving}
              className="primary"
              isDisabled={!save.isPending && (!isUnsaved || !isReadable || isLater)}
              isPending={save.isPending}
              onPress={() => save.mutate({ id: draft.id, edit: rest.edit, text })}
            >
              {save.isPending ? own.saving : own.save}
            </Button>
            <Button onPress={() => editor.current?.undo()}>{own.undo}</Button>
            <Button onPress={() => editor.current?.redo()}>{own.redo}</Button>
          </>
        )}
        {merging !== undefined ? null : <Button onPress={() => editor.current?.find()}>{own.find}</Button>}
        <Link className="button" href={`/drafts/${draft.id}/decide`}>
          {own.decide}
        </Link>
        <Link className="button" href={`/drafts/${draft.id}/shadow`}>
          {own.shadow}
        </Link>
        {isReadOnly ? null : <Ends draft={draft} isUnsaved={isUnsaved} edit={rest.edit} />}
      </div>
      <Refusal error={save.error ?? lost} />
      {!isWritable || merging !== undefined ? null : (
        <Forms
          text={text}
          names={judged.isBusy ? undefined : verdict?.names}
          settings={verdict?.settings}
          isReadable={judged.isBusy || isReadable}
          onWritten={({ text: written, line }, old) => {
            if (editor.current?.replace(old, written) !== true) return false;
            editor.current.goTo(line, 1);
            return true;
          }}
        />
      )}
      {merging !== undefined ? (
        <Suspense fallback={<Said busy />}>
          <Merge
            before={rest.text}
            mine={text}
            theirs={merging.text}
            onCancel={() => setMerging(undefined)}
            onDone={(merged) => {
              setMerging(undefined);
              restOn(merging);
              editor.current?.put(merged);
              write(merged);
            }}
          />
        </Suspense>
      ) : null}
      <div className="desk" hidden={merging !== undefined}>
        <Editor
          ref={editor}
          label={own.text}
          initial={first.text}
          isReadOnly={!isWritable}
          onChange={(written) => {
            write(written);
            setTold('');
          }}
          errors={judged.isBusy ? NONE : (verdict?.errors ?? NONE)}
          lints={judged.isBusy ? NONE : (lints?.lints ?? NONE)}
          names={verdict?.names}
        />
        <Findings judged={judged} goTo={(line, column) => editor.current?.goTo(line, column)} />
      </div>
      <p className="quiet">{own.comments}</p>
    </>
  );
}

/** What the draft is. */
function Head({ draft }: { readonly draft: Draft }) {
  const own = useWordsOf(DRAFT);
  const isOutdated = useIsOutdated(draft.base);
  return (
    <>
      <h1>
        <bdi>{own.draft(visible(draft.message))}</bdi>
      </h1>
      <p className="quiet">
        {own.status[draft.status]}, {own.edit(draft.edit)}, <Time at={draft.changed_at} />,{' '}
        <bdi>{own.by(visible(draft.authors.join(', ')))}</bdi>, {own.follows(short(draft.base))}
        {isOutdated ? `, ${own.followsOld}` : ''}
        {draft.approvals.length === 0
          ? ''
          : `, ${own.waits.approvals(visible(draft.approvals.map(({ by }) => by).join(', ')))}`}
      </p>
    </>
  );
}

type EndsProps = {
  readonly draft: Draft;
  readonly isUnsaved: boolean;
  readonly edit: number;
};

/** What ends the draft, or lets it follow another version. */
function Ends({ draft, isUnsaved, edit }: EndsProps) {
  const words = useWords();
  const own = useWordsOf(DRAFT);
  const rebase = useRebase();
  const discard = useDiscard();
  const mayRebase = useMay('POST /v1/policies/drafts/{id}/rebase');
  const mayDiscard = useMay('DELETE /v1/policies/drafts/{id}');
  const isOutdated = useIsOutdated(draft.base);
  const [isSure, setSure] = useState(false);
  const why = useId();
  const error = rebase.error ?? discard.error;
  return (
    <>
      {mayRebase.may && isOutdated ? (
        <Button
          isPending={rebase.isPending}
          {...(draft.approvals.length > 0 ? { 'aria-describedby': why } : {})}
          onPress={() => rebase.mutate({ id: draft.id, edit })}
        >
          {own.rebase}
        </Button>
      ) : null}
      {!mayDiscard.may ? null : isSure ? (
        <>
          <Button
            isDisabled={isUnsaved}
            isPending={discard.isPending}
            autoFocus={!isUnsaved}
            onPress={() => discard.mutate({ id: draft.id, edit })}
          >
            {own.discardSure}
          </Button>
          <Button onPress={() => setSure(false)}>{words.cancel}</Button>
        </>
      ) : (
        <Button onPress={() => setSure(true)}>{own.discard}</Button>
      )}
      <Refusal error={error} />
      {draft.approvals.length === 0 ? null : (
        <span id={why} className="hidden">
          {own.voids(draft.approvals.map(({ by }) => by).join(', '))}
        </span>
      )}
    </>
  );
}
