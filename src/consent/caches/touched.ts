/** Whose answers may have changed, in order: what caches that fell behind are told. */

/** Most users that a cache is told at once; one that missed more drops everything. */
const MOST_TOLD = 5_000;

export class Touched {
  /** How much was touched since the process began. */
  sequence = 0;
  /** Who was touched after `from`, in order. */
  private users: string[] = [];
  private from = 0;

  /** @param user whose answers may have changed; absent: everybody's */
  add(user?: string): void {
    this.sequence++;
    if (user === undefined || this.users.length >= 2 * MOST_TOLD) this.forget();
    else this.users.push(user);
  }

  /** Who was touched after a place; `everybody`: all may have been. */
  since(sequence: number): ReadonlySet<string> | 'everybody' {
    if (sequence < this.from || this.sequence - sequence > MOST_TOLD) return 'everybody';
    return new Set(this.users.slice(sequence - this.from));
  }

  /** Forgets who was touched: whoever does not know it yet drops everything. */
  forget(): void {
    this.users = [];
    this.from = this.sequence;
  }
}
