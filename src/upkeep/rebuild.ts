import type { Config } from '../config.js';
import { recordOf } from '../consent/upkeep/failed-verifications.store.js';
import { Roller, foreignRecord } from '../ledger/roller.js';
import { passOverLost } from '../ledger/uncounted-numbers.js';
import { openDatabase } from '../store/database/database.js';
import { PrismaConsentStore } from '../store/prisma-consent.store.js';
import { PrismaFailedVerificationStore } from '../store/prisma-failed-verifications.store.js';
import { PrismaUseStore } from '../store/prisma-uses.store.js';
import { LEDGER_ROWS } from './ledger-rows.js';

/**
 * Empties the ledger, and counts what the folder of the record has of ended processes. Those that run count their own anew,
 * and so do those of other folders.
 *
 * @param onSaid gets a sentence about each writer whose record is not counted, and about users whom the database has lost
 * @throws Error with a message for people when the database cannot be had, or the record is damaged
 */
export async function rebuildLedger(config: Config, onSaid: (said: string) => void): Promise<void> {
  const { folder, days } = config.record;
  const database = await openDatabase(config);
  try {
    const store = new PrismaUseStore(database);
    await store.empty();
    const lost = await passOverLost(folder, new PrismaConsentStore(database), store);
    if (lost > 0) onSaid(`the numbers of users whom the database has lost are given to nobody else: ${lost}`);
    const settings = { folder, log: database.tokens.logName, days, rows: LEDGER_ROWS[database.kind] };
    const failed = new PrismaFailedVerificationStore(database);
    // of what is still damaged it is noted again
    for (const { of } of await failed.all()) if (of.startsWith(recordOf(''))) await failed.passed(of);
    const onForeign = (writer: string) => onSaid(foreignRecord(writer));
    await new Roller(settings, store, Date.now, onForeign, failed).run();
  } finally {
    await database.close();
  }
}
