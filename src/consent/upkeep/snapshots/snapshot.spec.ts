import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConsentEvent } from '../../../decision/consent-event.js';
import { MemoryConsentStore } from '../../../../test/memory/memory-consent.store.js';
import { ConsentLog } from '../../log/consent-log.js';
import { followedLog } from '../../../../test/house.js';
import { isLong } from '../../../../test/times.js';
import type { ConsentStore } from '../../log/consent.store.js';
import { SnapshotKeeper, type SnapshotNews, restoreState } from './snapshot.js';
import {
  DISK,
  type Disk,
  FORMAT,
  readSnapshot,
  removeSnapshot,
  snapshotPath,
  writeSnapshot,
} from './snapshot-file.js';

// much is tried, on machines that may be busy
vi.setConfig({ testTimeout: 60_000 });

const USERS = ['u-1', 'ünï', '😀', 'b'];

function eventAt(revision: number): ConsentEvent {
  const user = USERS[revision % USERS.length] ?? '';
  const subject = 1 + (revision % USERS.length);
  const by = { kind: 'user', id: user } as const;
  const at = 1_700_000_000_000 + revision;
  if (revision % 3 === 0)
    return {
      revision,
      subject,
      user,
      by,
      at,
      via: 'settings',
      change: { kind: 'profile', region: 'DE', ageBand: 'adult' },
    };
  const choice = revision % 2 === 0 ? 'granted' : 'denied';
  return {
    revision,
    subject,
    user,
    by,
    at,
    via: 'settings',
    change: { kind: 'choice', purpose: `p${revision % 5}`, choice, notice: revision % 4, signal: false },
  };
}

/** A log of so many events. */
function storeOf(count: number, change = (event: ConsentEvent): ConsentEvent => event): ConsentStore {
  const store = new MemoryConsentStore();
  // in memory, what is appended is there at once
  if (count > 0) void store.append(Array.from({ length: count }, (_, at) => change(eventAt(at + 1))));
  return store;
}

async function followed(store: ConsentStore, folder?: string): Promise<ConsentLog> {
  return followedLog(store, folder === undefined ? {} : await restoreState(folder, store));
}

/** Everything that can be asked of a state. */
function contentOf({ state }: ConsentLog) {
  const users = state.usersFrom(0, 100);
  return {
    revision: state.revision,
    size: state.size,
    users,
    records: users.map((user) => state.recordOf(user ?? '')),
  };
}

let folder: string;
const dataDir = () => join(folder, 'data');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-'));
});

afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

/** A keeper that thinks each state worth a snapshot, because it is told of one at revision −∞. */
function keeperOf(
  log: ConsentLog,
  store: ConsentStore,
  disk?: Disk,
  news?: Partial<SnapshotNews>,
): SnapshotKeeper {
  const told = {
    onSaved: () => undefined,
    onShared: () => undefined,
    onTrouble: (error: unknown) => expect.unreachable(String(error)),
    ...news,
  };
  return new SnapshotKeeper(dataDir(), log, store, told, -Infinity, disk);
}

async function save(store: ConsentStore): Promise<void> {
  await keeperOf(await followed(store), store).save();
}

describe('a snapshot', () => {
  it('restores the state, which then follows the log to its end', async () => {
    const store = storeOf(20);
    await save(store);
    const { state } = await restoreState(dataDir(), store);
    expect(state?.revision).toBe(20);
    await store.append([eventAt(21), eventAt(22)]);
    expect(contentOf(await followed(store, dataDir()))).toEqual(contentOf(await followed(store)));
  });

  it('is for its owner alone, and leaves nothing beside it', async () => {
    await save(storeOf(20));
    expect(readdirSync(dataDir())).toEqual(['consent-state.snapshot']);
    expect(statSync(snapshotPath(dataDir())).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir()).mode & 0o777).toBe(0o700);
  });

  it('takes changes in while it is written', async () => {
    const store = storeOf(20);
    const log = await followed(store);
    const disk: Disk = {
      ...DISK,
      create: async (path) => {
        const file = await DISK.create(path);
        const write = async (bytes: Uint8Array) => {
          const event = eventAt((await store.head()) + 1);
          await store.append([{ ...event, user: `${event.user}${event.revision % 7}` }]);
          await log.follow();
          await file.write(bytes);
        };
        return { ...file, write };
      },
    };
    const seals: number[] = [];
    const seal = () => {
      seals.push(log.state.revision);
      return Buffer.alloc(32);
    };
    await writeSnapshot(dataDir(), log.state, seal, { disk, pieceBytes: 1 });
    const { state, reach } = readSnapshot(dataDir());
    // one event came with what is written before the dump, and three with what is written after it
    expect(state.revision).toBe(21);
    expect(seals).toEqual([reach]);
    expect(reach).toBe((await store.head()) - 3);
    expect(contentOf(await followedLog(store, { state }))).toEqual(contentOf(await followed(store)));
  });

  it('is removed with all that was left of writing one', async () => {
    await save(storeOf(20));
    writeFileSync(join(dataDir(), 'consent-state.snapshot.x.unfinished'), 'personal');
    writeFileSync(join(dataDir(), 'development-key.json'), 'other');
    await removeSnapshot(dataDir());
    expect(readdirSync(dataDir())).toEqual(['development-key.json']);
    await removeSnapshot(join(dataDir(), 'missing'));
  });
});

/** Writes a file as a snapshot's, with a digest that fits it. */
function writeSealed(content: Uint8Array): void {
  writeFileSync(
    snapshotPath(dataDir()),
    Buffer.concat([content, createHash('sha256').update(content).digest()]),
  );
}

describe('a snapshot is ignored', () => {
  const store = storeOf(20);

  it('when there is none', async () => {
    expect(await restoreState(dataDir(), store)).toEqual({ ignored: 'there is none' });
  });

  it('when it cannot be read', async () => {
    await mkdir(snapshotPath(dataDir()), { recursive: true });
    expect(await restoreState(dataDir(), store)).toEqual({ ignored: 'it is damaged' });
  });

  it('when any byte of it is another', async () => {
    await save(store);
    const whole = readFileSync(snapshotPath(dataDir()));
    const believed: number[] = [];
    // with every seventh byte, too, each bit of a byte has its turn
    for (let at = 0; at < whole.length; at += isLong ? 1 : 7) {
      const changed = Buffer.from(whole);
      changed[at] = (whole[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(snapshotPath(dataDir()), changed);
      try {
        readSnapshot(dataDir());
        believed.push(at);
      } catch (error) {
        expect(error).toMatchObject({ message: expect.stringMatching(/^it (is|has) /) });
      }
    }
    expect(believed).toEqual([]);
  });

  it('when it is cut short, or longer than it was', async () => {
    await save(store);
    const whole = readFileSync(snapshotPath(dataDir()));
    for (
      let length = 0;
      length < whole.length;
      length += length < 200 || length > whole.length - 300 ? 1 : 9
    ) {
      writeFileSync(snapshotPath(dataDir()), whole.subarray(0, length));
      expect(() => readSnapshot(dataDir())).toThrow('it is damaged');
    }
    writeFileSync(snapshotPath(dataDir()), whole);
    appendFileSync(snapshotPath(dataDir()), '\0');
    expect(() => readSnapshot(dataDir())).toThrow('it is damaged');
  });

  it('when another build wrote it, another machine, or something else', async () => {
    await save(store);
    const content = readFileSync(snapshotPath(dataDir())).subarray(0, -32);
    const changed = (at: number, byte: number) => {
      const copy = Buffer.from(content);
      copy[at] = byte;
      writeSealed(copy);
      return restoreState(dataDir(), store);
    };
    expect(await changed(16, 3)).toEqual({
      ignored: `it has format 3, and this build reads format ${FORMAT}`,
    });
    expect(await changed(20, 1)).toEqual({ ignored: 'it is of a machine with another order of bytes' });
    expect(await changed(0, 0)).toEqual({ ignored: 'it is no snapshot' });
    expect((await changed(16, FORMAT)).state?.revision).toBe(20);
  });

  it('when the log ends before it', async () => {
    await save(store);
    for (const count of [0, 19])
      expect(await restoreState(dataDir(), storeOf(count))).toEqual({
        ignored: 'the log does not reach as far as it does',
      });
  });

  it('when a user was erased since', async () => {
    const erased = storeOf(20);
    await save(erased);
    await erased.erase('u-1', { kind: 'service', id: 'accounts' }, 0);
    expect(await restoreState(dataDir(), erased)).toEqual({
      ignored: 'a user was erased since it was taken, and nothing says any more who it was',
    });
  });

  it('when it is of another log', async () => {
    await save(store);
    for (const revision of [1, 20]) {
      const other = storeOf(30, (event) => ({
        ...event,
        at: event.at + (event.revision === revision ? 1 : 0),
      }));
      expect(await restoreState(dataDir(), other)).toEqual({ ignored: 'it is of another log' });
    }
    expect((await restoreState(dataDir(), storeOf(30))).state?.revision).toBe(20);
  });
});

/** A disk that does so many things and then nothing more, as for a process that was killed. */
function diskUntil(steps: number): Disk {
  let left = steps;
  const step =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    (...args: A) => {
      if (left <= 0) return Promise.reject(new Error('killed'));
      left--;
      return work(...args);
    };
  return {
    mkdir: step(DISK.mkdir),
    list: step(DISK.list),
    rename: step(DISK.rename),
    syncFolder: step(DISK.syncFolder),
    remove: step(DISK.remove),
    create: step(async (path: string) => {
      const { write, sync, close } = await DISK.create(path);
      return { write: step(write), sync: step(sync), close };
    }),
  };
}

describe('a process that is killed while it writes a snapshot', () => {
  it('leaves the old one or the new one, and the next writing clears up', async () => {
    const store = storeOf(20);
    await save(store);
    await store.append([eventAt(21)]);
    const log = await followed(store);
    const found: (number | undefined)[] = [];
    let failed = true;
    for (let steps = 0; failed; steps++) {
      failed = false;
      await keeperOf(log, store, diskUntil(steps), { onTrouble: () => (failed = true) }).save();
      found.push((await restoreState(dataDir(), store)).state?.revision);
    }
    // the new one from the rename on
    expect(found).toEqual([...Array.from({ length: found.length - 2 }, () => 20), 21, 21]);
    expect(found.length).toBeGreaterThan(10);
    await save(store);
    expect(readdirSync(dataDir())).toEqual(['consent-state.snapshot']);
  });

  it('is told of when it was the disk, and the state goes on', async () => {
    const store = storeOf(20);
    const log = await followed(store);
    const troubles: unknown[] = [];
    await keeperOf(log, store, diskUntil(5), { onTrouble: (error) => troubles.push(error) }).save();
    expect(troubles).toEqual([new Error('killed')]);
    await keeperOf(log, store).save();
    expect((await restoreState(dataDir(), store)).state?.revision).toBe(20);
  });
});

describe('the keeper', () => {
  const news = { onSaved: vi.fn(), onShared: vi.fn(), onTrouble: vi.fn() };

  beforeEach(() => {
    news.onSaved.mockClear();
    news.onTrouble.mockClear();
  });

  it('saves every so often, and only when enough has changed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const store = storeOf(9_999);
    const log = await followed(store);
    const keeper = new SnapshotKeeper(dataDir(), log, store, news, 0);
    keeper.start(60_000);
    vi.advanceTimersByTime(60_000);
    await keeper.save();
    expect(news.onSaved).not.toHaveBeenCalled();
    await store.append([eventAt(10_000)]);
    await log.follow();
    vi.advanceTimersByTime(59_999);
    expect(readdirSync(folder)).toEqual([]);
    vi.advanceTimersByTime(1);
    // joins the one that the timer began
    await keeper.save();
    expect(news.onSaved).toHaveBeenCalledExactlyOnceWith({
      revision: 10_000,
      bytes: statSync(snapshotPath(dataDir())).size,
    });
    await keeper.close(1_000);
    expect(news.onSaved).toHaveBeenCalledOnce();
    expect(news.onTrouble).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('saves at the end', async () => {
    const store = storeOf(10_000);
    const keeper = new SnapshotKeeper(dataDir(), await followed(store), store, news, 0);
    await keeper.close(60_000);
    expect(news.onSaved).toHaveBeenCalledOnce();
    expect((await restoreState(dataDir(), store)).state?.revision).toBe(10_000);
  });

  it('gives up when there is no time left, and leaves nothing behind', async () => {
    const store = storeOf(10_000);
    const keeper = new SnapshotKeeper(dataDir(), await followed(store), store, news, 0, {
      ...DISK,
      create: async (path) => {
        const file = await DISK.create(path);
        return { ...file, write: () => new Promise((resolve) => setImmediate(resolve)) };
      },
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closed = keeper.close(5_000);
    vi.advanceTimersByTime(5_000);
    await closed;
    expect(news.onTrouble).toHaveBeenCalledExactlyOnceWith(new Error('there was no time to finish it'));
    expect(readdirSync(dataDir())).toEqual([]);
  });

  it('saves no state that is not known to be that of the log', async () => {
    const store = storeOf(10_000);
    const log = new ConsentLog(store, () => undefined);
    await new SnapshotKeeper(dataDir(), log, store, news, -Infinity).save();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not taken for one of a log that lost what the process had applied, though it was saved after that', async () => {
    const store = storeOf(20);
    const log = await followed(store);
    const promoted = storeOf(19);
    await promoted.append([eventAt(22)]);
    await keeperOf(log, promoted, DISK, news).save();
    expect((await restoreState(dataDir(), promoted)).state).toBeUndefined();
    expect((await restoreState(dataDir(), store)).state?.revision).toBe(20);
  });
});
