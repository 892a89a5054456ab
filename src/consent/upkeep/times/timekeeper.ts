/**
 * Turns times into events: no decision looks at the clock, so the end of a grant, its lapse and a minor's coming of age are
 * written to the log when their time comes, or at the next start. A deadline says when to look; what stands then, the
 * policy in force and where the user lives say whether the time has come.
 */
import { Alarm } from '../../../alarm.js';
import { type ConsentEvent, NO_NOTICE, type NewConsentEvent } from '../../../decision/consent-event.js';
import type { ConsentLog } from '../../log/consent-log.js';
import type { ConsentStore, Deadline, NewDeadline } from '../../log/consent.store.js';
import { deadlineOf, isSuperseded } from '../../log/settlement/event-rules.js';
import { givenAt } from '../../log/settlement/lapses.js';
import { leftOf, refusedByStrings } from '../../log/settlement/strings.js';
import { MINUTE_MS } from '../../../time.js';
import type { SureTime } from './sure-time.js';

/** Maximum number of deadlines met at one place of the log, so that changes need not wait long. */
const AT_ONCE = 200;
/** The actor that the log records. */
const ENGINE = { kind: 'engine', id: 'assent' } as const;

/** After how long it looks again at what waits until the clock can be believed, whatever the clock says. */
const AGAIN_MS = MINUTE_MS;

/** When nobody looks: the last time that there is (ECMA-262, section 21.4.1.1). */
const FAR = 8.64e15;

/** An event whose time has come, by the end that it names or by the policy. */
type Come = { readonly event: ConsentEvent; readonly due: number; readonly via: 'end' | 'lapse' };
type Looked = {
  readonly event: ConsentEvent;
  readonly come?: Come;
  readonly later?: NewDeadline;
};

/** Notifications. */
export type TimeNews = {
  readonly onMet: (met: { readonly deadlines: number; readonly events: number }) => void;
  readonly onTrouble: (error: unknown) => void;
  /** All that could be met was, without trouble. */
  readonly onDone: () => void;
};

export class Timekeeper {
  private readonly alarm: Alarm;
  private working: Promise<void> | undefined;
  private closed = false;
  private again: NodeJS.Timeout | undefined;
  private isHeld = false;
  /** Whether it could not be asked whether the clock can be believed. */
  private isUnsure = false;

  /**
   * @param now milliseconds since the Unix epoch
   * @param sure by which minors come of age
   */
  constructor(
    private readonly log: ConsentLog,
    private readonly store: ConsentStore,
    private readonly now: () => number,
    private readonly sure: Pick<SureTime, 'at'>,
    private readonly news: TimeNews,
  ) {
    this.alarm = new Alarm(now, () => this.ring());
  }

  /** Meets all deadlines that have passed, also while the service was down; from then on, each at its time. */
  async start(): Promise<void> {
    await this.wait(await this.meetAll());
  }

  /** Schedules a check of the deadlines no later than `due`. */
  expect(due: number): void {
    this.alarm.set(due);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.alarm.close();
    await this.working;
    clearTimeout(this.again);
  }

  private ring(): void {
    // a deadline that came due meanwhile may be missing from that page
    if (this.working !== undefined) this.alarm.setSoon();
    else void this.look();
  }

  private look(): Promise<void> {
    this.working ??= this.meetAll()
      .then((held) => this.wait(held))
      .then(() => {
        if (!this.isUnsure) this.news.onDone();
      })
      .catch((error: unknown) => {
        this.news.onTrouble(error);
        this.alarm.setSoon();
      })
      .finally(() => (this.working = undefined));
    return this.working;
  }

  /** @param held the time up to which all that is due waits until the clock can be believed; absent: nothing does */
  private async wait(held: number | undefined): Promise<void> {
    clearTimeout(this.again);
    if (held !== undefined && !this.closed) this.again = setTimeout(() => this.ring(), AGAIN_MS).unref();
    const next = await this.store.nextDue(held);
    if (next !== undefined && next < FAR) this.expect(next);
  }

  /** @returns see `wait` */
  private async meetAll(): Promise<number | undefined> {
    const by = this.now();
    this.isUnsure = false;
    const isAnyDue = async () => (await this.store.due(by, 1)).length > 0;
    // a clock that was doubted is looked at once more, so that it is known when it was set right
    if (!this.isHeld && !(await isAnyDue())) return undefined;
    const sure = await this.sure.at(by).catch((error: unknown) => {
      // what closes need not wait for it
      this.news.onTrouble(error);
      this.isUnsure = true;
      return 0;
    });
    while (!this.closed && (await this.meetSome(sure)));
    this.isHeld = await isAnyDue();
    return this.isHeld ? by : undefined;
  }

  /** What comes of a deadline now: an event, a later look, or nothing. */
  private lookedAt({ event, later }: Deadline, sure: number): Looked {
    if (isSuperseded(event, later)) return { event };
    const { lapses, state } = this.log;
    const { change, revision, subject, user } = event;
    const end = deadlineOf(event) ?? FAR;
    const lapse =
      change.kind === 'choice' ? lapses.of(change.purpose, state.recordOf(user), givenAt(event)) : undefined;
    const due = Math.min(end, lapse ?? FAR);
    if (due <= (change.kind === 'profile' ? sure : this.now()))
      return { event, come: { event, due, via: due === end ? 'end' : 'lapse' } };
    // it may lapse once the user lives elsewhere
    return due < FAR || lapses.lookAt(event) !== undefined
      ? { event, later: { revision, subject, due } }
      : { event };
  }

  private async eventsOf(come: readonly Come[], at: number): Promise<readonly NewConsentEvent[]> {
    const users = new Set(come.flatMap(({ via, event }) => (via === 'lapse' ? [event.user] : [])));
    const read = [...users].map(async (user) => [user, await refusedByStrings(this.store, user)] as const);
    const refused = new Map(await Promise.all(read));
    return come.map((one) => eventOf(one, at, refused.get(one.event.user) ?? new Set()));
  }

  /** @returns whether there may be more */
  private async meetSome(sure: number): Promise<boolean> {
    const due = await this.store.due(this.now(), 1, sure);
    const [first] = due;
    if (first === undefined) return false;
    await this.log.exclusively(
      first.due,
      async (at) => {
        // read again: changes up to this place of the log decide whether a deadline still counts
        const deadlines = await this.store.due(this.now(), AT_ONCE, sure);
        const looked = deadlines.map((deadline) => this.lookedAt(deadline, sure));
        const come = looked
          .flatMap(({ come }) => come ?? [])
          .toSorted((one, other) => one.due - other.due || one.event.revision - other.event.revision);
        const events = await this.eventsOf(come, at);
        const { revision, published } = this.log.place;
        if (events.length > 0) await this.store.append(events, { after: revision, published });
        const later = looked.flatMap(({ later }) => later ?? []);
        const over = looked.flatMap(({ event, later }) => (later === undefined ? [event.revision] : []));
        // before anything more is read: what was looked at may have changed by then
        await this.store.putOffDeadlines(later, over, revision + events.length, published);
        await this.log.follow();
        this.news.onMet({ deadlines: deadlines.length, events: events.length });
      },
      async () => undefined,
    );
    return true;
  }
}

/**
 * The event that a deadline causes.
 *
 * @param at time of the place in the log
 * @param refused by strings, see `refusedByStrings`
 */
function eventOf(
  { event: { user, change }, due, via }: Come,
  at: number,
  refused: ReadonlySet<string>,
): NewConsentEvent {
  // several may be met at one place, and none may take effect before its time
  const time = Math.max(at, due);
  const meant = { user, by: ENGINE, at: time, ...(due < time ? { saidAt: due } : {}) };
  switch (change.kind) {
    case 'profile':
      return {
        ...meant,
        via: 'birthday',
        change: { kind: 'profile', region: change.region, ageBand: 'adult' },
      };
    case 'choice': {
      const { purpose } = change;
      if (via === 'lapse') return { ...meant, via, change: leftOf(purpose, refused) };
      const denial = { kind: 'choice', purpose, choice: 'denied', notice: NO_NOTICE, signal: false } as const;
      return { ...meant, via: 'expiry', change: denial };
    }
    case 'signal':
    case 'visibility':
      throw new Error(`a ${change.kind} has no end`);
  }
}
