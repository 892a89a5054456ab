/** Random lives: people register, are erased, come back; the database is copied, and put back to a copy at any time. */
import { randomUUID } from 'node:crypto';
import { appendFile, cp, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncProperty, array, assert, constantFrom, oneof, record, constant } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { UserRecord } from '../../src/decision/consent-event.js';
import { Erasures } from '../../src/consent/upkeep/erasures.js';
import { followList, forgetListed, listOf } from '../../src/consent/upkeep/listed-erasures.js';
import { ErasureList } from '../../src/consent/log/erased/erasure-list.js';
import { copyErasures, erasuresIn } from '../../src/upkeep/backup/erasure-copies.js';
import { followedLog } from '../house.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { MemoryErasureMarkStore } from '../memory/memory-erasure-marks.store.js';
import { DAY_MS } from '../../src/time.js';
import { times } from '../times.js';

const USERS = ['ann', 'ben', 'cal'] as const;
const START = Date.parse('2027-01-01T00:00:00Z');

type Step =
  | {
      readonly kind: 'register' | 'say' | 'erase' | 'fail' | 'die';
      readonly user: (typeof USERS)[number];
    }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'copy' | 'restore' };

const STEP = oneof(
  {
    weight: 8,
    arbitrary: record({
      kind: constantFrom(
        'register' as const,
        'say' as const,
        'erase' as const,
        'fail' as const,
        'die' as const,
      ),
      user: constantFrom(...USERS),
    }),
  },
  // clocks are set, and those of two processes differ
  record({ kind: constant('pass' as const), ms: constantFrom(-3, -1, 1, 4) }),
  record({ kind: constant('copy' as const) }),
  record({ kind: constant('restore' as const) }),
);

/** An erasure that failed, with something that was said after it, and without; then another process starts. */
const ANSWERED: Step[] = [
  { kind: 'register', user: 'ann' },
  { kind: 'register', user: 'ben' },
  { kind: 'fail', user: 'ann' },
  { kind: 'pass', ms: -3 },
  { kind: 'say', user: 'ann' },
  { kind: 'die', user: 'ben' },
];
const NOT_ANSWERED = ANSWERED.filter(({ kind }) => kind !== 'say');
const REPEATED: Step[] = [
  { kind: 'register', user: 'ann' },
  { kind: 'register', user: 'ben' },
  { kind: 'say', user: 'ann' },
  { kind: 'fail', user: 'ann' },
  { kind: 'say', user: 'ann' },
  { kind: 'die', user: 'ben' },
];

let folder: string;
beforeEach(async () => {
  folder = join(tmpdir(), `assent-${randomUUID()}`);
  await mkdir(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process on a database: what it does is said at `now`. */
async function processOn(
  store: MemoryConsentStore,
  marks: MemoryErasureMarkStore,
  where: string,
  now: () => number,
) {
  const list = await listOf(marks, where, (at, mayBegin) => ErasureList.open({ folder: at, mayBegin }));
  if (list === undefined) throw new Error('there is a list');
  const log = await followedLog(store);
  log.erasedBy((user) => list.erasedAt(user));
  const erasures = new Erasures(log, undefined, now, {
    list,
    // now and then a process dies before it has noted that an entry was followed
    marks: {
      follow: (entries) => (now() % 2 === 0 ? marks.follow(entries) : Promise.reject(new Error('died'))),
    },
  });
  const followed = { unknown: 0, erased: 0, left: 0 };
  await followList(list, marks, log, store, now(), (user, isMeant) => erasures.eraseListed(user, isMeant), {
    onWork: (unknown) => (followed.unknown = unknown),
    onLeft: (left) => (followed.left = left),
    onDone: (erased) => (followed.erased = erased),
  });
  return { log, list, erasures, followed };
}

/** A process on a new database and a new list, by a clock that the test sets. */
async function begun() {
  const store = new MemoryConsentStore();
  const marks = new MemoryErasureMarkStore(store);
  const where = join(folder, 'list');
  const time = { now: START };
  const now = () => time.now;
  return { store, marks, where, time, now, ...(await processOn(store, marks, where, now)) };
}

function copyOf(store: MemoryConsentStore, marks: MemoryErasureMarkStore) {
  const its = store.copy();
  return { store: its, marks: marks.copyOnto(its) };
}

const profileOf = (user: string, at: number) => ({
  user,
  by: { kind: 'service', id: 'accounts' } as const,
  via: 'settings' as const,
  at,
  settle: () => [{ kind: 'profile', region: 'DE', ageBand: 'adult' } as const],
});

/** What a page says that was open before the user was erased. A no that stands is not written again. */
const saidBefore = (user: string, at: number) => ({
  user,
  by: { kind: 'user', id: user } as const,
  via: 'settings' as const,
  at,
  closes: ['recruiting'],
  settle: ({ choices }: UserRecord) =>
    choices.get('recruiting')?.choice === 'denied'
      ? []
      : [{ kind: 'choice', purpose: 'recruiting', choice: 'denied', notice: 1, signal: false } as const],
});

async function live(steps: readonly Step[], where: string): Promise<void> {
  let clock = START;
  // several things happen within a millisecond, and a clock may stand still
  const now = () => clock;
  let store = new MemoryConsentStore();
  let marks = new MemoryErasureMarkStore(store);
  let here = await processOn(store, marks, where, now);
  /** Who the database should know, and since which of their lives. */
  let known = new Map<string, number>();
  const erased = new Map<string, number>();
  let lives = 0;
  /** Erasures that were entered and failed, each of a life. */
  const failed: { readonly user: string; readonly life: number }[] = [];
  /** Of those: which this database was there for, after which something was said, and which it has followed. */
  let seen = { placed: 0, answered: new Set<unknown>(), followed: 0 };
  type Copy = Record<'known', typeof known> & Record<'seen', typeof seen>;
  let copy: (Copy & { store: MemoryConsentStore; marks: MemoryErasureMarkStore }) | undefined;
  const erase = (user: string, life: number) => {
    erased.set(`${user} ${life}`, life);
    known.delete(user);
  };
  const speak = (user: string) => {
    for (const entry of failed.slice(0, seen.placed))
      if (entry.user === user && entry.life === known.get(user)) seen.answered.add(entry);
  };
  const fail = async (user: string, life: number) => {
    const last = (await store.links((await store.head()) - 1, 1))[0]?.at ?? 0;
    const { tokens, place } = here.log;
    await here.list.enter(user, Math.max(clock, last), tokens.of(place.revision));
    failed.push({ user, life });
    // all that were entered before are followed when the database is put back
    seen.placed = failed.length;
  };
  const start = async () => {
    for (const [place, entry] of failed.entries()) {
      const { user, life } = entry;
      if (place < seen.followed || known.get(user) !== life) continue;
      if (place >= seen.placed || !seen.answered.has(entry)) erase(user, life);
    }
    seen.followed = failed.length;
    await here.list.close();
    here = await processOn(store, marks, where, now);
  };
  for (const step of steps) {
    if (step.kind === 'register') {
      await here.log.change(profileOf(step.user, clock));
      if (known.has(step.user)) speak(step.user);
      else known.set(step.user, ++lives);
    } else if (step.kind === 'say') {
      if (!known.has(step.user)) continue;
      await here.log.change(saidBefore(step.user, clock));
      speak(step.user);
    } else if (step.kind === 'pass') clock += step.ms;
    else if (step.kind === 'erase') {
      await here.erasures.erase(step.user, { kind: 'user', id: step.user });
      const life = known.get(step.user);
      if (life !== undefined) erase(step.user, life);
    } else if (step.kind === 'fail' || step.kind === 'die') {
      // entered, and not erased: the process goes on, or dies
      const life = known.get(step.user);
      if (life === undefined) continue;
      await fail(step.user, life);
      if (step.kind === 'fail') continue;
      clock++;
      await start();
    } else if (step.kind === 'copy')
      copy = {
        store: store.copy(),
        marks: marks.copyOnto(store),
        known: new Map(known),
        seen: { ...seen, answered: new Set(seen.answered) },
      };
    else if (copy !== undefined) {
      store = copy.store.copy();
      marks = copy.marks.copyOnto(store);
      known = new Map([...copy.known].filter(([user, life]) => !erased.has(`${user} ${life}`)));
      seen = { ...copy.seen, answered: new Set(copy.seen.answered) };
      clock++;
      await start();
    }
    // nobody who was erased last is known; nobody who came back is lost beyond what the copy lost
    expect(USERS.filter((user) => here.log.state.knows(user))).toEqual(
      USERS.filter((user) => known.has(user)),
    );
    for (const user of USERS) expect(await store.knows(user)).toBe(known.has(user));
    for (const user of USERS) if (!known.has(user)) expect(await store.readUser(user, 0, 10)).toEqual([]);
    // also whom a copy never knew
    for (const user of new Set([...erased.keys()].map((life) => life.slice(0, 3))))
      if (!known.has(user))
        await expect(here.log.change(saidBefore(user, clock))).rejects.toMatchObject({ code: 'user_erased' });
  }
  await here.list.close();
}

describe('the list of erasures', () => {
  test('keeps out what a page says of whom an older copy never knew, until they are registered anew', async () => {
    const { store, marks, where, time, now, log, list, erasures } = await begun();
    const copy = { store: store.copy(), marks: marks.copyOnto(store) };
    await log.change(profileOf('ann', time.now));
    await erasures.erase('ann', { kind: 'user', id: 'ann' });
    await list.close();
    const restored = await processOn(copy.store, copy.marks, where, now);
    const says = () => restored.log.change(saidBefore('ann', time.now));
    time.now = START + DAY_MS - 1;
    await expect(says()).rejects.toMatchObject({ code: 'user_erased' });
    expect(restored.log.state.knows('ann')).toBe(false);
    await restored.log.change(profileOf('ann', time.now));
    expect(await says()).toMatchObject({ changed: true });
    await restored.list.close();
  });

  test('brings nobody back and loses nobody who came back, whatever is put back when', async () => {
    await assert(
      asyncProperty(array(STEP, { maxLength: 30, size: 'max' }), async (steps) => {
        const where = join(folder, randomUUID());
        await live(steps, where);
      }),
      { numRuns: times(400, 60), examples: [[ANSWERED], [NOT_ANSWERED], [REPEATED]] },
    );
  });

  test.each([
    ['said after it', false],
    ['said before it, and once more after it', true],
  ])(
    'takes no opt-out with an erasure that failed: one %s; whoever repeats it has it made',
    async (_when, isBefore) => {
      const { store, marks, where, time, now, log, list, erasures } = await begun();
      await log.change(profileOf('ann', time.now));
      if (isBefore) await log.change(saidBefore('ann', time.now));
      const erase = (by: typeof erasures) => by.erase('ann', { kind: 'service', id: 'accounts' });
      vi.spyOn(store, 'erase').mockRejectedValueOnce(new Error('the connection broke'));
      await expect(erase(erasures)).rejects.toThrow('the connection broke');
      await expect.poll(() => log.available).toBe(true);
      // by the clock of a process that is behind
      expect(await log.change(saidBefore('ann', time.now - 1_000))).toMatchObject({ changed: true });
      await list.close();

      const next = await processOn(store, marks, where, now);
      expect(next.followed).toEqual({ unknown: 1, erased: 0, left: 1 });
      expect(next.log.state.recordOf('ann').choices.get('recruiting')?.choice).toBe('denied');
      expect(await erase(next.erasures)).toMatchObject({ by: { id: 'accounts' } });
      await next.log.change(profileOf('ann', time.now));
      await next.list.close();

      const last = await processOn(store, marks, where, now);
      expect(last.followed).toMatchObject({ erased: 0, left: 0 });
      expect(last.log.state.recordOf('ann')).toMatchObject({ registered: true, choices: new Map() });
      await last.list.close();
    },
  );

  test('makes an erasure that failed at the next start, whatever the engine has written since', async () => {
    const { store, marks, where, time, now, log, list, erasures } = await begun();
    await log.change(profileOf('ann', time.now));
    vi.spyOn(store, 'erase').mockRejectedValueOnce(new Error('the connection broke'));
    await expect(erasures.erase('ann', { kind: 'user', id: 'ann' })).rejects.toThrow();
    await expect.poll(() => log.available).toBe(true);
    time.now += 1_000;
    await log.change({ ...saidBefore('ann', time.now), by: { kind: 'engine', id: 'expiry' }, via: 'expiry' });
    await list.close();
    const next = await processOn(store, marks, where, now);
    expect(next.followed).toEqual({ unknown: 1, erased: 1, left: 0 });
    expect(await store.knows('ann')).toBe(false);
    await next.list.close();
  });

  test('leaves whoever came back, also where nothing says that their erasure was followed', async () => {
    const { store, marks, where, time, now, log, list, erasures } = await begun();
    time.now = START + 1;
    for (const user of ['ann', 'ben']) await log.change(profileOf(user, START + 1));
    await erasures.erase('ann', { kind: 'user', id: 'ann' });
    await log.change(profileOf('ann', START + 1));
    await list.enter('ben', START + 2, '');
    await list.close();
    const after = await processOn(store, marks, where, now);
    expect(after.followed).toEqual({ unknown: 2, erased: 1, left: 0 });
    expect([after.log.state.knows('ann'), after.log.state.knows('ben')]).toEqual([true, false]);
    await after.list.close();
  });

  test('is all files of its folder, and what was being written when a process died is left out', async () => {
    const where = join(folder, 'list');
    const open = () => ErasureList.open({ folder: where, mayBegin: true });
    const [one, other] = [await open(), await open()];
    if (one === undefined || other === undefined) throw new Error('there is a list');
    await one.enter('ann', START, '');
    await other.enter('ben', START + 1, '');
    await one.refresh();
    expect([one.erasedAt('ann'), one.erasedAt('ben'), one.erasedAt('cal')]).toEqual([
      START,
      START + 1,
      undefined,
    ]);
    const names = await readdir(where);
    const text = (await Promise.all(names.map((name) => readFile(join(where, name), 'utf8')))).join();
    expect(text).not.toMatch(/ann|ben/);
    await one.close();
    await other.close();
    const file = names.find((name) => name.endsWith('.erasures')) ?? '';
    await appendFile(join(where, file), 'half a li');
    expect((await open())?.entries).toHaveLength(2);
    const bytes = await readFile(join(where, file));
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(join(where, file), bytes);
    await expect(open()).rejects.toThrow(/a line of `2027-01\..*` was altered/);
  });

  test('is deleted when it is old, with what the database knows of it, and that stays so with more days', async () => {
    const { store, marks, where, time, now, log, list, erasures } = await begun();
    const eraseNow = async (user: string) => {
      await log.change(profileOf(user, time.now));
      await erasures.erase(user, { kind: 'user', id: user });
    };
    await eraseNow('ann');
    // of a database that is put back later
    const copy = copyOf(store, marks);
    const erasedAt = async (days: number) => {
      time.now = START + days * DAY_MS;
      await forgetListed(list, marks, 10, time.now);
      return list.erasedAt('ann');
    };
    expect([await erasedAt(40), await erasedAt(42)]).toEqual([START, undefined]);
    expect(await marks.followed()).toEqual([]);
    expect((await readdir(where)).filter((name) => name.endsWith('.erasures'))).toEqual([]);
    await eraseNow('ben');
    await list.close();
    const { now: erasedBen } = time;
    const holdStarts = async (its: MemoryConsentStore, marked: MemoryErasureMarkStore) => {
      const after = await processOn(its, marked, where, now);
      expect([after.list.erasedAt('ann'), after.list.erasedAt('ben')]).toEqual([undefined, erasedBen]);
      await after.list.close();
    };
    // whoever starts knows the same, whatever the days are now, and however long the service was off
    await holdStarts(store, marks);
    time.now += 4_000 * DAY_MS;
    await holdStarts(store, marks);
    // a copy in which nobody is brings nobody back
    await holdStarts(copy.store, copy.marks);
  });

  test('refuses a copy that is older than it goes back, until a person says that it may be', async () => {
    const { store, marks, where, time, now, log, list, erasures } = await begun();
    for (const user of ['ann', 'ben']) await log.change(profileOf(user, time.now));
    await forgetListed(list, marks, 10, time.now);
    const older = copyOf(store, marks);
    // of before the database had a list
    const without = new MemoryErasureMarkStore(older.store);
    await erasures.erase('ann', { kind: 'user', id: 'ann' });
    time.now = START + 40 * DAY_MS;
    await forgetListed(list, marks, 10, time.now);
    const newer = copyOf(store, marks);
    await erasures.erase('ben', { kind: 'user', id: 'ben' });
    time.now = START + 42 * DAY_MS;
    await forgetListed(list, marks, 10, time.now);
    await list.close();
    const start = async (copy: { store: MemoryConsentStore; marks: MemoryErasureMarkStore }) => {
      const started = await processOn(copy.store, copy.marks, where, now);
      await started.list.close();
      return USERS.filter((user) => started.log.state.knows(user));
    };
    await expect(start(older)).rejects.toThrow(
      /goes back to 2027-02-01T00:00:00.000Z, and this database was last with it about 2027-01-01T00:00:00.000Z/,
    );
    await expect(start({ store: older.store, marks: without })).rejects.toThrow(/before it had that list/);
    expect(await start(newer)).toEqual([]);
    await writeFile(join(where, 'also-before'), '2027-02 2027-01-01T00:00:00.000Z\n');
    // what is not on the list any more nobody knows
    expect(await start(older)).toEqual(['ann']);
    // it holds for that copy and that month alone
    await expect(start({ store: older.store, marks: without })).rejects.toThrow(
      /write `2027-02 unknown` into a file `also-before` in that folder/,
    );
    await writeFile(join(where, 'also-before'), '2027-01 2027-01-01T00:00:00.000Z\n');
    await expect(start(copyOf(older.store, older.marks))).rejects.toThrow(
      /write `2027-02 2027-01-01T00:00:00.000Z` into a file `also-before` in that folder/,
    );
  });

  test('loses nobody to a clock that is not believed, nor at a start, nor for ever to one that is set back', async () => {
    const { store, marks, where, time, now, ...first } = await begun();
    await first.log.change(profileOf('ann', time.now));
    await first.erasures.erase('ann', { kind: 'user', id: 'ann' });
    await first.list.close();
    time.now = START + 3_650 * DAY_MS;
    const ahead = await processOn(store, marks, where, now);
    // what a clock says that is not believed
    await forgetListed(ahead.list, marks, 10, 0);
    expect(ahead.list.erasedAt('ann')).toBe(START);
    await forgetListed(ahead.list, marks, 0, time.now);
    expect(ahead.list.erasedAt('ann')).toBe(START);
    await forgetListed(ahead.list, marks, 10, time.now);
    await ahead.list.enter('ben', START, '');
    await ahead.list.close();
    const after = await ErasureList.open({ folder: where, mayBegin: false });
    expect([after?.erasedAt('ann'), after?.erasedAt('ben')]).toEqual([undefined, START]);
    await after?.close();
  });

  test('does not lose what it has to a half-written or foreign word that it was deleted', async () => {
    const where = join(folder, 'list');
    const list = await ErasureList.open({ folder: where, mayBegin: true });
    await list?.enter('ann', START, '');
    await list?.close();
    for (const name of ['2030-01.kept-from', 'x.kept-from']) await writeFile(join(where, name), 'half a wo');
    const after = await ErasureList.open({ folder: where, mayBegin: false });
    expect(after?.erasedAt('ann')).toBe(START);
    await after?.close();
  });

  test('must be that of the database, and no older copy of it', async () => {
    const { store, marks, where, now, log, list, erasures } = await begun();
    await cp(where, join(folder, 'older'), { recursive: true });
    await log.change(profileOf('ann', START));
    await erasures.erase('ann', { kind: 'user', id: 'ann' });
    await list.close();
    const start = (at: string) => processOn(store, marks, at, now);
    await expect(start(join(folder, 'older'))).rejects.toThrow(/lacks 1 of those that this database knows/);
    await expect(start(join(folder, 'none'))).rejects.toThrow(`and this database has one, \`${list.name}\``);
    const other = await ErasureList.open({ folder: join(folder, 'other'), mayBegin: true });
    await other?.close();
    await expect(start(join(folder, 'other'))).rejects.toThrow(/and that of this database is/);
    const here = await start(where);
    expect(here.followed).toEqual({ unknown: 0, erased: 0, left: 0 });
    // while the others go on
    const openedLate = async (at: string, mayBegin: boolean) => {
      const read = await ErasureList.open({ folder: at, mayBegin });
      await marks.follow([await here.list.enter('ben', START, '')]);
      return read;
    };
    await (await listOf(marks, where, openedLate))?.close();
    // where it is lost for good, another one says that it stands in for it
    await writeFile(join(folder, 'other', 'instead-of'), `${list.name}\n`);
    const instead = await start(join(folder, 'other'));
    expect(instead.followed).toEqual({ unknown: 0, erased: 0, left: 0 });
    await instead.list.close();
    await expect(start(where)).rejects.toThrow(/and that of this database is/);
  });

  test('is copied while it grows, joined with other copies, and never with another list', async () => {
    const [where, copy] = [join(folder, 'list'), join(folder, 'copy')];
    const list = await ErasureList.open({ folder: where, mayBegin: true });
    await list?.enter('ann', START, '');
    await copyErasures(where, copy);
    // another process, whose file the first copy lacks, and a line that it has not ended
    const other = await ErasureList.open({ folder: where, mayBegin: false });
    await other?.enter('ben', START + 1, '');
    await list?.enter('cal', START + 2, '');
    await copyErasures(where, copy);
    const grown = (await readdir(where)).find((name) => name.endsWith('.erasures')) ?? '';
    await appendFile(join(where, grown), 'half a li');
    await copyErasures(where, copy);
    await copyErasures(copy, where);
    expect(await readFile(join(copy, grown), 'latin1')).not.toContain('half');
    for (const at of [where, copy])
      expect(await erasuresIn(at)).toEqual({
        name: list?.name,
        entries: 3,
        last: START + 2,
        from: undefined,
      });

    const foreign = await ErasureList.open({ folder: join(folder, 'foreign'), mayBegin: true });
    await expect(copyErasures(where, join(folder, 'foreign'))).rejects.toThrow(/name another folder/);
    await expect(copyErasures(join(folder, 'none'), copy)).rejects.toThrow(/there is no list of erasures in/);
    await appendFile(join(where, grown), 'ne\n');
    await expect(copyErasures(where, copy)).rejects.toThrow(/is not as it was written/);
    for (const one of [list, other, foreign]) await one?.close();
  });

  test('is copied to where the copy is, and not to where a link in it leads', async () => {
    const [where, copy, elsewhere] = [join(folder, 'list'), join(folder, 'copy'), join(folder, 'elsewhere')];
    const list = await ErasureList.open({ folder: where, mayBegin: true });
    await list?.enter('ann', START, '');
    await copyErasures(where, copy);
    const file = (await readdir(copy)).find((name) => name.endsWith('.erasures')) ?? '';
    await rename(join(copy, file), elsewhere);
    await symlink(elsewhere, join(copy, file));
    const before = await readFile(elsewhere);
    await list?.enter('ben', START + 1, '');
    await expect(copyErasures(where, copy)).rejects.toMatchObject({ code: 'ELOOP' });
    expect(await readFile(elsewhere)).toEqual(before);
    await list?.close();
  });

  test('takes an erasure first, and nobody is erased while it cannot', async () => {
    const store = new MemoryConsentStore();
    const log = await followedLog(store);
    await log.change(profileOf('ann', START));
    const full = new Error('the disk is full');
    const list = { enter: () => Promise.reject(full) };
    const erasures = new Erasures(log, undefined, () => START, {
      list,
      marks: new MemoryErasureMarkStore(store),
    });
    await expect(erasures.erase('ann', { kind: 'user', id: 'ann' })).rejects.toMatchObject({
      code: 'not_confirmed',
      cause: full,
    });
    expect(log.state.knows('ann')).toBe(true);
    expect(log.available).toBe(true);
  });
});
