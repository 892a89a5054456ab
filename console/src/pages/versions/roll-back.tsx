/**
 * The way back to an old version. It begins with a draft whatever the version does, though the service would put one in
 * force at once that only closes: whoever goes back sees first for whom anything turns.
 */
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useLocation } from 'wouter';
import { useOpenDraft } from '../../api/drafts.js';
import { useVersion } from '../../api/policy.js';
import { Said } from '../../parts/said.js';
import { useWords, useWordsOf } from '../../words/words.js';
import { VERSIONS } from './words.js';

type Props = { readonly version: string; readonly cancel: () => void };

export function RollBack({ version, cancel }: Props) {
  const words = useWords();
  const own = useWordsOf(VERSIONS);
  const [message, setMessage] = useState('');
  const [, go] = useLocation();
  const old = useVersion(version);
  const open = useOpenDraft();
  const error = old.error ?? open.error;
  return (
    <form
      className="roll-back"
      onSubmit={(event) => {
        event.preventDefault();
        if (old.data === undefined) return;
        open.mutate(
          { message, document: { ...old.data.document } },
          { onSuccess: ({ id }) => go(`/drafts/${id}/decide`) },
        );
      }}
    >
      <p>{own.rollBackHint}</p>
      {error === null ? null : <Said error={error} again={() => void old.refetch()} />}
      <label>
        <span>{own.message}</span>
        <input
          type="text"
          required
          autoFocus
          maxLength={2_000}
          value={message}
          onChange={({ target }) => setMessage(target.value)}
        />
      </label>
      <p>
        {old.data === undefined ? (
          <span role="status">{words.reading}</span>
        ) : (
          <Button type="submit" className="primary" isPending={open.isPending}>
            {own.open}
          </Button>
        )}{' '}
        <Button onPress={cancel}>{words.cancel}</Button>
      </p>
    </form>
  );
}
