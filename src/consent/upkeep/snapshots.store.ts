/**
 * The snapshot that the processes of a fleet share, so that one that has none need not read the whole log. As with a
 * snapshot in a file, whatever is strange about it, it is left aside.
 */
export abstract class SharedSnapshots {
  /** The revision of the one that there is; 0: there is none that this build can read. */
  abstract latest(): Promise<number>;

  /** Its bytes, in pieces. @throws Error when there is none by now, or it was altered */
  abstract read(revision: number): AsyncIterable<Uint8Array>;

  /**
   * Puts one in the place of those before.
   *
   * @param worth how many revisions it must be ahead of the one that there is
   * @returns whether it was shared; false: it is not worth it, or another process is sharing one
   */
  abstract share(revision: number, worth: number, pieces: AsyncIterable<Uint8Array>): Promise<boolean>;

  /** Drops it when it has long held somebody who was erased since. */
  abstract dropStale(): Promise<void>;
}
