import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { FairQueue, MOST_WEIGHT } from './fair-queue.js';

const arrivals = array(
  record({ client: constantFrom('a', 'b', 'c', 'd'), weight: integer({ min: 1, max: MOST_WEIGHT }) }),
  { minLength: 1, maxLength: 200 },
);

const arrivalsOfAll = array(
  record({
    client: constantFrom('a', 'b', 'A', 'B', 'C'),
    weight: integer({ min: 1, max: MOST_WEIGHT }),
  }),
  { minLength: 1, maxLength: 200 },
);

type Drawn = { readonly client: string; readonly weight: number };

/** Clients in capitals are strangers. */
function filled(waiting: readonly Drawn[]): FairQueue<number> {
  const queue = new FairQueue<number>();
  for (const [item, { client, weight }] of waiting.entries())
    queue.add({ item, client, isStranger: client < 'a', weight, since: item });
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

/** The things of each client alone, in turn, as they are taken. */
function takenOf(queue: FairQueue<number>, count: number): Map<string, number> {
  const taken = new Map<string, number>();
  for (let place = 0; place < count; place++) {
    const { client } = queue.take(false) ?? expect.unreachable();
    taken.set(client, (taken.get(client) ?? 0) + 1);
  }
  return taken;
}

const manyOf = (client: string, count: number, weight = 1): Drawn[] =>
  Array.from({ length: count }, () => ({ client, weight }));

test('all strangers together get what one client gets, and each of them as much of it', () => {
  const queue = filled(['A', 'B', 'C', 'a', 'b'].flatMap((client) => manyOf(client, 100)));
  expect(Object.fromEntries(takenOf(queue, 90))).toEqual({ A: 10, B: 10, C: 10, a: 30, b: 30 });
});

test('what came in comes out once, by whatever way, and the weight is that of what is left', () => {
  const ways = array(constantFrom('oldest', 'newest', 'late', 'longest'), { maxLength: 300 });
  assert(
    property(arrivalsOfAll, ways, (waiting, steps) => {
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

test('nobody loses their only one while others have several, or are strangers of whom several wait', () => {
  const alone = { client: 'alone', weight: 20 };
  const several = filled([alone, ...manyOf('much', 2)]);
  expect(several.takeFromLongest()).toMatchObject({ client: 'much', item: 2 });
  const strangers = filled([alone, ...['A', 'B', 'C'].flatMap((client) => manyOf(client, 1))]);
  expect(strangers.takeFromLongest()?.client).toMatch(/[ABC]/);
  expect(strangers.takeFromLongest()?.client).toMatch(/[ABC]/);
});

test('of strangers, room is made at the cost of whom of them most waits', () => {
  const queue = filled([...manyOf('A', 1, 20), ...manyOf('B', 3, 4), ...manyOf('a', 2, 4)]);
  expect(queue.takeFromLongest()).toMatchObject({ client: 'B', item: 3 });
});
