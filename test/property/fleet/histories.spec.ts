import { expect, it } from 'vitest';
import { isLong, times } from '../../times.js';
import { historyOf } from './protocol.js';

it('a fleet never permits what was denied and confirmed unless it was granted later, and loses nothing that was confirmed, whatever happens to its processes, clocks, messages and database', async () => {
  const seen = { decisions: 0, confirmed: 0, granted: 0, stood: 0, evictions: 0 };
  // `npm test` tries the same ones each time; the long run tries others, a few hundred thousand over some runs
  const first = isLong ? Math.floor(Math.random() * 2 ** 31) : 1;
  for (let seed = first; seed < first + times(20_000, 300); seed++) {
    const history = await historyOf(seed);
    expect(history.faults, `seed ${seed}`).toEqual([]);
    seen.decisions += history.decisions;
    seen.confirmed += history.confirmed;
    seen.granted += history.granted;
    seen.stood += history.stood;
    seen.evictions += history.evictions;
  }
  // it must not be right by doing nothing
  expect(seen.confirmed).toBeGreaterThan(2_000);
  expect(seen.granted).toBeGreaterThan(500);
  expect(seen.stood).toBeGreaterThan(300);
  expect(seen.evictions).toBeGreaterThan(500);
});
