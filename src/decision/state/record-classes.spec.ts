import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  AGE_BANDS,
  CHOICES,
  type ConsentChange,
  EMPTY_RECORD,
  type UserRecord,
  applyChange,
} from '../consent-event.js';
import { MAX_CHOICES, RecordClasses } from './record-classes.js';

// much is tried, on machines that may be busy
vi.setConfig({ testTimeout: 60_000 });

const PURPOSES = ['ads', 'ads.personalised', 'ai', '', 'constructor'];

const change: fc.Arbitrary<ConsentChange> = fc.oneof(
  fc.record({
    kind: fc.constant('profile' as const),
    region: fc.constantFrom('DE', 'US-CA', null),
    ageBand: fc.constantFrom(...AGE_BANDS),
  }),
  fc.record({
    kind: fc.constant('choice' as const),
    purpose: fc.constantFrom(...PURPOSES),
    choice: fc.constantFrom(...CHOICES),
    notice: fc.constantFrom(0, 1, 2, 16_383),
    signal: fc.boolean(),
  }),
  fc.constant({ kind: 'signal' as const, signal: 'gpc' as const }),
);
const changes = fc.array(fc.record({ user: fc.nat(5), change, leaves: fc.nat(9) }), { maxLength: 80 });

/** The same text for the same record, whatever order its choices were made in. */
function textOf({ choices, signals, ...rest }: UserRecord): string {
  return JSON.stringify([rest, [...choices].sort(([a], [b]) => (a < b ? -1 : 1)), [...signals]]);
}

describe('classes', () => {
  it('keep every user’s record, share one among those who said the same, and hold no other', () => {
    fc.assert(
      fc.property(changes, fc.nat(80), fc.nat(80), (all, heldFrom, heldTo) => {
        const classes = new RecordClasses([1, 2]);
        const users = new Map<number, { id: number; record: UserRecord }>();
        all.forEach(({ user, change, leaves }, turn) => {
          if (turn === heldFrom) classes.hold();
          if (turn === heldTo) classes.release();
          const before = users.get(user);
          if (leaves === 0 && before !== undefined) {
            classes.leave(before.id);
            users.delete(user);
          } else {
            const record = applyChange(before?.record ?? EMPTY_RECORD, change);
            const known = [...users.values()].some((other) => textOf(other.record) === textOf(record));
            const { id, fresh } = classes.move(before?.id ?? 0, change);
            expect(fresh).toBe(!known);
            users.set(user, { id, record });
          }
          for (const { id, record } of users.values())
            expect(textOf(classes.recordOf(id))).toBe(textOf(record));
          const used = Array.from({ length: classes.end }, (_, id) => id).filter((id) => classes.isUsed(id));
          expect(used).toEqual([...new Set([...users.values()].map(({ id }) => id))].sort((a, b) => a - b));
          expect(used.length).toBe(new Set([...users.values()].map(({ record }) => textOf(record))).size);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('use the number of a class again that was given up', () => {
    const classes = new RecordClasses([1, 2]);
    const { id } = classes.move(0, { kind: 'profile', region: 'DE', ageBand: 'adult' });
    classes.leave(id);
    expect(classes.move(0, { kind: 'profile', region: 'FR', ageBand: 'minor' })).toEqual({ id, fresh: true });
    expect(classes.recordOf(id)).toMatchObject({ region: 'FR', ageBand: 'minor' });
  });

  it('keep the record of a number while they are held', () => {
    const classes = new RecordClasses([1, 2]);
    const { id } = classes.move(0, { kind: 'profile', region: 'DE', ageBand: 'adult' });
    classes.hold();
    classes.leave(id);
    for (const region of ['FR', 'GB', 'US'])
      classes.leave(classes.move(0, { kind: 'profile', region, ageBand: 'adult' }).id);
    expect(classes.recordOf(id).region).toBe('DE');
    classes.release();
    // each later departure gives two up
    const { end } = classes;
    for (let count = 0; count < 4; count++)
      classes.leave(classes.move(0, { kind: 'signal', signal: 'gpc' }).id);
    for (const region of ['BR', 'IN', 'JP', 'CA'])
      classes.move(0, { kind: 'profile', region, ageBand: 'adult' });
    expect(classes.end).toBeLessThanOrEqual(end + 1);
  });

  it('give a class up once, however often it was without users while they were held', () => {
    const classes = new RecordClasses([1, 2]);
    const join = (region: string) => classes.move(0, { kind: 'profile', region, ageBand: 'adult' }).id;
    classes.hold();
    for (let count = 0; count < 3; count++) classes.leave(join('DE'));
    classes.release();
    for (let count = 0; count < 4; count++) classes.leave(join('FR'));
    const regions = ['BR', 'IN', 'JP', 'CA'];
    const ids = regions.map(join);
    expect(new Set(ids).size).toBe(4);
    expect(ids.map((id) => classes.recordOf(id).region)).toEqual(regions);
  });

  it('do not grow by records that come and go', () => {
    const classes = new RecordClasses([1, 2]);
    let seed = 7;
    const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const users: number[] = Array.from({ length: 200 }, () => 0);
    const churn = () => {
      for (let count = 0; count < 60_000; count++) {
        const user = next(users.length);
        const purpose = `p${next(12)}`;
        const choice = CHOICES[next(2)] ?? 'denied';
        users[user] = classes.move(users[user] ?? 0, {
          kind: 'choice',
          purpose,
          choice,
          notice: next(3),
          signal: false,
        }).id;
      }
      return classes.bytes;
    };
    const before = churn();
    expect(Math.max(churn(), churn(), churn())).toBeLessThan(before * 1.1);
    expect(classes.end).toBeLessThan(210);
  });

  it('refuse what a record cannot hold, and stay as they were', () => {
    const classes = new RecordClasses([1, 2]);
    let { id } = classes.move(0, { kind: 'profile', region: 'DE', ageBand: 'adult' });
    for (let number = 0; number < MAX_CHOICES; number++)
      id = classes.move(id, {
        kind: 'choice',
        purpose: `p${number}`,
        choice: 'granted',
        notice: number,
        signal: false,
      }).id;
    const before = textOf(classes.recordOf(id));
    for (const notice of [-1, 32_768, Number.NaN])
      expect(() =>
        classes.move(id, { kind: 'choice', purpose: 'p1', choice: 'granted', notice, signal: false }),
      ).toThrow(RangeError);
    expect(() =>
      classes.move(id, { kind: 'choice', purpose: 'more', choice: 'denied', notice: 0, signal: false }),
    ).toThrow(/at most 1000 choices/);
    expect(textOf(classes.recordOf(id))).toBe(before);
    // what it has can still change
    id = classes.move(id, { kind: 'choice', purpose: 'p999', choice: 'denied', notice: 0, signal: false }).id;
    expect(classes.recordOf(id).choices.get('p999')).toEqual({ choice: 'denied', notice: 0, signal: false });
  });

  it('tell more regions apart than fit into two bytes', () => {
    const classes = new RecordClasses([1, 2]);
    let id = 0;
    for (let number = 0; number < 70_000; number++)
      id = classes.move(id, { kind: 'profile', region: `R${number}`, ageBand: 'adult' }).id;
    expect(classes.recordOf(id).region).toBe('R69999');
    id = classes.move(id, { kind: 'profile', region: 'R4464', ageBand: 'adult' }).id;
    expect(classes.recordOf(id).region).toBe('R4464');
  });
});
