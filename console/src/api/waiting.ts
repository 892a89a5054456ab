/** What waits for whoever is signed in, as the service sorts it: it knows who is one person, and who declined what. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, said } from './api.js';
import type { components } from './types.js';

export type WaitingKind = components['schemas']['WaitingKind'];

/** @param of what it must not be older than: with another, it is asked for anew */
export function useWaiting(of = '') {
  return useQuery({
    queryKey: ['waiting', of],
    queryFn: ({ signal }) => said(api.GET('/v1/waiting', { signal })),
    placeholderData: keepPreviousData,
  });
}
