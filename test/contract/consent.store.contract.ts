import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GENESIS, firstBroken } from '../../src/consent/log/chain.js';
import { type ConsentStore, ERASED_KEPT_MS, type ListedImport } from '../../src/consent/log/consent.store.js';
import {
  type ChoiceChange,
  type ConsentChange,
  type ConsentEvent,
  type LogEntry,
  type NewConsentEvent,
  type Way,
  isKept,
} from '../../src/decision/consent-event.js';
import { Overtaken } from '../../src/fleet/fleet.store.js';

/** A store as its process has it. */
export type OpenStore = { readonly store: ConsentStore; readonly close: () => Promise<void> };

/** A place for one consent log, empty at first. */
export type Place = {
  /** Opens the log that is kept here. */
  open(): Promise<OpenStore>;
  /** Removes everything. */
  clear(): Promise<void>;
};

export function event(
  user: string,
  change: ConsentChange = { kind: 'signal', signal: 'gpc' },
): NewConsentEvent {
  return { user, by: { kind: 'user', id: user }, at: 1_700_000_000_123, via: 'settings', change };
}

/** Whom entries are about; `undefined` for those that the log no longer says. */
export function usersOf(entries: readonly LogEntry[]): (string | undefined)[] {
  return entries.map((entry) => (isKept(entry) ? entry.user : undefined));
}

/** The revision of the first of these. */
export function firstOf([first]: readonly ConsentEvent[]): number | undefined {
  return first?.revision;
}

/** Entries without the numbers of their users. */
function unnumbered(entries: readonly LogEntry[]): Omit<ConsentEvent, 'subject'>[] {
  return entries.filter(isKept).map(({ subject: _subject, ...event }) => event);
}

function block(name: string, size: number): NewConsentEvent[] {
  return Array.from({ length: size }, (_, place) => event(`${name}-${place}`));
}

const ODD_IDS = [
  'plain',
  `it's "quoted", with {commas}, \\backslashes\\ and \\u0041`,
  'tab\tnewline\ncarriage return\r',
  'Zoë 日本語 👩‍👩‍👧‍👦 \u202e\ufeff',
  'null',
  ' spaces ',
  '$1; DROP TABLE consent_event; --',
  'x'.repeat(256),
  '日'.repeat(85),
];

const CHANGES: readonly ConsentChange[] = [
  { kind: 'profile', region: 'US-CA', ageBand: 'adult' },
  { kind: 'profile', region: 'DE', ageBand: 'minor' },
  { kind: 'profile', region: null, ageBand: 'unknown' },
  { kind: 'profile', region: 'DE', ageBand: 'minor', adultFrom: 1_800_000_000_000 },
  { kind: 'choice', purpose: 'ads.personalised', choice: 'granted', notice: 3, signal: false },
  { kind: 'choice', purpose: 'ads.personalised', choice: 'denied', notice: 0, signal: false },
  { kind: 'choice', purpose: 'ads', choice: 'granted', notice: 1, signal: true, until: 1_900_000_000_000 },
  { kind: 'signal', signal: 'gpc' },
  { kind: 'visibility', group: 'posts', level: 'only_me' },
];

const REFUSED: readonly (readonly [string, NewConsentEvent])[] = [
  ['a NUL character in a user id', event('nul\0nul')],
  [
    'half a surrogate pair in a purpose',
    event('u', { kind: 'choice', purpose: '\ud83d', choice: 'denied', notice: 0, signal: false }),
  ],
  [
    'half a version of a notice',
    event('u', { kind: 'choice', purpose: 'ads', choice: 'denied', notice: 0.5, signal: false }),
  ],
  ['a time that is not whole milliseconds', { ...event('u'), at: 0.5 }],
  ['a time that is not a number', { ...event('u'), at: Number.NaN }],
];

/** What every consent store does. */
export function consentStoreContract(name: string, makePlace: () => Promise<Place>): void {
  describe(`consent store: ${name}`, () => {
    let place: Place;
    let opened: OpenStore;
    let store: ConsentStore;

    beforeAll(async () => {
      place = await makePlace();
      opened = await place.open();
      store = opened.store;
    });

    afterAll(async () => {
      await opened.close();
      await place.clear();
    });

    it('is empty at first', async () => {
      expect(await store.head()).toBe(0);
      expect(await store.read(0, 10)).toEqual([]);
    });

    it('numbers the first event 1', async () => {
      expect(firstOf(await store.append([event('first')]))).toBe(1);
      expect(await store.head()).toBe(1);
    });

    it('gives back every kind of change as it was appended', async () => {
      const before = await store.head();
      const events = CHANGES.map((change) => event('u-1', change));
      const appended = await store.append(events);
      expect(unnumbered(appended)).toEqual(
        events.map((each, offset) => ({ ...each, revision: before + 1 + offset })),
      );
      expect(await store.read(before, 100)).toEqual(appended);
    });

    it.each(ODD_IDS)('gives back odd text unchanged: %j', async (odd) => {
      const appended: NewConsentEvent = {
        user: odd,
        by: { kind: 'service', id: odd },
        at: 0,
        via: 'settings',
        change: { kind: 'choice', purpose: odd, choice: 'granted', notice: 2_147_483_647, signal: false },
      };
      const before = await store.head();
      await store.append([appended]);
      expect(unnumbered(await store.read(before, 1))).toEqual([{ ...appended, revision: before + 1 }]);
    });

    it.each([0, 1, -1, 999, 1_700_000_000_999, -62_000_000_000_001, 4_102_444_800_001])(
      'gives back the time %d to the millisecond',
      async (at) => {
        const before = await store.head();
        await store.append([{ ...event('u-1'), at }]);
        expect((await store.read(before, 1)).map((read) => read.at)).toEqual([at]);
      },
    );

    it('keeps a block together and in its order', async () => {
      const before = await store.head();
      const events = block('ordered', 1000);
      await store.append(events);
      const read = await store.read(before, 1000);
      expect(usersOf(read)).toEqual(events.map((each) => each.user));
      expect(await store.head()).toBe(before + 1000);
    });

    it('gives blocks that are appended at once revisions without gaps or overlaps', async () => {
      const before = await store.head();
      const sizes = Array.from({ length: 50 }, (_, index) => ((index * 7) % 23) + 1);
      const firsts = await Promise.all(
        sizes.map(async (size, index) => firstOf(await store.append(block(`many-${index}`, size)))),
      );

      const read = await store.read(before, 10_000);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      expect(read.map((each) => each.revision)).toEqual(
        Array.from({ length: total }, (_, offset) => before + 1 + offset),
      );
      expect(await store.head()).toBe(before + total);
      for (const [index, size] of sizes.entries()) {
        const own = read.filter(isKept).filter((each) => each.user.startsWith(`many-${index}-`));
        expect(own.map((each) => each.user)).toEqual(block(`many-${index}`, size).map((each) => each.user));
        expect(own[0]?.revision).toBe(firsts[index]);
        expect(own.at(-1)?.revision).toBe((firsts[index] ?? 0) + size - 1);
      }
    });

    it.each(REFUSED)('refuses %s and leaves nothing of the block, nor a gap', async (_, refused) => {
      const before = await store.head();
      await expect(store.append([event('good'), refused, event('good')])).rejects.toThrow('consent');
      expect(await store.head()).toBe(before);
      expect(await store.read(before, 10)).toEqual([]);
      expect(firstOf(await store.append([event('next')]))).toBe(before + 1);
    });

    it('does not say in an error what was in the block', async () => {
      const refusal = await store
        .append([event('user-of-the-block'), event('nul-of-the-block\0')])
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Error);
      expect(inspect(refusal, { depth: null, showHidden: true })).not.toContain('of-the-block');
    });

    it('refuses an empty block', async () => {
      await expect(store.append([])).rejects.toThrow('a block of consent events cannot be empty');
    });

    it('reads page after page, each no longer than asked', async () => {
      const before = await store.head();
      await store.append(block('paged', 25));
      const pages: number[][] = [];
      let after = before;
      for (;;) {
        const page = await store.read(after, 10);
        if (page.length === 0) {
          break;
        }
        pages.push(page.map((each) => each.revision));
        after = page.at(-1)?.revision ?? after;
      }
      expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
      expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, offset) => before + 1 + offset));
    });

    it('reads the events of one user, page after page, and nobody else’s', async () => {
      const before = await store.head();
      await store.append([
        event('reader'),
        event('other'),
        event('reader'),
        event('reader2'),
        event('reader'),
      ]);
      const own = (await store.read(before, 10)).filter(({ revision }) => (revision - before) % 2 === 1);
      expect(usersOf(own)).toEqual(['reader', 'reader', 'reader']);
      expect(await store.readUser('reader', before, 10)).toEqual(own);
      expect(await store.readUser('reader', before, 2)).toEqual(own.slice(0, 2));
      expect(await store.readUser('reader', before + 3, 10)).toEqual(own.slice(2));
      expect(await store.readUser('nobody at all', 0, 10)).toEqual([]);
      expect(await store.readUserBack('reader', before + 5, 10)).toEqual(own.toReversed());
      expect(await store.readUserBack('reader', before + 5, 2)).toEqual(own.toReversed().slice(0, 2));
      expect(await store.readUserBack('reader', before + 4, 10)).toEqual(own.slice(0, 2).toReversed());
      expect(await store.readUserBack('nobody at all', before + 5, 10)).toEqual([]);
    });

    it('reads the last choice of users and purposes, however far back, but for what a signal left as it was', async () => {
      const said = (purpose: string, choice: 'granted' | 'denied' = 'denied'): ConsentChange => ({
        kind: 'choice',
        purpose,
        choice,
        notice: 0,
        signal: false,
      });
      const before = await store.head();
      await store.append([
        event('chooser', said('ai')),
        event('chooser', said('jobs')),
        event('other', said('ads')),
        event('stranger', said('ads')),
        event('other', said('ads', 'granted')),
        { ...event('other', said('ads', 'granted')), via: 'gpc' },
        ...Array.from({ length: 200 }, () => event('chooser', said('ads'))),
        event('chooser'),
      ]);
      const wanted = [
        { user: 'chooser', purpose: 'ai' },
        { user: 'chooser', purpose: 'ads' },
        { user: 'other', purpose: 'ads' },
        { user: 'other', purpose: 'ai' },
        { user: 'chooser', purpose: 'ads' },
        { user: 'nobody at all', purpose: 'ads' },
      ];
      const found = await store.lastChoices(wanted);
      expect(unnumbered(found.toSorted((one, other) => one.revision - other.revision))).toEqual([
        { ...event('chooser', said('ai')), revision: before + 1 },
        { ...event('other', said('ads', 'granted')), revision: before + 5 },
        { ...event('chooser', said('ads')), revision: before + 206 },
      ]);
      expect(await store.lastChoices([])).toEqual([]);
    });

    it('reads nothing after the head, however far', async () => {
      expect(await store.read(await store.head(), 10)).toEqual([]);
      expect(await store.read(2 ** 40, 10)).toEqual([]);
    });

    it('chains every entry to the one before', async () => {
      await store.append(block('chained', 3));
      const links = await store.links(0, 10_000);
      expect(links).toHaveLength(await store.head());
      expect(firstBroken({ revision: 0, hash: GENESIS }, links)).toBeUndefined();
    });

    it('forgets a user who is erased, for good, and tells that it was done but not of whom', async () => {
      const before = await store.head();
      await store.append([event('erased'), event('stays'), event('erased', CHANGES[0])]);
      expect(await store.knows('erased')).toBe(true);
      const numberOf = async (user: string) => (await store.readUser(user, 0, 1))[0]?.subject ?? 0;
      const erased = await numberOf('erased');
      const stays = await numberOf('stays');
      expect(await store.usersNumbered([erased, stays])).toEqual(
        new Map([
          [erased, 'erased'],
          [stays, 'stays'],
        ]),
      );

      const by = { kind: 'service', id: 'accounts' } as const;
      const erasure = await store.erase('erased', by, 1_700_000_000_456);
      expect(erasure).toEqual({ revision: before + 4, at: 1_700_000_000_456, by });
      expect(await store.erasures(before, 10)).toEqual([erasure]);
      expect(await store.knows('erased')).toBe(false);
      expect(await store.usersNumbered([erased, stays, stays, 4_000_000_000])).toEqual(
        new Map([[stays, 'stays']]),
      );
      expect(await store.readUser('erased', 0, 10)).toEqual([]);
      expect(usersOf(await store.read(before, 10))).toEqual([undefined, 'stays', undefined, undefined]);
      expect(firstBroken({ revision: 0, hash: GENESIS }, await store.links(0, 10_000))).toBeUndefined();
      expect(await store.erase('erased', by, 0)).toBeUndefined();
    });

    it('knows for a day who was erased, and not longer', async () => {
      const by = { kind: 'service', id: 'accounts' } as const;
      const at = 1_800_000_000_000;
      await store.append([event('lately'), event('later')]);
      await store.erase('lately', by, at);
      await store.erase('later', by, at + 1);
      const known = async () => [...(await store.erasedLately())].filter(([user]) => user.startsWith('late'));
      const both = [
        ['lately', at],
        ['later', at + 1],
      ];
      expect(await known()).toEqual(both);
      const never = { profile: -Infinity, choice: -Infinity, signal: -Infinity };
      const head = await store.head();
      const sweptAt = (time: number) => store.forget(never, head, 1, time);
      expect(await sweptAt(at + ERASED_KEPT_MS)).toBeUndefined();
      expect(await known()).toEqual(both);
      await sweptAt(at + ERASED_KEPT_MS + 1);
      expect(await known()).toEqual(both.slice(1));
      await sweptAt(at + ERASED_KEPT_MS + 2);
      expect(await known()).toEqual([]);
    });

    it('does not say which user erased themselves', async () => {
      await store.append([event('self-erased')]);
      const erasure = await store.erase('self-erased', { kind: 'user', id: 'self-erased' }, 0);
      expect(erasure?.by).toEqual({ kind: 'user' });
    });

    it('takes a user who comes after an erasure for somebody new', async () => {
      const before = await store.head();
      const [first] = await store.append([event('returned')]);
      await store.erase('returned', { kind: 'service', id: 'accounts' }, 0);
      const again = await store.append([event('returned', CHANGES[1])]);
      expect(await store.readUser('returned', 0, 10)).toEqual(again);
      expect(usersOf(await store.read(before, 10))).toEqual([undefined, undefined, 'returned']);
      expect(again[0]?.subject).toBeGreaterThan(first?.subject ?? Infinity);
    });

    it('gives no number to anybody that it was told to pass over', async () => {
      const [before] = await store.append([event('before the gap')]);
      const number = (before?.subject ?? 0) + 1_000;
      await store.passOver(number);
      await store.passOver(number - 500);
      expect(await store.end()).toMatchObject({ subject: number, isSound: true });
      const [after] = await store.append([event('after the gap'), event('before the gap')]);
      expect(after?.subject).toBe(number + 1);
      expect(await store.end()).toMatchObject({ subject: number + 1, isSound: true });
    });

    it('says of everything by which number the chain and the users’ keys know its user', async () => {
      const before = await store.head();
      await store.append([event('numbered-1'), event('numbered-2'), event('numbered-1', CHANGES[5])]);
      await store.erase('numbered-2', { kind: 'service', id: 'accounts' }, 0);
      const appended = await store.append([event('numbered-2'), event('numbered-3'), event('numbered-1')]);

      const links = await store.links(before, 100);
      const inChain = (kept: readonly ConsentEvent[]) =>
        kept.map(({ revision }) => links[revision - before - 1]?.subject);
      const read = (await store.read(before, 100)).filter(isKept);
      expect(read).toHaveLength(5);
      const last = await store.lastChoices([{ user: 'numbered-1', purpose: 'ads.personalised' }]);
      expect(last).toHaveLength(1);
      for (const kept of [appended, read, await store.readUser('numbered-1', before, 10), last])
        expect(kept.map(({ subject }) => subject)).toEqual(inChain(kept));
      expect(await store.entries(before, 100)).toEqual(await store.read(before, 100));
      const numbers = new Map(read.map(({ user, subject }) => [user, subject]));
      const verifiable = await store.verifiableUsers(Math.min(...numbers.values()) - 1, 1_000);
      expect(verifiable.map(({ subject }) => subject)).toEqual(
        [...numbers.values()].toSorted((one, other) => one - other),
      );
    });

    it('knows the times at which events bring about others, until they are dropped', async () => {
      const minor = { kind: 'profile', region: 'DE', ageBand: 'minor', adultFrom: 2_000 } as const;
      const adult = { kind: 'profile', region: 'DE', ageBand: 'adult' } as const;
      const grant = { kind: 'choice', purpose: 'p', choice: 'granted', notice: 1, signal: false } as const;
      await store.dropDeadlines(
        (await store.due(Number.MAX_SAFE_INTEGER, 100)).map(({ event: { revision } }) => revision),
      );
      const before = await store.head();
      await store.append([
        event('due', minor),
        event('due', { ...grant, until: 1_000 }),
        event('other', grant),
        event('due', grant),
        event('due', adult),
      ]);
      expect(await store.nextDue()).toBe(1_000);
      expect(await store.due(999, 10)).toEqual([]);
      const due = await store.due(5_000, 10);
      expect(due.map((one) => [one.event.revision, one.due])).toEqual([
        [before + 2, 1_000],
        [before + 1, 2_000],
      ]);
      expect(due.map(({ later }) => later.map(({ revision }) => revision))).toEqual([
        [before + 4],
        [before + 5],
      ]);
      expect(await store.due(5_000, 1)).toEqual(due.slice(0, 1));
      expect(await store.due(5_000, 10, 1_999)).toEqual(due.slice(0, 1));
      expect(await store.due(5_000, 1, 2_000)).toEqual(due.slice(0, 1));
      expect(await store.due(5_000, 10, 2_000)).toEqual(due);
      expect(await Promise.all([999, 1_000, 2_000].map((after) => store.nextDue(after)))).toEqual([
        1_000,
        2_000,
        undefined,
      ]);
      expect(await store.deadlinesOf(['other', 'due', 'nobody at all'])).toEqual(due);
      expect(await store.deadlinesOf(['other'])).toEqual([]);

      await store.dropDeadlines([before + 2]);
      expect(await store.nextDue()).toBe(2_000);
      await store.erase('due', { kind: 'service', id: 'accounts' }, 0);
      expect(await store.nextDue()).toBeUndefined();
    });

    it('sets and puts off deadlines, and has those of a user looked at who moved', async () => {
      const minor = { kind: 'profile', region: 'DE', ageBand: 'minor', adultFrom: 9_000 } as const;
      const [first, second] = await store.append([event('moved', minor), event('stays', minor)]);
      if (first === undefined || second === undefined) throw new Error('two events were appended');
      const { revision, subject } = first;
      const dues = async () => (await store.deadlinesOf(['moved', 'stays'])).map(({ due }) => due);

      await store.setDeadlines([{ revision, subject, due: 9_500 }], await store.head());
      expect(await dues()).toEqual([9_000, 9_000]);
      await store.setDeadlines([{ revision, subject, due: 8_000 }], await store.head());
      expect(await dues()).toEqual([8_000, 9_000]);
      await store.putOffDeadlines([{ revision, subject, due: 9_800 }], [], await store.head());
      expect(await dues()).toEqual([9_000, 9_800]);

      const to = { kind: 'profile', region: 'US', ageBand: 'minor' } as const;
      await store.append([{ ...event('moved', to), at: 7_000 }], {
        lookAt: () => 8_500,
        turns: ({ user }) => user === 'moved',
      });
      expect(await dues()).toEqual([0, 8_500, 9_000]);
      for (const user of ['moved', 'stays']) await store.erase(user, { kind: 'user', id: user }, 0);
    });

    it('touches no deadline where the log has moved on', async () => {
      const minor = { kind: 'profile', region: 'DE', ageBand: 'minor', adultFrom: 9_000 } as const;
      const [first] = await store.append([event('behind', minor)]);
      if (first === undefined) throw new Error('an event was appended');
      const { revision, subject } = first;
      await store.append([event('ahead')]);
      const later = [{ revision, subject, due: 9_900 }];
      const sooner = [{ revision, subject, due: 8_900 }];
      await expect(store.putOffDeadlines(later, [], revision)).rejects.toThrow(Overtaken);
      await expect(store.putOffDeadlines([], [revision], revision)).rejects.toThrow(Overtaken);
      await expect(store.setDeadlines(sooner, revision)).rejects.toThrow(Overtaken);
      expect((await store.deadlinesOf(['behind'])).map(({ due }) => due)).toEqual([9_000]);
      await store.putOffDeadlines([], [revision], revision + 1);
      expect(await store.deadlinesOf(['behind'])).toEqual([]);
    });

    it('sets no deadline of what was deleted, behind which no other would be found', async () => {
      const grant = { kind: 'choice', purpose: 'p', choice: 'granted', notice: 1, signal: false } as const;
      const events = await store.append([
        event('twice', { ...grant, until: 1_000 }),
        event('twice', { ...grant, until: 2_000 }),
        event('gone', { ...grant, until: 3_000 }),
      ]);
      const after = (events[0]?.revision ?? 0) - 1;
      const all = { profile: Infinity, choice: Infinity, signal: Infinity };
      expect(await store.forget(all, after, 1, 4_000)).toMatchObject({ forgotten: 1 });
      const none = (await store.erase('gone', { kind: 'user', id: 'gone' }, 0))?.revision ?? 0;
      const deleted = [events[0], events[2]].flatMap((one) =>
        one === undefined ? [] : [{ revision: one.revision, subject: one.subject, due: 0 }],
      );
      await store.setDeadlines(deleted, none);
      await store.putOffDeadlines(deleted, [], none);
      expect((await store.due(5_000, 1)).map(({ due }) => due)).toEqual([2_000]);
      expect(await store.nextDue()).toBe(2_000);
      await store.erase('twice', { kind: 'user', id: 'twice' }, 0);
    });

    it('keeps how far the log was gone through for lapses', async () => {
      expect(await store.lapseMark()).toBeUndefined();
      await store.markLapses({ terms: 'one', reached: 7 });
      await store.markLapses({ terms: 'one', reached: 9, isDone: true });
      expect(await store.lapseMark()).toEqual({ terms: 'one', reached: 9, isDone: true });
      await store.markLapses({ terms: 'two', reached: 1 });
      expect(await store.lapseMark()).toMatchObject({ terms: 'two', reached: 1 });
    });

    it('keeps how far an import has come, with the block or alone', async () => {
      expect(await store.importMark('file')).toBeUndefined();
      expect(await store.hasImports()).toBe(false);
      await store.append([event('imported')], {
        mark: { id: 'file', line: 7, summary: { changed: 1, refused: 2 } },
      });
      expect(await store.importMark('file')).toEqual({
        id: 'file',
        line: 7,
        summary: { changed: 1, refused: 2 },
      });
      expect(await store.hasImports()).toBe(true);
      const head = await store.head();
      await store.append([], { mark: { id: 'file', line: 9, summary: {} } });
      expect(await store.importMark('file')).toEqual({ id: 'file', line: 9, summary: {} });
      expect(await store.head()).toBe(head);
    });

    it('lists imports, those that changed last first, without refusals of single lines', async () => {
      const marks = [
        { id: 'b', line: 2, summary: { changed: 1, '2 floor': 1 }, by: 'crm', at: 5 },
        { id: 'a', line: 2, summary: { changed: 2 }, by: 'crm', at: 5 },
        { id: 'z', line: 7, summary: {} },
        { id: 'c', line: 1, summary: { unchanged: 1 }, by: 'crm', at: 4 },
        { id: 'c', line: 3, summary: { unchanged: 3 }, by: 'crm-2', at: 9 },
      ];
      for (const mark of marks) await store.append([], { mark });
      const expected = [
        { id: 'c', line: 3, summary: { unchanged: 3 }, by: 'crm-2', begunAt: 4, changedAt: 9 },
        { id: 'b', line: 2, summary: { changed: 1 }, by: 'crm', begunAt: 5, changedAt: 5 },
        { id: 'a', line: 2, summary: { changed: 2 }, by: 'crm', begunAt: 5, changedAt: 5 },
        { id: 'z', line: 7, summary: {}, by: null, begunAt: null, changedAt: null },
      ];
      const isOurs = ({ id }: { readonly id: string }) => id !== 'file';
      expect((await store.imports(100)).filter(isOurs)).toEqual(expected);
      const read: ListedImport[] = [];
      for (let after: { readonly at: number; readonly id: string } | undefined; ;) {
        const [one] = await store.imports(1, after);
        if (one === undefined) break;
        if (isOurs(one)) read.push(one);
        after = { at: one.changedAt ?? 0, id: one.id };
      }
      expect(read).toEqual(expected);
    });

    it('forgets what was superseded long ago, and nothing that still says something', async () => {
      const said = (purpose: string, at: number) => ({
        ...event('forgetful', { kind: 'choice', purpose, choice: 'denied', notice: 0, signal: false }),
        at,
      });
      const before = await store.head();
      await store.append([
        said('p', 10),
        said('q', 10),
        { ...event('forgetful', CHANGES[0]), at: 10 },
        said('p', 20),
        said('p', 30),
        { ...event('forgetful', CHANGES[1]), at: 30 },
        { ...event('remembered', CHANGES[0]), at: 10 },
      ]);
      const ages = { profile: 10, choice: 30, signal: 30 };
      expect(await store.forget(ages, before, 4, 40)).toEqual({ reached: before + 4, forgotten: 2 });
      expect(await store.forget(ages, before + 4, 10, 40)).toEqual({ reached: before + 7, forgotten: 0 });
      expect(await store.forget(ages, before + 7, 10, 40)).toBeUndefined();
      expect(await store.forget({ ...ages, profile: 11 }, before, 10, 40)).toEqual({
        reached: before + 7,
        forgotten: 1,
      });
      expect(await store.hasForgotten('forgetful', before)).toBe(false);
      expect(await store.hasForgotten('forgetful', before + 1)).toBe(true);
      expect(await store.hasForgotten('remembered', before + 7)).toBe(false);
      expect(await store.hasForgotten('nobody at all', before + 7)).toBe(false);
      expect((await store.readUser('forgetful', 0, 10)).map(({ revision }) => revision - before)).toEqual([
        2, 5, 6,
      ]);
      expect(firstBroken({ revision: 0, hash: GENESIS }, await store.links(0, 10_000))).toBeUndefined();
    });

    it('keeps what a TC string refused below what was said after it, for that may be taken back', async () => {
      const refused = { kind: 'choice', purpose: 'p', choice: 'denied', notice: 0, signal: true } as const;
      const said = (user: string, change: Partial<ChoiceChange>, via: Way) => ({
        ...event(user, { ...refused, ...change }),
        via,
      });
      const before = await store.head();
      const granted = { choice: 'granted', notice: 1 } as const;
      await store.append([
        said('stays', {}, 'tcf'),
        said('stays', granted, 'settings'),
        said('stays', { signal: false }, 'settings'),
        said('again', {}, 'tcf'),
        said('again', granted, 'settings'),
        said('again', {}, 'tcf'),
        said('none', {}, 'tcf'),
        said('none', { choice: 'none', signal: false }, 'settings'),
        said('lapse', {}, 'tcf'),
        said('lapse', { choice: 'none', signal: false }, 'lapse'),
      ]);
      const all = { profile: Infinity, choice: Infinity, signal: Infinity };
      await store.forget(all, before, 10, 4_000);
      const kept = async (user: string) =>
        (await store.readUser(user, 0, 10)).map(({ revision }) => revision - before);
      expect(await Promise.all(['stays', 'again', 'none', 'lapse'].map(kept))).toEqual([
        [1, 3],
        [6],
        [8],
        [9, 10],
      ]);
    });

    it('is not changed by what the caller does with a block afterwards', async () => {
      const appended = [event('mine')];
      const before = await store.head();
      await store.append(appended);
      appended[0] = event('yours');
      appended.push(event('theirs'));
      expect(usersOf(await store.read(before, 10))).toEqual(['mine']);
    });
  });
}

/** What a consent store that outlives its process does besides. */
export function persistentConsentStoreContract(
  name: string,
  makePlace: () => Promise<Place>,
  { isShared }: { readonly isShared: boolean },
): void {
  describe(`persistent consent store: ${name}`, () => {
    let place: Place;

    beforeAll(async () => {
      place = await makePlace();
    });

    afterAll(async () => {
      await place.clear();
    });

    it('keeps everything when it is closed and opened again', async () => {
      const one = await place.open();
      await one.store.append(block('kept', 3));
      const before = await one.store.read(0, 100);
      await one.close();

      const two = await place.open();
      expect(await two.store.read(0, 100)).toEqual(before);
      expect(firstOf(await two.store.append([event('more')]))).toBe(4);
      await two.close();
    });

    // a store on a server is open to many at once: that is a fleet
    it.skipIf(isShared)('is refused to a second opener until the first has closed it', async () => {
      const one = await place.open();
      const head = await one.store.head();
      await expect(place.open()).rejects.toThrow('is in use by another process: stop it, or set');
      expect(firstOf(await one.store.append([event('still mine')]))).toBe(head + 1);
      await one.close();

      const two = await place.open();
      expect(await two.store.head()).toBe(head + 1);
      await two.close();
    });
  });
}
