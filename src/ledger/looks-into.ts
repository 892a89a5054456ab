import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addressedIn, callerOfRequest } from '../access/request-caller.js';
import { DomainError } from '../errors.js';
import type { Ledger } from './ledger.js';

/**
 * Makes the server note, before it answers, that an admin looks into the records of a user, and why: the user is told.
 * Call it after authorisation is set up, and before routes are registered.
 */
export function noteLookups(server: FastifyInstance, ledger: Pick<Ledger, 'noteLookup'>): void {
  server.addHook('preHandler', async (request) => {
    const { may } = request.routeOptions.config;
    if (may?.[0] !== 'look_into') return;
    const admin = callerOfRequest(request);
    if (admin.kind !== 'admin') return;
    await ledger.noteLookup(addressedIn(request), { admin, reason: reasonIn(request) });
  });
}

/** @throws DomainError `invalid_request` when none is given */
function reasonIn({ query }: FastifyRequest): string {
  // INVARIANT: the schema of the route says what a reason is
  if (typeof query === 'object' && query !== null && 'reason' in query && typeof query.reason === 'string')
    return query.reason;
  throw new DomainError(
    'invalid_request',
    '`reason` is missing: say why you look into it; it is noted, and told to the user',
    '/reason',
  );
}
