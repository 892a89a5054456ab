/** The lease of one process: until when it may decide on what it has applied. */
import { type Machine, type Moment, isWithin } from './machine.js';
import { type Terms, reliedOn } from './terms.js';

export class Lease {
  /** When the last renewal that succeeded was sent. */
  private sent: Moment | undefined;
  /** What the clocks said in this stretch of work; absent: they were not read in it. */
  private asRead: boolean | undefined;

  constructor(
    private readonly terms: Terms,
    private readonly machine: Pick<Machine, 'clocks'>,
  ) {}

  /**
   * Whether it holds now, by both clocks. They are read once in a stretch of work that nothing comes between: a process
   * that is paused inside of it is as one that was slow after it had looked.
   */
  get holds(): boolean {
    if (this.asRead === undefined) {
      this.asRead = this.isWithin();
      void STRETCH_ENDED.then(this.forget);
    }
    return this.asRead;
  }

  /** Takes note of a renewal. @param sent when it was sent: when it was done at the other end, nobody here knows */
  renewed(sent: Moment): void {
    // answers may come in another order
    if (this.sent === undefined || sent.monotonic > this.sent.monotonic) this.sent = sent;
    this.asRead = undefined;
  }

  /** Ends it. */
  end(): void {
    this.sent = undefined;
    this.asRead = undefined;
  }

  private readonly forget = (): void => {
    this.asRead = undefined;
  };

  private isWithin(): boolean {
    return this.sent !== undefined && isWithin(reliedOn(this.terms), this.sent, this.machine.clocks());
  }
}

const STRETCH_ENDED = Promise.resolve();
