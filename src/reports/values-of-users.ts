import type { AttributeStore, UserValue } from './attributes/attributes.store.js';
import { partOf } from './parts-of-users.js';

/** Rows read at once: about a millisecond to take in. */
const ROWS_AT_ONCE = 4_096;
/** Numbers of users in one block of memory. */
const BLOCK = 65_536;

/** For each user, the place of their value of the attribute by which they are counted: a byte of memory each. */
export class ValuesOfUsers {
  /** One more than the place; 0: none. */
  private readonly blocks = new Map<number, Uint8Array>();

  /** @param attributes numbers of those that are counted */
  static async read(
    store: Pick<AttributeStore, 'page'>,
    attributes: readonly number[],
  ): Promise<ValuesOfUsers> {
    const values = new ValuesOfUsers();
    let after: UserValue | undefined;
    do {
      const rows: readonly UserValue[] = await store.page(ROWS_AT_ONCE, after);
      for (const row of rows) if (partOf(row.user, attributes) === row.attribute) values.set(row);
      after = rows.at(-1);
    } while (after !== undefined);
    return values;
  }

  /** `undefined`: the user has none. */
  of(user: number): number | undefined {
    const held = this.blocks.get(Math.floor(user / BLOCK))?.[user % BLOCK] ?? 0;
    return held === 0 ? undefined : held - 1;
  }

  private set({ user, value }: UserValue): void {
    const place = Math.floor(user / BLOCK);
    const block = this.blocks.get(place) ?? new Uint8Array(BLOCK);
    this.blocks.set(place, block);
    block[user % BLOCK] = value + 1;
  }
}
