/** The protocol as it is, and how it is tried. */
import { Overtaken } from '../../../src/fleet/fleet.store.js';
import { Membership } from '../../../src/fleet/membership.js';
import { termsOf } from '../../../src/fleet/terms.js';
import { Turns } from '../../../src/fleet/turns.js';
import { CachingClient } from './caching-client.js';
import { type History, type Protocol, live } from './simulation.js';

export const PROTOCOL: Protocol = { Membership, Turns, Overtaken };
const TERMS = termsOf(2_000);
const LASTS_MS = 10_000;

/**
 * @param others the terms of the other processes
 * @param cached how many clients keep answers
 */
export function historyOf(seed: number, protocol = PROTOCOL, others = TERMS, cached = 0): Promise<History> {
  return live(seed, protocol, TERMS, LASTS_MS, others, (world, any) =>
    Array.from({ length: cached }, (_, place) => new CachingClient(world, `c${place}`, any)),
  );
}

/** What is said of a history in which something was lost, or permitted or decided that must not be. */
export const FAULT = /permits|decides without|is not in the log/;

/**
 * A history, of so many, in which something is seen that must never be.
 *
 * @param begin the first that is tried: of a mutant, the one that is known to find it out, until the code changes
 */
export async function faultOf(
  protocol: Protocol,
  histories: number,
  { others = TERMS, cached = 0, begin = 1 } = {},
): Promise<string | undefined> {
  for (let tried = 0; tried < histories; tried++) {
    const seed = ((begin - 1 + tried) % histories) + 1;
    const [fault] = (await historyOf(seed, protocol, others, cached)).faults;
    if (fault !== undefined) return `seed ${seed}: ${fault}`;
  }
  return undefined;
}
