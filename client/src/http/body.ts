/** Tells an answer of the service to our request from whatever else may come. */
import { Failure, malformed } from '../terms/failure.js';
import type { Reply } from './exchange.js';
import { type Hide, problemIn } from './problem.js';

/** The body of an answer. @throws Failure when it is not an answer to the request with this id */
export function bodyOf(
  { status, headers, body }: Reply,
  id: string,
  type: string,
  hide: Hide,
  answeredBy = 200,
): string {
  if (status === answeredBy) {
    if (headers['x-request-id'] !== id)
      throw malformed(
        'it does not bear the id of the request: it is the answer to another one, or of another server',
      );
    const [given = '', charset] = (headers['content-type'] ?? '').toLowerCase().split(';', 2);
    if (given.trim() !== type || (charset !== undefined && charset.trim() !== 'charset=utf-8'))
      throw malformed('it is of another content type');
    return body;
  }
  const problem = problemIn(body, hide);
  const { message = `status ${status}` } = problem;
  const details = { ...problem, message };
  if (status === 408 || status === 429 || status >= 500)
    throw new Failure('unavailable', { ...details, retryAfter: waitIn(headers['retry-after']) });
  if (status >= 400) throw new Failure('refused', details);
  throw malformed(`it has status ${status}, as no answer of the service has`);
}

/** Milliseconds to wait (RFC 9110, section 10.2.3). A date would need a clock that both sides share. */
function waitIn(header: string | undefined): number {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : 0;
}
