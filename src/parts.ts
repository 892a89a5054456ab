/** Opens the parts of the service, in the order of their dependencies. Here ports meet adapters. */
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CaseStore } from './cases/cases.store.js';
import { TokenVerifier } from './access/tokens/token-verifier.js';
import { type Config, MOST_WORKERS, snapshotDirOf } from './config.js';
import type { BudgetStore } from './budgets/budgets.store.js';
import type { PurposeReviewStore } from './publishing/purpose-reviews/purpose-reviews.store.js';
import { followFormerCaches } from './consent/caches/former-caches.js';
import { ConsentLog } from './consent/log/consent-log.js';
import { CLOSED_FROM } from './consent/log/settlement/room.js';
import { ConsentStore } from './consent/log/consent.store.js';
import type { ExtractStore } from './extracts/extracts.store.js';
import { ErasureList } from './consent/log/erased/erasure-list.js';
import type { ErasureMarkStore } from './consent/log/erased/erasure-marks.store.js';
import { Erasures } from './consent/upkeep/erasures.js';
import { followList, forgetListed, listOf } from './consent/upkeep/listed-erasures.js';
import type { FailedVerificationStore } from './consent/upkeep/failed-verifications.store.js';
import { Retention } from './consent/upkeep/retention.js';
import { StateInForce } from './consent/log/state-in-force.js';
import type { ReceiptKeyStore } from './consent/receipts/receipt-keys.store.js';
import type { SharedSnapshots } from './consent/upkeep/snapshots/snapshots.store.js';
import { SnapshotKeeper, restoreShared, restoreState } from './consent/upkeep/snapshots/snapshot.js';
import { LapseWalk } from './consent/upkeep/times/lapse-walk.js';
import { Lapses } from './consent/log/settlement/lapses.js';
import { SureTime } from './consent/upkeep/times/sure-time.js';
import { Timekeeper } from './consent/upkeep/times/timekeeper.js';
import { type OpenRecord, openRecord } from './record/keeping/open-record.js';
import type { RecordWatch } from './record/keeping/recorder.js';
import type { Recording } from './record/recording.js';
import { DischargeTokens } from './discharges/discharge-tokens.js';
import { codeOf } from './disk.js';
import { DISK, FORMAT, removeSnapshot } from './consent/upkeep/snapshots/snapshot-file.js';
import type { ConsentState } from './decision/state/consent-state.js';
import type { ProcessStore } from './fleet/processes.store.js';
import { termsOf } from './fleet/terms.js';
import { versionOfPackage } from './http/contract/openapi.js';
import { passOverLost } from './ledger/uncounted-numbers.js';
import type { UseStore } from './ledger/uses.store.js';
import { PolicyService } from './policy/policy.service.js';
import { PolicyStore } from './policy/policy.store.js';
import { policyToStartOn } from './publishing/first-policy.js';
import { FollowedPublications } from './publishing/followed-publications.js';
import { type Database, openDatabase } from './store/database/database.js';
import { PrismaAttributeStore } from './store/prisma-attributes.store.js';
import { PrismaFailedVerificationStore } from './store/prisma-failed-verifications.store.js';
import { PrismaPurposeReviewStore } from './store/prisma-purpose-reviews.store.js';
import { PrismaBudgetStore } from './store/prisma-budgets.store.js';
import { PrismaCaseStore } from './store/prisma-cases.store.js';
import { PrismaConsentCountStore } from './store/prisma-consent-counts.store.js';
import { PrismaConsentStore } from './store/prisma-consent.store.js';
import { PrismaErasureMarkStore } from './store/prisma-erasure-marks.store.js';
import { PrismaExtractStore } from './store/prisma-extracts.store.js';
import { PrismaPolicyStore } from './store/prisma-policy.store.js';
import { PrismaReceiptKeyStore } from './store/prisma-receipt-keys.store.js';
import { PrismaSpentIdStore } from './store/prisma-spent-ids.store.js';
import { PrismaUseStore } from './store/prisma-uses.store.js';
import { openSessions } from './sessions/open-sessions.js';
import type { Sessions } from './sessions/sessions.js';
import type { SignInDesk } from './sessions/sign-in-desk.js';
import { ServerProcessStore } from './store/server-processes.js';
import { ServerSnapshots } from './store/server-snapshots.js';
import { HOUR_MS, MINUTE_MS } from './time.js';
import type { AttributeStore } from './reports/attributes/attributes.store.js';
import { ConsentCounts } from './reports/counts/consent-counts.js';
import { followKeys } from './upkeep/keys/follow-keys.js';
import { tellAtStart } from './upkeep/keys/key-progress.js';
import { signedRevision } from './upkeep/sealing/signed-revision.js';
import { type Upkeep, startUpkeep } from './upkeep/upkeep.js';
import { Chores } from './work/chores.js';
import { Failing, newsOf, toldOf } from './work/failing.js';
import { patiently } from './work/patiently.js';

/** What outlives a request: opened before the server listens, closed after its last answer. */
export type Parts = {
  readonly verifier: TokenVerifier;
  readonly policies: PolicyService;
  readonly policyStore: PolicyStore;
  readonly consentStore: ConsentStore;
  readonly receiptKeyStore: ReceiptKeyStore;
  readonly caseStore: CaseStore;
  readonly extractStore: ExtractStore;
  readonly attributeStore: AttributeStore;
  readonly consentCounts: ConsentCounts;
  readonly log: ConsentLog;
  readonly state: StateInForce;
  readonly erasures: Erasures;
  /** Who was erased, outside the database; absent: there is no such list. */
  readonly erasureList?: ErasureList | undefined;
  /** By which minors come of age. */
  readonly sure: Pick<SureTime, 'at'>;
  readonly recording: Recording;
  /** Absent: nothing is recorded. */
  readonly recordWatch?: RecordWatch | undefined;
  /** Absent: no snapshot is kept. */
  readonly keeper?: SnapshotKeeper | undefined;
  readonly dischargeTokens: DischargeTokens;
  readonly useStore: UseStore;
  readonly budgetStore: BudgetStore;
  readonly purposeReviewStore: PurposeReviewStore;
  readonly failedVerifications: FailedVerificationStore;
  /** Absent: no other process can share the log. */
  readonly processStore?: ProcessStore | undefined;
  readonly signing: Upkeep['signing'];
  /** Whether the key file has the key that seals the store. */
  readonly vault: Pick<Database['vault'], 'isFiled'>;
  readonly sessions: Sessions;
  readonly desk: SignInDesk;
  /**
   * Calls back once if the log no longer is what this process has read; from then on it denies, and must be restarted.
   */
  readonly onLost: (listener: (reason: Error) => void) => void;
  /** Settles the accepted changes, then closes the database. */
  readonly close: () => Promise<void>;
};

/** Warn when the clocks of the process and the database differ by more than this. */
const CLOCK_WARNING_MS = 10_000;
/** From this many events on, building the state logs its progress. */
const WORTH_A_LINE = 100_000;
const LINE_EVERY_MS = 1_000;
/** How often a process reads what others have entered into the list of erasures: who says no again after one that failed must be heard. */
const READ_LIST_MS = 5_000;
/** How long a shutdown waits for the last snapshot; part of its wait for requests. */
const SNAPSHOT_PATIENCE_MS = 5_000;
/** How long the end of a start waits for the fleet, which otherwise waits for this process. */
export const LEAVING_MS = 1_000;

/** Does what can be done again, until the database answers; not for ever. */
type Again = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Opens all parts of the service. Fails with the reason rather than start with some of them.
 *
 * @param onJoining called with the log before it joins a fleet, which waits for whoever does not leave it
 */
export async function openParts(
  config: Config,
  logger: Logger,
  onJoining: (log: Pick<ConsentLog, 'close'>) => void,
): Promise<Parts> {
  const again = <T>(work: () => Promise<T>): Promise<T> =>
    patiently(work, (error) => logger.warn(toldOf(error), 'the start waits for the database: trying again'));
  await takeFolder(config, logger);
  const database = await again(() => openDatabase({ ...config, build: versionOfPackage() }));
  let joined: Pick<ConsentLog, 'close'> | undefined;
  const consentStore = new PrismaConsentStore(database);
  const policyStore = new PrismaPolicyStore(database);
  const shared = database.pool && new ServerSnapshots(database.pool, database.vault, FORMAT);
  try {
    await again(() => tellAtStart(config, database));
    const marks = new PrismaErasureMarkStore(database);
    const list = await again(() => erasureListOf(config, marks, logger));
    const verifier = await verifierOf(config, logger);
    const { policies, first } = await again(() => policyToStartOn(policyStore, config.policyDir, Date.now()));
    logger.info({ policy: policies.current.id, first }, 'policy loaded');
    // before the log is read: it only grows, as long as nobody puts it back
    const signed = await signedRevision(config);
    const { log, from } = await followedLog(config, consentStore, database.kind, shared, logger, again);
    tellLost(log.place.revision, signed, logger);
    const state = new StateInForce(log, policies);
    policies.onPut(() => log.caches.touch());
    // so that the first decisions need not wait
    await state.prepare(policies.current);
    if (consentStore.fleet !== undefined) log.follows(new FollowedPublications(policyStore, policies, state));
    log.lapsesBy(new Lapses(policies));
    if (list !== undefined) log.erasedBy((user) => list.erasedAt(user));
    joined = log;
    onJoining(log);
    await again(() => log.join());
    if (consentStore.fleet !== undefined) await again(() => compareClocks(database, logger));
    const record = await recorded(config, consentStore, logger);
    const useStore = new PrismaUseStore(database);
    await again(() => passOver(config, consentStore, useStore, logger));
    const { writer } = record;
    if (writer !== undefined) await again(() => useStore.begin(writer, Date.now()));
    const upkeep = startUpkeep(config, writer, database, logger);
    const keys = followKeys(config, database, logger);
    const keeper = keepSnapshots(config, log, consentStore, shared, logger, from);
    const sure = new SureTime(consentStore, database.clock, (days) =>
      logger.error(
        { days },
        'the clock is far ahead of what it was, or of the consent log: nobody comes of age by it before it has been so for a day; set it right',
      ),
    );
    const time = await meetDeadlines(log, consentStore, sure, logger, again);
    const erasures = new Erasures(log, keeper, Date.now, list && { list, marks });
    if (list !== undefined) await again(() => eraseListed(list, marks, log, consentStore, erasures, logger));
    const tending = list && tendList(config, list, marks, sure, logger);
    const lapses = followLapses(log, consentStore, policies, time, logger);
    const forget = log.isAlone ? await followFormerCaches(config.dataDir, log.caches) : undefined;
    const retention = retain(config, log, logger);
    const attributeStore = new PrismaAttributeStore(database);
    const consentCounts = new ConsentCounts(
      state,
      policies,
      attributeStore,
      new PrismaConsentCountStore(database),
      config.reportDays,
      Date.now,
    );
    const counting = countDays(consentCounts, logger);
    return {
      verifier,
      policies,
      policyStore,
      consentStore,
      receiptKeyStore: new PrismaReceiptKeyStore(database, database.vault),
      caseStore: new PrismaCaseStore(database),
      extractStore: new PrismaExtractStore(database),
      attributeStore,
      consentCounts,
      log,
      state,
      recording: record.recording,
      recordWatch: record.watch,
      keeper,
      dischargeTokens: new DischargeTokens(database.vault, consentStore.tokens),
      useStore,
      budgetStore: new PrismaBudgetStore(database),
      purposeReviewStore: new PrismaPurposeReviewStore(database),
      failedVerifications: new PrismaFailedVerificationStore(database),
      signing: upkeep.signing,
      vault: database.vault,
      processStore: database.fleet && new ServerProcessStore(database),
      ...openSessions(
        config,
        verifier,
        new PrismaSpentIdStore(database),
        (use, id) => database.vault.keyFor(use, id),
        Date.now,
        (issuer, because) => logger.warn({ issuer, because }, 'somebody could not sign in'),
      ),
      erasures,
      erasureList: list,
      sure,
      onLost: (listener) => log.onLost(listener),
      close: async () => {
        // first of all: what was answered is to be on the disk, whatever else fails
        await record
          .close()
          .catch((error: unknown) => logger.error({ err: error }, 'decisions were not recorded'));
        await log.caches.close();
        await forget?.();
        await counting.close();
        await tending?.close();
        await retention.close();
        await lapses.close();
        await time.close();
        await log.close();
        await upkeep.close();
        await keys.close();
        await keeper?.close(SNAPSHOT_PATIENCE_MS);
        // what was entered is on the disk
        await list
          ?.close()
          .catch((error: unknown) => logger.warn({ err: error }, 'the list of erasures was not closed'));
        await database.close();
      },
    };
  } catch (error) {
    // a member that goes on would fail on a database that is closed, and say that last
    await Promise.race([joined?.close(), delay(LEAVING_MS, undefined, { ref: false })]);
    await database.close();
    throw error;
  }
}

/**
 * Where the database is on a server, takes the folder that is for this process alone; the embedded database takes its own.
 *
 * @throws Error when it can be no folder. Whether it can be written is told by who must write to it
 */
async function takeFolder({ databaseUrl, snapshotDir }: Config, logger: Logger): Promise<void> {
  // locks are not built for every platform
  const locks = databaseUrl && (await import('./store/postgres/folder-lock.js').catch(() => undefined));
  if (!locks) return;
  try {
    locks.lockFolder(snapshotDir, undefined, 'process.lock');
  } catch (error) {
    if (error instanceof locks.FolderInUse)
      logger.warn(
        { folder: snapshotDir },
        'another process has the same folder: each of the two replaces the snapshot of the other, and starts the slower for it; give each a DATA_DIR of its own',
      );
    else if (error instanceof Error && codeOf(error.cause) === 'ENOTDIR') throw error;
  }
}

/** The record of decisions, to be closed after the last answer. */
function recorded({ record }: Config, { tokens }: ConsentStore, logger: Logger): Promise<OpenRecord> {
  if (record.mode === 'off')
    logger.warn('decisions are not recorded: nobody can be told who used their data; unset RECORD');
  return openRecord({ ...record, log: tokens.logName }, Date.now, {
    onTrouble: (error) =>
      logger.error({ err: error }, 'decisions cannot be recorded: all are denied until they can'),
    onWorking: () => logger.info('decisions are recorded again'),
    onCut: (cut) =>
      logger.warn(
        cut,
        'a record that was being written when its process ended was cut off: nobody was answered on it',
      ),
    onNotClosed: (error) =>
      logger.warn({ err: error }, 'a segment of the record that an ended process left cannot be closed'),
    onRemoved: (removed) => logger.info(removed, 'records removed: kept long enough'),
    onNotRemoved: (error) => logger.warn(toldOf(error), 'old records not removed: trying again'),
    onLeap: (days) =>
      logger.error(
        { days },
        'the clock is far ahead of what it was, or of the newest record: old records are not removed before it has been so for a day; set it right',
      ),
  });
}

/** Says once that the database is an older copy than what was signed of it. */
function tellLost(revision: number, signed: number, logger: Logger): void {
  if (revision >= signed) return;
  logger.error(
    { revision, signed },
    `the consent log ends at revision ${revision}, and its heads were signed up to ${signed}: the changes after it are not in this database, opt-outs among them; if it was restored, see docs/backup.md, if not, somebody put it back`,
  );
}

/** The list of erasures of the database, before anything rests on either. */
function erasureListOf(
  { erasures: { folder }, oidc, dataDir }: Config,
  marks: ErasureMarkStore,
  logger: Logger,
): Promise<ErasureList | undefined> {
  if (oidc !== undefined && (folder === undefined || dirname(folder) === dataDir))
    logger.warn(
      folder === undefined
        ? 'there is no list of erasures: a database from a backup would bring back who was erased since; set ERASURES_DIR'
        : 'the list of erasures is lost with DATA_DIR, and a database from a backup does not start without it: set ERASURES_DIR to a folder that is kept apart',
    );
  return listOf(marks, folder, (where, mayBegin) => ErasureList.open({ folder: where, mayBegin }));
}

/** Before anybody is registered, and any use counted: the record may name users whom an older copy of the log has lost. */
async function passOver(
  { record: { folder } }: Config,
  store: ConsentStore,
  uses: UseStore,
  logger: Logger,
): Promise<void> {
  const users = await passOverLost(folder, store, uses);
  if (users === 0) return;
  logger.warn(
    { users },
    'the record names users whom the database does not know: it is an older copy; their numbers are given to nobody else',
  );
}

/** Before the first decision: of a database that is an older copy, whoever was erased since is erased again. */
async function eraseListed(
  list: ErasureList,
  marks: ErasureMarkStore,
  log: ConsentLog,
  store: ConsentStore,
  erasures: Erasures,
  logger: Logger,
): Promise<void> {
  await followList(list, marks, log, store, Date.now(), erasures.eraseListed.bind(erasures), {
    onWork: (unknown) =>
      logger.warn(
        { unknown },
        'the list has erasures that the database does not know: it is an older copy, or a process ended in the middle of one; they are done again',
      ),
    onLeft: (left) =>
      logger.error(
        { left },
        'erasures that could not be done were left: something was said about these users since; make every erasure again that was answered with an error',
      ),
    onDone: (erased) => logger.warn({ erased }, 'erasures done again'),
  });
}

/** Keeps entries of the list no longer than they are to be kept, and knows those of other processes. */
function tendList(
  { erasures: { days } }: Config,
  list: ErasureList,
  marks: ErasureMarkStore,
  sure: SureTime,
  logger: Logger,
): Chores {
  const deleteOld = async () => forgetListed(list, marks, days, await sure.at(Date.now()));
  return new Chores(
    [
      { name: 'delete old erasures from their list', restMs: HOUR_MS, run: deleteOld },
      {
        name: 'read the list of erasures',
        restMs: READ_LIST_MS,
        restsFirst: true,
        run: () => list.refresh(),
      },
    ],
    newsOf(logger),
  );
}

/** The times shown to users depend on the time of day, and so does what a process that starts takes for unconfirmed. */
async function compareClocks({ clock }: Database, logger: Logger): Promise<void> {
  const before = Date.now();
  const there = await clock();
  const apart = Math.max(before - there, there - Date.now());
  if (apart > CLOCK_WARNING_MS)
    logger.warn(
      { seconds: Math.round(apart / 1_000) },
      'the clock of this machine and that of the database are apart: set both by one time server; until then this process records changes, ends grants and dates receipts at another time than others do',
    );
}

function verifierOf({ oidc, dataDir }: Config, logger: Logger): Promise<TokenVerifier> {
  return oidc === undefined
    ? TokenVerifier.forDevelopment(dataDir)
    : TokenVerifier.forIssuers(oidc, ({ message, lasting }) =>
        logger.warn({ because: message, lasting }, 'the keys of the identity provider cannot be had'),
      );
}

/** The log with the state built from it, and the revision of the snapshot used. */
async function followedLog(
  config: Config,
  store: ConsentStore,
  storage: string,
  shared: SharedSnapshots | undefined,
  logger: Logger,
  again: Again,
): Promise<{ readonly log: ConsentLog; readonly from: number }> {
  const restored = await again(() => restore(config, store, shared, logger));
  const log = new ConsentLog(
    store,
    (error) =>
      error === undefined
        ? logger.info('the consent log works again')
        : logger.error(toldOf(error), 'the consent log failed: decisions are denied until it recovers'),
    restored,
    termsOf(config.lease),
  );
  log.onFilling((filled) =>
    logger.warn(
      { filled: rounded(filled), closed_from: CLOSED_FROM },
      'the consent state fills up: users who are new are refused before it is full; make room, as docs/configuration.md says under "Room"',
    ),
  );
  const from = log.state.revision;
  await again(() => log.follow(progress(logger, from)));
  const { revision, size: users, filled } = log.state;
  logger.info({ storage, snapshot: from, revision, users, filled: rounded(filled) }, 'consent state built');
  return { log, from };
}

/** A share as people read it. */
function rounded(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}

async function restore(
  config: Config,
  store: ConsentStore,
  shared: SharedSnapshots | undefined,
  logger: Logger,
): Promise<ConsentState | undefined> {
  if (config.worker === 1) await removeAbandoned(config);
  if (config.snapshotMinutes === 0) {
    await removeSnapshot(config.snapshotDir);
    return undefined;
  }
  const own = await restoreState(config.snapshotDir, store);
  const others = shared && (await restoreShared(config.snapshotDir, store, shared, own.state?.revision ?? 0));
  if (others?.ignored !== undefined) logger.info({ because: others.ignored }, 'shared snapshot ignored');
  const state = others?.state ?? own.state;
  if (state === undefined)
    logger.info({ because: own.ignored }, 'snapshot ignored: the consent state is built from the whole log');
  else
    logger.info(
      { revision: state.revision, users: state.size, shared: state === others?.state },
      'consent state restored from the snapshot',
    );
  return state;
}

/** Deletes the snapshots of workers that no longer run: no erasure would reach them. */
async function removeAbandoned({ dataDir, workers }: Config): Promise<void> {
  for (let worker = workers + 1; worker <= MOST_WORKERS; worker++)
    await removeSnapshot(snapshotDirOf(dataDir, worker));
}

/** Logs the progress of a long build of the state, at most once a second. */
function progress(logger: Logger, from: number): (revision: number, head: number) => void {
  const start = Date.now();
  let last = start;
  return (revision, head) => {
    const now = Date.now();
    if (head - from < WORTH_A_LINE || now - last < LINE_EVERY_MS) return;
    last = now;
    const perSecond = ((revision - from) / (now - start)) * 1000;
    logger.info(
      {
        revision,
        head,
        events_per_second: Math.round(perSecond),
        seconds_left: Math.ceil((head - revision) / perSecond),
      },
      'building the consent state',
    );
  };
}

function keepSnapshots(
  config: Config,
  log: ConsentLog,
  store: ConsentStore,
  shared: SharedSnapshots | undefined,
  logger: Logger,
  saved: number,
): SnapshotKeeper | undefined {
  if (config.snapshotMinutes === 0) return undefined;
  const keeper = new SnapshotKeeper(
    config.snapshotDir,
    log,
    store,
    {
      onSaved: (snapshot) => logger.info(snapshot, 'snapshot saved'),
      onShared: (snapshot) => logger.info(snapshot, 'snapshot shared with the other processes'),
      onTrouble: (error) => logger.warn(toldOf(error), 'snapshot not saved: the one before stays'),
    },
    saved,
    DISK,
    shared,
  );
  keeper.start(config.snapshotMinutes * MINUTE_MS);
  // whichever process erased a user, no snapshot that holds them may stay here
  log.onErasure(() => void keeper.without(async () => undefined));
  return keeper;
}

/** Applies the deadlines that passed while the service was down, before the first decision. */
async function meetDeadlines(
  log: ConsentLog,
  store: ConsentStore,
  sure: SureTime,
  logger: Logger,
  again: Again,
): Promise<Timekeeper> {
  const failing = new Failing(logger, {
    level: 'error',
    fails: 'deadlines not met: trying again',
    works: 'deadlines can be met again',
  });
  const time = new Timekeeper(log, store, Date.now, sure, {
    onMet: (met) => logger.info(met, 'deadlines met'),
    onTrouble: (error) => failing.failed(error),
    onDone: () => failing.worked(),
  });
  log.onDeadline((due) => time.expect(due));
  await again(() => time.start());
  return time;
}

/** Sets deadlines for grants under each policy that lets them lapse otherwise than the one before. */
function followLapses(
  log: ConsentLog,
  store: ConsentStore,
  policies: PolicyService,
  time: Timekeeper,
  logger: Logger,
): LapseWalk {
  const failing = new Failing(logger, {
    level: 'error',
    fails: 'grants were not gone through: trying again',
    works: 'grants can be gone through again',
  });
  const walk = new LapseWalk(log, store, Date.now, {
    onSet: (due) => time.expect(due),
    onTrouble: (error) => failing.failed(error),
    onDone: () => failing.worked(),
  });
  policies.onPut(() => walk.look());
  walk.look();
  return walk;
}

function retain({ retentionDays }: Config, log: ConsentLog, logger: Logger): Retention {
  const failing = new Failing(logger, {
    level: 'warn',
    fails: 'old events not forgotten: trying again',
    works: 'old events can be forgotten again',
  });
  const retention = new Retention(log, retentionDays, Date.now, {
    onForgotten: (events) => logger.info({ events }, 'events forgotten: superseded, and kept long enough'),
    onTrouble: (error) => failing.failed(error),
    onDone: () => failing.worked(),
  });
  retention.start();
  return retention;
}

/** Counts each day, unless another process has, or somebody has asked. A day begins with rest, as a new service does. */
function countDays(counts: ConsentCounts, logger: Logger): Chores {
  const quarter = { restMs: 15 * MINUTE_MS, restsFirst: true };
  return new Chores(
    [
      { ...quarter, name: 'count users by purpose, regime and reason', run: () => counts.look() },
      { ...quarter, name: 'delete old counts of users', run: () => counts.forget() },
    ],
    newsOf(logger),
  );
}
