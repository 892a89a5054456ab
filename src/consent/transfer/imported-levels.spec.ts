/** Levels of visibility groups in rows of an import, and what an export carries elsewhere. */
import { array, assert, asyncProperty, constantFrom, nat, option, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policiesOn } from '../../../test/at-once.js';
import { followedLog } from '../../../test/house.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import type { ConsentEvent, NewConsentEvent, UserRecord } from '../../decision/consent-event.js';
import type { Appending } from '../log/consent.store.js';
import { historyIn } from '../settings/history.js';
import { Visibility, visibilityOn } from '../settings/visibility.js';
import { Exports } from './exports.js';
import type { ImportReport } from './import-run.js';
import { Imports } from './imports.js';

const policies = policiesOn(REFERENCE);
const NOW = Date.UTC(2026, 10, 26);
const YEAR = Date.UTC(2024, 0, 1);
const BY = { kind: 'service', id: 'migration' } as const;
const MEMBER = { kind: 'user', id: 'u' } as const;
const LEVELS = ['everyone', 'connections', 'only_me'] as const;
type Level = (typeof LEVELS)[number];
const placeOf = (level: string | undefined) => LEVELS.findIndex((one) => one === level);

type Row = Readonly<Record<string, string | number>>;

function row(level: string, second?: number, group = 'posts'): Row {
  return { user: 'u', group, level, ...(second === undefined ? {} : { at: YEAR + second * 1_000 }) };
}

/** Names of imports, which a store knows after a restart too. */
let imported = 0;

/** A store whose appends wait when it is told to. */
class SlowStore extends MemoryConsentStore {
  hold: Promise<void> | undefined;
  appending: () => void = () => undefined;

  override async append(
    events: readonly NewConsentEvent[],
    appending?: Appending,
  ): Promise<readonly ConsentEvent[]> {
    this.appending();
    await this.hold;
    return super.append(events, appending);
  }
}

async function* bodyOf(lines: readonly string[]): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

async function started(store = new SlowStore()) {
  const log = await followedLog(store);
  let now = NOW;
  const visibility = new Visibility(log, policies, () => now);
  const imports = new Imports(
    log,
    store,
    policies,
    () => now,
    async (time) => time,
  );
  const takeLines = async (lines: readonly string[]) => {
    const reports: ImportReport[] = [];
    const run = await imports.goOn(`${imported++}`, 1, BY);
    for await (const report of run.take(bodyOf(lines))) reports.push(report);
    return reports;
  };
  return {
    log,
    store,
    takeLines,
    take: (...rows: readonly Row[]) => takeLines(rows.map((one) => JSON.stringify(one))),
    here: (level: string) => visibility.set('u', MEMBER, 'posts', level),
    /** Sets the clock to a second of the year of the rows. */
    at: (second: number) => void (now = YEAR + second * 1_000),
    held: () => log.state.recordOf('u').visibility?.get('posts'),
  };
}

const levels = constantFrom(...LEVELS);

describe('levels in rows', () => {
  test('with times end as the latest of them, and of two at one time as the stricter, in whatever order', async () => {
    const rows = array(record({ level: levels, second: nat(3) }), { minLength: 1, maxLength: 6 });
    await assert(
      asyncProperty(rows, nat(6), async (rows, cut) => {
        const { take, held } = await started();
        const sent = rows.map(({ level, second }) => row(level, second));
        await take(...sent.slice(0, cut));
        await take(...sent.slice(cut));
        const latest = Math.max(...rows.map(({ second }) => second));
        const places = rows.flatMap(({ level, second }) => (second === latest ? [placeOf(level)] : []));
        expect(held()).toBe(LEVELS[Math.max(...places)]);
        const [last] = (await take(...sent)).slice(-1);
        expect(last).toMatchObject({ summary: { changed: 0, refused: 0 } });
      }),
      { numRuns: 100 },
    );
  });

  test('without times end as the strictest of them, in whatever order', async () => {
    await assert(
      asyncProperty(array(levels, { minLength: 1, maxLength: 5 }), async (rows) => {
        const { take, held } = await started();
        await take(...rows.map((level) => row(level)));
        expect(held()).toBe(LEVELS[Math.max(...rows.map(placeOf))]);
      }),
      { numRuns: 50 },
    );
  });

  type Act = { readonly level: Level; readonly second: number | null; readonly isHere: boolean };
  const act = record({
    level: levels,
    second: option(nat(7), { freq: 3 }),
    isHere: constantFrom(false, false, true),
  });

  test('never make wider what was set here, what nobody knows the time of, or what was set later', async () => {
    await assert(
      asyncProperty(array(act, { minLength: 1, maxLength: 7 }), async (acts: readonly Act[]) => {
        const { take, here, held, at } = await started();
        for (const [place, { level, second, isHere }] of acts.entries()) {
          at(place);
          if (isHere) await here(level);
          else await take(row(level, second === null ? undefined : Math.min(second, place)));
        }
        const last = acts.findLastIndex(({ isHere }) => isHere);
        const set = acts[last];
        const rows = acts.slice(last + 1).map(({ level, second }, place) => ({
          level,
          second: second === null ? null : Math.min(second, last + 1 + place),
        }));
        const times = rows.flatMap(({ second }) => (second === null ? [] : [second]));
        const isBefore = Math.max(...times) < last;
        const bounds = [
          ...(set === undefined ? [] : [set]),
          ...rows.filter(({ second }) => second === null || (!isBefore && second === Math.max(...times))),
        ];
        for (const { level } of bounds) expect(placeOf(held())).toBeGreaterThanOrEqual(placeOf(level));
      }),
      { numRuns: 300 },
    );
  });

  test('without a time leave their part in what stands, whatever is imported after them', async () => {
    for (const rows of [
      [row('only_me', 1), row('connections'), row('everyone', 2)],
      [row('connections'), row('only_me', 1), row('everyone', 2)],
    ]) {
      const { take, held } = await started();
      expect((await take(...rows)).at(-1)).toMatchObject({
        summary: { changed: 2, reasons: { stricter_stands: 1 } },
      });
      expect(held()).toBe('only_me');
    }
  });

  test('of a group that the policy does not name are refused, and of a level that it lacks are the strictest', async () => {
    const { take, log, held } = await started();
    const reports = await take(
      row('only_me', 1, 'nobody_knows'),
      row('everyone', 1),
      row('friends', 2),
      row('friends', 0),
    );
    expect(reports).toContainEqual({
      line: 1,
      reason: 'group_unknown',
      error: 'the policy names no such visibility group: correct it, or publish a policy that does',
    });
    expect(reports.at(-1)).toMatchObject({
      summary: { changed: 2, unchanged: 1, refused: 1, taken_as_strictest: 2 },
    });
    expect(held()).toBe('only_me');
    expect([...(log.state.recordOf('u').visibility ?? [])]).toHaveLength(1);
  });

  test('are taken with the choice of their row, or not at all', async () => {
    const { take, log } = await started();
    const choice = { purpose: 'ads.psychic', choice: 'denied' };
    expect((await take({ ...row('only_me', 1), ...choice })).at(-1)).toMatchObject({
      summary: { refused: 1 },
    });
    expect(log.state.recordOf('u').visibility).toBeUndefined();
    await take({ ...row('connections', 3), purpose: 'ai', choice: 'denied' });
    await take({ ...row('everyone', 4), ...choice });
    expect(log.state.recordOf('u')).toMatchObject({
      visibility: new Map([['posts', 'connections']]),
      choices: new Map([['ai', { choice: 'denied' }]]),
    });
    // the row that was refused left nothing by which a later one is judged
    expect((await take(row('only_me', 3))).at(-1)).toMatchObject({ summary: { changed: 1 } });
  });

  test('are told in the history as imported, with the time at which they were said', async () => {
    const { take, log, store } = await started();
    await take(row('connections', 7));
    const record = log.state.recordOf('u');
    const { levels } = await historyIn(store, 'u', record, log.state.revision);
    expect(levels.get('posts')).toEqual({ by: BY, via: 'import', at: YEAR + 7_000 });
  });

  test('open nothing because a clock was ahead', async () => {
    const ahead = (level: string, ms: number) => ({ ...row(level), at: NOW + ms });
    for (const rows of [
      [ahead('only_me', 2_000), ahead('everyone', 1_000)],
      [ahead('everyone', 1_000), ahead('only_me', 2_000)],
      [ahead('everyone', 2_000), { ...row('only_me'), at: NOW }],
      [{ ...row('only_me'), at: NOW }, ahead('everyone', 2_000)],
    ]) {
      const { take, held } = await started();
      await take(...rows);
      expect(held()).toBe('only_me');
    }
  });
});

describe('a level that was set here', () => {
  test.each([
    ['only_me', row('everyone', 9), 'only_me', { reasons: { stricter_stands: 1 } }],
    ['only_me', row('everyone'), 'only_me', { reasons: { stricter_stands: 1 } }],
    ['everyone', row('only_me', 1), 'everyone', { unchanged: 1 }],
    ['everyone', row('only_me', 9), 'only_me', { changed: 1 }],
    ['everyone', row('only_me'), 'only_me', { changed: 1 }],
    ['connections', row('connections', 9), 'connections', { unchanged: 1 }],
  ])('as `%s` and then imported as %j ends as `%s`', async (level, imported, ends, summary) => {
    const { here, take, held, at } = await started();
    at(5);
    await here(level);
    at(10);
    expect((await take(imported)).at(-1)).toMatchObject({ summary });
    expect(held()).toBe(ends);
  });

  test('is not made wider by two rows either, of which the first made it stricter', async () => {
    const { here, take, held, at } = await started();
    at(5);
    await here('connections');
    at(10);
    const reports = await take(row('only_me', 6), row('everyone', 7));
    expect(reports.at(-1)).toMatchObject({ summary: { changed: 1, reasons: { stricter_stands: 1 } } });
    expect(held()).toBe('only_me');
  });

  test('once more, over an imported one, is not made wider by rows of any time, after a restart either', async () => {
    for (const isRestarted of [false, true]) {
      const store = new SlowStore();
      const before = await started(store);
      await before.take(row('only_me', 1));
      const { here, take, held } = isRestarted ? await started(store) : before;
      expect(await here('only_me')).toMatchObject({ changed: true });
      expect(await here('only_me')).toMatchObject({ changed: false });
      const [refused] = await take(row('everyone', 9));
      expect(refused).toMatchObject({ line: 1, reason: 'stricter_stands' });
      expect(held()).toBe('only_me');
    }
  });

  test('to a wider one is refused while rows make it stricter', async () => {
    const { take, here, held, store } = await started();
    let release = () => {};
    store.hold = new Promise((resolve) => (release = resolve));
    const appending = new Promise<void>((resolve) => (store.appending = resolve));
    const taken = take(row('only_me'));
    await appending;
    await expect(here('everyone')).rejects.toMatchObject({ code: 'opt_out_in_progress' });
    release();
    await taken;
    expect(held()).toBe('only_me');
  });
});

describe('an export', () => {
  const group = constantFrom('posts', 'profile_photo', 'connections', 'activity');
  const change = record({ user: constantFrom('u', 'v', 'w'), group, level: constantFrom(...LEVELS, 'gone') });
  const held = (log: { state: { recordOf(user: string): UserRecord } }) =>
    ['u', 'v', 'w'].map((user) =>
      visibilityOn(policies.current, log.state.recordOf(user)).map(({ group, level }) => [
        group.id,
        level.id,
      ]),
    );

  test('that is imported elsewhere gives the same levels, of members without a profile too', async () => {
    await assert(
      asyncProperty(array(change, { maxLength: 12 }), constantFrom('u', 'v', 'w'), async (changes, home) => {
        const from = await started();
        await from.take({ user: home, region: 'DE', age_band: 'adult' });
        for (const { user, group, level } of changes)
          await from.log.change({
            user,
            by: BY,
            at: NOW,
            via: 'settings',
            settle: () => [{ kind: 'visibility', group, level }],
          });
        const rows: string[] = [];
        for await (const text of new Exports(from.log, from.store).rows()) rows.push(text);
        const to = await started();
        const reports = await to.takeLines(rows.join('').trimEnd().split('\n'));
        expect(reports.at(-1)).toMatchObject({ summary: { refused: 0 } });
        expect(held(to.log)).toEqual(held(from.log));
      }),
      { numRuns: 50 },
    );
  });
});
