/** Members of an extract are who was put in, each with all that was put in of them, in memory and in bytes. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemberNames } from '../../src/extracts/member-names.js';
import { type MemberSet, Members, decodeMembers, encodeMembers } from '../../src/extracts/members.js';
import { times } from '../times.js';

const FIELDS = ['a', 'b', 'c'];
const MOST = 2 ** 32 - 1;

const numbers = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 65_500, max: 65_600 }),
  fc.integer({ min: MOST - 3, max: MOST }),
);
const sets = fc.array(
  fc.record({
    fields: fc.subarray(FIELDS, { minLength: 1 }),
    users: fc
      .uniqueArray(numbers, { minLength: 1, maxLength: 20 })
      .map((users) => Uint32Array.from(users).toSorted()),
  }),
  { maxLength: 8 },
);

/** Who has which fields, as one would write it down. */
function plain(all: readonly MemberSet[]): Map<number, string> {
  const held = new Map<number, Set<string>>();
  for (const { fields, users } of all)
    for (const user of users) held.set(user, new Set([...(held.get(user) ?? []), ...fields]));
  return new Map([...held].map(([user, fields]) => [user, [...fields].toSorted().join()]));
}

function membersOf(all: readonly MemberSet[]): Members {
  const members = new Members(FIELDS);
  for (const set of all) members.add(set);
  return members;
}

const setsIn = (members: Members) => members.ranges.flatMap((range) => members.in(range));

describe('members', () => {
  it('are who was put in, each once, with all of their fields', () => {
    fc.assert(
      fc.property(sets, (all) => {
        const members = membersOf(all);
        const expected = plain(all);
        const found = setsIn(members);
        expect(plain(found)).toEqual(expected);
        expect(found.reduce((sum, { users }) => sum + users.length, 0)).toBe(expected.size);
        for (const [user, fields] of expected)
          expect(members.fieldsOf(members.kindOf(user)).join()).toBe(fields);
        expect(members.fieldsOf(members.kindOf(41))).toEqual([]);
      }),
      { numRuns: times(2_000, 80) },
    );
  });

  it('are the same in bytes', () => {
    fc.assert(
      fc.property(sets, (all) => {
        expect(plain(decodeMembers(FIELDS, encodeMembers(FIELDS, all)))).toEqual(plain(all));
      }),
      { numRuns: times(2_000, 80) },
    );
  });

  it('take at most two bytes each where a million were taken of ten', () => {
    const users = Uint32Array.from({ length: 1_000_000 }, (_, at) => at * 10 + ((at * 7_919) % 10) + 1);
    const found = setsIn(membersOf([{ fields: ['a'], users }]));
    const bytes = found.reduce((sum, set) => sum + encodeMembers(FIELDS, [set]).length, 0);
    expect(bytes).toBeLessThan(2 * users.length);
  });
});

describe('handles', () => {
  const secretOf = (at: number) => Buffer.alloc(32, at);

  it('differ within an extract, and between two, and are the same each time', () => {
    const all = [1, 2, 255, 256, MOST];
    const handles = [1, 2].flatMap((secret) => {
      const handleAt = new MemberNames(secretOf(secret)).ofMany(Uint32Array.from(all), all.length);
      return all.map((_, at) => handleAt(at));
    });
    expect(new Set(handles).size).toBe(2 * all.length);
    expect(handles.slice(0, all.length)).toEqual(all.map((one) => new MemberNames(secretOf(1)).of(one)));
    for (const handle of handles) expect(handle).toMatch(/^[\w-]{22}$/);
  });
});
