/** Why a request was refused (RFC 9457), or why there is no answer. */
export class Problem extends Error {
  /**
   * @param code the end of the problem's type, as `draft_edited`; `no_answer`, `not_understood`
   * @param status of the answer; 0: there is none
   * @param detail the sentence of the service, in English; empty: it gave none
   * @param place JSON pointer to what is wrong in the request
   */
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail: string,
    readonly place?: string,
    /** What the log of the service knows the request by. */
    readonly request?: string,
  ) {
    super(detail === '' ? code : detail);
    this.name = 'Problem';
  }

  /** Whether trying again may help. */
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** No answer for as long as the page waits for one: another wait is for whoever asks for it. */
export class TooLate extends Problem {
  constructor() {
    super('no_answer', 0, '');
  }

  override get mayPass(): boolean {
    return false;
  }
}

/** The problem that the body of an answer describes. */
export function problemOf(body: unknown, status: number): Problem {
  const { type, detail, member, request_id: request }: Readonly<Record<string, unknown>> = Object(body);
  if (typeof type !== 'string') return new Problem('not_understood', status, '');
  return new Problem(
    type.slice(type.lastIndexOf(':') + 1),
    status,
    typeof detail === 'string' ? detail : '',
    typeof member === 'string' ? member : undefined,
    typeof request === 'string' ? request : undefined,
  );
}
