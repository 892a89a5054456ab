/** Answers the HTTP service of Envoy's ext_authz: 200 lets a request through, and nothing else does. */
import { type Assent, type Denial, CLIENT_REASONS } from '@assent/client';
import { type Server, type ServerResponse, createServer } from 'node:http';
import { type Found, type Route, foundIn } from './routes.js';

/** Reasons of the client that say no, rather than that nobody could be asked. */
const ANSWERED = new Set<string>(['invalid_question', 'unknown_obligation']);
/** Those of the service that may be gone when it is asked again. */
const PASSING = new Set<string>(['consent_unavailable', 'record_unavailable']);

/** Only the request line is looked at: headers are what the client says. */
export function createAdapter(assent: Assent, routes: readonly Route[]): Server {
  return createServer((request, response) => {
    const found = foundIn(routes, request.method ?? '', request.url ?? '');
    if (found === undefined)
      return refuse(response, 403, { reason: 'no_route', detail: 'no route names this request' });
    answer(assent, found, response).catch(() =>
      refuse(response, 503, { reason: 'adapter_failed', detail: 'the request could not be asked about' }),
    );
  });
}

async function answer(assent: Assent, { route, user }: Found, response: ServerResponse): Promise<void> {
  const { purpose, fields } = route;
  const answers = await assent.check(user, fields, { purpose });
  const obligations = new Set<string>();
  for (const field of fields) {
    const given = answers[field];
    if (given?.permitted !== true) {
      const { reason, message }: Pick<Denial, 'reason' | 'message'> = given ?? NO_ANSWER;
      return refuse(response, isUnanswered(reason) ? 503 : 403, { reason, detail: message, purpose, field });
    }
    for (const obligation of given.obligations) obligations.add(obligation);
  }
  // each of them always: Envoy replaces what a client sent under these names only by what is here
  response
    .writeHead(200, {
      'x-assent-purpose': purpose,
      'x-assent-fields': fields.join(','),
      'x-assent-obligations': [...obligations].join(','),
    })
    .end();
}

const NO_ANSWER = { reason: 'malformed_answer', message: 'the field has no answer' } as const;

function isUnanswered(reason: string): boolean {
  return PASSING.has(reason) || (Object.hasOwn(CLIENT_REASONS, reason) && !ANSWERED.has(reason));
}

/** A problem document (RFC 9457). It names no user. */
function refuse(
  response: ServerResponse,
  status: 403 | 503,
  members: Readonly<Record<'reason' | 'detail', string>> & Readonly<Record<string, string>>,
): void {
  const title = status === 403 ? 'Forbidden' : 'Service Unavailable';
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ type: 'about:blank', title, status, ...members }));
}
