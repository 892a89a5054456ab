/**
 * Deletes events that were superseded so long ago that nobody has to prove them any more (GDPR article 5(1)(c) and
 * (e)). Events that still count are never deleted.
 */
import { DAY_MS } from '../../time.js';
import type { ConsentLog } from '../log/consent-log.js';

/** For how many days each kind of event is kept after it was written, when it is superseded; 0: for ever. */
export type RetentionDays = Readonly<Record<'profile' | 'choice' | 'signal', number>>;

/** Notifications. */
export type RetentionNews = {
  readonly onForgotten: (forgotten: number) => void;
  readonly onTrouble: (error: unknown) => void;
  /** A page was swept. */
  readonly onDone: () => void;
};

/** Entries examined per page, a few milliseconds' work, and the pause after each: changes come first. */
const PAGE = 500;
const PAUSE_MS = 1_000;
/** How long after a sweep of the whole log the next one begins. */
const REST_MS = DAY_MS;

export class Retention {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private reached = 0;
  private forgotten = 0;

  /** @param now milliseconds since the Unix epoch */
  constructor(
    private readonly log: Pick<ConsentLog, 'forget' | 'available'>,
    private readonly days: RetentionDays,
    private readonly now: () => number,
    private readonly news: RetentionNews,
  ) {}

  /** Sweeps the log repeatedly from now on, a page at a time. */
  start(): void {
    if (Object.values(this.days).some((days) => days > 0)) this.after(PAUSE_MS);
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.working;
    clearTimeout(this.timer);
  }

  /** Sweeps the next page; resolves to whether there may be more. */
  async step(): Promise<boolean> {
    const { profile, choice, signal } = this.days;
    const before = {
      profile: this.oldest(profile),
      choice: this.oldest(choice),
      signal: this.oldest(signal),
    };
    const page = await this.log.forget(before, this.reached, PAGE, this.now());
    this.forgotten += page?.forgotten ?? 0;
    this.reached = page?.reached ?? 0;
    if (page !== undefined) return true;
    if (this.forgotten > 0) this.news.onForgotten(this.forgotten);
    this.forgotten = 0;
    return false;
  }

  /** While nothing may be written, as at a start, that is no failure of what has time. */
  private async stepIfItCan(): Promise<boolean> {
    if (!this.log.available) return true;
    const more = await this.step();
    this.news.onDone();
    return more;
  }

  private oldest(days: number): number {
    return days === 0 ? -Infinity : this.now() - days * DAY_MS;
  }

  private after(delay: number): void {
    this.timer = setTimeout(() => {
      this.working = this.stepIfItCan()
        .catch((error: unknown) => {
          this.news.onTrouble(error);
          return true;
        })
        .then((more) => this.after(more ? PAUSE_MS : REST_MS));
    }, delay).unref();
  }
}
