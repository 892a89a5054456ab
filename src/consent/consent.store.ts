import type { ConsentEvent, NewConsentEvent } from '../decision/consent-event.js';

/** Another process has become the writer of the log: this one can never again know that its state is that of the log. */
export class ConsentStoreLost extends Error {
  constructor() {
    super('another process has taken over the consent log; restart this process');
    this.name = 'ConsentStoreLost';
  }
}

/**
 * The consent log: append-only, one order, no gaps.
 *
 * The process that holds the store is its only writer (see the adapters for how they make sure), so that a consent
 * state which follows the log is always fresh.
 */
export abstract class ConsentStore {
  /**
   * Appends the events as one atomic block, in array order, with the revisions that follow the head.
   * When the promise resolves, the block survives a crash of the process. When it rejects, either the whole block is
   * in the log or nothing of it is; `read` tells which.
   *
   * @returns the first revision of the block
   * @throws ConsentStoreLost when another process has become the writer
   */
  abstract append(events: readonly NewConsentEvent[]): Promise<number>;

  /** Events with a revision above `after`, ascending, at most `limit`. An empty array: there are no more. */
  abstract read(after: number, limit: number): Promise<ConsentEvent[]>;

  /** Events of one user with a revision above `after`, ascending, at most `limit`. */
  abstract readUser(user: string, after: number, limit: number): Promise<ConsentEvent[]>;

  /** The last revision in the log; 0 when it is empty. */
  abstract head(): Promise<number>;

  /**
   * Calls back once if this process can no longer prove that it is the only writer (for example because the database
   * connection that holds the lock broke). From then on decisions must not rest on the consent state.
   */
  abstract onLost(listener: (reason: Error) => void): void;
}
