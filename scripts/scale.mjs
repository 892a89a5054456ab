// What many users cost, computed from what was measured: the tables of docs/scale.md.
//
//   npm run -s scale

/** What was measured, each with where. */
const MEASURED = {
  /** Bytes of memory a user: the scenario `ten-million` with UUIDs for ids, rounded up; 24 less with those of 14 characters. */
  memoryPerUser: 70,
  /** Bytes of a process with nobody in it, after a start. */
  processMemory: 250e6,
  /** Bytes of a user in a snapshot, and seconds to load ten million: the same, beside other work. */
  snapshotPerUser: 58.4,
  loadPerUser: 3.5 / 1e7,
  /** Seconds to have 345 MB of a shared snapshot from PostgreSQL on the same machine, beside other work. */
  fetchPerByte: 7.3 / 345e6,
  /** Bytes of an entry, and of a user, in PostgreSQL with all indexes: 30,000 of each, ids of 36 characters. */
  entryInLog: 261,
  userInLog: 232,
  /** Acknowledged changes a second of one process: docs/performance.md. */
  changesPerSecond: 8_000,
};

/** What is assumed. */
const ASSUMED = {
  /** Changes of a user in a year, deadlines and signals among them. */
  changesPerYear: 4,
  /** The busiest second of a year against the mean: a new notice is shown to all within days. */
  peak: 50,
  years: 5,
  /** Processes in each shard, for one to fail and one to be replaced. */
  processes: 3,
  /** Dollars a month for a gigabyte of memory with the cores that come with it, and of replicated disk. */
  memoryPrice: 5,
  diskPrice: 0.3,
};

/** Most users of one log, so that a process starts within three minutes: the index of ids holds some 430 million of 36 characters. */
const USERS_A_SHARD = 100e6;
const SIZES = [10e6, 100e6, 300e6, 1e9, 3e9];
const YEAR_S = 365 * 86_400;

const rows = SIZES.map((users) => {
  const shards = Math.ceil(users / USERS_A_SHARD);
  const each = users / shards;
  const memory = MEASURED.processMemory + each * MEASURED.memoryPerUser;
  const snapshot = each * MEASURED.snapshotPerUser;
  const log =
    each * (MEASURED.userInLog + MEASURED.entryInLog * (1 + ASSUMED.changesPerYear * ASSUMED.years));
  const mean = (users * ASSUMED.changesPerYear) / YEAR_S;
  const money =
    shards * ((ASSUMED.processes * memory * ASSUMED.memoryPrice) / 1e9 + (2 * log * ASSUMED.diskPrice) / 1e9);
  return {
    users: `${users / 1e6} million`,
    shards: String(shards),
    memory: `${(memory / 1e9).toFixed(1)} GB`,
    snapshot: `${(snapshot / 1e9).toFixed(1)} GB`,
    start: `${Math.ceil(snapshot * MEASURED.fetchPerByte + each * MEASURED.loadPerUser)} s`,
    log: `${Math.round(log / 1e9).toLocaleString('en')} GB`,
    mean: `${Math.round(mean).toLocaleString('en')}/s`,
    peak: `${Math.round(mean * ASSUMED.peak).toLocaleString('en')}/s`,
    used: `${Math.round(((mean * ASSUMED.peak) / shards / MEASURED.changesPerSecond) * 100)} %`,
    money: `$${(Math.ceil(money / 10) * 10).toLocaleString('en')}`,
  };
});

const HEADS = {
  users: 'users',
  shards: 'shards',
  memory: 'memory of a process',
  snapshot: 'snapshot',
  start: 'start from it',
  log: `log of a shard after ${ASSUMED.years} years`,
  mean: 'changes, mean',
  peak: 'changes, peak',
  used: 'of what a log carries',
  money: 'a month',
};

const line = (cells) => `| ${cells.join(' | ')} |`;
process.stdout.write(
  `${[line(Object.values(HEADS)), line(Object.keys(HEADS).map(() => '---:')), ...rows.map((row) => line(Object.keys(HEADS).map((head) => row[head])))].join('\n')}\n`,
);
