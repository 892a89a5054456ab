/** What somebody is to look at again. */
import { useQuery } from '@tanstack/react-query';
import { api, said } from './api.js';

/** Begins the keys of all that a review changes. */
export const REVIEWED = 'reviews';

/** @param within how far ahead, as `P30D`; `P0D`: what is due today */
export function useDue(within: string, isAsked = true) {
  return useQuery({
    queryKey: [REVIEWED, 'due', within],
    enabled: isAsked,
    queryFn: ({ signal }) => said(api.GET('/v1/policies/due', { params: { query: { within } }, signal })),
  });
}
