import { expect, it } from 'vitest';
import { times } from '../../times.js';
import { historyOf } from './protocol.js';

it('a fleet never permits what was denied and confirmed, and loses nothing that was, whatever happens to its processes, clocks, messages and database', async () => {
  const seen = { decisions: 0, confirmed: 0, evictions: 0 };
  for (let seed = 1; seed <= times(100_000, 300); seed++) {
    const history = await historyOf(seed);
    expect(history.faults, `seed ${seed}`).toEqual([]);
    seen.decisions += history.decisions;
    seen.confirmed += history.confirmed;
    seen.evictions += history.evictions;
  }
  // it must not be right by doing nothing
  expect(seen.confirmed).toBeGreaterThan(3_000);
  expect(seen.evictions).toBeGreaterThan(500);
});
