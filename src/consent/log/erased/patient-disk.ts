/** Work on a disk, one piece after the other, for which nobody waits long: a folder of another machine may never answer. */
import pLimit from 'p-limit';

export class PatientDisk {
  private readonly oneAtATime = pLimit(1);
  /** Pieces that nobody waits for any more, and that are not over. */
  private late = 0;

  /** @param patience how long somebody waits for a piece, in milliseconds */
  constructor(private readonly patience: number) {}

  /**
   * Does a piece of work after those before it.
   *
   * @param within how long it may take where that is less than the patience, in milliseconds
   * @throws what the work throws; Error when it takes too long: if it had begun, it may still come to be done
   */
  async does<T>(work: () => Promise<T>, within = Infinity): Promise<T> {
    if (this.late > 0) throw tooSlow();
    let isLate = false;
    const done = this.oneAtATime(() => {
      if (isLate) throw tooSlow();
      return work();
    });
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(
        () => {
          isLate = true;
          this.late += 1;
          reject(tooSlow());
        },
        Math.min(this.patience, within),
      );
      const end = () => {
        clearTimeout(timer);
        if (isLate) this.late -= 1;
      };
      done.finally(end).then(resolve, reject);
    });
  }
}

function tooSlow(): Error {
  return new Error('the disk did not answer in time: look at it, and at the network to it');
}
