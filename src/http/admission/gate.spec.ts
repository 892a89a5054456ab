import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gate } from './gate.js';
import type { Kind } from './kinds.js';
import { EACH_MS, LEAST_MS, LOOK_MS } from './resting.js';

/** What a decision takes, and to read a request, in milliseconds. */
const ANSWER_MS = 0.05;
const READ_MS = 0.01;
const SHORTEST_MS = 5;

type Ask = { readonly at: number; readonly client: string; readonly kind: Kind; readonly weight: number };
type Answered = Ask & { readonly after: number };

/** A process that does nothing but this, on a clock that its work moves. */
class World {
  now = 0;
  readonly answered: Answered[] = [];
  readonly refused: Ask[] = [];
  /** Whose last refusal let them rest. */
  readonly resting = new Set<string>();
  most = 0;
  private turns: (() => void)[] = [];
  private readonly later: (() => void)[] = [];
  readonly gate = new Gate<Ask>(SHORTEST_MS, {
    now: () => this.now,
    nextTurn: (then) => this.turns.push(then),
    soon: (then) => this.later.push(then),
    answer: (ask) => {
      this.now += ANSWER_MS * ask.weight;
      this.answered.push({ ...ask, after: this.now - ask.at });
    },
    refuse: (ask, rests) => {
      this.now += READ_MS;
      this.refused.push(ask);
      if (rests) this.resting.add(ask.client);
      else this.resting.delete(ask.client);
    },
  });

  run(asks: readonly Ask[], isLate = (_ask: Ask, _world: this) => false): this {
    const due = asks.toSorted((one, other) => one.at - other.at);
    let next = 0;
    while (next < due.length || this.turns.length > 0) {
      if (this.turns.length === 0) this.now = Math.max(this.now, due[next]?.at ?? 0);
      // those that come while others are read are read in the next turn
      for (const end = this.now; (due[next]?.at ?? Infinity) <= end; next++) {
        const ask = due[next];
        if (ask === undefined) break;
        this.now += READ_MS;
        const { kind, weight, client } = ask;
        const sender = () => ({ name: client, isKnown: !client.startsWith('at ') });
        this.gate.arrive({ item: ask, kind, weight, sender, isLate: () => isLate(ask, this) });
        this.most = Math.max(this.most, this.gate.waiting);
      }
      const turns = this.turns;
      this.turns = [];
      for (const turn of turns) turn();
      for (let then = this.later.shift(); then !== undefined; then = this.later.shift()) then();
    }
    return this;
  }

  answersOf(client: string, from = 0): Answered[] {
    return this.answered.filter((one) => one.client === client && one.at >= from);
  }
}

function asking(
  client: string,
  perSecond: number,
  seconds: number,
  kind: Kind = 'decision',
  weight = 1,
): Ask[] {
  const count = perSecond * seconds;
  return Array.from({ length: count }, (_, place) => ({
    at: (place * 1_000) / perSecond,
    client,
    kind,
    weight,
  }));
}

function quantile(answers: readonly Answered[], share: number): number {
  const times = answers.map(({ after }) => after).toSorted((one, other) => one - other);
  return times[Math.floor(times.length * share)] ?? Infinity;
}

/** Three times of what it can do, where refusals cost nothing but their reading: 20,000 a second. */
const FLOOD = 30_000;
/** When it is known that there is too much. */
const KNOWN_MS = 300;

describe('while a client asks for more than can be done', () => {
  const world = new World().run([
    ...asking('flood', FLOOD, 2),
    ...asking('quiet', 50, 2),
    ...asking('person', 100, 2, 'critical', 4),
    ...asking('reader', 200, 2, 'other', 4),
  ]);

  test('what it is answered comes soon, and the rest is refused', () => {
    const answers = world.answersOf('flood', KNOWN_MS);
    expect(answers.length).toBeGreaterThan(10_000);
    expect(quantile(answers, 0.99)).toBeLessThan(2 * SHORTEST_MS);
    expect(world.refused.length).toBeGreaterThan(10_000);
  });

  test('one that asks for little is answered everything, and soon', () => {
    expect(world.answersOf('quiet')).toHaveLength(100);
    expect(quantile(world.answersOf('quiet', KNOWN_MS), 1 - Number.EPSILON)).toBeLessThan(2 * SHORTEST_MS);
  });

  test('nothing that people say is refused', () => {
    expect(world.answersOf('person')).toHaveLength(200);
  });

  test('everything else goes on a little', () => {
    expect(world.answersOf('reader', KNOWN_MS).length).toBeGreaterThan(50);
  });
});

test('what people say is taken while the rest of them floods it with reads', () => {
  const world = new World().run([
    ...asking('flood', 5_000, 1, 'other', 4),
    ...asking('person', 100, 1, 'critical', 4),
  ]);
  expect(world.answersOf('person')).toHaveLength(100);
  expect(world.refused.every(({ kind }) => kind === 'other')).toBe(true);
});

test('of what people say, the first to come is the first to be done', () => {
  const world = new World().run([...asking('flood', FLOOD, 1), ...asking('people', 6_000, 1, 'critical', 4)]);
  const times = world.answersOf('people').map(({ at }) => at);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(times.length).toBeGreaterThan(1_000);
});

describe.each([1, 1_500])('while strangers at %i addresses flood it with what people say', (addresses) => {
  const flood = asking('', 15_000, 2, 'critical', 4).map((ask, place) => ({
    ...ask,
    client: `at ${place % addresses}`,
  }));

  test.each([5, 20])('all is taken of somebody known, where each weighs %i', (weight) => {
    const world = new World().run([...flood, ...asking('person', 20, 2, 'critical', weight)]);
    expect(world.refused.length).toBeGreaterThan(1_000);
    expect(world.answersOf('person')).toHaveLength(40);
    expect(quantile(world.answersOf('person'), 1 - Number.EPSILON)).toBeLessThan(1_000);
  });

  test('many who are known keep it for themselves, but for what one of them gets', () => {
    const known = Array.from({ length: 9 }, (_, at) => asking(`service-${at}`, 2_000, 1, 'critical', 4));
    const world = new World().run([...flood.filter(({ at }) => at < 1_000), ...known.flat()]);
    const done = world.answered.filter(({ at, after }) => at + after > KNOWN_MS && at + after < 1_000);
    const strange = done.filter(({ client }) => client.startsWith('at '));
    expect(strange.length / done.length).toBeGreaterThan(0.05);
    expect(strange.length / done.length).toBeLessThan(0.15);
  });
});

test('of strangers, one at another address than the flood is answered', () => {
  const world = new World().run([
    ...asking('at 1', 15_000, 1, 'critical', 4),
    ...asking('at 2', 20, 1, 'critical', 4),
  ]);
  expect(world.answersOf('at 2')).toHaveLength(20);
});

test('decisions are answered while somebody floods it with what people say', () => {
  const world = new World().run([...asking('flood', 10_000, 2, 'critical', 4), ...asking('asks', 2_000, 2)]);
  expect(world.answersOf('asks', KNOWN_MS).length).toBeGreaterThan(0.9 * 2_000 * 1.7);
});

test('of a hundred who all ask too much each gets about the same, and one more who asks for little all of it', () => {
  const many = Array.from({ length: 100 }, (_, at) => asking(`flood-${at}`, FLOOD / 100, 2));
  const world = new World().run([...many.flat(), ...asking('quiet', 20, 2)]);
  const shares = many.map((_, at) => world.answersOf(`flood-${at}`, KNOWN_MS).length);
  expect(Math.min(...shares)).toBeGreaterThan(Math.max(...shares) / 2);
  expect(world.answersOf('quiet')).toHaveLength(40);
});

test('large and small questions get the same of its time', () => {
  const world = new World().run([...asking('large', 4_000, 2, 'decision', 16), ...asking('small', FLOOD, 2)]);
  const time = (client: string) =>
    world.answersOf(client, KNOWN_MS).reduce((sum, { weight }) => sum + weight, 0);
  expect(time('large') / time('small')).toBeGreaterThan(0.5);
  expect(time('large') / time('small')).toBeLessThan(2);
});

test('many at once are all answered, if nothing follows', () => {
  const world = new World().run(
    Array.from({ length: 1_000 }, () => ({ at: 0, client: 'c', kind: 'decision', weight: 1 })),
  );
  expect(world.refused).toEqual([]);
  expect(world.gate.isOverloaded).toBe(false);
});

test('once nobody asks too much any more, all is as before', () => {
  const world = new World().run([...asking('flood', FLOOD, 1), ...asking('later', 100, 8)]);
  expect(world.answersOf('later')).toHaveLength(800);
  expect(world.gate.isOverloaded).toBe(false);
  expect(world.gate.waiting).toBe(0);
});

test('what waited where nobody could see it is refused to those who were refused before, and to nobody else', () => {
  const flood = asking('flood', FLOOD, 1);
  const quiet = asking('quiet', 50, 1);
  const world = new World().run([...flood, ...quiet], ({ at }) => at >= 900);
  expect(world.answersOf('flood', 900)).toEqual([]);
  expect(world.answersOf('quiet')).toHaveLength(50);
});

test('who sends again as soon as they were refused is answered once there is not too much any more', () => {
  const flood = asking('flood', FLOOD, 1);
  const again = asking('flood', 100, 8).map((ask) => ({ ...ask, at: ask.at + 1_000 }));
  const world = new World().run(
    [...flood, ...again],
    ({ at, client }, { resting }) => at >= 1_000 && resting.has(client),
  );
  expect(world.answersOf('flood', 1_200).length).toBeGreaterThan(770);
});

/**
 * Connections on each of which something is sent again at once, whatever was answered; they rest when the gate says so.
 *
 * @param left how many go on for as long again, when the others send no more
 */
function sendingAgain(connections: number, milliseconds: number, left: number) {
  let now = 0;
  let turns: (() => void)[] = [];
  const later: (() => void)[] = [];
  const answers: { at: number; after: number; connection: number }[] = [];
  let sent = Array.from({ length: connections }, (_, connection) => ({ connection, at: 0, isLate: false }));
  const resting: { connection: number; at: number; until: number }[] = [];
  let looked = 0;
  const goesOn = (connection: number) => now < milliseconds || connection < left;
  const again = (connection: number) => {
    if (goesOn(connection)) sent.push({ connection, at: now, isLate: false });
  };
  const gate = new Gate<{ connection: number; at: number }>(SHORTEST_MS, {
    now: () => now,
    nextTurn: (then) => turns.push(then),
    soon: (then) => later.push(then),
    answer: ({ connection, at }) => {
      now += ANSWER_MS;
      answers.push({ at, after: now - at, connection });
      again(connection);
    },
    refuse: ({ connection }, rests) => {
      now += ANSWER_MS;
      if (!rests) return again(connection);
      const until = Math.max(now + LEAST_MS, (resting.at(-1)?.until ?? 0) + EACH_MS);
      if (goesOn(connection)) resting.push({ connection, at: now, until });
    },
  });
  while (now < milliseconds * 2) {
    if (sent.length === 0 && turns.length === 0) now += 1;
    const isLook = now - looked >= LOOK_MS;
    if (isLook) looked = now;
    const due = isLook ? resting.filter(({ until }) => until <= now).length : 0;
    const awake = resting.splice(0, due);
    const read = [...sent, ...awake.map((one) => ({ ...one, isLate: true }))];
    sent = [];
    for (const { connection, at, isLate } of read) {
      now += READ_MS;
      const sender = () => ({ name: 'flood', isKnown: true });
      gate.arrive({ item: { connection, at }, kind: 'decision', weight: 1, sender, isLate: () => isLate });
    }
    const ended = turns;
    turns = [];
    for (const turn of ended) turn();
    for (let then = later.shift(); then !== undefined; then = later.shift()) then();
  }
  return { answers, gate };
}

test('while somebody sends again at once on many connections, those that are answered are soon, for as long as it lasts', () => {
  const { answers: all } = sendingAgain(2_000, 20_000, 0);
  const answers = all.filter(({ at }) => at > 1_000 && at < 20_000);
  const times = answers.map(({ after }) => after).toSorted((one, other) => one - other);
  expect(answers.length).toBeGreaterThan((0.8 * 19_000) / (ANSWER_MS + READ_MS));
  expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(8);
});

test('once there is not too much any more, all who send again at once are answered within seconds', () => {
  const { answers, gate } = sendingAgain(2_000, 8_000, 40);
  const last = answers.filter(({ at }) => at > 11_000);
  expect(new Set(last.map(({ connection }) => connection)).size).toBe(40);
  expect(gate.isOverloaded).toBe(false);
});

test('who asked for too much once is not refused for it as long as others do', () => {
  const world = new World().run(
    [
      ...asking('flood', FLOOD, 8),
      ...Array.from({ length: 200 }, () => ({
        at: 500,
        client: 'once',
        kind: 'decision' as const,
        weight: 1,
      })),
      ...asking('once', 20, 2).map((ask) => ({ ...ask, at: ask.at + 6_000 })),
    ],
    ({ at, client }) => client === 'once' && at > 6_000,
  );
  expect(world.refused.some(({ client }) => client === 'once')).toBe(true);
  expect(world.answersOf('once', 6_000)).toHaveLength(40);
});

test('each is answered or refused, once, and what waits is bounded, whatever comes', () => {
  const ask = record({
    at: integer({ min: 0, max: 400 }),
    client: constantFrom('a', 'b', 'c'),
    kind: constantFrom<Kind>('critical', 'decision', 'other'),
    weight: integer({ min: 1, max: 64 }),
    times: integer({ min: 1, max: 400 }),
  });
  assert(
    property(array(ask, { maxLength: 30 }), (bursts) => {
      const asks = bursts.flatMap(({ times, ...one }) => Array.from({ length: times }, () => ({ ...one })));
      const world = new World().run(asks);
      expect(world.answered.length + world.refused.length).toBe(asks.length);
      expect(world.gate.waiting).toBe(0);
      expect(world.most).toBeLessThanOrEqual(12_000);
      const { critical, decision, other } = world.gate.refused;
      expect(critical + decision + other).toBe(world.refused.length);
    }),
    { numRuns: 30 },
  );
});
