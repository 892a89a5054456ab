/** Noise that asking again, asking otherwise and asking about fewer does not take away. Keys are fixed, so is every draw. */
import { inspect } from 'node:util';
import { assert, asyncProperty, bigInt, integer, jsonValue } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObligationError } from '../obligation-error.js';
import { type Budget, type Charge, MemoryBudget } from './budget.js';
import { type Figure, dpNoise } from './dp-noise.js';
import { ZERO, ratio, rational } from './rational.js';

const SECRET: Uint8Array = new Uint8Array(32).fill(3);

function secretOf(number: number): Uint8Array {
  const secret = Buffer.alloc(32);
  secret.writeUInt32BE(number);
  return secret;
}

function rich(): Budget {
  return new MemoryBudget({ epsilon: rational('1000000'), delta: rational('1') });
}

function figure(changed: Partial<Figure> = {}): Figure {
  return {
    purpose: 'ads.measurement',
    period: '2026-11',
    question: { count: 'people', where: { country: 'DE', clicked: true } },
    snapshot: 'extract-1',
    value: 1000n,
    sensitivity: 1n,
    epsilon: '0.1',
    ...changed,
  };
}

function ask(changed: Partial<Figure> = {}, secret = SECRET, budget = rich()): Promise<bigint> {
  return dpNoise(figure(changed), { secret, budget });
}

describe('a figure with noise', () => {
  it('is the same whenever it is asked for, so that averaging gains nothing', async () => {
    const budget = rich();
    const first = await ask({}, SECRET, budget);
    for (let times = 0; times < 200; times++) expect(await ask({}, SECRET, budget)).toBe(first);
    // the average is as far off as one answer
    expect(first).not.toBe(1000n);
  });

  it('is the same in the next period and in another process', async () => {
    expect(await ask({ period: '2026-12' })).toBe(await ask());
  });

  it('is the same for the same question in other spellings', async () => {
    const first = await ask();
    expect(await ask({ question: { where: { clicked: true, country: 'DE' }, count: 'people' } })).toBe(first);
    expect(
      await ask({
        question: JSON.parse('{ "where": {"clicked":true,\n"country":"\\u0044E"}, "count":"people" }'),
      }),
    ).toBe(first);
    expect(await ask({ epsilon: '1/10' })).toBe(first);
    expect(await ask({ epsilon: '0.100' })).toBe(first);
  });

  it('is paid by the budget of a year, a month, a day or a week', async () => {
    for (const period of ['2026', '2026-01', '2026-12', '2026-11-29', '2026-W01', '2026-W53'])
      expect(await ask({ period })).toBe(await ask());
  });

  it('is off by independent noise for other questions, purposes, snapshots, epsilons and secrets', async () => {
    const others: [Partial<Figure>, Uint8Array?][] = [
      [{ question: 'another' }],
      [{ purpose: 'ads.other' }],
      [{ snapshot: 'extract-2' }],
      [{ epsilon: '0.11' }],
      [{ sensitivity: 2n }],
      [{ gaussian: { deltaBits: 20 } }],
      [{}, secretOf(1)],
    ];
    const answers = await Promise.all([ask(), ...others.map(([changed, secret]) => ask(changed, secret))]);
    expect(new Set(answers).size).toBe(answers.length);
  });

  it('does not give away whether one person is in it, when it is asked with and without them', async () => {
    let right = 0;
    const games = 400;
    for (let game = 0; game < games; game++) {
      const isIn = game % 2 === 0;
      const secret = secretOf(game);
      const all = await ask({ question: 'all', value: isIn ? 1000n : 999n }, secret);
      const others = await ask({ question: 'all but one', value: 999n }, secret);
      right += Number(all > others === isIn);
    }
    // two figures of epsilon 0.1 allow at most exp(0.2) / (1 + exp(0.2)) = 0.55; four deviations of chance are 0.1
    expect(right / games).toBeLessThan(0.65);
    expect(right / games).toBeGreaterThan(0.35);
  });

  it('does not give away who joined when the data changes, even under the name of the old', async () => {
    let right = 0;
    const games = 400;
    for (let game = 0; game < games; game++) {
      const secret = secretOf(game);
      const joined = game % 2 === 0;
      const before = await ask({}, secret);
      const after = await ask({ value: joined ? 1001n : 999n }, secret);
      right += Number(after - before === (joined ? 1n : -1n));
    }
    // the noise is twice new: a difference of one is no likelier than a few others
    expect(right / games).toBeLessThan(0.15);
  });

  it('is as private as it says: no answer is much likelier with one person than without', async () => {
    const seen = [new Map<bigint, number>(), new Map<bigint, number>()];
    for (let game = 0; game < 6000; game++)
      for (const [more, counts] of seen.entries()) {
        const answer = await ask({ value: BigInt(10 + more), epsilon: '0.5' }, secretOf(game));
        counts.set(answer, (counts.get(answer) ?? 0) + 1);
      }
    const [without, withOne] = seen;
    let compared = 0;
    for (const [answer, times] of without ?? []) {
      const other = withOne?.get(answer) ?? 0;
      if (times < 300 || other < 300) continue;
      compared++;
      // a quarter more, for chance
      expect(Math.abs(Math.log(times / other))).toBeLessThan(0.5 + 0.25);
    }
    expect(compared).toBeGreaterThan(4);
  });

  it('of the Gaussian kind has the variance that its epsilon and delta need', async () => {
    const answers = await Promise.all(
      Array.from({ length: 1500 }, (_, game) =>
        ask({ value: 0n, epsilon: '1', gaussian: { deltaBits: 20 } }, secretOf(game)),
      ),
    );
    const variance = answers.reduce((sum, drawn) => sum + Number(drawn) ** 2, 0) / answers.length;
    // 2 L + epsilon, where L = 0.7 * 20
    expect(variance).toBeGreaterThan(29 * 0.85);
    expect(variance).toBeLessThan(29 * 1.15);
    const rho = 1 / (2 * 29);
    expect(rho + 2 * Math.sqrt(rho * 20 * Math.LN2)).toBeLessThanOrEqual(1);
  });

  it('is exact arithmetic for values beyond what a double holds', async () => {
    const huge = 10n ** 30n + 1n;
    expect((await ask({ value: huge })) - huge).toBeLessThan(1000n);
  });

  it('depends on any JSON question, and only on that', async () => {
    await assert(
      asyncProperty(jsonValue(), bigInt({ min: -1000n, max: 1000n }), async (question, value) => {
        expect(await ask({ question, value })).toBe(
          await ask({ question: structuredClone(question), value }),
        );
      }),
    );
  });

  it('is refused when it is not well asked', async () => {
    const cases: [Partial<Figure>, string][] = [
      [{ epsilon: '0' }, 'an epsilon of 0'],
      [{ epsilon: '-1' }, 'is not written as'],
      [{ epsilon: '' }, 'is not written as'],
      [{ sensitivity: 0n }, 'the sensitivity is no whole number'],
      [{ question: { at: Number.NaN } }, 'is not JSON'],
      [{ question: undefined }, 'is not JSON'],
      [{ snapshot: '' }, 'the snapshot is no id'],
      [{ snapshot: 'extract-1 ' }, 'the snapshot is not spelled'],
      ...['', '2026-13', '2026-11-00', '2026-W54', '2026-w01', '26-11', '2026-11 ', '2026-1', 'x'].map(
        (period): [Partial<Figure>, string] => [{ period }, 'the period is no year'],
      ),
      [{ gaussian: JSON.parse('null') }, '`gaussian` is no record'],
      [{ sensitivity: 2n ** 64n + 1n }, 'the sensitivity is above'],
      [{ value: -(2n ** 128n) - 1n }, 'the value beyond'],
      [{ epsilon: '0.1234567890123' }, 'is not written as'],
      [{ epsilon: '1/1234567890123' }, 'is not written as'],
      [{ purpose: 'Ads' }, 'not spelled as in a policy'],
      [{ gaussian: { deltaBits: 19 } }, '`deltaBits` is no whole number of at least 20'],
      [{ gaussian: { deltaBits: 257 } }, '`deltaBits` is more than 256'],
    ];
    for (const [changed, message] of cases) await expect(ask(changed)).rejects.toThrow(message);
    await expect(ask({}, new Uint8Array(31))).rejects.toMatchObject({ code: 'weak_secret' });
  });
});

describe('the budget', () => {
  const limit = { epsilon: rational('0.3'), delta: rational('1/1000000') };

  it('pays for three tenths, and not for a fourth; old figures are given again', async () => {
    const budget = new MemoryBudget(limit);
    const given = [];
    for (const question of [1, 2, 3]) given.push(await ask({ question }, SECRET, budget));
    await expect(ask({ question: 4 }, SECRET, budget)).rejects.toMatchObject({ code: 'budget_exhausted' });
    for (const [at, question] of [1, 2, 3].entries())
      expect(await ask({ question }, SECRET, budget)).toBe(given[at]);
  });

  it('stops an attacker who asks the same in a thousand words, also when they ask at once', async () => {
    await assert(
      asyncProperty(integer({ min: 1, max: 100 }), async (tries) => {
        const budget = new MemoryBudget(limit);
        const asked = Array.from({ length: tries }, (_, words) =>
          ask({ question: { words } }, SECRET, budget),
        );
        const answered = (await Promise.allSettled(asked)).filter(({ status }) => status === 'fulfilled');
        expect(answered).toHaveLength(Math.min(3, tries));
      }),
      { numRuns: 20 },
    );
  });

  it('refuses changed data under the name of the old, and it costs nothing; under a new name it pays', async () => {
    const budget = new MemoryBudget(limit);
    const given = await ask({ value: 1n }, SECRET, budget);
    for (let value = 2n; value < 20n; value++)
      for (const period of ['2026-11', '2026-12'])
        await expect(ask({ value, period }, SECRET, budget)).rejects.toMatchObject({ code: 'changed_data' });
    expect(await ask({ value: 1n }, SECRET, budget)).toBe(given);
    for (const snapshot of ['extract-2', 'extract-3']) await ask({ value: 2n, snapshot }, SECRET, budget);
    await expect(ask({ snapshot: 'extract-4' }, SECRET, budget)).rejects.toMatchObject({
      code: 'budget_exhausted',
    });
  });

  it('never pays less than a figure costs, and sums stay short however many fractions are added', async () => {
    const budget = new MemoryBudget({ epsilon: rational('1'), delta: ZERO });
    // a third, rounded up, is more than a third
    const given = await Promise.allSettled(
      [1, 2, 3].map((question) => ask({ question, epsilon: '1/3' }, SECRET, budget)),
    );
    expect(given.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    const charge = { purpose: 'p', period: '2026', data: 'd', delta: ZERO };
    const large = new MemoryBudget({ epsilon: rational('1000'), delta: ZERO });
    for (let at = 0; at < 20_000; at++)
      expect(
        await large.spend({
          ...charge,
          figure: String(at),
          epsilon: ratio(1n, 999_999_000_000n + BigInt(at)),
        }),
      ).toBe('permitted');
  });

  it('pays for the same question at another epsilon, whose noise would take the first away', async () => {
    const budget = new MemoryBudget(limit);
    for (const epsilon of ['0.1', '0.11']) await ask({ epsilon }, SECRET, budget);
    await expect(ask({ epsilon: '0.12' }, SECRET, budget)).rejects.toMatchObject({
      code: 'budget_exhausted',
    });
  });

  it('is that of a purpose and a period', async () => {
    const budget = new MemoryBudget(limit);
    for (const question of [1, 2, 3]) await ask({ question }, SECRET, budget);
    await ask({ question: 4, period: '2026-12' }, SECRET, budget);
    await ask({ question: 4, purpose: 'research' }, SECRET, budget);
  });

  it('pays the delta of the Gaussian kind too', async () => {
    const budget = new MemoryBudget(limit);
    await ask({ question: 1, epsilon: '0.01', gaussian: { deltaBits: 20 } }, SECRET, budget);
    await expect(
      ask({ question: 2, epsilon: '0.01', gaussian: { deltaBits: 20 } }, SECRET, budget),
    ).rejects.toMatchObject({ code: 'budget_exhausted' });
  });

  it('is asked before anything is given, and any answer but a yes is a no', async () => {
    for (const said of ['refused', undefined, true, 'Permitted', {}])
      await expect(
        ask({}, SECRET, { spend: () => JSON.parse(JSON.stringify({ said })).said }),
      ).rejects.toMatchObject({
        code: 'budget_exhausted',
      });
    const broken: Budget = { spend: () => Promise.reject(new Error('no network')) };
    await expect(ask({}, SECRET, broken)).rejects.toMatchObject({ code: 'budget_unavailable' });
    const error: unknown = await ask({}, SECRET, broken).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ObligationError);
    // what it throws may hold anything
    expect(inspect(error)).not.toContain('no network');
  });

  it('learns a name of the figure, and neither the answer nor the question', async () => {
    const charges: Charge[] = [];
    const budget: Budget = {
      spend(charge) {
        charges.push(charge);
        return Promise.resolve('permitted');
      },
    };
    for (const value of [1000n, 1001n]) await ask({ value }, SECRET, budget);
    await ask({ value: 1000n }, secretOf(5), budget);
    // it cannot see that two questions have the same answer
    await ask({ value: 1000n, question: 'another' }, SECRET, budget);
    const [first, changed, other] = charges;
    expect(changed?.figure).toBe(first?.figure);
    expect(other?.figure).not.toBe(first?.figure);
    expect(new Set(charges.flatMap(({ figure, data }) => [figure, data])).size).toBe(7);
    for (const charge of charges) {
      expect(Object.keys(charge).toSorted()).toEqual([
        'data',
        'delta',
        'epsilon',
        'figure',
        'period',
        'purpose',
      ]);
      for (const code of [charge.figure, charge.data]) expect(code).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});
