/**
 * Ids that count no more: of sessions that were ended, and of sign-ins that were completed. All processes of a fleet see
 * the same.
 */
export abstract class SpentIdStore {
  /**
   * Spends an id.
   *
   * @param until when it would count no more by itself, in milliseconds since the Unix epoch
   * @param now ids that counted until then are forgotten
   * @returns whether it was spent by this call, and not before
   */
  abstract spend(id: Uint8Array, until: number, now: number): Promise<boolean>;

  abstract isSpent(id: Uint8Array): Promise<boolean>;
}
