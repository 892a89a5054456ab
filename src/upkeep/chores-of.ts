import type { Config } from '../config.js';
import type { Database } from '../store/database/database.js';
import type { Chore } from '../work/chores.js';
import type { ChoreLog } from './chore-log.js';

/** Which chores there are. */
export function choresOf(_config: Config, _database: Database, _log: ChoreLog): readonly Chore[] {
  return [];
}
