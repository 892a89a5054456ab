import {
  type FailedVerification,
  FailedVerificationStore,
} from '../../src/consent/upkeep/failed-verifications.store.js';

/** Failed verifications that end with the process: for tests, and the measure of what an adapter must do. */
export class MemoryFailedVerificationStore extends FailedVerificationStore {
  private readonly kept = new Map<string, FailedVerification>();

  async failed(one: FailedVerification): Promise<void> {
    this.kept.set(one.of, one);
  }

  async passed(of: string): Promise<void> {
    this.kept.delete(of);
  }

  async all(): Promise<readonly FailedVerification[]> {
    return [...this.kept.values()].toSorted((one, other) => other.at - one.at);
  }
}
