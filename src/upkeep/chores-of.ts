import type { Config } from '../config.js';
import { Lake } from '../record/lake/lake.js';
import type { Database } from '../store/database/database.js';
import { MINUTE_MS } from '../time.js';
import type { Chore } from '../work/chores.js';
import type { ChoreLog } from './chore-log.js';
import { sealingChores } from './sealing/sealing-chores.js';

/** Which chores there are. */
export function choresOf(config: Config, database: Database, log: ChoreLog): readonly Chore[] {
  const { record } = config;
  if (record.mode === 'off') return [];
  const lake = new Lake({ record: record.folder, folder: record.parquet, days: record.days }, Date.now, {
    onWritten: (written) => log.info(written, 'closed records written as Parquet'),
  });
  return [
    {
      name: 'write the closed record as Parquet',
      restMs: MINUTE_MS,
      run: (signal) => lake.follow(signal),
    },
    ...sealingChores(config, database, log),
  ];
}
