/** One draft: its text in the editor, what the engine says about it, and what may be done with it. */
import { useState } from 'react';
import { useDraft } from '../../api/drafts.js';
import { Problem } from '../../api/problem.js';
import { useVersion } from '../../api/policy.js';
import { useMay, useMe } from '../../api/session.js';
import { Said } from '../../parts/said.js';
import { useWordsOf } from '../../words/words.js';
import './draft.css';
import { Desk } from './desk/desk.js';
import { keptText } from './desk/kept.js';
import { useText } from './desk/use-text.js';
import { DRAFT } from './words.js';

export function DraftView({ id }: { readonly id: string }) {
  const own = useWordsOf(DRAFT);
  const me = useMe();
  const draft = useDraft(id);
  const [opened, setOpened] = useState<typeof draft.data>();
  if (opened === undefined && draft.data !== undefined) setOpened(draft.data);
  const text = useText(opened);
  const base = useVersion(opened?.base);
  const may = useMay('PUT /v1/policies/drafts/{id}/document');
  const error =
    draft.data === undefined ? draft.error : (text.error ?? (base.data === undefined ? base.error : null));
  if (error !== null)
    return (
      <>
        <h1>{own.title}</h1>
        {error instanceof Problem && error.code === 'draft_not_found' ? (
          <p>{own.failed.draft_not_found}</p>
        ) : (
          <Said
            error={error}
            again={() => void Promise.all([draft.refetch(), text.refetch(), base.refetch()])}
          />
        )}
      </>
    );
  if (draft.data === undefined || opened === undefined || text.data === undefined || base.data === undefined)
    return <Said busy />;
  return (
    <Desk
      draft={draft.data}
      first={{ edit: opened.edit, content: opened.content, text: text.data }}
      base={base.data}
      kept={keptText(me.id, id)}
      mayNot={may.may ? undefined : may.why}
      lost={draft.error}
    />
  );
}
