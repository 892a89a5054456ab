/** Errors on the wire: RFC 9457 problem details, made from one registry and nothing else. */
import { codeOf } from '../disk.js';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type Addresses, WrongMethod, noRoute } from './addresses.js';
import { wasCutOff, wrongType } from './body.js';
import { noteRefusal } from './refusals.js';
import { DomainError, ERRORS, type ErrorCode, type ErrorKind, StorageUnavailable } from '../errors.js';

const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  wrong_method: 405,
  conflict: 409,
  stale: 412,
  unconditional: 428,
  too_large: 413,
  too_many: 429,
  headers_too_large: 431,
  timeout: 408,
  internal: 500,
  unavailable: 503,
  full: 507,
};

/** The status of an error answer. */
export function statusOf(code: ErrorCode): number {
  return STATUS[ERRORS[code].kind];
}

/** The `type` of a problem document. */
export function typeOfProblem(code: ErrorCode): string {
  return `urn:assent:problem:${code}`;
}

/** A problem document (RFC 9457, section 3). */
type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** JSON Pointer to the member at fault. */
  readonly member?: string;
  readonly request_id: string;
};

/** The headers of every answer, whatever it is. */
export function headersOfAll(requestId: string): Readonly<Record<string, string>> {
  return { 'x-request-id': requestId, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
}

/** A whole error answer: only this function makes one. */
export type ProblemAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export function problemAnswer(error: DomainError, requestId: string): ProblemAnswer {
  noteRefusal(error.code);
  const { kind, title } = ERRORS[error.code];
  const status = statusOf(error.code);
  const problem: Problem = {
    type: typeOfProblem(error.code),
    title,
    status,
    detail: error.message,
    ...(error.member === undefined ? {} : { member: error.member }),
    request_id: requestId,
  };
  return {
    status,
    headers: {
      ...headersOfAll(requestId),
      'content-type': 'application/problem+json; charset=utf-8',
      ...(kind === 'unavailable' || kind === 'too_many' ? { 'retry-after': '1' } : {}),
    },
    body: JSON.stringify(problem),
  };
}

/** The error for the caller: one that is not known to be safe to show becomes `internal_error`. */
export function domainErrorOf(error: unknown, bodyLimit: number): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof StorageUnavailable)
    return new DomainError(
      'storage_unavailable',
      'try again shortly; if you sent a change, read whether it was made before you repeat it',
      undefined,
      { cause: error },
    );
  if (error instanceof HttpException) {
    const status = error.getStatus();
    if (status === 404) return noRoute();
    if (status === 413)
      return new DomainError('body_too_large', `send at most ${bodyLimit} bytes, or split the request`);
    if (status < 500)
      return new DomainError('invalid_request', readable(error.cause), undefined, { cause: error });
  }
  return new DomainError('internal_error', 'try again; if it stays, report the request id', undefined, {
    cause: error,
  });
}

function readable(cause: unknown): string {
  return codeOf(cause) === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH'
    ? 'the body is not as long as Content-Length says'
    : 'the request is not one that this service understands';
}

/** Whether a schema refused an id in the address, by Fastify's error. */
function isOfTheAddress(error: unknown): error is DomainError {
  return error instanceof DomainError && 'validationContext' in error && error.validationContext === 'params';
}

/** Answers every failure, and logs internal ones. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  /** @param challengeFor how a request that was refused can be authenticated, as `WWW-Authenticate` has it */
  constructor(
    private readonly log: Logger,
    private readonly bodyLimit: number,
    private readonly addresses: Addresses,
    private readonly challengeFor: (error: DomainError, authorization?: string) => string | undefined,
  ) {}

  private toldOf(error: unknown, { is404, method, url, routeOptions, raw }: FastifyRequest): DomainError {
    // nobody reads this answer; a reset of one of our own connections does not close the caller's
    if (raw.destroyed && !raw.complete && wasCutOff(error))
      return new DomainError('invalid_request', 'the connection ended before the body did');
    const status = error instanceof HttpException ? error.getStatus() : undefined;
    if (status === 404 && is404) return this.addresses.faultOf(method, url);
    if (isOfTheAddress(error)) {
      const meant = this.addresses.meantBy(method, url);
      const or = meant === undefined ? '' : `; or did you mean the address \`${meant}\`?`;
      return new DomainError(error.code, `${error.message}${or}`, error.member);
    }
    return status === 415 ? wrongType(routeOptions) : domainErrorOf(error, this.bodyLimit);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const known = this.toldOf(error, request);
    const { status, headers, body } = problemAnswer(known, request.id);
    if (status >= 500)
      this.log.error({ request_id: request.id, err: known.cause ?? known }, 'request failed');
    if (reply.sent) return;
    const challenge = this.challengeFor(known, request.headers.authorization);
    if (challenge !== undefined) void reply.header('www-authenticate', challenge);
    if (known instanceof WrongMethod) void reply.header('allow', known.allowed.join(', '));
    void reply.code(status).headers(headers).send(body);
  }
}
