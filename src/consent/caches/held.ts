import type { IncomingHttpHeaders } from 'node:http';
import type { Caches, Holder } from './caches.js';

/** Names the cache that may keep the answer, in the request, and in the answer if it may. */
export const CACHE_HEADER = 'assent-cache';

/**
 * The cache that may keep the answer to a request with these headers, if it is one of this process: what another process
 * decided may rest on something older than what the cache has dropped.
 */
export function heldIn(headers: IncomingHttpHeaders, holder: Holder, caches: Caches): string | undefined {
  const named = headers[CACHE_HEADER];
  return typeof named === 'string' && caches.holds(named, holder) ? named : undefined;
}
