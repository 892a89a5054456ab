/** Whatever happens to a log, every process knows its users by the numbers by which the log does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { ConsentLog } from '../../src/consent/log/consent-log.js';
import type { ChangeRequest } from '../../src/consent/log/settlement/settlement.js';
import { restoreState } from '../../src/consent/upkeep/snapshots/snapshot.js';
import { writeSnapshot } from '../../src/consent/upkeep/snapshots/snapshot-file.js';
import type { UserRecord } from '../../src/decision/consent-event.js';
import type { ConsentState } from '../../src/decision/state/consent-state.js';
import { termsOf } from '../../src/fleet/terms.js';
import { type Database, type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { rebuildLedger } from '../../src/upkeep/rebuild.js';
import { at } from '../property/arbitraries.js';
import { newFolder, question, write } from '../property/record/folders.js';
import { times } from '../times.js';
import { event } from './consent.store.contract.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

const USERS = ['u-1', 'ünï', '😀', 'd'];
const BY = { kind: 'service', id: 'accounts' } as const;
/** No lease may run out on a slow machine. */
const TERMS = termsOf(120_000);

let server: PostgresServer;
let folder: string;
let databases = 0;

beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'assent-numbers-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function start(settings: DatabaseSettings, snapshots?: string) {
  const database = await openDatabase(settings);
  const store = new PrismaConsentStore(database);
  const restored = snapshots === undefined ? undefined : await restoreState(snapshots, store);
  const log = new ConsentLog(store, () => undefined, restored?.state, TERMS);
  await log.follow();
  await log.join();
  const close = async () => {
    await log.close();
    await database.close();
  };
  return { store, log, close, wasRestored: restored?.state !== undefined };
}

/** The one thing that there is to say of somebody, and that brings them back, if it has not been said before. */
function saying(user: string): ChangeRequest {
  const settle = ({ registered }: UserRecord) =>
    registered ? [] : [{ kind: 'profile', region: null, ageBand: 'adult' } as const];
  return { user, by: BY, at: 0, via: 'settings', settle };
}

const who = fc.nat(USERS.length - 1);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('say' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('import' as const), whom: fc.array(who, { minLength: 1 }) }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('erase' as const), who }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('snapshot' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('restart' as const), fresh: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** In every life somebody comes back, and a process starts on a snapshot. */
const BEGINNING: readonly Step[] = [
  { what: 'say', who: 0 },
  { what: 'snapshot' },
  { what: 'erase', who: 0 },
  { what: 'say', who: 0 },
  { what: 'restart', fresh: false },
];

function numbersIn(state: ConsentState): (number | undefined)[] {
  return USERS.map((user) => state.numberOf(user));
}

describe('the number of a user', () => {
  it(
    'is that of the log after changes, imports, erasures and returns, in each process, restarted with a snapshot or without',
    { timeout: 600_000 },
    async () => {
      let returned = 0;
      let restored = 0;
      const turned = fc.tuple(step, fc.nat(1));
      const lives = fc.array(turned, { maxLength: 20 });
      const beginnings = fc.array(fc.nat(1), { minLength: BEGINNING.length, maxLength: BEGINNING.length });
      await fc.assert(
        fc.asyncProperty(beginnings, lives, async (begun, life) => {
          const settings = await server.createStore(`numbers_${++databases}`);
          const snapshots = join(folder, `${databases}`);
          const processes = [await start(settings), await start(settings)];
          const last: (number | undefined)[] = [];
          const everGiven = new Set<number>();
          const steps = [...begun.map((turn, place) => [at(BEGINNING, place), turn] as const), ...life];
          for (const [place, [step, turn]] of steps.entries()) {
            const { log, store, close } = at(processes, turn);
            switch (step.what) {
              case 'say':
                await log.change(saying(at(USERS, step.who)));
                break;
              case 'import':
                await log.changeAll(
                  step.whom.map((user) => saying(at(USERS, user))),
                  () => ({ id: `${place}`, line: step.whom.length, summary: {} }),
                );
                break;
              case 'erase':
                await log.erase(at(USERS, step.who), BY, 0);
                break;
              case 'snapshot':
                await writeSnapshot(snapshots, log.state, () => log.place.entry);
                break;
              case 'restart':
                await close();
                processes[turn] = await start(settings, step.fresh ? undefined : snapshots);
                if (at(processes, turn).wasRestored) restored++;
            }

            // from the log itself, by a store that has nothing else
            const known = await Promise.all(USERS.map((user) => store.readUser(user, 0, 1)));
            const numbers = known.map(([first]) => first?.subject);
            for (const one of processes) expect(numbersIn(one.log.state)).toEqual(numbers);
            const given = numbers.filter((number) => number !== undefined);
            expect((await store.verifiableUsers(0, 100)).map(({ subject }) => subject)).toEqual(
              given.toSorted((one, other) => one - other),
            );
            // a number that was given is never anybody else's
            numbers.forEach((number, user) => {
              if (number === undefined || number === last[user]) return;
              expect(everGiven).not.toContain(number);
              everGiven.add(number);
              if (last[user] !== undefined) returned++;
              last[user] = number;
            });
          }
          for (const { close } of processes) await close();
        }),
        { numRuns: times(40, 4) },
      );
      expect(returned).toBeGreaterThan(0);
      expect(restored).toBeGreaterThan(0);
    },
  );

  it("that a copy of the database has lost is nobody else's, also where the ledger is made anew before the start", async () => {
    const { databaseUrl: DATABASE_URL, dataDir: DATA_DIR } = await server.createStore('numbers_of_a_copy');
    const config = readConfig({ DATABASE_URL, DATA_DIR, RECORD_DIR: newFolder() });
    const opened = async <T>(work: (database: Database) => Promise<T>) => {
      const database = await openDatabase(config);
      try {
        return await work(database);
      } finally {
        await database.close();
      }
    };
    const logName = await opened(async ({ tokens }) => tokens.logName);
    // of the seventh user of the log
    await write(config.record.folder, [question('lost', Date.now())], undefined, logName);
    await rebuildLedger(config, () => undefined);
    const [first] = await opened((database) => new PrismaConsentStore(database).append([event('new')]));
    expect(first?.subject).toBe(8);
  });
});
