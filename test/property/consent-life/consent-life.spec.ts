/**
 * Whole lives of consent: users grant, withdraw, move, come of age, send signals, are erased, while notices are raised,
 * time passes and the service is restarted. After every step, what the service says of every user is held against a
 * plain model.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/store/database/database.js';
import { PrismaConsentStore } from '../../../src/store/prisma-consent.store.js';
import { MemoryConsentStore } from '../../memory/memory-consent.store.js';
import { isLong, times } from '../../times.js';
import { at } from '../arbitraries.js';
import { holdChain } from './held.js';
import { families, live, lives } from './lives.js';
import { Life } from './model.js';
import { FAMILIES } from './policies.js';
import { MUST_BE_SEEN, seen } from './seen.js';
import { Service } from './service.js';

const RUNS = times(500, 80);
const EMBEDDED_RUNS = times(10, 1);
/** Noon, so that a day that a TC string names has hours before it and after it. */
const BEGINNING = Date.UTC(2026, 0, 5, 12);
const MOMENT_MS = 1_000;
const USERS = ['u-ada', 'u-ben', 'constructor'];

describe('consent through whole lives', () => {
  test('is what a plain reading of the documents makes of it, after every step', async () => {
    let steps = 0;
    seen.clear();
    await fc.assert(
      fc.asyncProperty(families, lives, async (place, life) => {
        const family = at(FAMILIES, place);
        const store = new MemoryConsentStore();
        const storage = { open: async () => store, close: async () => undefined };
        const service = await Service.start(storage, family, BEGINNING);
        const model = new Life(family, { now: BEGINNING, head: 0, tellsErasures: false });
        await live(model, { service, users: USERS }, life);
        await holdChain(store, 0, model.head);
        await service.close();
        steps += [...life].length;
      }),
      { numRuns: RUNS },
    );
    expect(steps).toBeGreaterThan(RUNS * 8);
    // what is rare comes in bunches, so in few lives there may be little of it
    const least = isLong ? RUNS / 20 : 0;
    for (const what of MUST_BE_SEEN) expect(seen.get(what) ?? 0, what).toBeGreaterThan(least);
  }, 1_200_000);
});

describe('consent through whole lives, in the embedded database', () => {
  test('is the same when the database is closed and opened again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assent-life-'));
    let database: Database | undefined;
    const storage = {
      open: async () => {
        database = await openDatabase({ dataDir: join(folder, 'data') });
        return new PrismaConsentStore(database);
      },
      close: async () => database?.close(),
    };
    let clock = BEGINNING;
    let lifetimes = 0;
    try {
      await fc.assert(
        fc.asyncProperty(families, lives, async (place, life) => {
          const family = at(FAMILIES, place);
          // one database for all lives, each with people of its own
          const users = USERS.map((name) => `${name}-${lifetimes}`);
          lifetimes++;
          const service = await Service.start(storage, family, clock);
          const { store } = service.rooms;
          const head = await store.head();
          const model = new Life(family, { now: clock, head, tellsErasures: true });
          try {
            await live(model, { service, users }, life);
            await holdChain(service.rooms.store, head, model.head);
          } finally {
            // nothing of this life comes due in the next one, and erasures take a moment each
            for (const user of users) await service.rooms.erasures.erase(user, { kind: 'user', id: user });
            clock = service.now + MOMENT_MS;
            await service.close();
          }
        }),
        { numRuns: EMBEDDED_RUNS },
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    expect(lifetimes).toBeGreaterThanOrEqual(EMBEDDED_RUNS);
  }, 1_200_000);
});
