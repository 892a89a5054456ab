/**
 * Keeps no more of the past than it takes: what was superseded so long ago that nobody has to prove it any more is
 * forgotten (GDPR article 5(1)(c) and (e)). What still counts is never too old.
 */
import { DAY_MS } from '../../time.js';
import type { ConsentLog } from '../log/consent-log.js';

/** For how many days each kind of event is kept after it was written, when it is superseded; 0: for ever. */
export type RetentionDays = Readonly<Record<'profile' | 'choice' | 'signal', number>>;

/** What somebody wants to know of it. */
export type RetentionNews = {
  readonly onForgotten: (forgotten: number) => void;
  readonly onTrouble: (error: unknown) => void;
};

/** Entries that are looked at together, a few milliseconds' work, and the pause after: changes come first. */
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
    private readonly log: Pick<ConsentLog, 'forget'>,
    private readonly days: RetentionDays,
    private readonly now: () => number,
    private readonly news: RetentionNews,
  ) {}

  /** Sweeps the log from now on, again and again, a page at a time. */
  start(): void {
    if (Object.values(this.days).some((days) => days > 0)) this.after(PAUSE_MS);
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.working;
    clearTimeout(this.timer);
  }

  /** Looks at the next page; resolves to whether there may be more. */
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

  private oldest(days: number): number {
    return days === 0 ? -Infinity : this.now() - days * DAY_MS;
  }

  private after(delay: number): void {
    this.timer = setTimeout(() => {
      this.working = this.step()
        .catch((error: unknown) => {
          this.news.onTrouble(error);
          return true;
        })
        .then((more) => this.after(more ? PAUSE_MS : REST_MS));
    }, delay).unref();
  }
}
