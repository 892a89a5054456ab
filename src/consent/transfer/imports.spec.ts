import { array, assert, asyncProperty, constantFrom, nat, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConsentState } from '../../decision/state/consent-state.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { followedLog } from '../../../test/house.js';
import { isSuperseded } from '../log/settlement/event-rules.js';
import type { ChangeRequest } from '../log/settlement/settlement.js';
import { REFUSALS } from './import-refusals.js';
import { DAY_MS } from '../../time.js';
import { Imports, MOST_OPEN } from './imports.js';
import type { ImportReport } from './import-run.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { policiesOn } from '../../../test/at-once.js';

const policies = policiesOn(REFERENCE);
const BY = { kind: 'service', id: 'migration' } as const;
const NOW = Date.UTC(2026, 10, 26);
/** A clock that can be believed. */
const BELIEVED = async (now: number) => now;

async function started(store = new MemoryConsentStore(), state?: ConsentState, sure = BELIEVED) {
  const log = await followedLog(store, { state });
  return { store, log, imports: new Imports(log, store, policies, () => NOW, sure) };
}

/** A body whose lines are sent one by one. */
function sent(): { readonly body: AsyncIterable<Uint8Array>; send(row: object): void; end(): void } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  return {
    body: readable,
    send: (row) => void writer.write(Buffer.from(`${JSON.stringify(row)}\n`)),
    end: () => void writer.close(),
  };
}

async function reportsOf(reports: AsyncIterable<ImportReport>): Promise<ImportReport[]> {
  const all: ImportReport[] = [];
  for await (const report of reports) all.push(report);
  return all;
}

describe('a start that is refused', () => {
  test('leaves nothing behind, however many there are', async () => {
    const { imports } = await started();
    for (let place = 0; place < 1_000; place++)
      await expect(imports.goOn(`refused-${place}`, 2, BY)).rejects.toThrow('go on from line 1');
    for (let place = 0; place < MOST_OPEN; place++) await imports.goOn(`taken-${place}`, 1, BY);
    await expect(imports.goOn('one more', 1, BY)).rejects.toThrow('imports are open');
  });

  test('does not end the run that is open', async () => {
    const { imports } = await started();
    const client = sent();
    const run = await imports.goOn('one', 1, BY);
    const told = reportsOf(run.take(client.body));
    for (const from of [2, 99]) await expect(imports.goOn('one', from, BY)).rejects.toThrow('from line 1');
    client.send({ user: 'u', region: 'DE' });
    client.end();
    expect((await told).at(-1)).toMatchObject({ done: true, line: 1 });
  });
});

test('a start at the right line ends the run that is open, and goes on in its stead', async () => {
  const { imports } = await started();
  const client = sent();
  const told = reportsOf((await imports.goOn('one', 1, BY)).take(client.body));
  await imports.goOn('one', 1, BY);
  client.send({ user: 'u', region: 'DE' });
  client.end();
  await expect(told).rejects.toThrow('another request goes on');
  // the first one is open no more
  for (let place = 1; place < MOST_OPEN; place++) await imports.goOn(`other-${place}`, 1, BY);
});

test('is gone on with by one of two processes at a time', async () => {
  const { imports, log, store } = await started();
  const elsewhere = new Imports(log, store, policies, () => NOW, BELIEVED);
  const [here, there] = [await imports.goOn('one', 1, BY), await elsewhere.goOn('one', 1, BY)];
  const row = { user: 'u', region: 'DE', age_band: 'adult' };
  expect((await reportsOf(here.take(bodyOf([row])))).at(-1)).toMatchObject({ done: true, line: 1 });
  await expect(reportsOf(there.take(bodyOf([row, row])))).rejects.toThrow('another request goes on');
  expect(await imports.progressOf('one')).toMatchObject({ line: 1, summary: { changed: 1 } });
  expect(log.available).toBe(true);
});

test('no more imports are open at once than memory is for', async () => {
  const { imports } = await started();
  const runs = [];
  for (let place = 0; place < 64; place++) runs.push(await imports.goOn(`open-${place}`, 1, BY));
  await expect(imports.goOn('one-more', 1, BY)).rejects.toThrow('imports are open');
  const [first] = runs;
  if (first !== undefined) imports.letGo('open-0', first);
  await imports.goOn('one-more', 1, BY);
});

test('into a state that is nearly full takes the rows of users who are known, and rejects those of new ones', async () => {
  const { imports, log, store } = await started(
    new MemoryConsentStore(),
    new ConsentState([1, 2], 1_000_000),
  );
  const idAt = (number: number) => `u-${number}`.padEnd(38, '.');
  const rows = Array.from({ length: 26_000 }, (_, number) => ({ user: idAt(number), region: 'DE' }));
  const first = (await reportsOf((await imports.goOn('one', 1, BY)).take(bodyOf(rows)))).at(-1);
  const known = log.state.size;
  expect(first).toEqual({
    done: true,
    line: rows.length,
    summary: {
      changed: known,
      unchanged: 0,
      refused: rows.length - known,
      reasons: { too_many_users: rows.length - known },
      permits_nothing: 0,
      taken_as_strictest: 0,
    },
  });
  expect(log.state.filled).toBeGreaterThanOrEqual(0.95);
  expect(rows.filter(({ user }, place) => log.state.knows(user) !== place < known)).toEqual([]);
  const denials = [idAt(0), 'somebody new', idAt(known - 1)].map((user) => ({
    user,
    purpose: PURPOSE,
    choice: 'denied',
  }));
  const second = await reportsOf((await imports.goOn('two', 1, BY)).take(bodyOf(denials)));
  expect(second[0]).toEqual({ line: 2, reason: 'too_many_users', error: REFUSALS.too_many_users });
  expect(second.at(-1)).toMatchObject({ summary: { changed: 2, refused: 1 } });
  expect(log.state.recordOf(idAt(0)).choices.get(PURPOSE)?.choice).toBe('denied');
  expect(await store.head()).toBe(known + 2);
});

type Row = Readonly<Record<string, string | number>>;

async function* bodyOf(rows: readonly Row[]): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

const HOME = { user: 'u', region: 'DE', age_band: 'adult' };
const PURPOSE = 'ads.off_platform';
const YEAR = Date.UTC(2024, 0, 1);
const said = (choice: string, second?: number, notice = 1): Row => ({
  user: 'u',
  purpose: PURPOSE,
  choice,
  ...(choice === 'granted' ? { notice } : {}),
  ...(second === undefined ? {} : { at: YEAR + second * 1_000 }),
});

/** Takes rows in, in as many requests as there are lists, and says what stands then. */
async function standingAfter(...requests: readonly (readonly Row[])[]) {
  const { imports, log, store } = await started();
  let line = 1;
  let last: ImportReport | undefined;
  for (const rows of [[HOME], ...requests]) {
    last = (await reportsOf((await imports.goOn('one', line, BY)).take(bodyOf(rows)))).at(-1);
    line += rows.length;
  }
  return { log, imports, store, last, stands: log.state.recordOf('u').choices.get(PURPOSE) };
}

test.each(['us-ca', 'US_CA', 'de'])('a region that is written as %s is told how', async (region) => {
  const { imports } = await started();
  const run = await imports.goOn('one', 1, BY);
  expect(await reportsOf(run.take(bodyOf([{ ...HOME, region }])))).toContainEqual({
    line: 1,
    reason: 'region_not_valid',
    error: expect.stringContaining('did you mean a code such as `US-CA`'),
  });
  expect((await imports.progressOf('one')).refusedLately).toHaveLength(1);
});

describe('a value that is written otherwise', () => {
  const granted = { user: 'u', purpose: PURPOSE, choice: 'granted' };
  test.each([
    [
      'at_not_valid',
      { ...granted, at: 1_717_200_000 },
      '`at` looks like seconds since 1970: send it as RFC 3339',
    ],
    ['at_not_valid', { ...granted, at: 45_443 }, '`at` looks like days as spreadsheets count them'],
    ['at_not_valid', { ...granted, at: '45443.5' }, '`at` looks like days as spreadsheets count them'],
    ['at_not_valid', { ...granted, at: '31.05.2024' }, '`at` has year, month and day in another order'],
    ['at_not_valid', { ...granted, at: '05/31/2024 12:00' }, '`at` has year, month and day in another order'],
    ['at_not_valid', { ...granted, at: '2024-05-31 12:00:00' }, '`at` has a space between day and time'],
    ['at_not_valid', { ...granted, at: '2024-05-31T12:00:00' }, '`at` does not say its zone'],
    ['at_not_valid', { ...granted, at: '1717200000000' }, '`at` looks like milliseconds since 1970'],
    ['at_not_valid', { ...granted, at: NOW + YEAR }, '`at` must be a time that has passed'],
    ['at_not_valid', { ...granted, at: '2024-02-30' }, '`at` must be a time that has passed'],
    ['until_not_valid', { ...granted, until: 1_917_200_000 }, '`until` looks like seconds since 1970'],
    [
      'until_not_valid',
      { ...granted, until: '31.05.2034' },
      '`until` has year, month and day in another order',
    ],
    [
      'adult_from_not_valid',
      { ...HOME, age_band: 'minor', adult_from: '2034-05-31' },
      '`adult_from` is a day, not a time',
    ],
    ['notice_not_valid', { ...granted, notice: '1' }, '`"notice":1` and not `"notice":"1"`'],
  ])('is refused as %s with what it looks like: %j', async (reason, row, sentence) => {
    const { imports, store, last } = await standingAfter([row]);
    expect(last).toMatchObject({ summary: { refused: 1, reasons: { [reason]: 1 } } });
    // whoever goes on after a kill is told the same
    const told = [{ line: 2, reason, error: expect.stringContaining(sentence) }];
    expect((await imports.progressOf('one')).refusedLately).toEqual(told);
    const written = JSON.stringify(await store.importMark('one'));
    for (const value of Object.values(row)
      .map(String)
      .filter((text) => /\d{2}/.test(text)))
      expect(written).not.toContain(value);
  });
});

describe('a grant that permits nothing', () => {
  const grant = { user: 'u', purpose: PURPOSE, choice: 'granted' };
  const california = { user: 'c', region: 'US-CA', age_band: 'adult' };

  test('is counted, with the notice missing where the purpose asks first, and so is no other', async () => {
    const rows = [
      grant,
      california,
      { ...grant, user: 'c', purpose: 'ads.personalised' },
      { ...grant, user: 'nowhere' },
      { ...HOME, ...grant, user: 'shown', notice: 1 },
      { ...grant, user: 'no', choice: 'denied' },
      { ...grant, purpose: 'ads.psychic' },
    ];
    const { imports, last } = await standingAfter(rows);
    expect(last).toMatchObject({
      summary: { changed: 7, unchanged: 0, refused: 1, reasons: { purpose_unknown: 1 }, permits_nothing: 2 },
    });
    expect((await imports.progressOf('one')).summary).toMatchObject({ refused: 1, permits_nothing: 2 });
  });

  test.each([
    ['without a time', undefined, undefined, 1],
    ['with a later time', 1, 2, 1],
    ['with the same time, of which the one that closes counts', 1, 1, 0],
  ])(
    'comes to permit when its row is given the notice, %s: %j, then %j',
    async (_, before, after, notice) => {
      const at = (second: number | undefined) => (second === undefined ? {} : { at: YEAR + second * 1_000 });
      const { stands, last } = await standingAfter(
        [{ ...grant, ...at(before) }],
        [{ ...grant, notice: 1, ...at(after) }],
      );
      expect(stands).toMatchObject({ choice: 'granted', notice });
      expect(last).toMatchObject({ summary: { permits_nothing: 2 - notice } });
    },
  );
});

describe('rows of one user and purpose with times', () => {
  test('end as the latest of them, in whatever order and however many requests they come', async () => {
    const rows = array(
      record({ choice: constantFrom('granted', 'denied'), second: nat(4), notice: constantFrom(0, 1) }),
      { minLength: 1, maxLength: 6 },
    );
    await assert(
      asyncProperty(rows, nat(6), async (rows, cut) => {
        const latest = rows
          .filter(({ second }) => second === Math.max(...rows.map((row) => row.second)))
          .toSorted((one, other) => closing(one) - closing(other));
        const [expected] = latest;
        const sent = rows.map(({ choice, second, notice }) =>
          notice === 0 ? withoutNotice(said(choice, second)) : said(choice, second),
        );
        const { stands } = await standingAfter(sent.slice(0, cut), sent.slice(cut));
        expect(stands).toMatchObject({
          choice: expected?.choice,
          notice: expected?.choice === 'granted' ? expected.notice : 0,
        });
      }),
      { numRuns: 60 },
    );
  });

  test('change nothing when they come once more', async () => {
    const rows = [said('denied', 1), said('granted', 3), said('denied', 2), said('granted', 3)];
    const { last, stands } = await standingAfter(rows, rows);
    expect(stands).toMatchObject({ choice: 'granted', notice: 1 });
    expect(last).toMatchObject({ summary: { changed: 3, unchanged: 6, refused: 0 } });
  });

  test('open nothing against a denial of which nobody knows when it was said', async () => {
    for (const rows of [
      [said('denied'), said('granted', 5)],
      [said('granted', 5), said('denied')],
      [said('denied', 1), said('denied'), said('granted', 5)],
    ])
      expect((await standingAfter(...rows.map((row) => [row]))).stands).toMatchObject({ choice: 'denied' });
  });

  test('open nothing because a clock was ahead', async () => {
    const ahead = (choice: string, ms: number) => ({ ...said(choice), at: NOW + ms });
    for (const rows of [
      [ahead('denied', 2_000), ahead('granted', 1_000)],
      [ahead('granted', 1_000), ahead('denied', 2_000)],
      [ahead('granted', 2_000), { ...said('denied'), at: NOW }],
    ])
      expect((await standingAfter(rows)).stands).toMatchObject({ choice: 'denied' });
  });
});

describe('what was said here', () => {
  const here = (choice: 'granted' | 'denied', at: number): ChangeRequest => ({
    user: 'u',
    by: { kind: 'user', id: 'u' },
    at,
    saidAt: at,
    via: 'settings',
    settle: () => [
      { kind: 'choice', purpose: PURPOSE, choice, notice: choice === 'granted' ? 1 : 0, signal: false },
    ],
  });

  test.each([
    { choice: 'denied', row: said('granted', 9), ends: 'denied', as: 'refused' },
    { choice: 'granted', row: said('denied', 1), ends: 'granted', as: 'unchanged' },
    { choice: 'granted', row: said('denied', 9), ends: 'denied', as: 'changed' },
    { choice: 'granted', row: said('denied'), ends: 'denied', as: 'changed' },
  ] as const)('$choice and then imported as $row.choice ends $ends', async ({ choice, row, ends, as }) => {
    const { log, imports } = await standingAfter();
    await log.change(here(choice, YEAR + 5_000));
    const reports = await reportsOf((await imports.goOn('two', 1, BY)).take(bodyOf([row])));
    expect(log.state.recordOf('u').choices.get(PURPOSE)?.choice).toBe(ends);
    expect(reports.at(-1)).toMatchObject({ summary: { [as]: 1 } });
  });
});

test.each([{ at: '2020-01-01T00:00:00Z' }, {}])(
  'the end that a grant was given here is put off by no row: %j',
  async (when) => {
    const { log, imports } = await standingAfter();
    const until = NOW + 1_000_000;
    await log.change({
      user: 'u',
      by: { kind: 'user', id: 'u' },
      at: NOW - 5_000,
      via: 'settings',
      settle: () => [
        { kind: 'choice', purpose: PURPOSE, choice: 'granted', notice: 1, signal: false, until },
      ],
    });
    const later = { user: 'u', purpose: PURPOSE, choice: 'granted', until: '2035-01-01T00:00:00Z', ...when };
    const reports = await reportsOf((await imports.goOn('two', 1, BY)).take(bodyOf([later])));
    expect(reports.at(-1)).toMatchObject({ summary: { unchanged: 1 } });
  },
);

test.each([
  { when: 'later', isRestarted: false },
  { when: 'after a restart', isRestarted: true },
])(
  'a no that was said here once more opens for no grant that is imported $when, whenever that was said',
  async ({ isRestarted }) => {
    const before = await standingAfter([said('denied', 1)]);
    const { log, imports } = isRestarted ? await started(before.store, before.log.state) : before;
    const again: ChangeRequest = {
      user: 'u',
      by: { kind: 'user', id: 'u' },
      at: NOW,
      via: 'settings',
      closes: [PURPOSE],
      settle: () => [],
    };
    expect(await log.change(again)).toMatchObject({ changed: true });
    expect(await log.change(again)).toMatchObject({ changed: false });
    const reports = await reportsOf((await imports.goOn('two', 1, BY)).take(bodyOf([said('granted', 9)])));
    expect(reports.at(-1)).toMatchObject({ summary: { reasons: { denial_stands: 1 } } });
    expect(log.state.recordOf('u').choices.get(PURPOSE)?.choice).toBe('denied');
  },
);

/** How much a choice closes, the most first. */
function closing({ choice, notice }: { readonly choice: string; readonly notice: number }): number {
  return choice === 'denied' ? -1 : notice;
}

function withoutTime({ at: _at, ...row }: Row): Row {
  return row;
}

function withoutNotice({ notice: _notice, ...row }: Row): Row {
  return row;
}

test('a user whom the log knows by an id that is spelled otherwise can still say no', async () => {
  const { log, imports } = await started();
  const user = 'u-1 ';
  await log.change({
    user,
    by: BY,
    at: NOW,
    via: 'settings',
    settle: () => [{ kind: 'signal', signal: 'gpc' }],
  });
  const rows = [user, 'u-2 '].map((id) => ({ user: id, purpose: PURPOSE, choice: 'denied' }));
  const reports = await reportsOf((await imports.goOn('one', 1, BY)).take(bodyOf(rows)));
  expect(reports.at(-1)).toMatchObject({ summary: { changed: 1, reasons: { user_not_valid: 1 } } });
  expect(log.state.recordOf(user).choices.get(PURPOSE)?.choice).toBe('denied');
});

describe('a signal of a row', () => {
  const user = 'u';
  const LATER = NOW + DAY_MS;
  const grant = { kind: 'choice', purpose: PURPOSE, choice: 'granted', notice: 1 } as const;

  async function granted({ signal, gpc }: { signal: boolean; gpc: boolean }) {
    const service = await started();
    const { log } = service;
    const settle: ChangeRequest['settle'] = () => [
      ...(gpc ? [{ kind: 'signal', signal: 'gpc' } as const] : []),
      { ...grant, signal, until: LATER },
    ];
    await log.change({ user, by: BY, at: NOW - 1, via: 'settings', settle });
    return service;
  }

  async function take({ imports }: Awaited<ReturnType<typeof started>>, ...rows: Row[]) {
    const reports = await reportsOf((await imports.goOn('one', 1, BY)).take(bodyOf(rows)));
    return reports.at(-1);
  }

  test('closes a grant that was given against an earlier one, as the same signal of a browser does', async () => {
    const service = await granted({ signal: true, gpc: false });
    expect(await take(service, { user, signal: 'gpc' })).toMatchObject({ summary: { changed: 1 } });
    const { signals, choices } = service.log.state.recordOf(user);
    expect([...signals]).toEqual(['gpc']);
    expect(choices.get(PURPOSE)).toEqual({ choice: 'granted', notice: 1, signal: false });
  });

  test('leaves the grant what it was: said here, and ending when it was to end', async () => {
    const service = await granted({ signal: true, gpc: false });
    await take(service, { user, signal: 'gpc' });
    const [last] = await service.store.lastChoices([{ user, purpose: PURPOSE }]);
    expect(last).toMatchObject({ via: 'settings', at: NOW - 1, change: { until: LATER } });
    const due = await service.store.due(LATER, 10);
    expect(due.filter(({ event, later }) => !isSuperseded(event, later))).toMatchObject([
      { event: { change: { purpose: PURPOSE, until: LATER } } },
    ]);
  });

  test('that stands already leaves the grant that answered it', async () => {
    const service = await granted({ signal: true, gpc: true });
    expect(await take(service, { user, signal: 'gpc' })).toMatchObject({ summary: { unchanged: 1 } });
    expect(service.log.state.recordOf(user).choices.get(PURPOSE)?.signal).toBe(true);
  });

  test('closes nothing when its row is rejected', async () => {
    const service = await granted({ signal: true, gpc: false });
    const row = { user, signal: 'gpc', purpose: 'nobody.knows', choice: 'denied' };
    expect(await take(service, row)).toMatchObject({ summary: { reasons: { purpose_unknown: 1 } } });
    const { signals, choices } = service.log.state.recordOf(user);
    expect([...signals]).toEqual([]);
    expect(choices.get(PURPOSE)?.signal).toBe(true);
  });
});

test('makes an adult of a minor who has come of age, unless only by a clock that is not believed', async () => {
  const row = { user: 'u', region: 'DE', age_band: 'minor', adult_from: '2026-11-25T00:00:00Z' };
  const ageAfter = async (sure: (now: number) => Promise<number>) => {
    const { imports, log, store } = await started(new MemoryConsentStore(), undefined, sure);
    await reportsOf((await imports.goOn('minors', 1, BY)).take(bodyOf([row])));
    return [log.state.recordOf('u').ageBand, await store.nextDue()];
  };
  expect(await ageAfter(BELIEVED)).toEqual(['adult', undefined]);
  expect(await ageAfter(async () => 0)).toEqual(['minor', Date.UTC(2026, 10, 25)]);
});

describe('what was taken back here, or lapsed,', () => {
  const none = { kind: 'choice', purpose: PURPOSE, choice: 'none', notice: 0, signal: false } as const;

  test.each([
    { via: 'settings', isRestarted: false },
    { via: 'settings', isRestarted: true },
    { via: 'lapse', isRestarted: true },
  ] as const)('is opened by no row ($via, restarted: $isRestarted)', async ({ via, isRestarted }) => {
    const before = await standingAfter([said('denied', 1)]);
    await before.log.change({ user: 'u', by: BY, at: NOW, via, settle: () => [none] });
    const { log, imports } = isRestarted ? await started(before.store, before.log.state) : before;
    const rows = [said('granted', 9), withoutTime(said('granted', 9)), said('granted', 1)];
    for (const [place, row] of rows.entries()) {
      const reports = await reportsOf((await imports.goOn(`rows ${place}`, 1, BY)).take(bodyOf([row])));
      expect(reports.at(-1)).toMatchObject({ summary: { unchanged: 1 } });
    }
    expect(log.state.recordOf('u').choices.has(PURPOSE)).toBe(false);
  });

  test.each([
    { how: 'in one block', blocks: 1 },
    { how: 'in two', blocks: 2 },
  ])('is not opened by a denial from after it and a grant from after that, $how', async ({ blocks }) => {
    const { log, store } = await standingAfter([said('granted', 1)]);
    await log.change({ user: 'u', by: BY, at: NOW, via: 'settings', settle: () => [none] });
    const imports = new Imports(log, store, policies, () => NOW + 3 * DAY_MS, BELIEVED);
    const rows = [
      { ...said('denied', 1), at: NOW + DAY_MS },
      { ...said('granted', 1), at: NOW + 2 * DAY_MS },
    ];
    for (const [place, some] of (blocks === 1 ? [rows] : rows.map((row) => [row])).entries())
      await reportsOf((await imports.goOn(`later ${place}`, 1, BY)).take(bodyOf(some)));
    expect(log.state.recordOf('u').choices.get(PURPOSE)?.choice).toBe('denied');
  });

  test.each([
    { when: 'before it', row: said('denied', 1), choice: undefined },
    { when: 'after it', row: { ...said('denied', 1), at: NOW }, choice: 'denied' },
    { when: 'nobody knows when', row: withoutTime(said('denied', 1)), choice: 'denied' },
  ])('is closed by a denial from $when: $choice', async ({ row, choice }) => {
    const { log, imports } = await standingAfter([said('denied', 1)]);
    await log.change({ user: 'u', by: BY, at: NOW, via: 'settings', settle: () => [none] });
    await reportsOf((await imports.goOn('two', 1, BY)).take(bodyOf([row])));
    expect(log.state.recordOf('u').choices.get(PURPOSE)?.choice).toBe(choice);
  });
});
