import {
  ErasureMarkStore,
  type ListOfDatabase,
  type ListedErasure,
  type UserSince,
} from '../../src/consent/log/erased/erasure-marks.store.js';
import type { MemoryConsentStore } from './memory-consent.store.js';

/** What a database in memory knows of the list of erasures. */
export class MemoryErasureMarkStore extends ErasureMarkStore {
  private name: string | undefined;
  private tendedAt = 0;
  private entries = new Map<string, number>();

  constructor(private readonly log: MemoryConsentStore) {
    super();
  }

  async list(): Promise<ListOfDatabase | undefined> {
    return this.name === undefined ? undefined : { name: this.name, tendedAt: this.tendedAt };
  }

  async setList(name: string, former: string | undefined): Promise<void> {
    if (former !== undefined) this.entries.clear();
    this.name = name;
  }

  async followed(): Promise<readonly ListedErasure[]> {
    return [...this.entries].map(([id, at]) => ({ id, at }));
  }

  async follow(entries: readonly ListedErasure[]): Promise<void> {
    for (const { id, at } of entries) this.entries.set(id, at);
  }

  async tend(at: number): Promise<void> {
    this.tendedAt = Math.max(this.tendedAt, at);
  }

  async letGo(before: number): Promise<void> {
    for (const [id, at] of this.entries) if (at < before) this.entries.delete(id);
  }

  async users(after: number, limit: number): Promise<readonly UserSince[]> {
    return this.log.usersSince(after, limit);
  }

  /** The same, on a copy of the log. */
  copyOnto(log: MemoryConsentStore): MemoryErasureMarkStore {
    const copy = new MemoryErasureMarkStore(log);
    copy.name = this.name;
    copy.tendedAt = this.tendedAt;
    copy.entries = new Map(this.entries);
    return copy;
  }
}
