/** Drafts, and what may be done to them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, said } from '../../api/api.js';
import { draftOf } from '../../api/review.js';
import type { components } from '../../api/types.js';
import { askLaw } from '../../law/ask.js';

export type Draft = components['schemas']['Draft'];
export type DraftSummary = components['schemas']['DraftSummary'];

const DRAFTS = ['drafts'] as const;
const draftKey = (id: string) => ['draft', id] as const;

/** How soon a later edit of somebody else is told. */
const LOOK_MS = 4_000;

/** The drafts, newest first: the last 200, and `next` where there are more. */
export function useDrafts() {
  return useQuery({
    queryKey: DRAFTS,
    queryFn: ({ signal }) =>
      said(api.GET('/v1/policies/drafts', { params: { query: { limit: 200 } }, signal })),
  });
}

/** A draft, looked at again every few seconds while somebody is there, and when they come back. */
export function useDraft(id: string) {
  return useQuery({
    queryKey: draftKey(id),
    queryFn: ({ signal }) => draftOf(id, signal),
    refetchInterval: LOOK_MS,
    refetchOnWindowFocus: 'always',
  });
}

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

export function useOpenDraft() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly base: string; readonly message: string }) =>
      said(api.POST('/v1/policies/drafts', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: DRAFTS }),
  });
}

/** What a change of a draft rests on: the edit that was seen, and no other (RFC 9110, section 13.1.1). */
function seen({ id, edit }: Seen) {
  return { path: { id }, header: { 'If-Match': `"${edit}"` } };
}
type Seen = { readonly id: string; readonly edit: number };

/** @param onSaved is called with the text that was sent, even when whoever saved it has gone on to another view */
export function useSave(onSaved: (draft: Draft, text: string) => void) {
  return useChange(
    ({ text, ...draft }: Seen & { readonly text: string }) =>
      said(
        api.PUT('/v1/policies/drafts/{id}/document', {
          params: seen(draft),
          body: text,
          bodySerializer: String,
          headers: { 'content-type': 'application/yaml' },
        }),
      ),
    (draft, { text }) => onSaved(draft, text),
  );
}

export function useRebase() {
  return useChange((draft: Seen) =>
    said(api.POST('/v1/policies/drafts/{id}/rebase', { params: seen(draft) })),
  );
}

export function useDiscard() {
  return useChange((draft: Seen) => said(api.DELETE('/v1/policies/drafts/{id}', { params: seen(draft) })));
}

function useChange<T extends Seen>(
  change: (asked: T) => Promise<Draft>,
  onMade?: (draft: Draft, asked: T) => void,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (draft, asked) => {
      onMade?.(draft, asked);
      queries.setQueryData(draftKey(draft.id), draft);
      void queries.invalidateQueries({ queryKey: DRAFTS });
    },
    // somebody else was faster: what they did is shown
    onError: (_error, { id }) => void queries.invalidateQueries({ queryKey: draftKey(id) }),
  });
}
