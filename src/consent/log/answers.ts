/** Answers to changes, each within a time limit. */
import { DomainError } from '../../errors.js';
import { type Terms, unconfirmedFor } from '../../fleet/terms.js';

/** Time limit of an answer, at least. */
const ANSWER_MS = 5_000;
/** Time allowed for the database when a change also waits for the lease of a process that is gone. */
const ANSWER_OF_DATABASE_MS = 2_000;

export class Answers {
  private late = 0;
  private readonly patience: number;

  constructor(terms: Terms) {
    this.patience = Math.max(ANSWER_MS, ANSWER_OF_DATABASE_MS + unconfirmedFor(terms));
  }

  /** Whether something was answered `not_confirmed` whose outcome is still open. */
  get areOpen(): boolean {
    return this.late > 0;
  }

  /**
   * Waits for an outcome within the limit. After that the work goes on, and `areOpen` holds until its outcome is known.
   *
   * @param ask starts the work
   * @throws DomainError `not_confirmed`
   */
  inTime<T>(ask: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        this.late += 1;
        reject(notConfirmed(new Error('the database did not answer in time')));
      }, this.patience);
      const settled = (): void => {
        clearTimeout(timer);
        if (isLate) this.late -= 1;
      };
      ask(
        (value) => {
          settled();
          resolve(value);
        },
        (error) => {
          settled();
          reject(error);
        },
      );
    });
  }
}

export function notConfirmed(cause?: unknown): DomainError {
  return new DomainError(
    'not_confirmed',
    'read the settings, and send the change again if it is not there',
    undefined,
    { cause },
  );
}
