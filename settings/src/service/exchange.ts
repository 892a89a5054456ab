/** Asks the service. Whatever is not an answer of the right shape in time is a failure, and never shown as anything else. */
import { type GetToken, proofOf } from './access.js';
import type { Shape } from './shapes.js';

/** What went wrong, as far as it matters to whoever reads it. */
export type Failure =
  | 'signed_out'
  | 'not_allowed'
  /** The user, or the policy, has changed meanwhile. */
  | 'changed_meanwhile'
  /** No uses are recorded. */
  | 'nothing_recorded'
  /** No answer: the network, the service, or too slow. A change may or may not have been made. */
  | 'no_answer'
  | 'unavailable'
  | 'not_understood';

export type Answer<T> =
  | {
      readonly ok: true;
      readonly value: T;
      readonly language: string | null;
      /** Of what was read, as a change can rest on it (RFC 9110, section 8.8.3). */
      readonly tag: string | undefined;
    }
  | { readonly ok: false; readonly failure: Failure };

/** After this long without an answer, the page says so. */
const PATIENCE_MS = 10_000;

export type Question<T> = {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below the address of the service. */
  readonly path: string;
  readonly body?: object | undefined;
  /** The change is made only on what has this tag. */
  readonly rests?: string | undefined;
  /** Of the answer. */
  readonly shape: Shape<T>;
};

type Sent = Omit<RequestInit, 'headers'> & { readonly headers: Readonly<Record<string, string>> };

export class Exchange {
  constructor(
    private readonly base: string,
    private readonly getToken: GetToken | undefined,
    /** The languages to ask for, by preference; empty: those of the browser. */
    private readonly language: string,
  ) {}

  /** Never throws. */
  async ask<T>({ method = 'GET', path, body, rests, shape }: Question<T>): Promise<Answer<T>> {
    const reply = await this.send(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(rests === undefined ? {} : { 'if-match': rests }),
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (reply === undefined) return { ok: false, failure: 'no_answer' };
    try {
      const value: unknown = await reply.json();
      if (!reply.ok) return { ok: false, failure: failureOf(reply.status, value) };
      if (!shape(value)) return { ok: false, failure: 'not_understood' };
      const { headers } = reply;
      return {
        ok: true,
        value,
        language: headers.get('content-language'),
        tag: headers.get('etag') ?? undefined,
      };
    } catch (error) {
      // a body that ends half-way is no answer; one that is no JSON is none of this service
      const failure = error instanceof SyntaxError ? 'not_understood' : 'no_answer';
      return { ok: false, failure: reply.ok ? failure : failureOf(reply.status, undefined) };
    }
  }

  /** The bytes of a file; nothing if it did not arrive whole. */
  async file(path: string, type: string): Promise<Blob | Failure> {
    const reply = await this.send(path, { headers: { accept: type } });
    try {
      if (reply === undefined) return 'no_answer';
      return reply.ok ? await reply.blob() : failureOf(reply.status, undefined);
    } catch {
      return 'no_answer';
    }
  }

  private async send(path: string, init: Sent): Promise<Response | undefined> {
    try {
      const isChange = init.method !== undefined && init.method !== 'GET';
      // the function of a host may never answer
      const patience = init.signal ?? AbortSignal.timeout(PATIENCE_MS);
      const { headers, credentials } = await Promise.race([
        proofOf(this.getToken, isChange),
        new Promise<never>((_resolve, reject) => {
          patience.addEventListener('abort', () => reject(new Error('no token in time')), { once: true });
        }),
      ]);
      return await fetch(this.base + path, {
        ...init,
        cache: 'no-store',
        credentials,
        headers: {
          ...init.headers,
          ...headers,
          ...(this.language === '' ? {} : { 'accept-language': this.language }),
        },
      });
    } catch {
      return undefined;
    }
  }
}

function failureOf(status: number, problem: unknown): Failure {
  if (status === 401) return 'signed_out';
  if (status === 403) return 'not_allowed';
  if (codeOf(problem) === 'nothing_recorded') return 'nothing_recorded';
  if (status === 404 || status === 409 || status === 412) return 'changed_meanwhile';
  return status >= 500 || status === 429 || status === 408 ? 'unavailable' : 'not_understood';
}

/** The code of a problem document (RFC 9457), which is the end of its type. */
function codeOf(problem: unknown): string | undefined {
  const type: unknown = typeof problem === 'object' && problem !== null && 'type' in problem && problem.type;
  return typeof type === 'string' ? type.slice(type.lastIndexOf(':') + 1) : undefined;
}
