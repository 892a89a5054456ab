/** Drafts: how they stand, what they change and for whom, what publishing them takes, and what may be done to them. */
import { type QueryKey, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, said } from './api.js';
import { Problem } from './problem.js';
import type { components } from './types.js';

export type Draft = components['schemas']['Draft'];
export type DraftSummary = components['schemas']['DraftSummary'];
export type Check = components['schemas']['Check'];
export type Difference = components['schemas']['Difference'];
export type Flip = components['schemas']['Flip'];
export type Impact = components['schemas']['Impact'];
export type Requirements = components['schemas']['Requirements'];

/** What begins the key of each draft: a change of one asks for all that are looked at. */
const DRAFT = ['draft'] as const;
const DRAFTS = ['drafts'] as const;
const IN_FORCE = ['in-force'] as const;
const draftKey = (id: string): QueryKey => [...DRAFT, id];

/** How soon a later edit of somebody else is told, in milliseconds. */
const LOOK_MS = 4_000;
/** How often it is asked what else there is, in milliseconds. */
const LOOK_AROUND_MS = 10_000;

/** What takes longer the larger the policy is: it ends when the answer is not wanted any more, and not by itself. */
const WITHOUT_LIMIT = { fetch: (request: Request) => fetch(request) };

/** A draft as it stands, looked at again while somebody looks at it, and when they come back. */
export function useDraft(id: string) {
  return useQuery({
    queryKey: draftKey(id),
    queryFn: async ({ signal }) => {
      const draft = await said(api.GET('/v1/policies/drafts/{id}', { params: { path: { id } }, signal }));
      // YAML is for who asks for it
      if (typeof draft === 'string') throw new Problem('not_understood', 200, '');
      return draft;
    },
    refetchInterval: LOOK_MS,
    refetchOnMount: 'always',
    refetchOnWindowFocus: 'always',
  });
}

/** Whether another version is in force than the one that a draft was made from; not told from what was read earlier. */
export function useIsOutdated(base: string): boolean {
  const { data, isFetchedAfterMount } = useQuery({
    queryKey: IN_FORCE,
    queryFn: async ({ signal }) => {
      const { publications } = await said(
        api.GET('/v1/policies/publications', { params: { query: { limit: 1 } }, signal }),
      );
      const [latest] = publications;
      if (latest === undefined) throw new Problem('not_understood', 200, '');
      return latest;
    },
    refetchInterval: LOOK_AROUND_MS,
  });
  return isFetchedAfterMount && data !== undefined && data.version !== base;
}

/** The drafts, newest first: the last 200, and `next` where there are more. */
export function useDrafts() {
  return useQuery({
    queryKey: DRAFTS,
    queryFn: ({ signal }) =>
      said(api.GET('/v1/policies/drafts', { params: { query: { limit: 200 } }, signal })),
    refetchInterval: LOOK_AROUND_MS,
  });
}

/** What changes the requirements of a draft without an edit of it. */
export function checkKey({ id, edit, approvals, declined, status }: DraftSummary): QueryKey {
  return ['check', id, edit, approvals.map(({ at }) => at).join(), declined, status];
}

let last: Promise<unknown> = Promise.resolve();

/** One check after another: each compares every cell, and those who decide about data should not feel it. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work);
  last = mine.catch(() => undefined);
  return mine;
}

/** The check of a draft. It may be of a later edit: `edit` of the answer says which. */
export function useCheck(draft: DraftSummary) {
  return useQuery({
    queryKey: checkKey(draft),
    queryFn: ({ signal }) =>
      inTurn(() =>
        said(
          api.GET('/v1/policies/drafts/{id}/check', {
            params: { path: { id: draft.id } },
            signal,
            ...WITHOUT_LIMIT,
          }),
        ),
      ),
    // what it changes stays the same while others approve it
    placeholderData: (before, query) =>
      query?.queryKey[1] === draft.id && query.queryKey[2] === draft.edit ? before : undefined,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

export function impactKey({ id, edit }: DraftSummary, samples: number): QueryKey {
  return ['impact', id, edit, samples];
}

/**
 * For how many people a draft turns something.
 *
 * @param samples how many ids of people to name, for privacy officers; 0: none
 */
export function useImpact(draft: DraftSummary, samples: number, enabled: boolean) {
  return useQuery({
    queryKey: impactKey(draft, samples),
    enabled,
    queryFn: ({ signal }) =>
      said(
        api.GET('/v1/policies/drafts/{id}/impact', {
          params: { path: { id: draft.id }, query: samples === 0 ? {} : { samples } },
          signal,
          ...WITHOUT_LIMIT,
        }),
      ),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

/** The edit that was seen: a change of a draft rests on it, and on no other (RFC 9110, section 13.1.1). */
type Seen = { readonly id: string; readonly edit: number };

/** The `If-Match` of a request that rests on an edit. */
export function tagOf(edit: number): string {
  return `"${edit}"`;
}

function seen({ id, edit }: Seen) {
  return { path: { id }, header: { 'If-Match': tagOf(edit) } };
}

/**
 * A change of a draft. Whether it was made or refused, what is shown is asked for anew.
 *
 * @param onMade is called even when whoever asked for it has gone on to another view
 */
export function useChange<Order, Answer extends Draft | components['schemas']['PublishedVersion']>(
  change: (order: Order) => Promise<Answer>,
  onMade?: (answer: Answer, order: Order) => void,
) {
  const client = useQueryClient();
  const askAnew = () =>
    Promise.all(
      [DRAFT, DRAFTS, IN_FORCE, ['policies'], ['version', 'current']].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
  return useMutation({
    mutationFn: change,
    onSuccess: async (answer, order) => {
      // before anything is asked for anew, since that may take away the control that asked for the change
      onMade?.(answer, order);
      const isDraft = 'edit' in answer;
      if (isDraft) client.setQueryData(draftKey(answer.id), answer);
      const anew = askAnew();
      // what was published is shown as such before it could be published again
      if (!isDraft) await anew;
    },
    onError: () => void askAnew(),
  });
}

export function useOpenDraft() {
  return useChange((body: components['schemas']['NewDraftRequest']) =>
    said(api.POST('/v1/policies/drafts', { body })),
  );
}

export function useSave(onMade: (draft: Draft, order: { readonly text: string }) => void) {
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
    onMade,
  );
}

export function useRebase(onMade?: (draft: Draft) => void) {
  return useChange(
    (draft: Seen) => said(api.POST('/v1/policies/drafts/{id}/rebase', { params: seen(draft) })),
    onMade,
  );
}

export function useDiscard() {
  return useChange((draft: Seen) => said(api.DELETE('/v1/policies/drafts/{id}', { params: seen(draft) })));
}
