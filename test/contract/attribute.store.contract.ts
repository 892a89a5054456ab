import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attribute, AttributeStore } from '../../src/reports/attributes/attributes.store.js';

export type OpenAttributeStore = {
  readonly store: AttributeStore;
  /** Takes users into the log. @returns their numbers, which ascend */
  readonly admit: (users: readonly string[]) => Promise<readonly number[]>;
  readonly erase: (user: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

const MOST = 3;

const attributeOf = (id: string): Omit<Attribute, 'number'> => ({
  id,
  title: `"${id}", 'and' 🗝️`,
  values: [
    { id: 'a', title: 'A' },
    { id: 'b', title: 'B' },
  ],
});

/** What every adapter of the store of attributes does. */
export function attributeStoreContract(name: string, open: () => Promise<OpenAttributeStore>): void {
  describe(`attribute store ${name}`, () => {
    let opened: OpenAttributeStore;
    let users: readonly number[];
    let one: number;
    let other: number;
    const store = () => opened.store;
    const userAt = (place: number) => users[place] ?? 0;

    async function everything(limit: number) {
      const pages = [await store().page(limit)];
      for (let last = pages.at(-1)?.at(-1); last !== undefined; last = pages.at(-1)?.at(-1))
        pages.push(await store().page(limit, last));
      return pages.flat();
    }

    beforeAll(async () => {
      opened = await open();
      users = await opened.admit(['u-0', 'u-1', 'u-2']);
    });
    afterAll(() => opened.close());

    it('keeps attributes as they were registered, in that order, and numbers each anew', async () => {
      const numbers: (number | undefined)[] = [];
      for (const id of ['one', 'other', 'gone']) numbers.push(await store().add(attributeOf(id), MOST));
      [one = 0, other = 0] = numbers;
      expect(await store().all()).toEqual(
        ['one', 'other', 'gone'].map((id, place) => ({ ...attributeOf(id), number: numbers[place] })),
      );
      expect(await store().add(attributeOf('more'), MOST)).toBeUndefined();
      await store().drop(numbers[2] ?? 0);
      expect(await store().add(attributeOf('one'), MOST)).toBeUndefined();
      const again = await store().add(attributeOf('gone'), MOST);
      expect(numbers).not.toContain(again);
      await store().drop(again ?? 0);
    });

    it('counts users of a day by the attributes that there were when that was first asked', async () => {
      const before = (await store().all()).map(({ number }) => number);
      expect(await store().partsOf(100)).toEqual(before);
      const late = (await store().add(attributeOf('late'), MOST)) ?? 0;
      expect(await store().partsOf(100)).toEqual(before);
      expect(await store().partsOf(101)).toEqual([...before, late]);
      await store().drop(late);
      expect(await store().partsOf(101)).toEqual([...before, late]);
      const both = await Promise.all([store().partsOf(102), store().partsOf(102)]);
      expect(both).toEqual([before, before]);
    });

    it('changes one only as it is known', async () => {
      const [known] = await store().all();
      if (known === undefined) throw new Error('there is none');
      const changed = { ...known, values: [...known.values, { id: 'c', title: 'C' }] };
      expect(await store().change(known, changed)).toBe(true);
      expect(await store().change(known, { ...known, title: 'late' })).toBe(false);
      expect((await store().all())[0]).toEqual(changed);
    });

    it('has one value of each user and attribute, the latest, and none of whom the log does not know', async () => {
      await store().set(
        one,
        new Map([
          [userAt(2), 0],
          [userAt(0), 1],
          [999_999, 1],
        ]),
      );
      await store().set(
        one,
        new Map([
          [userAt(0), 2],
          [userAt(1), 1],
        ]),
      );
      await store().set(other, new Map([[userAt(0), 0]]));
      await store().set(
        one,
        new Map([
          [userAt(1), null],
          [userAt(2), 1],
        ]),
      );
      await store().set(other + 1_000, new Map([[userAt(0), 0]]));
      const all = [
        { user: userAt(0), attribute: one, value: 2 },
        { user: userAt(0), attribute: other, value: 0 },
        { user: userAt(2), attribute: one, value: 1 },
      ];
      for (const limit of [1, 2, 10]) expect(await everything(limit)).toEqual(all);
      expect(await store().of(userAt(0))).toEqual(all.slice(0, 2));
      expect(await store().of(userAt(1))).toEqual([]);
    });

    it('takes rows of several requests at once, of the same users in any order', async () => {
      const orders = [
        [0, 1, 2],
        [2, 1, 0],
        [1, 0, 2],
      ];
      await Promise.all(
        Array.from({ length: 12 }, (_, nth) =>
          store().set(one, new Map((orders[nth % 3] ?? []).map((place) => [userAt(place), nth % 3]))),
        ),
      );
      const held = (await everything(10)).filter(({ attribute }) => attribute === one);
      expect(held.map(({ user }) => user)).toEqual(users);
      await store().set(one, new Map([[userAt(1), null]]));
    });

    it('has nothing of an attribute that is dropped, nor of a user who is erased', async () => {
      await store().drop(other);
      expect((await everything(10)).map(({ attribute }) => attribute)).toEqual([one, one]);
      await opened.erase('u-0');
      expect((await everything(10)).map(({ user }) => user)).toEqual([userAt(2)]);
      await store().set(one, new Map([[userAt(0), 1]]));
      expect(await store().of(userAt(0))).toEqual([]);
    });
  });
}
