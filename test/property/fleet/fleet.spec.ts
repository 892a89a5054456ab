import { describe, expect, it } from 'vitest';
import { Overtaken } from '../../../src/fleet/fleet.store.js';
import { Membership } from '../../../src/fleet/membership.js';
import { termsOf } from '../../../src/fleet/terms.js';
import { Turns } from '../../../src/fleet/turns.js';
import { isLong, times } from '../../times.js';
import { mutant } from './mutant.js';
import { type Protocol, live } from './simulation.js';

const PROTOCOL: Protocol = { Membership, Turns, Overtaken };
const TERMS = termsOf(2_000);
const LASTS_MS = 10_000;

/** The first history, of so many, in which something is seen that must never be. */
async function faultOf(protocol: Protocol, histories: number, others = TERMS): Promise<string | undefined> {
  for (let seed = 1; seed <= histories; seed++) {
    const [fault] = (await live(seed, protocol, TERMS, LASTS_MS, others)).faults;
    if (fault !== undefined) return `seed ${seed}: ${fault}`;
  }
  return undefined;
}

describe('a fleet', () => {
  it.each([
    [
      'counts its lease from the answer to the renewal',
      'membership.ts',
      'if (isIn) this.lease.renewed(sent);',
      'if (isIn) this.lease.renewed(this.machine.clocks());',
    ],
    [
      'reads the log before its row is there, and not after',
      'membership.ts',
      'await this.followed.follow();\n    this.epoch = epoch;',
      'this.epoch = epoch;',
    ],
    [
      'confirms without waiting for the lease of whom it evicted',
      'membership.ts',
      'until !== undefined && now >= until',
      'until !== undefined',
    ],
    ['looks at one clock alone', 'machine.ts', ' && passed >= 0 && passed < ms', ''],
    ['looks at the wall clock alone', 'machine.ts', 'now.monotonic - since.monotonic < ms && ', ''],
    [
      'takes who came to wait while the others were read for one of those who asked',
      'membership.ts',
      'for (const waiting of asking)',
      'for (const waiting of [...this.waiting])',
    ],
  ])('that %s is found out', async (_what, file, is, becomes) => {
    expect(await faultOf(await mutant(file, is, becomes), 3_000)).toMatch(/permits|is not in the log/);
  });

  it('holds where some hold longer leases than others, and one that waits for its own is found out', async () => {
    const longer = termsOf(3_500);
    expect(await faultOf(PROTOCOL, times(10_000, 300), longer)).toBeUndefined();
    const careless = await mutant('membership.ts', '{ ...this.terms, lease }', 'this.terms');
    expect(await faultOf(careless, 3_000, longer)).toMatch(/permits/);
  });

  it.runIf(isLong).each([
    ['takes the renewal of a former epoch for one of this', 'if (epoch !== this.epoch) return false;', ''],
    [
      'confirms what it has read without a write after it',
      "if (!(await this.prove())) throw new Error('the process is not in the fleet');",
      '',
    ],
  ])('that %s is found out, in time', async (_what, is, becomes) => {
    const careless = await mutant('membership.ts', is, becomes);
    expect(await faultOf(careless, 30_000)).toMatch(/permits|is not in the log/);
  });

  it.runIf(isLong)('whose process counts what others have of another history is found out', async () => {
    const careless = { ...PROTOCOL, wrong: 'counts what others have of another history' } as const;
    expect(await faultOf(careless, 30_000)).toMatch(/permits|is not in the log/);
  });

  it.each(['renews by reading', 'renews what was evicted', 'acknowledges what it has only read'] as const)(
    'whose process %s is found out',
    async (wrong) => {
      expect(await faultOf({ ...PROTOCOL, wrong }, 3_000)).toMatch(/permits|is not in the log/);
    },
  );
});
