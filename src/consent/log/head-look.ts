/** Looks at the head of the log, for decisions that rest on no lease. */
import { MACHINE } from '../../fleet/machine.js';

export class HeadLook {
  /** The latest look, and one that has not begun. */
  private last: Promise<unknown> = Promise.resolve();
  private next: Promise<boolean> | undefined;

  /** @param look resolves to whether the state is all that the log had when it was called */
  constructor(private readonly look: () => Promise<boolean>) {}

  /**
   * Resolves to whether the state is all that the log had at some moment after the call; false after so many
   * milliseconds.
   */
  isAtHead(patience: number): Promise<boolean> {
    return inTime(this.next ?? this.lookNext(patience), patience);
  }

  /** Looks once the look under way is done: one write for all who ask meanwhile. */
  private lookNext(patience: number): Promise<boolean> {
    const look = this.last.then(() => {
      // whoever asks from here on needs a new look: this one may miss what they wait for
      this.next = undefined;
      return inTime(this.look(), patience);
    });
    this.last = look;
    this.next = look;
    return look;
  }
}

/** Whether the promise resolved to true within so many milliseconds. */
function inTime(proof: Promise<boolean>, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = MACHINE.later(patience, () => resolve(false));
    void proof
      .catch(() => false)
      .then((isProved) => {
        stop();
        resolve(isProved);
      });
  });
}
