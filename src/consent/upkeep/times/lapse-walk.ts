/**
 * Goes through the grants in the log when a policy changes when grants lapse: each gets a deadline at which it is looked
 * at. Grants that come later get theirs as they are written.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type ConsentEvent, isKept } from '../../../decision/consent-event.js';
import { Overtaken } from '../../../fleet/fleet.store.js';
import type { ConsentLog } from '../../log/consent-log.js';
import type { ConsentStore, LapseMark } from '../../log/consent.store.js';
import { isChoice } from '../../log/settlement/event-rules.js';

/** Entries that are read at a time. */
const PAGE = 500;
/** After a failure it goes on in so long. */
const AGAIN_MS = 5_000;
/** And in so long where a publication is yet to be read of. */
const SOON_MS = 200;

export class LapseWalk {
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  /** The terms at the last call of `look`. */
  private terms: string | undefined;
  /** How often they were others, and how many of that are in the mark. */
  private changes = 0;
  private marked = 0;

  constructor(
    private readonly log: ConsentLog,
    private readonly store: ConsentStore,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
    private readonly news: {
      /** Deadlines were set, the earliest then. */
      readonly onSet: (due: number) => void;
      readonly onTrouble: (error: unknown) => void;
      /** They were gone through. */
      readonly onDone: () => void;
    },
  ) {}

  /** Goes through the log in the background, where that is to be done. To be called after each publication. */
  look(): void {
    clearTimeout(this.timer);
    const { terms } = this.log.lapses;
    // they may be the former ones again by the time that it runs
    if (this.terms !== undefined && this.terms !== terms) this.changes++;
    this.terms = terms;
    const run = (this.running ?? Promise.resolve())
      .then(() => this.run())
      .then(() => this.news.onDone())
      .catch((error: unknown) => {
        const isOvertaken = error instanceof Overtaken;
        if (!isOvertaken) this.news.onTrouble(error);
        if (!this.closed)
          this.timer = setTimeout(() => this.look(), isOvertaken ? SOON_MS : AGAIN_MS).unref();
      });
    this.running = run;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /**
   * Resolves when every grant has its deadline under the policy in force, or another one was published.
   *
   * @throws Overtaken when another one was published of which this process is yet to read
   */
  async run(): Promise<void> {
    const { terms } = this.log.lapses;
    const { published } = this.log.place;
    const { changes } = this;
    const known = await this.store.lapseMark();
    // who comes back to the former terms goes through the log again: grants from between have no deadline
    const isKnown = known?.terms === terms && changes === this.marked;
    let mark: LapseMark = isKnown ? known : { terms, reached: 0 };
    if (!isKnown && (known !== undefined || terms !== '')) await this.store.markLapses(mark, published);
    this.marked = changes;
    if (terms === '') return;
    while (mark.isDone !== true && !this.closed && this.log.lapses.terms === terms) {
      const page = await this.store.entries(mark.reached, PAGE);
      await this.set(page.filter(isKept));
      const reached = page.at(-1)?.revision ?? mark.reached;
      mark = { terms, reached, ...(page.length < PAGE ? { isDone: true } : {}) };
      await this.store.markLapses(mark, published);
      await turn();
    }
  }

  private async set(events: readonly ConsentEvent[]): Promise<void> {
    const { log } = this;
    const wanted = events.flatMap((event) => {
      const due = isChoice(event) ? log.lapses.lookAt(event) : undefined;
      return due === undefined || !isStanding(event, log) ? [] : [{ event, due }];
    });
    if (wanted.length === 0) return;
    await log.exclusively(
      this.now(),
      async () => {
        // who was erased meanwhile has no deadlines
        const known = wanted.filter(({ event }) => isStanding(event, log));
        await this.store.setDeadlines(
          known.map(({ event: { revision, subject }, due }) => ({ revision, subject, due })),
          log.place.revision,
          log.place.published,
        );
      },
      async () => undefined,
    );
    this.news.onSet(Math.min(...wanted.map(({ due }) => due)));
  }
}

/** Whether the user still has a grant of the purpose, which may be this one. */
function isStanding({ user, subject, change }: ConsentEvent, { state }: ConsentLog): boolean {
  return (
    change.kind === 'choice' &&
    state.numberOf(user) === subject &&
    state.recordOf(user).choices.get(change.purpose)?.choice === 'granted'
  );
}
