import { expect, it } from 'vitest';
import type { Field } from './policy.js';
import { fieldsAtLevels } from './visibility.js';

it('finds where data is without reading all fields again, for a review does so for each of them', () => {
  let reads = 0;
  const fields = ['posts', 'texts', 'notes'].map((id): Field => ({
    id,
    title: id,
    category: 'profile',
    provenance: 'provided',
    identifiability: 'quasi',
    get replaces() {
      reads++;
      return id === 'texts' ? 'posts' : 'gone';
    },
  }));
  const { all, placesFrom } = fieldsAtLevels({ fields });
  const readOnce = reads;
  expect(all.map(placesFrom)).toEqual([[0, 1], [1], [2]]);
  expect(reads).toBe(readOnce);
});
