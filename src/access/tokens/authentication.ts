/**
 * Authentication of every request, before its body is read: every route asks for a bearer token, or a session where that
 * counts, unless it is open.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../errors.js';
import type { Caller, Credentials } from '../caller.js';
import { BEARER, DPOP, tokenOf } from './authorization-header.js';
import { thumbprintOf } from './client-certificate.js';
import { type Binding, Proofs } from './dpop.js';
import type { TokenVerifier } from './token-verifier.js';

/**
 * Who is signed in by the browser that a request comes from.
 *
 * @returns `undefined` where no session counts; rejects with a DomainError where one was sent that does not hold
 */
export type SignedIn = (request: FastifyRequest, reply: FastifyReply) => Promise<Credentials> | undefined;

/** Is told who proved to have the key of their token, which is known no sooner. @throws DomainError where the request is refused */
export type OnProof = (request: IncomingMessage, sender: Credentials) => void;

/**
 * Makes the server ask every request for its access token: a bearer token (RFC 6750), or one that is bound to a key,
 * with a proof of it (DPoP, RFC 9449). A request with `Authorization` counts by that alone, whatever session it has: no
 * token that does not hold makes it the request of somebody else.
 *
 * @param publicUrl base URL that proofs must name
 * @param bind turns verified credentials into a caller, under the policy in force; called whenever the caller is read
 */
export function authenticate(
  server: FastifyInstance,
  verifier: TokenVerifier,
  publicUrl: string,
  bind: (credentials: Credentials) => Caller,
  isOpen: (request: FastifyRequest) => boolean,
  signedIn: SignedIn,
  onProof: OnProof = () => undefined,
): void {
  const proofs = new Proofs(publicUrl, Date.now);
  server.decorateRequest('credentials', null);
  server.decorateRequest('caller', {
    getter(this: FastifyRequest): Caller | null {
      return this.credentials === null ? null : bind(this.credentials);
    },
  });
  server.decorateRequest('provedKey', null);
  server.addHook('onRequest', (request, reply, done) => {
    const { authorization } = request.headers;
    request.credentials = recalled(authorization, verifier);
    if (request.credentials !== null || isOpen(request)) return done();
    // a malformed request is answered 400 even without a valid token (RFC 9112, section 3.2)
    const refuse = (error: Error) => done(request.misread ?? error);
    const person = authorization === undefined ? signedIn(request, reply) : undefined;
    if (person !== undefined)
      return void person.then((credentials) => {
        request.credentials = credentials;
        done();
      }, refuse);
    const token = tokenOf(authorization, BEARER);
    const bound = tokenOf(authorization, DPOP);
    if (token === '' && bound === '')
      return refuse(new DomainError('not_authenticated', 'send `Authorization: Bearer <token>`'));
    const sent = bound === '' ? { token } : { token: bound, proofs };
    void recognise(request, sent, verifier, onProof).then((error) =>
      error === undefined ? done() : refuse(error),
    );
  });
}

/** What the bearer token of an `Authorization` header says if it was verified before, without waiting; otherwise null. */
export function recalled(authorization: string | undefined, verifier: TokenVerifier): Credentials | null {
  return verifier.recall(tokenOf(authorization, BEARER), Date.now()) ?? null;
}

/**
 * Who the token of a request names, if it was verified before, without waiting: to share among those who ask, not to let
 * them in. A certificate is compared, the proof of a key is not looked at.
 */
export function holderOf(
  { headers, socket }: IncomingMessage,
  verifier: TokenVerifier,
): { readonly kind: string; readonly id: string; readonly isProved: boolean } | undefined {
  const bearer = tokenOf(headers.authorization, BEARER);
  const token = bearer === '' ? tokenOf(headers.authorization, DPOP) : bearer;
  const { credentials, binding } = verifier.known(token, Date.now()) ?? {};
  if (credentials === undefined || !isOfCertificate(socket, binding)) return undefined;
  const { kind, id } = credentials;
  return { kind, id, isProved: binding === undefined || 'certificate' in binding };
}

/** Whether a connection has the certificate that a token is bound to, if it is bound to one. */
function isOfCertificate(socket: Duplex, binding: Binding | undefined): boolean {
  return binding === undefined || !('certificate' in binding) || thumbprintOf(socket) === binding.certificate;
}

/** A token, and what checks its proof if it was sent as one that is bound to a key. */
type Sent = { readonly token: string; readonly proofs?: Proofs };

/** Verifies the token and stores what it says; resolves to the failure, if there is one. */
async function recognise(
  request: FastifyRequest,
  { token, proofs }: Sent,
  verifier: TokenVerifier,
  onProof: OnProof,
): Promise<Error | undefined> {
  try {
    const { credentials, binding } = await verifier.verify(token);
    const key = binding !== undefined && 'jkt' in binding ? binding : undefined;
    if ((proofs === undefined) !== (key === undefined))
      throw new DomainError(
        'not_authenticated',
        key === undefined
          ? 'the token is bound to no key: send it as `Authorization: Bearer <token>`'
          : 'the token is bound to a key: send it as `Authorization: DPoP <token>`, with a proof in `DPoP`',
      );
    if (key !== undefined) {
      const { method, url: path } = request;
      await proofs?.take({ token, proof: proofOf(request), method, path }, key);
      onProof(request.raw, credentials);
      request.provedKey = key.jkt;
    }
    if (!isOfCertificate(request.raw.socket, binding))
      throw new DomainError(
        'not_authenticated',
        'the token is bound to a certificate (`cnf`), and the connection has another or none: send it over a connection with that one; a service without TLS_CLIENT_CA_FILE takes none',
      );
    request.credentials = credentials;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('the token could not be verified');
  }
}

/** The proof of a key that was sent with a request. */
export function proofOf({ headers }: FastifyRequest): string | undefined {
  const { dpop } = headers;
  return typeof dpop === 'string' ? dpop : undefined;
}
