/** Mutants of the protocol that few histories find out. */
import { describe, expect, it } from 'vitest';
import { mutant } from './mutant.js';
import { FAULT, PROTOCOL, faultOf } from './protocol.js';

describe('a fleet', () => {
  it('that confirms what it has read without a write after it is found out, in time', async () => {
    const written = "if (!(await this.prove())) throw new Error('the process is not in the fleet');";
    expect(await faultOf(await mutant('membership.ts', written, ''), 30_000)).toMatch(FAULT);
  });

  it('that confirms a no that stands while leases of a former server hold is found out, in time', async () => {
    const waits = 'member.isHere || ';
    expect(await faultOf(await mutant('membership.ts', waits, 'true || '), 30_000)).toMatch(FAULT);
  });

  it('that takes who was evicted on a former server for evicted is found out, in time', async () => {
    const forgets = 'if (!isEvicted) this.evicted.delete(epoch);';
    const never = 'if (!isEvicted) continue;';
    expect(await faultOf(await mutant('membership.ts', forgets, never), 30_000)).toMatch(FAULT);
  });

  it.each([
    'takes for confirmed what comes before a block that is',
    'forgets the opt-outs of others before they are answered',
  ] as const)('whose process %s is found out', async (wrong) => {
    expect(await faultOf({ ...PROTOCOL, wrong }, 30_000)).toMatch(FAULT);
  });
});
