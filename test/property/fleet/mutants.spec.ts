/** @module-tag once */
import { describe, expect, it } from 'vitest';
import { termsOf } from '../../../src/fleet/terms.js';
import { BOTH_RUNS, times } from '../../times.js';
import { mutant } from './mutant.js';
import { FAULT, PROTOCOL, faultOf } from './protocol.js';

describe('a fleet', () => {
  it.each([
    [
      'counts its lease from the answer to the renewal',
      'membership.ts',
      '      this.lease.renewed(sent);\n      return true;',
      '      this.lease.renewed(this.machine.clocks());\n      return true;',
      6,
    ],
    [
      'reads the log before its row is there, and not after',
      'membership.ts',
      'await this.moveTo(server);',
      'this.store.server = server;\n    this.hasReadThere = true;',
      2,
    ],
    [
      'renews its lease on a server where it has not read the log',
      'membership.ts',
      'server === this.store.server && this.hasReadThere && !isOfBefore',
      'true',
      193,
    ],
    [
      'confirms without waiting for the lease of whom it evicted',
      'membership.ts',
      'until !== undefined && now >= until',
      'until !== undefined',
      9,
    ],
    [
      'takes a no for one that stands on what it has read, whatever the log says by then',
      'turns.ts',
      'await this.log.follow();\n    if (this.log.place',
      'if (this.log.place',
      92,
    ],
    ['looks at one clock alone', 'machine.ts', ' && passed >= 0 && passed < ms', '', 72],
    ['looks at the wall clock alone', 'machine.ts', 'now.monotonic - since.monotonic < ms && ', '', 568],
    [
      'takes who came to wait while the others were read for one of those who asked',
      'membership.ts',
      'for (const waiting of asking)',
      'for (const waiting of [...this.waiting])',
      1482,
    ],
  ])('that %s is found out', async (_what, file, is, becomes, begin) => {
    expect(await faultOf(await mutant(file, is, becomes), 3_000, { begin })).toMatch(FAULT);
  });

  it(
    'holds where some hold longer leases than others, and one that waits for its own is found out',
    BOTH_RUNS,
    async () => {
      const longer = termsOf(3_500);
      expect(await faultOf(PROTOCOL, times(1_000, 300), { others: longer })).toBeUndefined();
      const careless = await mutant('membership.ts', '{ ...this.terms, lease }', 'this.terms');
      expect(await faultOf(careless, 3_000, { others: longer, begin: 188 })).toMatch(FAULT);
    },
  );

  it.each([
    ['renews by reading', 10],
    ['believes any server', 94],
    ['renews what was evicted', 1],
    ['acknowledges what it has only read', 23],
    ['judges an opt-in only by what is unconfirmed when it is written', 139],
    ['takes for confirmed what it has read at its start', 152],
  ] as const)('whose process %s is found out', async (wrong, begin) => {
    expect(await faultOf({ ...PROTOCOL, wrong }, 3_000, { begin })).toMatch(FAULT);
  });
});
