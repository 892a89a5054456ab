import { expect, it } from 'vitest';
import type { Machine } from '../../fleet/machine.js';
import { cacheTermsOf, termsOf } from '../../fleet/terms.js';
import { Caches } from './caches.js';

const TERMS = termsOf(2_000);
const { outlived, hold } = cacheTermsOf(TERMS);
const HOLDER = { id: 'ads', purposes: new Set(['ads.personalised']) };

/** A clock that stands until it is moved on. */
class StillMachine implements Machine {
  private now = 0;
  private readonly waiting = new Set<{ readonly at: number; readonly work: () => void }>();
  readonly clocks = () => ({ monotonic: this.now, wall: this.now });

  readonly later = (ms: number, work: () => void) => {
    const one = { at: this.now + ms, work };
    this.waiting.add(one);
    return () => void this.waiting.delete(one);
  };

  /** Lets so many milliseconds pass. */
  pass(ms: number): void {
    this.now += ms;
    for (const one of this.waiting)
      if (one.at <= this.now) {
        this.waiting.delete(one);
        one.work();
      }
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function isOver(wait: Promise<void> | undefined): Promise<boolean> {
  let over = wait === undefined;
  void wait?.then(() => (over = true));
  await turn();
  return over;
}

it('nothing waits where no cache is, and a change waits for the one that there is', async () => {
  const machine = new StillMachine();
  const caches = new Caches(TERMS, machine, () => Infinity);
  caches.touch('u-1');
  expect(caches.haveDropped()).toBeUndefined();
  const { id, sequence } = await caches.attach(HOLDER);
  const asked = caches.next(id, HOLDER, sequence);
  caches.touch('u-1');
  const wait = caches.haveDropped();
  const told = await asked;
  expect(told.touched).toEqual(new Set(['u-1']));
  expect(await isOver(wait)).toBe(false);
  void caches.next(id, HOLDER, told.sequence);
  expect(await isOver(wait)).toBe(true);
});

it('a change waits for a cache that says nothing until its lease has certainly ended, and then its client stays out for a while', async () => {
  const machine = new StillMachine();
  const caches = new Caches(TERMS, machine, () => Infinity);
  const { id, sequence } = await caches.attach(HOLDER);
  caches.touch();
  const wait = caches.haveDropped();
  machine.pass(outlived - 1);
  expect(await isOver(wait)).toBe(false);
  machine.pass(1);
  expect(await isOver(wait)).toBe(true);
  await expect(caches.next(id, HOLDER, sequence)).rejects.toMatchObject({ code: 'cache_not_found' });
  await expect(caches.attach(HOLDER)).rejects.toMatchObject({ code: 'cache_refused' });
  machine.pass(2 * outlived);
  expect(await caches.attach(HOLDER)).toMatchObject({ touched: 'everybody' });
});

it('a lease is never longer than what the process has left of its own, and without one none is given', async () => {
  let left = 300;
  const caches = new Caches(TERMS, new StillMachine(), () => left);
  expect(await caches.attach(HOLDER)).toMatchObject({ lease: 300 });
  left = 0;
  await expect(caches.attach(HOLDER)).rejects.toMatchObject({ code: 'cache_refused' });
});

it('a process that follows one that was killed confirms nothing before the leases of that have ended', async () => {
  const machine = new StillMachine();
  const caches = new Caches(TERMS, machine, () => Infinity);
  caches.outlive(500);
  caches.touch('u-1');
  const wait = caches.haveDropped();
  machine.pass(499);
  expect(await isOver(wait)).toBe(false);
  machine.pass(1);
  expect(await isOver(wait)).toBe(true);
});

it('no other client can speak for a cache, nor the same one with other purposes', async () => {
  const caches = new Caches(TERMS, new StillMachine(), () => Infinity);
  const { id, sequence } = await caches.attach(HOLDER);
  for (const other of [
    { ...HOLDER, id: 'other' },
    { ...HOLDER, purposes: new Set<string>() },
  ]) {
    expect(caches.holds(id, other)).toBe(false);
    await expect(caches.next(id, other, sequence)).rejects.toMatchObject({ code: 'cache_not_found' });
    caches.detach(id, other);
  }
  expect(caches.holds(id, HOLDER)).toBe(true);
});

const wholeLease = outlived - 1;

/** A cache that has been told that somebody was touched, and what waits for it. */
async function awaited(caches: Caches) {
  const { id, sequence } = await caches.attach(HOLDER);
  const asked = caches.next(id, HOLDER, sequence);
  caches.touch('u-1');
  const wait = caches.haveDropped();
  return { id, wait, before: sequence, told: await asked };
}

it('a change waits for one lease at most, however often a cache says what it said before, or what it was not told', async () => {
  for (const wrong of ['before', 'after'] as const) {
    const machine = new StillMachine();
    const caches = new Caches(TERMS, machine, () => Infinity);
    const { id, wait, before, told } = await awaited(caches);
    caches.touch('u-2');
    machine.pass(wholeLease);
    await expect(
      caches.next(id, HOLDER, wrong === 'before' ? before : told.sequence + 1),
    ).rejects.toMatchObject({ code: 'cache_not_found' });
    expect(await isOver(wait)).toBe(false);
    machine.pass(1);
    expect(await isOver(wait)).toBe(true);
  }
});

it.each(['acknowledges', 'is detached'] as const)(
  'a client whose cache %s just before its lease ends keeps no second change waiting so, with no cache that it has',
  async (end) => {
    const machine = new StillMachine();
    const caches = new Caches(TERMS, machine, () => Infinity);
    const { id, wait, told } = await awaited(caches);
    const other = await caches.attach(HOLDER);
    machine.pass(wholeLease);
    if (end === 'is detached') caches.detach(id, HOLDER);
    else expect(await caches.next(id, HOLDER, told.sequence)).toMatchObject({ lease: 0 });
    expect(await isOver(wait)).toBe(true);
    await expect(caches.attach(HOLDER)).rejects.toMatchObject({ code: 'cache_refused' });
    expect(await caches.next(other.id, HOLDER, other.sequence)).toMatchObject({ lease: 0 });
    machine.pass(1);
    caches.touch('u-3');
    expect(caches.haveDropped()).toBeUndefined();
  },
);

it('a client that takes as long as a distant one may is let go on', async () => {
  const machine = new StillMachine();
  const caches = new Caches(TERMS, machine, () => Infinity);
  const { id, told } = await awaited(caches);
  machine.pass(hold);
  void caches.next(id, HOLDER, told.sequence);
  expect(await caches.attach(HOLDER)).toMatchObject({ touched: 'everybody' });
});

it('a process that ends tells its caches to drop everything, and is not gone before they are', async () => {
  const caches = new Caches(TERMS, new StillMachine(), () => Infinity);
  const { id, sequence } = await caches.attach(HOLDER);
  const asked = caches.next(id, HOLDER, sequence);
  const closed = caches.close();
  expect(await asked).toMatchObject({ lease: 0, touched: 'everybody' });
  expect(await isOver(closed)).toBe(false);
  caches.detach(id, HOLDER);
  expect(await isOver(closed)).toBe(true);
});
