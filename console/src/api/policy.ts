/** Policy versions as they are read once: a version never changes. */
import { useQuery } from '@tanstack/react-query';
import type { PolicyDocument } from '../../../src/decision/policy.js';
import { isPolicy } from '../law/document.js';
import { api, said } from './api.js';
import { Problem } from './problem.js';

export type Version = { readonly id: string; readonly document: PolicyDocument };

/** @param id of a version, or `current` for the one in force */
export function useVersion(id: string | undefined) {
  return useQuery({
    queryKey: ['version', id],
    enabled: id !== undefined,
    queryFn: async ({ signal }): Promise<Version> => {
      const version = await said(
        api.GET('/v1/policies/{id}', { params: { path: { id: id ?? 'current' } }, signal }),
      );
      if (typeof version === 'string' || !isPolicy(version.document))
        throw new Problem('not_understood', 200, '');
      return { id: version.id, document: version.document };
    },
    // the version in force may be another one when somebody comes back
    staleTime: id === 'current' ? 10_000 : Infinity,
  });
}

/** All versions and publications, newest first; the last 200 of each. */
export function usePolicies() {
  return useQuery({
    queryKey: ['policies'],
    queryFn: ({ signal }) => said(api.GET('/v1/policies', { signal })),
  });
}
