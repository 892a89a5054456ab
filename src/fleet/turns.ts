/**
 * Turns at the head of the log, which any process of the fleet may move.
 *
 * Nobody leads: a statement writes a block and names the place that it follows, and does nothing if the log has moved
 * on. A process that was overtaken reads on and tries again, in turn with the others, so that nobody is overtaken for
 * ever. The turn is only for fairness: one that is lost, or held by a hanging process, costs time, never correctness.
 */
import { Overtaken, type Place } from './fleet.store.js';
import type { Machine } from './machine.js';

/** After another process wrote, ask for the turn first for this long. */
const CONTENDED_MS = 1_000;

export class Turns {
  private contendedAt = -Infinity;

  constructor(
    private readonly log: {
      /** Waits for the turn for a short time, does the work, and gives the turn to the next. */
      readonly inTurn: <T>(work: (giveOn: () => void) => Promise<T>) => Promise<T>;
      readonly follow: () => Promise<void>;
      /** What was applied of it. */
      readonly place: () => Pick<Place, 'revision'>;
    },
    private readonly machine: Pick<Machine, 'clocks'>,
  ) {}

  /** Records that another process writes. */
  contended(): void {
    this.contendedAt = this.machine.clocks().monotonic;
  }

  /**
   * Does work that writes to the log at its head; starts again if it is overtaken.
   *
   * @param alone does a section of it while nothing else reads or writes; a process that waits for its turn follows the
   *   log. It gets a function that passes the turn on before the section is done
   */
  async atHead<T>(
    work: () => Promise<T>,
    alone: <S>(section: () => Promise<S>, giveOn: () => void) => Promise<S>,
  ): Promise<T> {
    if (this.machine.clocks().monotonic - this.contendedAt >= CONTENDED_MS) {
      try {
        return await alone(work, () => undefined);
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        this.contended();
      }
    }
    return this.log.inTurn((giveOn) => alone(() => this.untilDone(work), giveOn));
  }

  /**
   * Makes sure, within such work, that what was applied is the head of the log, where no block that is written proves it: a
   * denial that seems to stand may have been followed by a grant of another process.
   *
   * @throws Overtaken
   */
  async ensureAtHead(): Promise<void> {
    const { revision } = this.log.place();
    await this.log.follow();
    if (this.log.place().revision > revision) throw new Overtaken();
  }

  private async untilDone<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
      }
      // rare: a process that waits for the turn follows the log meanwhile
      await this.log.follow();
    }
  }
}
