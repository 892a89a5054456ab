import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Roller } from '../../src/ledger/roller.js';
import { Members, bucketOf } from '../../src/ledger/members.js';
import { termOf, termTexts } from '../../src/ledger/term.js';
import { LATEST } from '../../src/ledger/user-uses.js';
import {
  BUCKETS,
  type Counted,
  DIVISIONS,
  type KeptAccess,
  type KeptLookup,
  type RolledUp,
  type TotalsWanted,
  type UseBucket,
  type UseStore,
} from '../../src/ledger/uses.store.js';
import type { RecordEntry } from '../../src/record/record-entry.js';
import { DAY_MS, dayText } from '../../src/time.js';
import { MemoryFailedVerificationStore } from '../memory/memory-failed-verifications.store.js';
import { ledgerOf, peopleIn, peopleOf, usesIn } from '../property/ledger/rolled.js';
import { listener, newFolder, opened } from '../property/record/folders.js';
import { take } from '../property/record/records.js';

export type OpenUseStore = {
  readonly store: UseStore;
  /** Says up to which number the log has given numbers to users. */
  readonly gives: (number: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

const DAY = 20_000;
const MORNING = DAY * DAY_MS + 3_600_000;

const ASKED = { client: 'ads', request: 'r', policy: 'p', revision: 1, actor: 'automated' } as const;

function decided(at: number, persons: readonly number[], client = 'ads'): RecordEntry {
  const decisions = persons.map((person) => ({
    purpose: 'ads',
    field: 'it’s "quoted"\0',
    person,
    reason: person % 2 === 0 ? ('permitted' as const) : ('opted_out' as const),
    obligations: [],
  }));
  return { ...ASKED, client, at, kind: 'decisions', decisions };
}

function audience(at: number, users: readonly number[]): RecordEntry {
  const set = { permits: ['a', 'b'], obligations: ['o'], users: Uint32Array.from(users), strangers: [] };
  const question = { way: 'audience', purpose: 'ads', fields: ['a', 'b'], stream: 's', part: 0 } as const;
  return { ...ASKED, at, kind: 'users', ...question, isLast: true, sets: [set], refused: { age: 3 } };
}

/** What a service said of some decisions: to whichever process, and again where it got no answer. */
function discharged(entry: RecordEntry, obligation: string, answer: number): RecordEntry {
  if (entry.kind !== 'decisions') throw new Error('only decisions are discharged');
  const { at, decisions } = entry;
  const report = { obligation, decidedAt: at, decidedIn: 'r', answer: new Uint8Array(12).fill(answer) };
  return { ...entry, kind: 'discharge', at: at + DAY_MS / 2, ...report, decisions };
}

/** What was asked for under a case, and for other purposes by who names one. */
function underCase(at: number, item: string): RecordEntry {
  const decision = { person: 1, reason: 'case_scope', obligations: [] } as const;
  return {
    ...ASKED,
    at,
    client: 'safety "1"\0',
    case: 'c-1',
    item,
    reader: 'rita of i',
    kind: 'decisions',
    decisions: [
      { ...decision, purpose: 'safety.report_review', field: 'message.body' },
      { ...decision, purpose: 'ads', field: 'message.body' },
    ],
  };
}

/** What two processes may have answered in some days, by turns. */
const RECORDED: readonly (readonly RecordEntry[])[] = [0, 1].map((writer) =>
  [0, 1, 30].flatMap((day) =>
    [0, 1].flatMap((time) => {
      const at = MORNING + day * DAY_MS + time * 1_000 + writer;
      return [
        decided(at, [1, 2, 3, 9_000, 9_001], time === 1 ? 'ranking' : 'ads'),
        audience(at, [1, 2, 3, 4, 5, 9_000, 20_000]),
        discharged(decided(at - writer, [1, 2, 3]), 'it’s "o"\0', time),
        discharged(decided(at - writer, [2]), 'deidentify', 2 + writer),
        underCase(at, `m-${writer}-${day}-${time}`),
      ];
    }),
  ),
);

const ALL: TotalsWanted = { fromDay: 0, toDay: LATEST.day };

function firstDayOf(day: number, every: (typeof BUCKETS)[number]): string {
  const date = new Date(day * DAY_MS);
  if (every === 'month') return `${dayText(day * DAY_MS).slice(0, 7)}-01`;
  const sinceMonday = every === 'week' ? (date.getUTCDay() + 6) % 7 : 0;
  return dayText((day - sinceMonday) * DAY_MS);
}

/** A store that fails now and then, before or after it did what it should: as one does whose process is killed. */
function failing(store: UseStore): UseStore {
  let call = 0;
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (name !== 'add') return member.bind(target);
      return async (writer: string, from: Counted, to: Counted, rolled: RolledUp) => {
        call++;
        if (call % 3 === 1) throw new Error('killed before');
        const added = await target.add(writer, from, to, rolled);
        if (call % 3 === 2) throw new Error('killed after');
        return added;
      };
    },
  });
}

export function useStoreContract(name: string, open: () => Promise<OpenUseStore>): void {
  describe(`a ledger, ${name}`, () => {
    let opening: OpenUseStore;
    let store: UseStore;

    beforeAll(async () => {
      opening = await open();
      store = opening.store;
      await opening.gives(2 ** 32);
    });
    afterAll(() => opening.close());

    const itemsUnder = async (named: string) => {
      const items: string[] = [];
      for (let before: KeptAccess | undefined; ;) {
        const page = await store.accessesUnder(JSON.stringify(named), before, 3);
        for (const { id: _id, at, item, ...said } of page) {
          items.push(item ?? '');
          expect(said).toEqual({
            client: 'safety "1"\0',
            purpose: 'safety.report_review',
            field: 'message.body',
            reader: 'rita of i',
            reason: 'case_scope',
          });
          expect(at).toBeLessThanOrEqual(before?.at ?? Infinity);
        }
        before = page.at(-1);
        if (page.length < 3) return items;
      }
    };

    const expectAll = async () => {
      expect((await itemsUnder('c-1')).toSorted()).toEqual(
        RECORDED.flatMap((entries) => entries.flatMap(({ item = [] }) => item)).toSorted(),
      );
      expect(await itemsUnder('c-2')).toEqual([]);
      for (const [user, uses] of usesIn(RECORDED.flat()))
        expect(await ledgerOf(store, user, 3)).toEqual(uses);
      expect(new Set(await peopleOf(store, 3))).toEqual(new Set(peopleIn(RECORDED.flat())));
    };

    it('merges what two processes recorded, counts each use once whoever is killed, and is made anew with an equal result', async () => {
      const folder = newFolder();
      const now = () => MORNING + 31 * DAY_MS;
      const settings = { folder, log: 'log', days: 90, rows: 12 };
      const foreign = () => expect.unreachable('all of it is of this log');
      const damages = new MemoryFailedVerificationStore();
      const flaky = failing(store);
      expect(await store.completeUntil()).toBe(undefined);
      // one that begins may record at once, and is counted later
      await store.begin('begun', MORNING);
      expect(await store.completeUntil()).toBe(MORNING);
      await store.begin('begun', MORNING + 1);
      expect(await store.completeUntil()).toBe(MORNING);
      await store.reached('begun', { sequence: 0, at: 0, nextBlock: 0, skip: 0 }, MORNING, true);

      const writers = await Promise.all(RECORDED.map(() => opened(folder, listener().news)));
      const rollers = writers.map(
        ({ writer = '' }) => new Roller({ ...settings, own: writer }, flaky, now, foreign, damages),
      );
      // another process counts the same records
      const twin = new Roller({ ...settings, own: writers[0]?.writer ?? '' }, flaky, now, foreign, damages);
      const count = () => Promise.allSettled([...rollers, twin].map((roller) => roller.run()));
      for (let round = 0; round < Math.max(...RECORDED.map(({ length }) => length)); round++) {
        for (const [place, { recording }] of writers.entries()) {
          const entry = RECORDED[place]?.[round];
          if (entry !== undefined) take(recording, entry);
          if (round % 3 === 2) await recording.settled(true);
        }
        await count();
      }
      for (const { close } of writers) await close();
      expect(await store.completeUntil()).toBeLessThanOrEqual(now());

      // a process that starts later finds what was left
      const late = new Roller(settings, store, () => now() + 1, foreign, damages);
      await late.run();
      expect(await store.completeUntil()).toBe(now() + 1);
      await expectAll();

      await store.empty();
      expect(await ledgerOf(store, 1)).toEqual([]);
      await new Roller({ ...settings, rows: 1_000 }, store, now, foreign, damages).run();
      await expectAll();
    });

    it('has of uses that are named one by one what it has of them all', async () => {
      const all = await store.totals({ fromDay: 0, toDay: LATEST.day }, LATEST, 100);
      expect(all.length).toBeGreaterThan(10);
      for (const total of all) expect(await store.totalOf(total)).toEqual(total);
      const [{ day, term } = LATEST] = all;
      expect(await store.totalOf({ day: day + 1, term })).toBe(undefined);
      expect(await store.people({ day: day + 1, term }, 0, 10)).toEqual([]);
    });

    it('has of all uses together how often which obligation is said to be discharged, each answer once', async () => {
      const all = await store.totals({ client: '"ads"', fromDay: DAY, toDay: DAY }, LATEST, 100);
      const told = all
        .filter(({ content }) => content.includes('"decision"') && !content.includes('m-'))
        .map(({ discharged: said }) =>
          said
            .map(({ obligation, count }) => `${obligation} ${count}`)
            .toSorted()
            .join(', '),
        );
      expect(told.toSorted()).toEqual([
        // of 2: by both processes, each about the same two answers
        String.raw`"deidentify" 2, "it’s \"o\"\u0000" 2`,
        // of 1 and 3
        String.raw`"it’s \"o\"\u0000" 4`,
      ]);
    });

    it.each(BUCKETS.flatMap((every) => DIVISIONS.map((by) => ({ every, by }))))(
      'sums up what it has by $every and $by, in pages and however narrowed',
      async ({ every, by }) => {
        const all = await store.totals(ALL, LATEST, 1_000);
        expect(all.length).toBeGreaterThan(10);
        const narrowed: readonly TotalsWanted[] = [
          ALL,
          { ...ALL, fromDay: DAY + 1, toDay: DAY + 1 },
          { ...ALL, client: '"ads"', permitted: true },
          { ...ALL, permitted: false },
          { ...ALL, reason: '"age"', purpose: '"ads"' },
          { ...ALL, fields: ['"a"'], case: '"c-1"' },
          { ...ALL, case: '"c-1"' },
        ];
        for (const wanted of narrowed) {
          const rows = await store.totals(wanted, LATEST, 1_000);
          const expected = new Map<string, Map<string, number>>();
          for (const { day, count, content } of rows) {
            const from = firstDayOf(day, every);
            const parts = expected.get(from) ?? new Map<string, number>();
            const part = termOf(content)[by];
            expected.set(from, parts.set(part, (parts.get(part) ?? 0) + count));
          }
          const buckets: UseBucket[] = [];
          for (let before = LATEST.day; ;) {
            const page = await store.histogram(wanted, { every, by }, before, 1);
            buckets.push(...page);
            const last = page.at(-1);
            if (last === undefined) break;
            expect(last.day).toBeLessThan(before);
            before = last.day;
          }
          expect(await store.histogram(wanted, { every, by }, LATEST.day, 100)).toEqual(buckets);
          expect(
            new Map(
              buckets.map(({ day, parts }) => [
                dayText(day * DAY_MS),
                new Map(parts.map(({ of, count }) => [String(JSON.parse(of)), count])),
              ]),
            ),
          ).toEqual(expected);
          for (const { count, permitted, parts } of buckets) {
            const counts = parts.map((part) => part.count);
            expect(count).toBe(counts.reduce((sum, one) => sum + one, 0));
            expect(counts).toEqual(counts.toSorted((one, other) => other - one));
            if (by !== 'reason') continue;
            expect(permitted).toBe(parts.find(({ of }) => of === '"permitted"')?.count ?? 0);
          }
        }
      },
    );

    it('has everybody of a set, be it of most of a bucket, of few, or of the last ones', async () => {
      const start = { sequence: 0, at: 0, nextBlock: 0, skip: 0 };
      const buckets = [
        { bucket: 3, size: 8_192, of: (number: number) => number % 5 !== 0 },
        { bucket: 4, size: 8_192, of: (number: number) => number % 100 === 0 },
        { bucket: 2 ** 19 - 1, size: 8_192, of: (number: number) => number > 2 ** 32 - 3 },
      ];
      const users = buckets.flatMap(({ bucket, size, of }) =>
        Array.from({ length: size }, (_, place) => size * bucket + place).filter(of),
      );
      const sets = buckets.map(({ bucket }) => {
        const members = new Members(bucket);
        for (const user of users) if (bucketOf(user) === bucket) members.add(user);
        return { day: DAY + 60, bucket, term: 0, at: MORNING, members: members.toBytes() };
      });
      const given = { purpose: 'ads', fields: ['a'], reason: 'permitted', obligations: [] } as const;
      const texts = termTexts(
        { ...ASKED, at: MORNING, kind: 'decisions', decisions: [] },
        { ...given, way: 'audience' },
      );
      const totals = [{ day: DAY + 60, term: 0, count: users.length, strangers: 0 }];
      const rolled = {
        highest: users.at(-1) ?? 0,
        terms: [{ ...texts, day: DAY + 60 }],
        counts: [],
        sets,
        totals,
        accesses: [],
        discharges: [],
      };
      const end = { ...start, skip: 1 };
      expect(await store.add('dense', start, end, rolled)).toBe(true);
      await store.reached('dense', end, MORNING, true);
      const found = (await peopleOf(store, 4_000)).filter(([, what]) => what.startsWith(`${DAY + 60} `));
      expect(found.map(([user]) => user)).toEqual(users);
    });

    it('notes a look-up of each who was looked up, and of nobody else', async () => {
      const lookup = { at: MORNING, by: 'oda', role: 'privacy_officer', reason: 'it’s "why"' };
      const lookupsOf = async (user: number) => {
        const found: unknown[] = [];
        for (let before: KeptLookup | undefined; ;) {
          const page = await store.lookupsOf(user, before, 2);
          found.push(...page.map(({ id: _id, ...said }) => said));
          before = page.at(-1);
          if (page.length < 2) return found;
        }
      };
      await store.noteLookup([7, 2 ** 32 - 1], lookup);
      for (const user of [7, 2 ** 32 - 1]) expect(await lookupsOf(user)).toEqual([lookup]);
      expect(await lookupsOf(8)).toEqual([]);
      const others = [
        { ...lookup, case: null },
        { ...lookup, at: MORNING + 1, case: 'c "1"' },
        { ...lookup, at: MORNING - 1 },
      ];
      for (const other of others) await store.noteLookup([7], other);
      const [second, first, last] = others;
      expect(await lookupsOf(7)).toEqual([first, second, lookup, last]);
    });

    it('forgets what was kept long enough, a part at a time', async () => {
      const left = (entries: readonly RecordEntry[]) => entries.filter(({ at }) => at >= (DAY + 2) * DAY_MS);
      while ((await store.forgetBefore(DAY + 2, 2, [])) > 0);
      for (const [user, uses] of usesIn(left(RECORDED.flat())))
        expect(await ledgerOf(store, user)).toEqual(uses);
      await store.begin('here', MORNING);
      while ((await store.forgetBefore(DAY + 100, 2, ['here'])) > 0);
      expect(await ledgerOf(store, 1)).toEqual([]);
      expect(await itemsUnder('c-1')).toEqual([]);
      // whose records are there still would be counted again
      expect(await store.completeUntil()).toBe(MORNING);
      while ((await store.forgetBefore(DAY + 100, 2, [])) > 0);
      expect(await store.completeUntil()).toBe(undefined);
    });

    it('counts nobody whose number the log has not given, nor that they were counted', async () => {
      const folder = newFolder();
      const { recording, writer = '', close } = await opened(folder, listener().news);
      const entries = [audience(MORNING, [1, 40_000])];
      for (const entry of entries) take(recording, entry);
      await close();
      const damages = new MemoryFailedVerificationStore();
      const now = () => MORNING + 1_000;
      const foreign = () => expect.unreachable('all of it is of this log');
      const roll = () =>
        new Roller({ folder, log: 'log', days: 90, rows: 12 }, store, now, foreign, damages).run();
      await opening.gives(39_999);
      await roll();
      expect(await ledgerOf(store, 40_000)).toEqual([]);
      expect((await store.cursors([writer])).get(writer)).toMatchObject({ nextBlock: 0, hasEnded: false });
      await opening.gives(2 ** 32);
      await roll();
      expect(await ledgerOf(store, 40_000)).toEqual(usesIn(entries).get(40_000));
      expect((await store.cursors([writer])).get(writer)).toMatchObject({ hasEnded: true });
    });
  });
}
