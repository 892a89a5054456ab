import { expect, it } from 'vitest';
import { Overtaken } from '../../../src/fleet/fleet.store.js';
import { Membership } from '../../../src/fleet/membership.js';
import { termsOf } from '../../../src/fleet/terms.js';
import { Turns } from '../../../src/fleet/turns.js';
import { times } from '../../times.js';
import { type Protocol, live } from './simulation.js';

const PROTOCOL: Protocol = { Membership, Turns, Overtaken };
const TERMS = termsOf(2_000);
const LASTS_MS = 10_000;

it('a fleet never permits what was denied and confirmed, and loses nothing that was, whatever happens to its processes, clocks, messages and database', async () => {
  const seen = { decisions: 0, confirmed: 0, evictions: 0 };
  for (let seed = 1; seed <= times(100_000, 300); seed++) {
    const history = await live(seed, PROTOCOL, TERMS, LASTS_MS);
    expect(history.faults, `seed ${seed}`).toEqual([]);
    seen.decisions += history.decisions;
    seen.confirmed += history.confirmed;
    seen.evictions += history.evictions;
  }
  // it must not be right by doing nothing
  expect(seen.confirmed).toBeGreaterThan(3_000);
  expect(seen.evictions).toBeGreaterThan(500);
});
