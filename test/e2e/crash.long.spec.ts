/** Services killed with SIGKILL in a storm of questions and choices keep what they acknowledged, and have on record what they answered. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { integer, sample } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConsentEvent, isKept } from '../../src/decision/consent-event.js';
import { openDatabase } from '../../src/store/database/database.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { times } from '../times.js';
import { peopleIn } from './asking.js';
import { Killing, type Settings } from './killing.js';
import { onRecord, recordCommand, timesOf } from './on-record.js';
import { temporaryFolder } from './service.js';
import { newDataFolder } from '../data-folder.js';

/** Kills per storage. */
const KILLS = times(25, 5);

async function wholeLog({ DATABASE_URL, KEY_FILE, DATA_DIR = '' }: Settings): Promise<ConsentEvent[]> {
  const database = await openDatabase({ databaseUrl: DATABASE_URL, keyFile: KEY_FILE, dataDir: DATA_DIR });
  try {
    return (await new PrismaConsentStore(database).read(0, 1_000_000)).filter(isKept);
  } finally {
    await database.close();
  }
}

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test.each<[string, () => Promise<Settings[]>]>([
  ['one on the embedded database', async () => [{ DATA_DIR: await newDataFolder() }]],
  [
    'two on a PostgreSQL server',
    async () => {
      const DATABASE_URL = await postgres.createDatabase('storm');
      const folders = [await temporaryFolder(), await temporaryFolder()];
      const KEY_FILE = join(folders[0] ?? '', 'key');
      return folders.map((DATA_DIR) => ({ DATABASE_URL, KEY_FILE, DATA_DIR }));
    },
  ],
])(
  `over ${KILLS} kills nothing is lost that was acknowledged or answered, and the ledger counts it once: %s`,
  async (_storage, prepared) => {
    const processes = await prepared();
    const [settings = {}] = processes;
    const record = await temporaryFolder();
    const storm = new Killing(record);
    await storm.begin(processes);
    for (const [kill, answers] of sample(integer({ min: 20, max: 200 }), KILLS).entries())
      await storm.kill(kill, answers);
    const counted = await storm.end();
    expect(storm.messagePermits).toBeGreaterThan(KILLS * 20);

    await recordCommand(['rebuild'], { ...settings, RECORD_DIR: record });
    expect(await storm.ledger(settings)).toEqual(counted);
    const onAll = [...storm.left.values()].flatMap((answers) => [...answers.values()].flat());
    expect(timesOf(counted.uses)).toBe(onAll.reduce((sum, answer) => sum + peopleIn(answer), 0));
    expect(await recordCommand(['check', record])).not.toMatch(/, open$|being written/m);
    for (const [writer, answers] of storm.left)
      expect((await onRecord(join(record, writer))).answers).toEqual(answers);

    const events = await wholeLog(settings);
    expect(events.map(({ revision }) => revision)).toEqual(events.map((_event, at) => at + 1));
    expect(storm.acknowledged.length).toBeGreaterThan(KILLS * 10);
    for (const { user, purpose, choice, revision } of storm.acknowledged)
      expect(events[revision - 1]).toMatchObject({ user, change: { kind: 'choice', purpose, choice } });
    for (const { DATA_DIR = '' } of processes) await rm(DATA_DIR, { recursive: true });
    await rm(record, { recursive: true });
  },
  1_200_000,
);
