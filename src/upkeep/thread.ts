/** The thread of the chores, see `upkeep.ts`: the same settings, and a connection to the database of its own. */
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { forWorker, readConfig } from '../config.js';
import { openDatabase } from '../store/database/database.js';
import { type ChoreLog, logOf } from '../work/chore-log.js';
import { patiently } from '../work/patiently.js';
import { followKeys } from './keys/follow-keys.js';
import { type ThreadMessage, doChores } from './upkeep.js';

const SILENT: ChoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

// of this thread alone, on Linux: answers go first
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const config = forWorker(readConfig(process.env), Number(process.argv[2]));
// the only message there is; while the database is not there, nothing is under way
let close = async (): Promise<void> => process.exit();
parentPort?.once('message', () => void close());
// the first thread lets the log tell of an outage
const database = await patiently(
  () => openDatabase(config),
  () => undefined,
);
const tell = (message: ThreadMessage) => parentPort?.postMessage(message);
const log = logOf((line) => tell({ line }));
const upkeep = doChores(config, process.argv[3], database, log, (signing) => tell({ signing }));
// it has a ring of keys of its own; what there is to say of their file, the process says
const keys = followKeys(config, database, SILENT);
close = async () => {
  await Promise.all([upkeep.close(), keys.close()]);
  await database.close();
};
