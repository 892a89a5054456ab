/** Who was erased of late: what is still on its way, or said by a page that is still open, makes no new record of them. */
import { DomainError } from '../../errors.js';
import { ERASED_KEPT_MS } from './consent.store.js';

export class LatelyErased {
  /** When, by id, the earliest first. */
  private times = new Map<string, number>();
  private elsewhere: (user: string) => number | undefined = () => undefined;

  /** Begins with what the log knows. */
  begin(times: ReadonlyMap<string, number>): void {
    this.times = new Map([...times, ...this.times]);
  }

  /**
   * Asks another place too: a log that was put back to an older copy does not know whom it has lost, and who was erased then.
   *
   * @param erasedAt when a user was erased, in milliseconds since the Unix epoch
   */
  knownBy(erasedAt: (user: string) => number | undefined): void {
    this.elsewhere = erasedAt;
  }

  /** @param at in milliseconds since the Unix epoch */
  note(user: string, at: number): void {
    // so that it comes last
    this.times.delete(user);
    this.times.set(user, at);
    for (const [earlier, time] of this.times) {
      if (time > at - ERASED_KEPT_MS) break;
      this.times.delete(earlier);
    }
  }

  /** When a user was erased by that other place, in milliseconds since the Unix epoch: it may still be due. */
  listedAt(user: string): number | undefined {
    return this.elsewhere(user);
  }

  /**
   * The refusal of what would make a record of somebody who was erased; `undefined` for everybody else.
   *
   * @param at when it was asked for, in milliseconds since the Unix epoch
   */
  refusalOf(user: string, at: number): DomainError | undefined {
    const erasedAt = Math.max(this.times.get(user) ?? -Infinity, this.listedAt(user) ?? -Infinity);
    if (erasedAt <= at - ERASED_KEPT_MS) return undefined;
    return new DomainError(
      'user_erased',
      'nothing was recorded: if the user comes back, a service with the scope `users:write` registers them anew first',
    );
  }
}
