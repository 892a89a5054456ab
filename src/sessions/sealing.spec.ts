import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Sealing } from './sealing.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 29, 12);
const keyOf =
  (store: string) =>
  (use: string, id = '') =>
    [createHash('sha256').update(`${store} ${use} ${id}`).digest(), id] as const;

function sealing({ use = 'sessions', store = 'ours', at = NOW } = {}): Sealing {
  return new Sealing(use, keyOf(store), () => at);
}

it('opens what it sealed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary' })), async (texts) => {
      expect(await sealing().open(await sealing().seal({ texts }))).toEqual({ texts });
    }),
    { numRuns: 50 },
  );
});

it('opens it on the day it was sealed, on the next, and by a clock that is behind; and on no other', async () => {
  const sealed = await sealing().seal({});
  for (const days of [-1, 0, 1]) expect(await sealing({ at: NOW + days * DAY }).open(sealed)).toEqual({});
  for (const days of [-30, -2, 2, 3, 30])
    expect(await sealing({ at: NOW + days * DAY }).open(sealed)).toBeUndefined();
});

it('opens nothing of another use or another store', async () => {
  const sealed = await sealing().seal({});
  expect(await sealing({ use: 'signing in' }).open(sealed)).toBeUndefined();
  expect(await sealing({ store: 'theirs' }).open(sealed)).toBeUndefined();
});

it('opens nothing that it did not seal, whatever it looks like', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.array(fc.base64String(), { minLength: 5, maxLength: 5 }).map((parts) => parts.join('.')),
      ),
      async (text) => {
        expect(await sealing().open(text)).toBeUndefined();
      },
    ),
  );
});

it('does not seal what no browser would keep', async () => {
  await expect(sealing().seal({ long: 'x'.repeat(4_000) })).rejects.toThrow('too long');
});

it('seals the same twice in two ways, so that nobody sees that they are the same', async () => {
  expect(await sealing().seal({})).not.toBe(await sealing().seal({}));
});
