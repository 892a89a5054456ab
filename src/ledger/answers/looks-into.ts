import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addressedIn, callerOfRequest } from '../../access/request-caller.js';
import { DomainError } from '../../errors.js';
import type { Ledger, LedgerReader } from '../ledger.js';

/**
 * Makes the server note, before an answer leaves, that an admin looked into the records of a user, and why: the user is
 * told. Call it after authorisation is set up, and before routes are registered.
 */
export function noteLookups(server: FastifyInstance, ledger: Pick<Ledger, 'noteLookup'>): void {
  server.addHook('preHandler', (request, _reply, done) => {
    try {
      readerIn(request);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error('the reader could not be read'));
    }
  });
  server.addHook('onSend', async (request, reply, payload) => {
    const reader = reply.statusCode < BAD_REQUEST ? readerIn(request) : undefined;
    if (reader !== undefined) await ledger.noteLookup(addressedIn(request), reader);
    return payload;
  });
}

const BAD_REQUEST = 400;

/** Who looks into records of somebody else, and why. @throws DomainError `invalid_request` */
function readerIn(request: FastifyRequest): LedgerReader | undefined {
  if (request.routeOptions.config.may?.[0] !== 'look_into') return undefined;
  const admin = callerOfRequest(request);
  return admin.kind === 'admin' ? { admin, reason: reasonIn(request) } : undefined;
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
