/** The text that somebody writes, what it rests on, and what became of it elsewhere meanwhile. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Draft } from '../../../api/drafts.js';
import { askLaw } from '../../../law/ask.js';
import { type Kept, dropKept, keep } from './kept.js';

/** An edit of the draft, as this page knows it. */
export type Rest = { readonly edit: number; readonly content: string; readonly text: string };

/** How long somebody pauses before what they wrote is kept, in milliseconds. */
const PAUSE_MS = 400;

/** The text of the document of a draft. */
export function useText(draft: Draft | undefined) {
  return useQuery({
    queryKey: ['text', draft?.content],
    enabled: draft !== undefined,
    staleTime: Infinity,
    retry: false,
    queryFn: ({ signal }) => askLaw({ kind: 'text', document: draft?.document }, signal),
  });
}

/**
 * @param person who writes
 * @param first the edit that is opened
 */
export function useWrittenText(person: string, draft: Draft, first: Rest) {
  const [rest, setRest] = useState(first);
  const [text, setText] = useState(first.text);
  const [hasRoom, setRoom] = useState(true);
  const isUnsaved = text !== rest.text;
  const latest = useRef({ rest, text });
  latest.current = { rest, text };
  /** Whether what is kept was kept by this page: what was before is dropped by whoever wrote it alone. */
  const isOurs = useRef(false);
  useEffect(() => {
    if (!isUnsaved) {
      if (isOurs.current) dropKept(person, draft.id);
      isOurs.current = false;
      return undefined;
    }
    const keepNow = () => {
      const kept: Kept = { at: new Date().toISOString(), edit: rest.edit, from: rest.text, text };
      isOurs.current = true;
      setRoom(keep(person, draft.id, kept));
    };
    const timer = setTimeout(keepNow, PAUSE_MS);
    addEventListener('pagehide', keepNow);
    return () => {
      clearTimeout(timer);
      removeEventListener('pagehide', keepNow);
    };
  }, [person, draft.id, rest, text, isUnsaved]);
  useEffect(
    () => () => {
      const { rest: from, text: written } = latest.current;
      if (written === from.text) return;
      keep(person, draft.id, {
        at: new Date().toISOString(),
        edit: from.edit,
        from: from.text,
        text: written,
      });
    },
    [person, draft.id],
  );
  return {
    rest,
    text,
    isUnsaved,
    hasRoom,
    write: setText,
    /** From now on the text rests on this edit. */
    restOn: setRest,
  };
}
