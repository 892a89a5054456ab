/** Asks the service, as whoever is signed in. The page and the service are of one build, see `types.ts`. */
import createClient, { type Middleware } from 'openapi-fetch';
import { isAnswerTo } from './answer-to.js';
import { Problem, TooLate, problemOf } from './problem.js';
import type { paths } from './types.js';

/** Where the service is: the page stands at `console/` below it. */
const HERE = new URL('..', document.baseURI);

/** After this long without an answer, the page says so. */
const PATIENCE_MS = 30_000;

/** No form of another site can send it, so that a change with the cookie is one of this page (docs/sessions.md). */
const OF_THE_PAGE = 'x-assent-request';

/** What an answer is to, as `GET /v1/me`. */
const askedFor = new WeakMap<Response, string>();

const proof: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set(OF_THE_PAGE, '1');
    request.headers.set('accept-language', document.documentElement.lang);
    return request;
  },
  onResponse({ request, response, schemaPath, options: { parseAs } }) {
    if (parseAs === 'json') askedFor.set(response, `${request.method} ${schemaPath}`);
  },
  onError({ error }) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    return isLate ? new TooLate() : new Problem('no_answer', 0, '');
  },
};

const client = createClient<paths>({
  baseUrl: HERE.href.replace(/\/$/, ''),
  credentials: 'same-origin',
  cache: 'no-store',
  fetch: (request) =>
    fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE_MS)]) }),
});
client.use(proof);

/** The requests of the console, by method. */
export const api = client;

/**
 * What an answer says. One that lacks what the OpenAPI document promises is none, whoever gave it: a view would wait for
 * the rest, or show what nobody said.
 *
 * @throws Problem when the service refused, did not answer, or said something else
 */
export async function said<T>(
  asked: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>,
): Promise<T> {
  const { data, error, response } = await asked.catch((failure: unknown) => {
    if (failure instanceof Problem) throw failure;
    // its end did not arrive, or it is no JSON
    throw failure instanceof SyntaxError
      ? new Problem('not_understood', 200, '')
      : new Problem('no_answer', 0, '');
  });
  if (!response.ok) throw problemOf(error, response.status);
  if (data === undefined || !isAnswerTo(askedFor.get(response), data))
    throw new Problem('not_understood', response.status, '');
  return data;
}

/**
 * An answer as a file, however long it takes.
 *
 * @param path below the service, as `v1/uses?client=ads`
 * @param type that is asked for
 * @throws Problem when the service refused, or the answer was cut off
 */
export async function fileOf(path: string, type: string): Promise<Blob> {
  const cutOff = () => {
    throw new Problem('no_answer', 0, '');
  };
  const response = await fetch(new URL(path, HERE), {
    headers: { accept: type, 'accept-language': document.documentElement.lang },
    cache: 'no-store',
  }).catch(cutOff);
  if (response.ok) return response.blob().catch(cutOff);
  throw problemOf(await response.json().catch(() => undefined), response.status);
}

/** Where to sign in. Signing in leads back to the console, which goes on where it was, see `came-from.ts`. */
export const SIGN_IN = new URL('session/sign-in?to=/console', HERE).href;
/** Where to sign out. */
export const SIGN_OUT = new URL('session/sign-out', HERE).href;
