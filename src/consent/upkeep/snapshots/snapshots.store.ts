/**
 * The snapshot that the processes of a fleet share, so that one that has none need not read the whole log. As with a
 * snapshot in a file, if anything about it is wrong, it is ignored.
 */
export abstract class SharedSnapshots {
  /** The revision of the shared snapshot; 0: there is none that this build can read. */
  abstract latest(): Promise<number>;

  /** Its bytes, in pieces. @throws Error when it is gone, or was altered */
  abstract read(revision: number): AsyncIterable<Uint8Array>;

  /**
   * Replaces the shared snapshot.
   *
   * @param worth how many revisions it must be ahead of the existing one
   * @returns whether it was shared; false: it is not far enough ahead, or another process is sharing one
   */
  abstract share(revision: number, worth: number, pieces: AsyncIterable<Uint8Array>): Promise<boolean>;

  /** Drops it if it has held an erased user for too long. */
  abstract dropStale(): Promise<void>;
}
