import { type CaseEvent, CaseStore, type ListedCase, type StoredCase } from '../../src/cases/cases.store.js';

/** Cases that end with the process: for tests, and the measure of what an adapter must do. */
export class MemoryCaseStore extends CaseStore {
  private readonly cases = new Map<string, CaseEvent[]>();

  async append(id: string, number: number, event: CaseEvent): Promise<boolean> {
    const events = this.cases.get(id) ?? [];
    if (events.length !== number - 1) return false;
    this.cases.set(id, [...events, structuredClone(event)]);
    return true;
  }

  async readAll(ids: readonly string[]): Promise<ReadonlyMap<string, StoredCase>> {
    const found = [...this.cases].filter(([id]) => ids.includes(id));
    return new Map(found.map(([id, events]) => [id, { id, events: structuredClone(events) }]));
  }

  async list(limit: number, after?: { readonly at: number; readonly id: string }): Promise<ListedCase[]> {
    const openedAt = ([, events]: readonly [string, readonly CaseEvent[]]) => events[0]?.at ?? 0;
    return [...this.cases]
      .toSorted((one, other) => openedAt(other) - openedAt(one) || (one[0] < other[0] ? -1 : 1))
      .filter(
        (one) =>
          after === undefined ||
          openedAt(one) < after.at ||
          (openedAt(one) === after.at && one[0] > after.id),
      )
      .slice(0, limit)
      .map(([id, events]) => ({
        id,
        openedAt: events[0]?.at ?? 0,
        found: { id, events: structuredClone(events) },
      }));
  }
}
