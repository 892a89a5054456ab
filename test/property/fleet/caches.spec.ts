import { expect, it } from 'vitest';
import { termsOf } from '../../../src/fleet/terms.js';
import { times } from '../../times.js';
import { FAULT, PROTOCOL, faultOf, historyOf } from './protocol.js';

const TERMS = termsOf(2_000);
const CLIENTS = 4;

it('no client acts on a kept answer that something confirmed has changed, whatever happens to it, the fleet and what lies between', async () => {
  const seen = { kept: 0, confirmed: 0, evictions: 0 };
  for (let seed = 1; seed <= times(2_000, 40); seed++) {
    const history = await historyOf(seed, PROTOCOL, TERMS, CLIENTS);
    expect(history.faults, `seed ${seed}`).toEqual([]);
    seen.kept += history.kept;
    seen.confirmed += history.confirmed;
    seen.evictions += history.evictions;
  }
  expect(seen.kept).toBeGreaterThan(2_000);
  expect(seen.confirmed).toBeGreaterThan(100);
  expect(seen.evictions).toBeGreaterThan(50);
});

it.each([
  ['confirms before its caches have dropped', 55],
  ['says that it has applied what its caches have not dropped', 11],
  ['keeps what another process has answered', 52],
  ['keeps what was touched while it was asked', 109],
] as const)('a fleet that %s is found out', async (wrong, begin) => {
  expect(await faultOf({ ...PROTOCOL, wrong }, 1_000, { cached: CLIENTS, begin })).toMatch(FAULT);
});
