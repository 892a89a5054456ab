/** Random lives: people register, are erased, come back; the database is copied, and put back to a copy at any time. */
import { randomUUID } from 'node:crypto';
import { appendFile, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncProperty, array, assert, constantFrom, oneof, record, constant } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Erasures } from '../../src/consent/upkeep/erasures.js';
import { followList, listOf } from '../../src/consent/upkeep/listed-erasures.js';
import { ErasureList } from '../../src/consent/log/erased/erasure-list.js';
import { followedLog } from '../house.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { MemoryErasureMarkStore } from '../memory/memory-erasure-marks.store.js';
import { times } from '../times.js';

const USERS = ['ann', 'ben', 'cal'] as const;
const DAYS = 400;
const START = Date.parse('2027-01-01T00:00:00Z');

type Step =
  | { readonly kind: 'register' | 'erase' | 'die'; readonly user: (typeof USERS)[number] }
  | { readonly kind: 'copy' | 'restore' };

const STEP = oneof(
  record({
    kind: constantFrom('register' as const, 'erase' as const, 'die' as const),
    user: constantFrom(...USERS),
  }),
  record({ kind: constant('copy' as const) }),
  record({ kind: constant('restore' as const) }),
);

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
  const open = (at: string, mayBegin: boolean) =>
    ErasureList.open({ folder: at, days: DAYS, mayBegin }, now());
  const list = await listOf(marks, where, open, DAYS, now());
  if (list === undefined) throw new Error('there is a list');
  const log = await followedLog(store);
  const erasures = new Erasures(log, undefined, now, {
    list,
    // now and then a process dies before it has noted that an entry was followed
    marks: {
      follow: (entries) => (now() % 2 === 0 ? marks.follow(entries) : Promise.reject(new Error('died'))),
    },
  });
  const followed = await followList(
    list,
    marks,
    log,
    now(),
    (user) => erasures.eraseListed(user),
    () => undefined,
  );
  return { log, list, erasures, followed };
}

const profileOf = (user: string, at: number) => ({
  user,
  by: { kind: 'service', id: 'accounts' } as const,
  via: 'settings' as const,
  at,
  settle: () => [{ kind: 'profile', region: 'DE', ageBand: 'adult' } as const],
});

async function live(steps: readonly Step[], where: string): Promise<void> {
  let clock = START;
  // several things happen within a millisecond, and a clock may stand still
  const now = () => clock;
  let store = new MemoryConsentStore();
  let marks = new MemoryErasureMarkStore(store);
  let here = await processOn(store, marks, where, now);
  /** Who the database should know, and the copies with who they know and since which of their lives. */
  let known = new Map<string, number>();
  const erased = new Map<string, number>();
  let lives = 0;
  let copy:
    { store: MemoryConsentStore; marks: MemoryErasureMarkStore; known: Map<string, number> } | undefined;
  const start = async () => {
    await here.list.close();
    here = await processOn(store, marks, where, now);
  };
  for (const step of steps) {
    if (step.kind === 'register') {
      await here.log.change(profileOf(step.user, clock));
      if (!known.has(step.user)) known.set(step.user, ++lives);
    } else if (step.kind === 'erase') {
      await here.erasures.erase(step.user, { kind: 'user', id: step.user });
      const life = known.get(step.user);
      if (life !== undefined) erased.set(`${step.user} ${life}`, life);
      known.delete(step.user);
    } else if (step.kind === 'die') {
      // entered, and the process dies before anything is erased
      const life = known.get(step.user);
      if (life === undefined) continue;
      const [last] = (await store.links((await store.head()) - 1, 1)).map(({ at }) => at);
      await here.list.enter(step.user, Math.max(clock, last ?? 0));
      erased.set(`${step.user} ${life}`, life);
      known.delete(step.user);
      clock++;
      await start();
    } else if (step.kind === 'copy')
      copy = { store: store.copy(), marks: marks.copyOnto(store), known: new Map(known) };
    else if (copy !== undefined) {
      store = copy.store.copy();
      marks = copy.marks.copyOnto(store);
      known = new Map([...copy.known].filter(([user, life]) => !erased.has(`${user} ${life}`)));
      clock++;
      await start();
    }
    // nobody who was erased last is known; nobody who came back is lost beyond what the copy lost
    expect(USERS.filter((user) => here.log.state.knows(user))).toEqual(
      USERS.filter((user) => known.has(user)),
    );
    for (const user of USERS) expect(await store.knows(user)).toBe(known.has(user));
    for (const user of USERS) if (!known.has(user)) expect(await store.readUser(user, 0, 10)).toEqual([]);
  }
  await here.list.close();
}

describe('the list of erasures', () => {
  test('brings nobody back and loses nobody who came back, whatever is put back when', async () => {
    await assert(
      asyncProperty(array(STEP, { maxLength: 30 }), async (steps) => {
        const where = join(folder, randomUUID());
        await live(steps, where);
      }),
      { numRuns: times(400, 60) },
    );
  });

  test('leaves whoever came back, also where nothing says that their erasure was followed', async () => {
    const store = new MemoryConsentStore();
    const marks = new MemoryErasureMarkStore(store);
    const where = join(folder, 'list');
    const now = () => START + 1;
    const { log, list, erasures } = await processOn(store, marks, where, now);
    for (const user of ['ann', 'ben']) await log.change(profileOf(user, START + 1));
    await erasures.erase('ann', { kind: 'user', id: 'ann' });
    await log.change(profileOf('ann', START + 1));
    await list.enter('ben', START + 2);
    await list.close();
    const after = await processOn(store, marks, where, now);
    expect(after.followed).toEqual({ unknown: 2, erased: 1 });
    expect([after.log.state.knows('ann'), after.log.state.knows('ben')]).toEqual([true, false]);
    await after.list.close();
  });

  test('is all files of its folder, and what was being written when a process died is left out', async () => {
    const where = join(folder, 'list');
    const open = () => ErasureList.open({ folder: where, days: DAYS, mayBegin: true }, START);
    const [one, other] = [await open(), await open()];
    if (one === undefined || other === undefined) throw new Error('there is a list');
    await one.enter('ann', START);
    await other.enter('ben', START + 1);
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
    const [file = ''] = names.filter((name) => name.endsWith('.erasures'));
    await appendFile(join(where, file), 'half a li');
    expect((await open())?.entries).toHaveLength(2);
    const bytes = await readFile(join(where, file));
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(join(where, file), bytes);
    await expect(open()).rejects.toThrow(/a line of `2027-01\..*` was altered/);
  });

  test('is deleted when it is old', async () => {
    const where = join(folder, 'list');
    const first = await ErasureList.open({ folder: where, days: 10, mayBegin: true }, START);
    await first?.enter('ann', START);
    await first?.close();
    const after = async (days: number) =>
      (
        await ErasureList.open({ folder: where, days: 10, mayBegin: true }, START + days * 86_400_000)
      )?.erasedAt('ann');
    expect([await after(40), await after(42)]).toEqual([START, undefined]);
  });

  test('must be that of the database, and no older copy of it', async () => {
    const store = new MemoryConsentStore();
    const marks = new MemoryErasureMarkStore(store);
    const where = join(folder, 'list');
    const { log, list, erasures } = await processOn(store, marks, where, () => START);
    await cp(where, join(folder, 'older'), { recursive: true });
    await log.change(profileOf('ann', START));
    await erasures.erase('ann', { kind: 'user', id: 'ann' });
    await list.close();
    const start = (at: string) => processOn(store, marks, at, () => START);
    await expect(start(join(folder, 'older'))).rejects.toThrow(/lacks 1 of those that this database knows/);
    await expect(start(join(folder, 'none'))).rejects.toThrow(/there is no list of erasures in/);
    const other = await ErasureList.open(
      { folder: join(folder, 'other'), days: DAYS, mayBegin: true },
      START,
    );
    await other?.close();
    await expect(start(join(folder, 'other'))).rejects.toThrow(/and that of this database is/);
    expect((await start(where)).followed).toEqual({ unknown: 0, erased: 0 });
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
