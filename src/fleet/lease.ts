/** The lease of one process: until when it may decide on what it has applied. */
import { type Machine, type Moment, isWithin } from './machine.js';
import { type Terms, reliedOn } from './terms.js';

export class Lease {
  /** When the last renewal that succeeded was sent. */
  private sent: Moment | undefined;
  /** The result in this microtask run; absent: the clocks were not read yet. */
  private asRead: boolean | undefined;

  constructor(
    private readonly terms: Terms,
    private readonly machine: Pick<Machine, 'clocks'>,
  ) {}

  /**
   * Whether it holds now, by both clocks. The clocks are read once per microtask run: a pause within it looks like a
   * slow reply after the check.
   */
  get holds(): boolean {
    if (this.asRead === undefined) {
      this.asRead = this.isWithin();
      void STRETCH_ENDED.then(this.forget);
    }
    return this.asRead;
  }

  /** For how long it holds from now on, by the clock that shows less, in milliseconds; 0: it does not. */
  get remaining(): number {
    if (this.sent === undefined || !this.isWithin()) return 0;
    const { monotonic, wall } = this.machine.clocks();
    const passed = Math.max(monotonic - this.sent.monotonic, wall - this.sent.wall);
    return Math.max(0, reliedOn(this.terms) - passed);
  }

  /** Records a renewal. @param sent when it was sent: when the database did it is not known here */
  renewed(sent: Moment): void {
    // answers may arrive in another order
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
