/** Mutants of the protocol that few histories find out. */
import { describe, expect, it } from 'vitest';
import { mutant } from './mutant.js';
import { PROTOCOL, faultOf } from './protocol.js';

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
    expect(await faultOf(careless, 30_000)).toMatch(/permits|is not in the log/);
  });

  it('whose process counts what others have of another history is found out', async () => {
    const careless = { ...PROTOCOL, wrong: 'counts what others have of another history' } as const;
    expect(await faultOf(careless, 30_000)).toMatch(/permits|is not in the log/);
  });
});
