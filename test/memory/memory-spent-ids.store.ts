import { SpentIdStore } from '../../src/sessions/spent-ids.store.js';

/** Spent ids that end with the process: for tests, and the measure of what an adapter must do. */
export class MemorySpentIdStore extends SpentIdStore {
  private readonly spent = new Map<string, number>();

  async spend(id: Uint8Array, until: number, now: number): Promise<boolean> {
    for (const [known, end] of this.spent) if (end < now) this.spent.delete(known);
    const key = Buffer.from(id).toString('hex');
    if (this.spent.has(key)) return false;
    this.spent.set(key, until);
    return true;
  }

  async isSpent(id: Uint8Array): Promise<boolean> {
    return this.spent.has(Buffer.from(id).toString('hex'));
  }
}
