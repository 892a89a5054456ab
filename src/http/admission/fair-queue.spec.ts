import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { FairQueue, MOST_WEIGHT } from './fair-queue.js';

const arrivals = array(
  record({ client: constantFrom('a', 'b', 'c', 'd'), weight: integer({ min: 1, max: MOST_WEIGHT }) }),
  { minLength: 1, maxLength: 200 },
);

function filled(waiting: readonly { readonly client: string; readonly weight: number }[]): FairQueue<number> {
  const queue = new FairQueue<number>();
  for (const [item, { client, weight }] of waiting.entries())
    queue.add({ item, client, weight, since: item });
  return queue;
}

test('whoever waits the whole time gets as much as everybody else who does, but for one thing each', () => {
  assert(
    property(arrivals, constantFrom(true, false), (waiting, newest) => {
      const queue = filled(waiting);
      const left = new Map<string, number>();
      for (const { client } of waiting) left.set(client, (left.get(client) ?? 0) + 1);
      const served = new Map<string, number>();
      const all = [...left.keys()];
      while ([...left.values()].every((count) => count > 0)) {
        const next = queue.take(newest);
        if (next === undefined) throw new Error('something still waits');
        left.set(next.client, (left.get(next.client) ?? 0) - 1);
        served.set(next.client, (served.get(next.client) ?? 0) + next.weight);
        const shares = all.map((client) => served.get(client) ?? 0);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(2 * MOST_WEIGHT);
      }
    }),
  );
});

test('what came in comes out once, by whatever way, and the weight is that of what is left', () => {
  const ways = array(constantFrom('oldest', 'newest', 'late', 'longest'), { maxLength: 300 });
  assert(
    property(arrivals, ways, (waiting, steps) => {
      const queue = filled(waiting);
      const out: number[] = [];
      const note = (taken: { readonly item: number } | undefined) => {
        if (taken !== undefined) out.push(taken.item);
      };
      for (const step of steps)
        if (step === 'late') for (const one of queue.takeBefore(9, 5)) note(one);
        else note(step === 'longest' ? queue.takeFromLongest() : queue.take(step === 'newest'));
      const gone = new Set(out);
      expect(gone.size).toBe(out.length);
      const rest = waiting.reduce((sum, { weight }, item) => sum + (gone.has(item) ? 0 : weight), 0);
      expect(queue.weight).toBe(rest);
      for (let next = queue.take(false); next !== undefined; next = queue.take(false)) note(next);
      expect(new Set(out).size).toBe(waiting.length);
    }),
  );
});

test('room is made at the cost of the client of whom most waits', () => {
  const queue = filled([
    ...Array.from({ length: 3 }, () => ({ client: 'much', weight: 9 })),
    ...Array.from({ length: 8 }, () => ({ client: 'little', weight: 1 })),
  ]);
  expect(queue.takeFromLongest()).toMatchObject({ client: 'much', item: 2 });
});
