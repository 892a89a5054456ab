import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { reference, soundDocuments } from '../../../test/property/arbitraries.js';
import {
  AGE_BANDS,
  CHOICES,
  type ConsentChange,
  type ConsentEvent,
  EMPTY_RECORD,
  type UserRecord,
  applyChange,
} from '../consent-event.js';
import { ConsentState, type Resolution } from './consent-state.js';
import type { Source } from './dump-format.js';
import { KeyBatch } from './key-batch.js';
import type { PolicyDocument } from '../policy.js';
import { type DecisionTable, PERMITTED } from '../table/table.js';
import { compile, tabulate } from '../../../test/at-once.js';

// much is tried, on machines that may be busy
vi.setConfig({ testTimeout: 60_000 });

const USERS = ['u-1', 'ünï', '😀', 'a', 'b', 'c'];

function tableOf(document: PolicyDocument): DecisionTable {
  const result = compile(document);
  if (!result.ok) throw new Error('the drawn document is not sound');
  return tabulate(result.policy);
}

/** A change as numbers, to be read against the policy at hand. */
const drawn = fc.record({
  user: fc.nat(USERS.length - 1),
  kind: fc.nat(9),
  which: fc.nat(99),
  said: fc.nat(99),
  notice: fc.nat(3),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

/** The log that the numbers make. */
function logOf(
  plans: readonly Drawn[],
  { purposes, regimes, visibility = [] }: PolicyDocument,
): ConsentEvent[] {
  const names = [...purposes.map(({ id }) => id), 'retired'];
  const regions = [...regimes.flatMap((regime) => regime.regions), 'XX', null];
  const changeOf = ({ kind, which, said, notice }: Drawn): ConsentChange => {
    if (kind === 0) return { kind: 'signal', signal: 'gpc' };
    if (kind > 7) {
      // a group or a level that there is no more, now and then
      const group = visibility[which % (visibility.length + 1)];
      const level = group?.levels[said % (group.levels.length + 1)];
      return { kind: 'visibility', group: group?.id ?? 'retired', level: level?.id ?? 'retired' };
    }
    if (kind > 5)
      return {
        kind: 'profile',
        region: regions[which % regions.length] ?? null,
        ageBand: AGE_BANDS[said % 3] ?? 'unknown',
      };
    const choice = CHOICES[said % 2] ?? 'denied';
    return { kind: 'choice', purpose: names[which % names.length] ?? '', choice, notice, signal: said > 49 };
  };
  return plans.map((plan, at) => ({
    revision: at + 1,
    subject: plan.user + 7,
    user: USERS[plan.user] ?? '',
    by: { kind: 'user', id: 'x' },
    at: 0,
    via: 'settings',
    change: changeOf(plan),
  }));
}

/** The records that a log means. */
function recordsOf(log: readonly ConsentEvent[]): Map<string, UserRecord> {
  const records = new Map<string, UserRecord>();
  for (const { user, change } of log)
    records.set(user, applyChange(records.get(user) ?? EMPTY_RECORD, change));
  return records;
}

function stateOf(log: readonly ConsentEvent[]): ConsentState {
  const state = new ConsentState([1, 2]);
  for (const event of log) state.apply(event);
  return state;
}

function filled(resolution: Resolution): Resolution {
  for (const _slice of resolution.fill());
  return resolution;
}

/** What the resolution has for each user: the answer per purpose, and the level per visibility group. */
function answersOf(resolution: Resolution, { width }: DecisionTable): number[][] {
  return [...USERS, 'nobody'].map((user) =>
    Array.from({ length: width }, (_, place) => resolution.of(resolution.classOf(user), place)),
  );
}

/** The same of the records, each asked by itself. */
function expectedOf(records: ReadonlyMap<string, UserRecord>, table: DecisionTable): number[][] {
  return [...USERS, 'nobody'].map((user) => {
    const consent = table.consentOf(records.get(user) ?? EMPTY_RECORD);
    return Array.from({ length: table.width }, (_, place) => consent(place));
  });
}

function expectToHold(state: ConsentState, log: readonly ConsentEvent[]): void {
  const records = recordsOf(log);
  expect(state.revision).toBe(log.length);
  expect(state.size).toBe(records.size);
  expect(state.usersFrom(0, 100)).toEqual([...records.keys()]);
  const numbers = new Map(log.map(({ user, subject }) => [user, subject]));
  for (const user of [...USERS, 'nobody']) {
    expect(state.recordOf(user)).toEqual(records.get(user) ?? EMPTY_RECORD);
    expect(state.numberOf(user)).toBe(numbers.get(user));
  }
}

/** A dump taken piece by piece, with `between` called after each. */
function dumped(
  state: ConsentState,
  size: number,
  between: () => void,
): { source: () => Source; reach: number } {
  const pieces: Uint8Array[] = [];
  const dump = state.dump(size);
  let piece = dump.next();
  for (; piece.done !== true; piece = dump.next()) {
    pieces.push(piece.value.slice());
    between();
  }
  const whole = Buffer.concat(pieces);
  return { source: () => sourceOf(whole), reach: piece.value };
}

function sourceOf(whole: Uint8Array): Source {
  let at = 0;
  return {
    get left() {
      return whole.length - at;
    },
    read: (into) => {
      if (whole.length - at < into.length) throw new Error('too few bytes');
      into.set(whole.subarray(at, (at += into.length)));
    },
  };
}

const SIGNAL: Drawn = { user: 0, kind: 0, which: 0, said: 0, notice: 0 };

const logs = fc.array(drawn, { maxLength: 60 });

describe('the state', () => {
  it('holds the fold of the log, users in the order in which the log first names them', () => {
    fc.assert(
      fc.property(soundDocuments, logs, (document, plans) => {
        const log = logOf(plans, document);
        expectToHold(stateOf(log), log);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a gap in the log, and an event that it has', () => {
    const log = logOf([SIGNAL, SIGNAL, SIGNAL], BARE);
    const state = stateOf(log.slice(0, 1));
    for (const event of [...log.slice(0, 1), ...log.slice(2)])
      expect(() => state.apply(event)).toThrow(/a gap/);
    expectToHold(state, log.slice(0, 1));
  });

  it('knows a user by the number that they have last, and takes nothing of another one before it was told of an erasure', () => {
    fc.assert(
      fc.property(soundDocuments, logs, fc.array(fc.nat(5)), (document, plans, erased) => {
        // who is erased comes back as somebody else
        const numbers = USERS.map((_, user) => user + 1);
        const log = logOf(plans, document).map((event, at) => {
          const user = erased[at];
          if (user !== undefined && at % 2 === 0) numbers[user] = USERS.length + 1 + at;
          return { ...event, subject: numbers[USERS.indexOf(event.user)] ?? 0 };
        });
        const state = new ConsentState([1, 2]);
        for (const [at, event] of log.entries()) {
          const isOther = ![undefined, event.subject].includes(state.numberOf(event.user));
          if (isOther) {
            const before = state.recordOf(event.user);
            expect(() => state.apply(event)).toThrow('under two numbers');
            expect(state.recordOf(event.user)).toEqual(before);
            state.forget(event.user);
          }
          state.apply(event);
          const said = log
            .slice(0, at + 1)
            .filter(({ user, subject }) => user === event.user && subject === event.subject);
          expect(state.numberOf(event.user)).toBe(event.subject);
          expect(state.recordOf(event.user)).toEqual(recordsOf(said).get(event.user));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('knows many users at once by their numbers', () => {
    fc.assert(
      fc.property(soundDocuments, logs, (document, plans) => {
        const state = stateOf(logOf(plans, document));
        const batch = new KeyBatch();
        for (const user of [...USERS, 'nobody']) batch.add(user);
        state.numbersOf(batch);
        expect([...batch.numbers.subarray(0, batch.size)]).toEqual(
          [...USERS, 'nobody'].map((user) => state.numberOf(user) ?? 0),
        );
      }),
    );
  });

  it('is as it was after an event that no record can hold', () => {
    const log = logOf([SIGNAL], BARE);
    const state = stateOf(log);
    const change = {
      kind: 'choice',
      purpose: 'p',
      choice: 'granted',
      notice: 40_000,
      signal: false,
    } as const;
    for (const event of log) expect(() => state.apply({ ...event, revision: 2, change })).toThrow(/notices/);
    for (const event of log)
      expect(() => state.apply({ ...event, revision: 2, user: '' })).toThrow(/1 to 4096/);
    expectToHold(state, log);
  });
});

describe('a resolution', () => {
  it('answers as each record by itself does, whenever it was attached and filled', () => {
    fc.assert(
      fc.property(soundDocuments, logs, fc.nat(60), fc.nat(60), (document, plans, attachedAt, filledAt) => {
        const log = logOf(plans, document);
        const table = tableOf(document);
        const state = new ConsentState([1, 2]);
        let resolution: Resolution | undefined;
        let complete = false;
        for (let at = 0; at <= log.length; at++) {
          if (at >= attachedAt) resolution ??= state.attach(table);
          if (resolution !== undefined && at >= filledAt && !complete)
            complete = filled(resolution) === resolution;
          const expected = expectedOf(recordsOf(log.slice(0, at)), table);
          const answers = resolution === undefined ? [] : answersOf(resolution, table);
          if (complete) expect(answers).toEqual(expected);
          // what is not resolved yet is a no; what is, is right
          answers.forEach((row, user) =>
            row.forEach((answer, purpose) => {
              if (answer === PERMITTED) expect(expected[user]?.[purpose]).toBe(PERMITTED);
            }),
          );
          const event = log[at];
          if (event !== undefined) state.apply(event);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets a grant in spite of a signal prevail for the user who gave it, and for nobody who is resolved next', () => {
    const table = tabulate(reference);
    const state = new ConsentState([1, 2]);
    const says = (user: string, change: ConsentChange) =>
      state.apply({
        revision: state.revision + 1,
        subject: state.numberOf(user) ?? state.size + 1,
        user,
        by: { kind: 'user', id: user },
        at: 0,
        via: 'settings',
        change,
      });
    const granted = ['ads.off_platform', 'share.affiliates', 'ads.off_platform', 'ads.partner_data'];
    for (const [place, purpose] of granted.entries()) {
      const user = `u-${place}`;
      says(user, { kind: 'profile', region: 'US-CA', ageBand: 'adult' });
      says(user, { kind: 'signal', signal: 'gpc' });
      says(user, { kind: 'choice', purpose, choice: 'granted', notice: 0, signal: true });
    }
    const resolution = filled(state.attach(table));
    const place = table.purposeIndex('ads.off_platform') ?? -1;
    const open = granted.map(
      (_, user) => resolution.of(resolution.classOf(`u-${user}`), place) === PERMITTED,
    );
    expect(open).toEqual([true, false, true, false]);
  });

  it('is right when the state was dumped, and lost classes, while it was filled', () => {
    fc.assert(
      fc.property(soundDocuments, logs, logs, (document, before, after) => {
        const log = logOf([...before, ...after], document);
        const state = stateOf(log.slice(0, before.length));
        const table = tableOf(document);
        let next = before.length;
        let resolution: Resolution | undefined;
        dumped(state, 1, () => {
          const event = log[next];
          if (event === undefined || next++ < before.length) return;
          state.apply(event);
          if (next % 5 === 0) resolution = filled(state.attach(table));
        });
        for (const event of log.slice(state.revision)) state.apply(event);
        resolution ??= filled(state.attach(table));
        expect(answersOf(resolution, table)).toEqual(expectedOf(recordsOf(log), table));
      }),
      { numRuns: 200 },
    );
  });

  it('has a slice of about as many answers, however many purposes there are', () => {
    const state = new ConsentState([1, 2]);
    for (let revision = 1; revision <= 9_000; revision++)
      state.apply({
        revision,
        subject: revision,
        user: `u-${revision}`,
        by: { kind: 'user', id: 'x' },
        at: 0,
        via: 'settings',
        change: { kind: 'profile', region: `R${revision}`, ageBand: 'adult' },
      });
    const slices = (purposes: number) => {
      const table = tableOf({
        ...BARE,
        purposes: Array.from({ length: purposes }, (_, at) => purposeOf(`p${at}`)),
      });
      return [...state.attach(table).fill()].length;
    };
    expect(slices(10)).toBe(21);
    expect(slices(100)).toBe(219);
  });
});

const BARE: PolicyDocument = {
  schema: 1,
  unknown_regime: 'R',
  regimes: [{ id: 'R', title: 'A law', regions: ['*'] }],
  obligations: [],
  purposes: [],
  fields: [],
  overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
  floor: { private_message: [] },
};

function purposeOf(id: string): PolicyDocument['purposes'][number] {
  return {
    id,
    title: id,
    description: id,
    dpv: 'Purpose',
    settings: { R: 'always' },
    categories: ['public'],
  };
}

describe('a state with little room', () => {
  const event = (revision: number, user: string, change: ConsentChange): ConsentEvent => ({
    revision,
    subject: 1 + Number(/\d+/.exec(user)?.[0] ?? 0),
    user,
    by: { kind: 'user', id: 'x' },
    at: 0,
    via: 'settings',
    change,
  });
  const denial = (notice = 0): ConsentChange => ({
    kind: 'choice',
    purpose: 'ads',
    choice: 'denied',
    notice,
    signal: false,
  });
  const region = (region: string): ConsentChange => ({ kind: 'profile', region, ageBand: 'adult' });
  const room = 4_000;

  function expectToHoldAll(state: ConsentState, log: readonly ConsentEvent[]): void {
    const records = recordsOf(log);
    expect([state.revision, state.size]).toEqual([log.length, records.size]);
    expect(state.usersFrom(0, log.length + 1)).toEqual([...records.keys()]);
    for (const [user, record] of records) expect(state.recordOf(user)).toEqual(record);
    // nobody counts among those who share a record that was never theirs
    const counts = Array.from({ length: state.classesEnd }, (_, id) => state.usersIn(id));
    expect(counts.reduce((sum, users) => sum + users)).toBe(records.size);
  }

  /** New users one by one until one does not fit. */
  function full(
    changeOf: (count: number) => ConsentChange,
    idOf = (count: number) => `user ${count}`,
  ): { state: ConsentState; log: ConsentEvent[] } {
    const state = new ConsentState([1, 2], room);
    const log: ConsentEvent[] = [];
    const shares = [state.filled];
    expect(() => {
      for (;;) {
        const next = event(log.length + 1, idOf(log.length), changeOf(log.length));
        state.apply(next);
        log.push(next);
        shares.push(state.filled);
      }
    }).toThrow(RangeError);
    expect(shares[0]).toBe(0);
    expect(shares).toEqual([...shares].sort((one, other) => one - other));
    expect(shares.at(-1)).toBeGreaterThan(0.99);
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
    return { state, log };
  }

  it('full of ids refuses a new user, forgets none, and takes whatever the others say', () => {
    const { state, log } = full(() => denial());
    expect(log.length).toBeGreaterThan(200);
    for (let turn = 0; turn < 3; turn++) {
      expect(() => state.apply(event(log.length + 1, 'somebody new', denial()))).toThrow(RangeError);
      expect(() => state.apply(event(log.length + 1, 'somebody new', region('DE')))).toThrow(RangeError);
      expectToHoldAll(state, log);
    }
    expect(state.knows('somebody new')).toBe(false);
    for (const [change, user] of [[denial(7), 'user 0'] as const, [region('DE'), 'user 9'] as const]) {
      const said = event(log.length + 1, user, change);
      state.apply(said);
      log.push(said);
    }
    expectToHoldAll(state, log);
  });

  it('full of records refuses one more, and takes whoever says what others have said', () => {
    // ids that take less room than the records
    const { state, log } = full(denial, (count) => `${count}`);
    for (let turn = 0; turn < 3; turn++) {
      expect(() => state.apply(event(log.length + 1, 'somebody new', denial(16_000)))).toThrow(RangeError);
      expect(() => state.apply(event(log.length + 1, '0', region('DE')))).toThrow(RangeError);
      expectToHoldAll(state, log);
    }
    const same = event(log.length + 1, '5', denial(0));
    state.apply(same);
    // the record that 5 has left has its room for another one
    const another = event(log.length + 2, '6', denial(16_000));
    state.apply(another);
    expectToHoldAll(state, [...log, same, another]);
  });
});

describe('a restored state', () => {
  it('is the one that was dumped once it has followed the log, whatever came while it was dumped', () => {
    fc.assert(
      fc.property(soundDocuments, logs, logs, fc.nat(200), (document, before, after, size) => {
        const log = logOf([...before, ...after], document);
        const state = stateOf(log.slice(0, before.length));
        const { source, reach } = dumped(state, size, () => {
          const event = log[state.revision];
          if (event !== undefined) state.apply(event);
        });
        expect(reach).toBe(state.revision);
        const restored = ConsentState.restore(source());
        expect(restored.revision).toBe(before.length);
        for (const event of log.slice(restored.revision, reach)) restored.apply(event);
        expectToHold(restored, log.slice(0, reach));
        const table = tableOf(document);
        const resolution = filled(restored.attach(table));
        expect(answersOf(resolution, table)).toEqual(expectedOf(recordsOf(log.slice(0, reach)), table));
        // and it goes on as any other, the one that was dumped included
        for (const event of log.slice(reach)) {
          restored.apply(event);
          state.apply(event);
        }
        expectToHold(restored, log);
        expectToHold(state, log);
        expect(answersOf(resolution, table)).toEqual(expectedOf(recordsOf(log), table));
      }),
      { numRuns: 300 },
    );
  });

  it('can be dumped and restored again', () => {
    fc.assert(
      fc.property(soundDocuments, logs, (document, plans) => {
        const log = logOf(plans, document);
        const once = ConsentState.restore(dumped(stateOf(log), 100, () => undefined).source());
        expectToHold(ConsentState.restore(dumped(once, 100, () => undefined).source()), log);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a dump', () => {
  it('that is given up leaves the state as it was, and the next one works', () => {
    const log = logOf([{ user: 0, kind: 6, which: 0, said: 0, notice: 0 }], BARE);
    const state = stateOf(log);
    const abandoned = state.dump(1);
    abandoned.next();
    expect(() => state.dump(1).next()).toThrow(/is being dumped/);
    abandoned.return(0);
    expectToHold(ConsentState.restore(dumped(state, 1, () => undefined).source()), log);
  });

  it('that was cut short, or is of something else, is refused', () => {
    const { source } = dumped(
      stateOf(logOf([{ user: 0, kind: 6, which: 0, said: 0, notice: 0 }], BARE)),
      1,
      () => undefined,
    );
    const whole = new Uint8Array(source().left);
    source().read(whole);
    for (let length = 0; length < whole.length; length++)
      expect(() => ConsentState.restore(sourceOf(whole.subarray(0, length)))).toThrow(Error);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_000 }), (noise) => {
        expect(() => ConsentState.restore(sourceOf(noise))).toThrow(Error);
      }),
    );
  });
});
