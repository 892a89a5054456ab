/**
 * Turns times into events: no decision looks at the clock, so the end of a grant and a minor's coming of age are
 * written to the log when their time comes, or at the next start.
 */
import { Alarm } from '../../alarm.js';
import { NO_NOTICE, type NewConsentEvent } from '../../decision/consent-event.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { ConsentStore, Deadline } from '../log/consent.store.js';
import { isSuperseded } from '../log/settlement/event-rules.js';

/** Maximum number of deadlines met at one place of the log, so that changes need not wait long. */
const AT_ONCE = 200;
/** The actor that the log records. */
const ENGINE = { kind: 'engine', id: 'assent' } as const;

/** Notifications. */
export type TimeNews = {
  readonly onMet: (met: { readonly deadlines: number; readonly events: number }) => void;
  readonly onTrouble: (error: unknown) => void;
};

export class Timekeeper {
  private readonly alarm: Alarm;
  private working: Promise<void> | undefined;
  private closed = false;

  /** @param now milliseconds since the Unix epoch */
  constructor(
    private readonly log: ConsentLog,
    private readonly store: ConsentStore,
    private readonly now: () => number,
    private readonly news: TimeNews,
  ) {
    this.alarm = new Alarm(now, () => this.ring());
  }

  /** Meets all deadlines that have passed, also while the service was down; from then on, each at its time. */
  async start(): Promise<void> {
    await this.meetAll();
    await this.wait();
  }

  /** Schedules a check of the deadlines no later than `due`. */
  expect(due: number): void {
    this.alarm.set(due);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.alarm.close();
    await this.working;
  }

  private ring(): void {
    // a deadline that came due meanwhile may be missing from that page
    if (this.working !== undefined) this.alarm.setSoon();
    else void this.look();
  }

  private look(): Promise<void> {
    this.working ??= this.meetAll()
      .then(() => this.wait())
      .catch((error: unknown) => {
        this.news.onTrouble(error);
        this.alarm.setSoon();
      })
      .finally(() => (this.working = undefined));
    return this.working;
  }

  private async wait(): Promise<void> {
    const next = await this.store.nextDue();
    if (next !== undefined) this.expect(next);
  }

  private async meetAll(): Promise<void> {
    while (!this.closed && (await this.meetSome()));
  }

  /** @returns whether there may be more */
  private async meetSome(): Promise<boolean> {
    const due = await this.store.due(this.now(), 1);
    const [first] = due;
    if (first === undefined) return false;
    await this.log.exclusively(
      first.due,
      async (at) => {
        // read again: changes up to this place of the log decide whether a deadline still counts
        const deadlines = await this.store.due(this.now(), AT_ONCE);
        const events = deadlines.flatMap((deadline) => eventOf(deadline, at) ?? []);
        if (events.length > 0) await this.store.append(events, { after: this.log.state.revision });
        await this.log.follow();
        await this.store.dropDeadlines(deadlines.map(({ event }) => event.revision));
        this.news.onMet({ deadlines: deadlines.length, events: events.length });
      },
      async () => undefined,
    );
    return true;
  }
}

/**
 * The event that a deadline causes; `undefined` when a later choice or profile has superseded it.
 *
 * @param at time of the place in the log
 */
function eventOf({ event, due, later }: Deadline, at: number): NewConsentEvent | undefined {
  if (isSuperseded(event, later)) return undefined;
  // several may be met at one place, and none may take effect before its time
  const time = Math.max(at, due);
  const meant = { user: event.user, by: ENGINE, at: time, ...(due < time ? { saidAt: due } : {}) };
  const { change } = event;
  switch (change.kind) {
    case 'profile':
      return {
        ...meant,
        via: 'birthday',
        change: { kind: 'profile', region: change.region, ageBand: 'adult' },
      };
    case 'choice': {
      const { purpose } = change;
      const denial = { kind: 'choice', purpose, choice: 'denied', notice: NO_NOTICE, signal: false } as const;
      return { ...meant, via: 'expiry', change: denial };
    }
    case 'signal':
    case 'visibility':
      return undefined;
  }
}
