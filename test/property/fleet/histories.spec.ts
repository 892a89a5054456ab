import { expect, it } from 'vitest';
import { times } from '../../times.js';
import { historyOf } from './protocol.js';

it('a fleet never permits what was denied and confirmed unless it was granted later, and loses nothing that was confirmed, whatever happens to its processes, clocks, messages and database', async () => {
  const seen = { decisions: 0, confirmed: 0, granted: 0, stood: 0, evictions: 0 };
  for (let seed = 1; seed <= times(4_000, 300); seed++) {
    const history = await historyOf(seed);
    expect(history.faults, `seed ${seed}`).toEqual([]);
    seen.decisions += history.decisions;
    seen.confirmed += history.confirmed;
    seen.granted += history.granted;
    seen.stood += history.stood;
    seen.evictions += history.evictions;
  }
  // it must not be right by doing nothing
  expect(seen.confirmed).toBeGreaterThan(1_500);
  expect(seen.granted).toBeGreaterThan(500);
  expect(seen.stood).toBeGreaterThan(300);
  expect(seen.evictions).toBeGreaterThan(500);
});
