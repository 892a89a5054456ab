import type { Config } from '../config.js';
import { Roller, foreignRecord } from '../ledger/roller.js';
import { Lake } from '../record/lake/lake.js';
import type { Database } from '../store/database/database.js';
import { PrismaFailedVerificationStore } from '../store/prisma-failed-verifications.store.js';
import { PrismaUseStore } from '../store/prisma-uses.store.js';
import { MINUTE_MS } from '../time.js';
import type { Chore } from '../work/chores.js';
import type { ChoreLog } from '../work/chore-log.js';
import { LEDGER_ROWS } from './ledger-rows.js';
import { type SigningNews, sealingChores } from './sealing/sealing-chores.js';

/** Which chores there are. @param writer of the record of this process; absent: it records nothing */
export function choresOf(
  config: Config,
  writer: string | undefined,
  database: Database,
  log: ChoreLog,
  onSigning: (news: SigningNews) => void,
): readonly Chore[] {
  if (writer === undefined) return [];
  const { record } = config;
  const lake = new Lake({ record: record.folder, folder: record.parquet, days: record.days }, Date.now, {
    onWritten: (written) => log.info(written, 'closed records written as Parquet'),
  });
  const settings = {
    folder: record.folder,
    log: database.tokens.logName,
    own: writer,
    days: record.days,
    rows: LEDGER_ROWS[database.kind],
  };
  const roller = new Roller(
    settings,
    new PrismaUseStore(database),
    Date.now,
    (foreign) => log.warn({}, foreignRecord(foreign)),
    new PrismaFailedVerificationStore(database),
  );
  return [
    {
      name: 'write the closed record as Parquet',
      restMs: MINUTE_MS,
      restsFirst: true,
      run: (signal) => lake.follow(signal),
    },
    ...sealingChores(config, database, log, onSigning),
    { name: 'count uses in the ledger', restMs: 2_000, run: (signal) => roller.run(signal) },
    { name: 'delete old uses', restMs: 60 * MINUTE_MS, run: (signal) => roller.forget(signal) },
  ];
}
