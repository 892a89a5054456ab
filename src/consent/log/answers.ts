/** Answers to changes, each within a time limit. */
import { DomainError, StorageUnavailable } from '../../errors.js';
import { MACHINE, type Machine, isWithin } from '../../fleet/machine.js';
import { type Terms, answeredWithin } from '../../fleet/terms.js';

export class Answers {
  private late = 0;
  private readonly patience: number;

  constructor(
    terms: Terms,
    private readonly machine: Machine = MACHINE,
  ) {
    this.patience = answeredWithin(terms);
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
      const asked = this.machine.clocks();
      let isLate = false;
      const stop = this.machine.later(this.patience, () => {
        isLate = true;
        this.late += 1;
        reject(tooLate());
      });
      const settled = (): void => {
        stop();
        if (isLate) this.late -= 1;
      };
      ask(
        (value) => {
          settled();
          // timers stand still while a machine is suspended, and other processes no longer count on this answer
          if (isWithin(this.patience, asked, this.machine.clocks())) resolve(value);
          else reject(tooLate());
        },
        (error) => {
          settled();
          reject(error);
        },
      );
    });
  }
}

function tooLate(): DomainError {
  return notConfirmed(new StorageUnavailable('the database did not answer in time', true));
}

export function notConfirmed(cause?: unknown): DomainError {
  return new DomainError(
    'not_confirmed',
    'read the settings, and send the change again if it is not there',
    undefined,
    { cause },
  );
}
