import {
  type ExtractOpening,
  ExtractStore,
  type MemberBucket,
  type MemberPart,
  type StoredExtract,
  type Unlearned,
} from '../../src/extracts/extracts.store.js';

type Held = {
  readonly opening: ExtractOpening;
  closedAt: number | null;
  noted: number;
  revision: number;
  readonly parts: Map<number, MemberPart & { readonly users: number }>;
  readonly buckets: Map<number, MemberBucket & { readonly users: number }>;
  readonly unlearned: Unlearned[];
};

/** Extracts that end with the process: for tests, and the measure of what an adapter must do. */
export class MemoryExtractStore extends ExtractStore {
  private readonly held = new Map<string, Held>();

  async open(id: string, opening: ExtractOpening): Promise<void> {
    this.held.set(id, {
      opening,
      closedAt: null,
      noted: 0,
      revision: opening.revision,
      parts: new Map(),
      buckets: new Map(),
      unlearned: [],
    });
  }

  async read(id: string): Promise<StoredExtract | undefined> {
    const held = this.held.get(id);
    return held && seen(id, held);
  }

  async list(
    limit: number,
    client?: string,
    after?: { readonly at: number; readonly id: string },
  ): Promise<StoredExtract[]> {
    return [...this.held]
      .map(([id, held]) => seen(id, held))
      .filter(({ opening }) => client === undefined || opening.client === client)
      .toSorted((one, other) => other.opening.at - one.opening.at || (one.id < other.id ? -1 : 1))
      .filter(
        ({ id, opening: { at } }) =>
          after === undefined || at < after.at || (at === after.at && id > after.id),
      )
      .slice(0, limit);
  }

  async close(id: string, at: number): Promise<void> {
    const held = this.held.get(id);
    if (held !== undefined) held.closedAt ??= at;
  }

  async add(id: string, revision: number, users: number, content: Uint8Array): Promise<number | undefined> {
    const held = this.held.get(id);
    if (held === undefined || held.closedAt !== null) return undefined;
    const number = ++held.noted;
    held.revision = Math.max(held.revision, revision);
    held.parts.set(number, { number, upTo: number, users, content: Uint8Array.from(content) });
    return number;
  }

  async parts(id: string, after: number, limit: number): Promise<MemberPart[]> {
    const parts = [...(this.held.get(id)?.parts.values() ?? [])].filter(({ number }) => number > after);
    return parts.slice(0, limit).map(({ users: _users, ...part }) => part);
  }

  async buckets(id: string, after: number, limit: number): Promise<MemberBucket[]> {
    return [...(this.held.get(id)?.buckets.values() ?? [])]
      .filter(({ bucket }) => bucket > after)
      .toSorted((one, other) => one.bucket - other.bucket)
      .slice(0, limit)
      .map(({ users: _users, ...bucket }) => bucket);
  }

  async bucketsOf(bucket: number): Promise<(MemberBucket & { readonly id: string })[]> {
    return [...this.held]
      .flatMap(([id, { buckets }]) => {
        const { users: _users, ...found } = buckets.get(bucket) ?? { users: 0 };
        return 'content' in found ? [{ id, ...found }] : [];
      })
      .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  async withParts(): Promise<string[]> {
    return [...this.held].flatMap(([id, { parts }]) => (parts.size > 0 ? [id] : [])).toSorted();
  }

  async putTogether(
    id: string,
    row: Omit<MemberBucket, 'edition'>,
    users: number,
    edition: number,
  ): Promise<boolean> {
    const { buckets } = this.held.get(id) ?? {};
    if (buckets === undefined || (buckets.get(row.bucket)?.edition ?? 0) !== edition) return false;
    buckets.set(row.bucket, { ...row, users, edition: edition + 1 });
    return true;
  }

  async dropParts(id: string, numbers: readonly number[]): Promise<void> {
    for (const number of numbers) this.held.get(id)?.parts.delete(number);
  }

  async unlearn(id: string, unlearned: Unlearned, most: number): Promise<boolean> {
    const held = this.held.get(id);
    if (held === undefined || held.unlearned.length >= most) return false;
    held.unlearned.push(unlearned);
    return true;
  }

  async unlearned(id: string): Promise<Unlearned[]> {
    return [...(this.held.get(id)?.unlearned ?? [])];
  }
}

function seen(id: string, { opening, closedAt, noted, revision, parts, buckets }: Held): StoredExtract {
  const rows = [...parts.values(), ...buckets.values()];
  const users = rows.reduce((sum, row) => sum + row.users, 0);
  return { id, opening, closedAt, parts: noted, revision, users };
}
