/** A data folder with many users, made much faster than by writing their log. */
import { randomBytes } from 'node:crypto';
import { compiled, emptyState, newEventsOf, product, referenceDocument, settle } from './engine.mjs';
import { population } from './users.mjs';

/**
 * Writes the snapshot of a state into the folder of a new database. Of the log there is only the last entry, so a process
 * that does not take the snapshot cannot start.
 *
 * @template T
 * @param {{ dataDir: string, databaseUrl?: string, keyFile?: string }} where
 * @param {number} users
 * @param {(written: { database: any, file: any, revision: number }) => Promise<T>} [then] while the database is open;
 *   `file`: the module of snapshots; `revision`: that of the snapshot
 */
export async function settleLog({ dataDir, databaseUrl, keyFile }, users, then = async () => undefined) {
  const { readConfig } = await product('config.js');
  const { openDatabase } = await product('store/database/database.js');
  const { PrismaConsentStore } = await product('store/prisma-consent.store.js');
  const file = await product('consent/upkeep/snapshots/snapshot-file.js');
  const config = readConfig({
    DATA_DIR: dataDir,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...(keyFile === undefined ? {} : { KEY_FILE: keyFile }),
  });

  const policy = compiled(await referenceDocument());
  const state = emptyState();
  settle(state, policy, users);
  const database = await openDatabase(config);
  try {
    await beginLogAfter(database, state.revision);
    const store = new PrismaConsentStore(database);
    const [last] = newEventsOf(population(policy).user(0));
    const [appended] = await store.append([last]);
    state.apply(appended);
    await file.writeSnapshot(dataDir, state, () => store.lastLink);
    return await then({ database, file, revision: appended.revision });
  } finally {
    await database.close();
  }
}

/** Writes the head that a log of so many entries has. */
async function beginLogAfter({ prisma, head }, revision) {
  const columns = head.columns({ ...(await head.read()), revision, hash: randomBytes(32) });
  const { Prisma } = await product('store/generated/client.js');
  await prisma.$executeRaw(Prisma.sql`UPDATE consent_head SET ${columns} WHERE id = 1`);
}
