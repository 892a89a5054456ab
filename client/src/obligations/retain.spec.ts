/** Every copy goes in time. */
import { array, assert, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retain } from './retain.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 29);

describe('a copy', () => {
  it('may be kept to the last millisecond of its days, and must then be deleted', () => {
    const copy = { readAt: NOW };
    expect(retain([copy], { days: 90, now: NOW + 90 * DAY - 1 })).toEqual({ keep: [copy], remove: [] });
    expect(retain([copy], { days: 90, now: NOW + 90 * DAY })).toEqual({ keep: [], remove: [copy] });
  });

  it('is either kept or deleted, and never kept again later', () => {
    const copies = array(record({ readAt: integer({ min: NOW - 200 * DAY, max: NOW }) }));
    assert(
      property(
        copies,
        integer({ min: 1, max: 150 }),
        integer({ min: 0, max: 100 * DAY }),
        (all, days, later) => {
          const { keep, remove } = retain(all, { days, now: NOW });
          expect(new Set([...keep, ...remove])).toEqual(new Set(all));
          expect(keep.length + remove.length).toBe(all.length);
          const then = retain(all, { days, now: NOW + later });
          for (const copy of remove) expect(then.remove).toContain(copy);
        },
      ),
    );
  });

  it('of data that is read again has a clock of its own', () => {
    const [old, fresh] = [{ readAt: NOW - 90 * DAY }, { readAt: NOW - DAY }];
    expect(retain([old, fresh], { days: 90, now: NOW })).toEqual({ keep: [fresh], remove: [old] });
  });

  it('that says another time each time it is asked is either kept or deleted', () => {
    let times = 0;
    const copy = {
      get readAt() {
        return times++ % 2 === 0 ? NOW - 90 * DAY : NOW;
      },
    };
    const { keep, remove } = retain([copy], { days: 90, now: NOW });
    expect([...keep, ...remove]).toEqual([copy]);
  });

  it('is a record in a list, or nothing is said of it', () => {
    for (const copies of ['null', '"ab"', '[null]', '[7]'])
      expect(() => retain(JSON.parse(copies), { days: 90, now: NOW })).toThrow(
        expect.objectContaining({ code: 'bad_input' }),
      );
  });

  it('is not kept by a clock that is wrong or a number that is none', () => {
    expect(() => retain([{ readAt: NOW + 1 }], { days: 90, now: NOW })).toThrow(
      expect.objectContaining({ code: 'clock' }),
    );
    // in seconds, 90 days would never be over
    const seconds = NOW / 1000;
    expect(() => retain([{ readAt: seconds }], { days: 90, now: NOW })).toThrow('`readAt` is before');
    expect(() => retain([{ readAt: seconds }], { days: 90, now: seconds })).toThrow('`now` is before');
    for (const wrong of [Number.NaN, Infinity, -1, 0.5]) {
      expect(() => retain([{ readAt: wrong }], { days: 90, now: NOW })).toThrow(
        '`readAt` is no whole number',
      );
      expect(() => retain([], { days: 90, now: wrong })).toThrow('`now` is no whole number');
      expect(() => retain([], { days: wrong, now: NOW })).toThrow('`days` is no whole number');
    }
  });
});
