/** Mutants of the protocol that few histories find out. */
import { describe, expect, it } from 'vitest';
import { mutant } from './mutant.js';
import { FAULT, PROTOCOL, faultOf } from './protocol.js';

describe('a fleet', () => {
  it.each([
    ['takes the renewal of a former epoch for one of this', 'if (epoch !== this.epoch) return false;', ''],
    [
      'confirms what it has read without a write after it',
      "if (!(await this.prove())) throw new Error('the process is not in the fleet');",
      '',
    ],
  ])('that %s is found out, in time', async (_what, is, becomes) => {
    const careless = await mutant('membership.ts', is, becomes);
    expect(await faultOf(careless, 30_000)).toMatch(FAULT);
  });

  it.each([
    'counts what others have of another history',
    'takes for confirmed what comes before a block that is',
    'forgets the opt-outs of others before they are answered',
  ] as const)('whose process %s is found out', async (wrong) => {
    expect(await faultOf({ ...PROTOCOL, wrong }, 30_000)).toMatch(FAULT);
  });
});
