/** Bounds what a request may take: one deadline for all attempts, few attempts, none while the breaker is open. */
import { Breaker } from './breaker.js';
import { Failure, failureOf } from '../terms/failure.js';
import { Pauses } from './pauses.js';
import { settled } from '../terms/settled.js';

/** Most attempts of one request. */
const ATTEMPTS = 3;
/** Milliseconds before the second attempt, and before any, at most. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 100;

/** What is added to what the service asks to wait, at most, as a share of it: all who were refused at once would come back at once. */
const SPREAD = 0.5;

const CLOSED = { message: 'the client was closed' };

export class Guard {
  private readonly running = new Set<AbortController>();
  private isClosed = false;

  /** @param timeout milliseconds for all attempts together */
  constructor(
    private readonly timeout: number,
    private readonly breaker: Breaker = new Breaker(),
  ) {}

  /**
   * Makes a request that may be made again. It ends in time, whether the attempt heeds its signal or not.
   *
   * @param caller aborted when the caller gives up
   * @throws Failure and nothing else
   */
  async run<T>(attempt: (signal: AbortSignal) => Promise<T>, caller?: AbortSignal): Promise<T> {
    if (caller?.aborted === true) throw new Failure('aborted');
    if (this.isClosed) throw new Failure('aborted', CLOSED);
    if (!this.breaker.enter()) throw new Failure('breaker_open');
    const control = new AbortController();
    const giveUp = () => control.abort(new Failure('aborted'));
    let timer: NodeJS.Timeout | undefined;
    try {
      this.running.add(control);
      caller?.addEventListener('abort', giveUp, { once: true });
      const deadline = performance.now() + this.timeout;
      timer = setTimeout(() => control.abort(new Failure('timed_out')), this.timeout);
      const result = await settled(this.attempts(attempt, control.signal, deadline), control.signal);
      // a process that was held up reads an answer that has lain there for longer than it may be relied on
      if (performance.now() > deadline) throw new Failure('timed_out');
      this.breaker.succeeded();
      return result;
    } catch (error) {
      const failure = failureOf(error);
      if (failure.reason === 'aborted' || failure.reason === 'refused') this.breaker.gaveUp();
      else this.breaker.failed();
      throw failure;
    } finally {
      clearTimeout(timer);
      this.running.delete(control);
      caller?.removeEventListener('abort', giveUp);
    }
  }

  /** Gives up what runs, and lets nothing run any more. */
  close(): void {
    this.isClosed = true;
    for (const control of this.running) control.abort(new Failure('aborted', CLOSED));
  }

  private async attempts<T>(
    attempt: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
    deadline: number,
  ): Promise<T> {
    const pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE);
    for (let made = 1; ; made++) {
      try {
        return await attempt(signal);
      } catch (error) {
        const failure = failureOf(error);
        const asked = failure.retryAfter * (1 + Math.random() * SPREAD);
        const pause = Math.max(asked, failure.isWorthAnother ? 0 : pauses.next());
        const isOver = made === ATTEMPTS || performance.now() + pause >= deadline;
        if (isOver || !(failure.passes || failure.isWorthAnother)) throw failure;
        await passed(pause, signal);
        if (signal.aborted) throw failure;
      }
    }
  }
}

/** Resolves after so many milliseconds, or at once when the signal is aborted. */
function passed(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener('abort', done);
  });
}
