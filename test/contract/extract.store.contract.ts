import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExtractOpening, ExtractStore } from '../../src/extracts/extracts.store.js';

export type OpenExtractStore = {
  readonly store: ExtractStore;
  readonly close: () => Promise<void>;
};

const AT = 1_800_000_000_123;

export function openingOf(over: Partial<ExtractOpening> = {}): ExtractOpening {
  return {
    client: 'trainer',
    title: `"spring", 'text' 🗝️`,
    purpose: 'ai',
    fields: ['member.skills', 'post.text'],
    actor: 'automated',
    legalReference: null,
    policy: 'sha256:0',
    revision: 7,
    at: AT,
    secret: Uint8Array.from({ length: 32 }, (_, at) => at),
    ...over,
  };
}

const content = (...bytes: number[]) => Uint8Array.from(bytes);

/** What every adapter of the store of extracts does. */
export function extractStoreContract(name: string, open: () => Promise<OpenExtractStore>): void {
  describe(`extract store ${name}`, () => {
    let opened: OpenExtractStore;
    const store = () => opened.store;
    const rowsOf = async (id: string) => ({
      parts: (await store().parts(id, 0, 10)).map(({ content: held, ...row }) => ({
        ...row,
        held: [...held],
      })),
      buckets: (await store().buckets(id, -1, 10)).map(({ content: held, ...row }) => ({
        ...row,
        held: [...held],
      })),
    });

    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it('keeps an extract as it was opened', async () => {
      expect(await store().read('e-1')).toBeUndefined();
      await store().open('e-1', openingOf());
      const { opening, ...rest } = (await store().read('e-1')) ?? {};
      expect({ ...opening, secret: Uint8Array.from(opening?.secret ?? []) }).toEqual(openingOf());
      expect(rest).toEqual({ id: 'e-1', closedAt: null, parts: 0, revision: 7, users: 0 });
    });

    it('notes parts in order, and the highest revision of them', async () => {
      expect(await store().add('e-1', 12, 3, content(1))).toBe(1);
      expect(await store().add('e-1', 9, 2, content(2, 2))).toBe(2);
      expect(await store().read('e-1')).toMatchObject({ parts: 2, revision: 12, users: 5 });
      const { parts } = await rowsOf('e-1');
      expect(parts).toEqual([
        { number: 1, upTo: 1, held: [1] },
        { number: 2, upTo: 2, held: [2, 2] },
      ]);
      expect((await store().parts('e-1', 1, 10)).map(({ number }) => number)).toEqual([2]);
      expect(await store().parts('e-1', 0, 1)).toHaveLength(1);
    });

    it('gives each of many parts at once a number of its own', async () => {
      await store().open('e-many', openingOf({ at: AT - 1 }));
      const numbers = await Promise.all(
        Array.from({ length: 12 }, (_, at) => store().add('e-many', at, 1, content(at))),
      );
      expect(numbers.toSorted((one, other) => Number(one) - Number(other))).toEqual(
        Array.from({ length: 12 }, (_, at) => at + 1),
      );
    });

    it('writes a bucket only in place of the one that was read', async () => {
      const bucket = { bucket: 3, upTo: 2, content: content(9) };
      expect(await store().putTogether('e-1', bucket, 5, 0)).toBe(true);
      expect(await store().putTogether('e-1', { ...bucket, content: content(8) }, 5, 0)).toBe(false);
      expect(await store().putTogether('e-1', { ...bucket, content: content(8) }, 5, 2)).toBe(false);
      expect(await store().putTogether('e-1', { ...bucket, upTo: 4, content: content(7) }, 6, 1)).toBe(true);
      expect(await store().putTogether('e-1', { ...bucket, bucket: 0, content: content(6) }, 1, 0)).toBe(
        true,
      );
      await store().dropParts('e-1', [1, 2]);
      expect(await rowsOf('e-1')).toEqual({
        parts: [],
        buckets: [
          { bucket: 0, upTo: 2, edition: 1, held: [6] },
          { bucket: 3, upTo: 4, edition: 2, held: [7] },
        ],
      });
      expect(await store().bucketsOf(1)).toEqual([]);
      expect(await store().bucketsOf(3)).toMatchObject([{ id: 'e-1', bucket: 3, upTo: 4, edition: 2 }]);
      expect(await store().withParts()).toEqual(['e-many']);
      expect((await store().buckets('e-1', 0, 10)).map(({ bucket: at }) => at)).toEqual([3]);
      expect(await store().read('e-1')).toMatchObject({ parts: 2, users: 7 });
    });

    it('takes nobody in once it is closed, and stays closed as it was', async () => {
      await store().close('e-1', AT + 5);
      await store().close('e-1', AT + 9);
      expect(await store().add('e-1', 20, 1, content(1))).toBeUndefined();
      expect(await store().add('e-none', 20, 1, content(1))).toBeUndefined();
      expect(await store().read('e-1')).toMatchObject({ closedAt: AT + 5, parts: 2, revision: 12 });
    });

    it('keeps what its service said, in order, up to a limit', async () => {
      const said = (at: number) => ({ since: `look.${at}`, revision: 12, parts: 2, by: 'trainer', at });
      expect(await store().unlearn('e-1', said(1), 2)).toBe(true);
      expect(await store().unlearn('e-1', said(2), 2)).toBe(true);
      expect(await store().unlearn('e-1', said(3), 2)).toBe(false);
      expect(await store().unlearned('e-1')).toEqual([said(1), said(2)]);
      expect(await store().unlearned('e-none')).toEqual([]);
    });

    it('lists page by page, those of a client or all, those that were opened last first', async () => {
      await store().open('e-0', openingOf());
      await store().open('e-2', openingOf({ client: 'other', at: AT + 10 }));
      const ids = async (...page: Parameters<ExtractStore['list']>) =>
        (await store().list(...page)).map(({ id }) => id);
      expect(await ids(10)).toEqual(['e-2', 'e-0', 'e-1', 'e-many']);
      expect(await ids(10, 'trainer')).toEqual(['e-0', 'e-1', 'e-many']);
      expect(await ids(1, 'other')).toEqual(['e-2']);
      expect(await ids(2, undefined, { at: AT, id: 'e-0' })).toEqual(['e-1', 'e-many']);
    });
  });
}
