/** Drafts as those read them who decide about them: what they change, for whom, and what publishing them takes. */
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

/** How often it is asked whether somebody has changed what is looked at, in milliseconds. */
const LOOK_AGAIN_MS = 10_000;

/** The `If-Match` of a request that rests on an edit. */
export function tagOf(edit: number): string {
  return `"${edit}"`;
}

/** What takes longer the larger the policy is: it ends when the answer is not wanted any more, and not by itself. */
const WITHOUT_LIMIT = { fetch: (request: Request) => fetch(request) };

/** A draft as it stands, looked at again while somebody looks at it. */
export function useDraft(id: string) {
  return useQuery({
    queryKey: ['reviewed', id],
    queryFn: ({ signal }) => draftOf(id, signal),
    refetchInterval: LOOK_AGAIN_MS,
    refetchOnMount: 'always',
  });
}

/** Whether another version is in force than the one that a draft was made from; not told from what was read earlier. */
export function useIsOutdated(base: string): boolean {
  const { data, isFetchedAfterMount } = useInForce();
  return isFetchedAfterMount && data !== undefined && data.version !== base;
}

/** The id of the version in force, looked at again while somebody looks at a draft that follows one. */
export function useInForce() {
  return useQuery({
    queryKey: ['in-force'],
    queryFn: async ({ signal }) => {
      const { publications } = await said(
        api.GET('/v1/policies/publications', { params: { query: { limit: 1 } }, signal }),
      );
      const [latest] = publications;
      if (latest === undefined) throw new Problem('not_understood', 200, '');
      return latest;
    },
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** Up to the newest 200 drafts. */
export function useDrafts() {
  return useQuery({
    queryKey: ['drafts-to-decide'],
    queryFn: ({ signal }) =>
      said(api.GET('/v1/policies/drafts', { params: { query: { limit: 200 } }, signal })),
    refetchInterval: LOOK_AGAIN_MS,
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

/** A change of a draft. Whether it was made or refused, what is shown is asked for anew. */
export function useChange<Order, Answer>(
  id: string,
  change: (order: Order) => Promise<Answer>,
  onMade: (answer: Answer) => void,
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    // before anything is asked for anew, since that may take away the control that asked for the change
    onSuccess: onMade,
    onSettled: async () => {
      await Promise.all(
        [['reviewed', id], ['drafts-to-decide'], ['in-force'], ['policies'], ['version', 'current']].map(
          (queryKey) => client.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
}

/** A draft, whole. @throws Problem when the service refused, or did not answer */
export async function draftOf(id: string, signal: AbortSignal) {
  const draft = await said(api.GET('/v1/policies/drafts/{id}', { params: { path: { id } }, signal }));
  // YAML is for who asks for it
  if (typeof draft === 'string') throw new Problem('not_understood', 200, '');
  return draft;
}
