import { expect, test } from 'vitest';
import { Strangers } from '../../../src/record/keeping/strangers.js';
import { DAY_MS } from '../../../src/time.js';

function named(strangers: Strangers, id: string): string {
  return Buffer.from(strangers.nameOf(id)).toString('hex');
}

test.each([1, -1])(
  'a stranger is the same within a day, and another from then on, where the clock goes %d',
  (way) => {
    let now = 20_000 * DAY_MS;
    const strangers = new Strangers(() => now);
    const first = named(strangers, 'a');
    expect(first).toHaveLength(32);
    expect(named(strangers, 'b')).not.toBe(first);
    now += way * (DAY_MS - 1);
    expect(named(strangers, 'a')).toBe(first);
    now += way;
    expect(named(strangers, 'a')).not.toBe(first);
  },
);

test('however many strangers come, each keeps its name', () => {
  const strangers = new Strangers(() => 0);
  const names = Array.from({ length: 10_000 }, (_, index) => named(strangers, String(index)));
  expect(new Set(names).size).toBe(names.length);
  expect(named(strangers, '0')).toBe(names[0]);
});

test('two processes name nobody alike', () => {
  expect(named(new Strangers(() => 0), 'a')).not.toBe(named(new Strangers(() => 0), 'a'));
});
