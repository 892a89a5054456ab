/** Refusals that cost little: made once, but for the id of the request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DomainError, type ErrorCode } from '../../errors.js';
import { ID_HEADER, REQUEST_ID } from '../headers/request-id.js';
import { problemAnswer } from '../problem.js';
import { noteRefusal } from '../refusals.js';

const MARK = 'ffffffff-ffff-4fff-bfff-ffffffffffff';

export class Refusal {
  private readonly status: number;
  private readonly headers: readonly string[];
  private readonly before: string;
  private readonly after: string;

  constructor(
    private readonly code: ErrorCode,
    detail: string,
    private readonly newId: () => string,
  ) {
    const { status, headers, body } = problemAnswer(new DomainError(code, detail), MARK);
    this.status = status;
    this.headers = Object.entries(headers)
      .filter(([name]) => name !== ID_HEADER && name !== 'retry-after')
      .flat();
    [this.before = '', this.after = ''] = body.split(MARK);
  }

  /** @param wait milliseconds after which the caller may try again */
  send({ headers }: IncomingMessage, response: ServerResponse, wait: number): void {
    noteRefusal(this.code);
    const sent = headers[ID_HEADER];
    const id = typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : this.newId();
    const body = `${this.before}${id}${this.after}`;
    response.writeHead(this.status, [
      ...this.headers,
      ID_HEADER,
      id,
      'retry-after',
      String(Math.max(1, Math.ceil(wait / 1_000))),
      'content-length',
      String(body.length),
    ]);
    response.end(body, 'latin1');
  }
}
