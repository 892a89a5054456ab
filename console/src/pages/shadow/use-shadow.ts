/** The draft that decides beside the version in force: its report, and what starts and ends it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, said } from '../../api/api.js';
import { Problem } from '../../api/problem.js';
import { useMay } from '../../api/session.js';
import type { components } from '../../api/types.js';

export type Report = components['schemas']['ShadowReport'];
export type Difference = Report['differences'][number];

/** How often it is asked while somebody looks. */
const EVERY_MS = 3_000;

/** What the process that answered says of a draft. */
export type Heard = {
  /** As that process has it, or the one before it had it; null: none has said anything yet. */
  readonly report: Report | null;
  /** When the report was received, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** Whether the process that answered last runs it. */
  readonly isRunning: boolean;
};

const keyOf = (id: string) => ['shadow', id] as const;

function heard(report: Report): Heard {
  return { report, at: Date.now(), isRunning: true };
}

/**
 * What is known of a draft in the shadow, asked again while somebody looks. That the process that answers does not run
 * it is an answer too: the last report stays.
 */
export function useShadow(id: string) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: keyOf(id),
    queryFn: async ({ signal }): Promise<Heard> => {
      const before = queries.getQueryData<Heard>(keyOf(id));
      try {
        return heard(
          await said(api.GET('/v1/policies/drafts/{id}/shadow', { params: { path: { id } }, signal })),
        );
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'shadow_not_found') throw error;
        return { report: before?.report ?? null, at: before?.at ?? 0, isRunning: false };
      }
    },
    refetchInterval: EVERY_MS,
    refetchOnMount: 'always',
  });
}

/** Starts it on a share of the decisions, in the process that receives the request. */
export function useStart(id: string) {
  return useOrder(
    id,
    (share: number) =>
      said(api.PUT('/v1/policies/drafts/{id}/shadow', { params: { path: { id } }, body: { share } })),
    heard,
  );
}

/** Ends it, with its last report. */
export function useEnd(id: string) {
  return useOrder(
    id,
    () => said(api.DELETE('/v1/policies/drafts/{id}/shadow', { params: { path: { id } } })),
    (report) => ({ ...heard(report), isRunning: false }),
  );
}

function useOrder<Order>(
  id: string,
  order: (order: Order) => Promise<Report>,
  heardOf: (report: Report) => Heard,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: Order) => {
      // an answer that was asked for before would take the place of this one
      await queries.cancelQueries({ queryKey: keyOf(id) });
      return order(wanted);
    },
    onSuccess: (report) => queries.setQueryData(keyOf(id), heardOf(report)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['waiting'] }),
  });
}

/** Another draft that the process that answers has in the shadow: starting this one ends that. */
export function useOther(id: string) {
  const { data } = useQuery({
    queryKey: ['waiting'],
    queryFn: ({ signal }) => said(api.GET('/v1/waiting', { signal })),
    refetchInterval: EVERY_MS,
  });
  return data?.waiting
    .find(({ kind }) => kind === 'drafts_in_shadow')
    ?.entries.find((entry) => entry.id !== id);
}

/** How many processes decide; undefined: it is not known. */
export function useProcesses(): number | undefined {
  const { data } = useQuery({
    queryKey: ['processes'],
    enabled: useMay('GET /v1/processes').may,
    queryFn: ({ signal }) => said(api.GET('/v1/processes', { signal })),
  });
  return data?.processes.length;
}
