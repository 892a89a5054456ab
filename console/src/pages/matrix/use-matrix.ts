/** The matrix that is shown, and the one that it is compared with. */
import { useQuery } from '@tanstack/react-query';
import type { Version } from '../../api/policy.js';
import { askLaw } from '../../law/ask.js';
import type { Who } from '../../law/matrix.js';

export function useMatrix(version: Version | undefined, who: Who | undefined) {
  return useQuery({
    queryKey: ['matrix', version?.id, who],
    enabled: version !== undefined && who !== undefined,
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }) => {
      if (version === undefined || who === undefined) throw new Error('nothing to ask for');
      return askLaw({ kind: 'matrix', policy: version.id, document: version.document, who }, signal);
    },
  });
}
