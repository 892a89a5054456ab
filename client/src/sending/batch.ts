/** Questions that are asked in one turn of the event loop travel together, in as few requests as possible. */
import type { Answer } from '../terms/answer.js';
import type { Question } from '../terms/question.js';
import { MOST_OF_ONE_REQUEST } from '../transport.js';

/**
 * Most UTF-16 units of the texts of a request: the service takes 1 MiB, as JSON a unit is six bytes at most, and there are some
 * 270 bytes around the texts of a question. To count them takes less than to write them.
 */
const MOST_UNITS = 120_000;
/** Most different cases of the questions of a request: the service reads each, and refuses more at once. */
const MOST_CASES = 100;

type Waiting = {
  readonly question: Question;
  readonly units: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

export class Batches {
  private waiting: Waiting[] = [];

  /** @param send asks them in one request, and resolves to as many answers in order */
  constructor(
    private readonly send: (
      questions: readonly Question[],
      signal: AbortSignal | undefined,
    ) => Promise<readonly Answer[]>,
  ) {}

  /** @param signal of the caller; a request goes on for as long as somebody waits for it */
  ask(question: Question, signal: AbortSignal | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const units = unitsIn(question);
      if (this.waiting.length === 0) setImmediate(() => this.sendAll());
      this.waiting.push({ question, units, signal, resolve, reject });
    });
  }

  private sendAll(): void {
    const { waiting } = this;
    this.waiting = [];
    this.sendInTurn(waiting.filter(({ question }) => !mayWait(question)));
    this.sendInTurn(waiting.filter(({ question }) => mayWait(question)));
  }

  private sendInTurn(waiting: readonly Waiting[]): void {
    let batch: Waiting[] = [];
    let units = 0;
    const cases = new Set<string>();
    for (const one of waiting) {
      const named = one.question.context?.case;
      const isFull =
        batch.length === MOST_OF_ONE_REQUEST ||
        units + one.units > MOST_UNITS ||
        (named !== undefined && cases.size === MOST_CASES && !cases.has(named));
      if (isFull && batch.length > 0) {
        void this.sendOne(batch);
        batch = [];
        units = 0;
        cases.clear();
      }
      batch.push(one);
      units += one.units;
      if (named !== undefined) cases.add(named);
    }
    if (batch.length > 0) void this.sendOne(batch);
  }

  private async sendOne(batch: readonly Waiting[]): Promise<void> {
    let release: (() => void) | undefined;
    try {
      const all = abortedByAll(batch.map((one) => one.signal));
      release = all.release;
      const { signal } = all;
      const answers = await this.send(
        batch.map(({ question }) => question),
        signal,
      );
      for (const [at, { resolve, reject }] of batch.entries()) {
        const answer = answers[at];
        if (answer === undefined) reject(new Error('a question has no answer'));
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      release?.();
    }
  }
}

/** The length of all texts of a question. */
function unitsIn({ purpose, user, field, visibility, item, context }: Question): number {
  let units = purpose.length + user.length + field.length;
  units += (visibility?.length ?? 0) + (item?.length ?? 0);
  for (const fact of Object.values(context ?? {})) units += fact?.length ?? 0;
  return units;
}

/**
 * Whether the service may wait for something before it answers, or answer the whole request with an error. Questions of
 * others must not wait with it.
 */
function mayWait({ context }: Question): boolean {
  const { case: named, consistency, consistency_token: token } = context ?? {};
  return named !== undefined || consistency !== undefined || token !== undefined;
}

/** A signal that is aborted when all of these are; `undefined` when one of them is none. */
function abortedByAll(signals: readonly (AbortSignal | undefined)[]): {
  readonly signal: AbortSignal | undefined;
  readonly release: () => void;
} {
  const different = new Set(signals);
  const control = new AbortController();
  const abort = () => {
    if ([...different].every((signal) => signal?.aborted === true)) control.abort();
  };
  if (different.has(undefined)) return { signal: undefined, release: () => undefined };
  for (const signal of different) signal?.addEventListener('abort', abort);
  abort();
  return {
    signal: control.signal,
    release: () => {
      for (const signal of different) signal?.removeEventListener('abort', abort);
    },
  };
}
