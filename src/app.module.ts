import { randomUUID } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { TokenVerifier } from './access/tokens/token-verifier.js';
import type { Config } from './config.js';
import { ConsentController } from './consent/settings/settings.controller.js';
import { ConsentLog } from './consent/log/consent-log.js';
import { Choices } from './consent/settings/choices.js';
import { SettingsService } from './consent/settings/settings.service.js';
import { StateInForce } from './consent/log/state-in-force.js';
import { Tokens } from './consent/log/consistency-token.js';
import { ConsentStore } from './consent/log/consent.store.js';
import { Erasures } from './consent/upkeep/erasures.js';
import { LogController } from './consent/upkeep/log.controller.js';
import { Retention } from './consent/upkeep/retention.js';
import { RightsController } from './consent/rights/rights.controller.js';
import { GpcController } from './consent/signals/gpc.controller.js';
import { SignalsController } from './consent/signals/signals.controller.js';
import { Hearing } from './consent/settings/hearing.js';
import { Signals } from './consent/signals/signals.service.js';
import { ReceiptKeys } from './consent/receipts/receipt-keys.js';
import type { ReceiptKeyStore } from './consent/receipts/receipt-keys.store.js';
import { ReceiptKeysController } from './consent/receipts/receipt-keys.controller.js';
import { ReceiptVerificationController } from './consent/receipts/receipt-verification.controller.js';
import { ReceiptsController } from './consent/receipts/receipts.controller.js';
import { Receipts } from './consent/receipts/receipts.js';
import { NoticesController } from './consent/settings/notices.controller.js';
import { Exports } from './consent/transfer/exports.js';
import { ExportsController } from './consent/transfer/exports.controller.js';
import { Imports } from './consent/transfer/imports.js';
import { ImportsController } from './consent/transfer/imports.controller.js';
import { SnapshotKeeper, restoreState } from './consent/upkeep/snapshot.js';
import { Timekeeper } from './consent/upkeep/timekeeper.js';
import { UserEvents } from './consent/rights/dated-events.js';
import { removeSnapshot } from './consent/upkeep/snapshot-file.js';
import type { ConsentState } from './decision/state/consent-state.js';
import { AudienceController } from './evaluation/audience/audience.controller.js';
import { AudienceService } from './evaluation/audience/audience.service.js';
import { DiscoveryController, PUBLIC_URL } from './evaluation/discovery.controller.js';
import { EvaluationController } from './evaluation/evaluation.controller.js';
import { EvaluationService } from './evaluation/evaluation.service.js';
import { Replay } from './evaluation/replay.js';
import { ReplayController } from './evaluation/replay.controller.js';
import { Search } from './evaluation/search.js';
import { Shadow } from './evaluation/shadow.js';
import { HealthController, Readiness } from './http/health.controller.js';
import { NoticeHistory } from './policy/notices.js';
import { PolicyService } from './policy/policy.service.js';
import { PolicyStore } from './policy/policy.store.js';
import { Drafts } from './publishing/drafts.js';
import { DraftsController } from './publishing/drafts.controller.js';
import { PoliciesController } from './publishing/policies.controller.js';
import { NoticeNumbers } from './publishing/review/notice-numbers.js';
import { Publisher } from './publishing/publisher.js';
import { Reviewer } from './publishing/review/review.js';
import { ShadowController } from './publishing/shadow.controller.js';
import { policyToStartOn } from './publishing/first-policy.js';
import { Versions } from './policy/versions.js';
import { openDatabase } from './store/database/database.js';
import { PrismaConsentStore } from './store/prisma-consent.store.js';
import { PrismaPolicyStore } from './store/prisma-policy.store.js';
import { PrismaReceiptKeyStore } from './store/prisma-receipt-keys.store.js';
import { DAY_MS, MINUTE_MS } from './time.js';

/** What outlives a request: opened before the server listens, closed after its last answer. */
export type Parts = {
  readonly verifier: TokenVerifier;
  readonly policies: PolicyService;
  readonly policyStore: PolicyStore;
  readonly consentStore: ConsentStore;
  readonly receiptKeyStore: ReceiptKeyStore;
  readonly log: ConsentLog;
  readonly erasures: Erasures;
  /** Calls back once if this process can no longer be the one that writes; from then on it denies, and is to be restarted. */
  readonly onLost: (listener: (reason: Error) => void) => void;
  /** Settles the changes that were taken, then gives the database up. */
  readonly close: () => Promise<void>;
};

/** From this many events on, building the state is worth a progress line. */
const WORTH_A_LINE = 100_000;
const LINE_EVERY_MS = 1_000;
/** How long a shutdown waits for the last snapshot; a part of what it waits for requests. */
const SNAPSHOT_PATIENCE_MS = 5_000;

/** The one place where ports meet adapters. */
@Module({})
export class AppModule {
  /** Opens everything that the service stands on. Refuses, with the reason, rather than start on half of it. */
  static async open(config: Config, logger: Logger): Promise<Parts> {
    const database = await openDatabase(config);
    const store = new PrismaConsentStore(database);
    const policyStore = new PrismaPolicyStore(database);
    const receiptKeyStore = new PrismaReceiptKeyStore(database, database.vault);
    try {
      const verifier = await verifierOf(config, logger);
      const { policies, first } = await policyToStartOn(policyStore, config.policyDir, Date.now());
      logger.info({ policy: policies.current.id, first }, 'policy loaded');
      const restored = await restore(config, store, logger);
      const log = new ConsentLog(
        store,
        (error) =>
          logger.error({ err: error }, 'the consent log is in trouble: decisions are denied until it is not'),
        restored,
      );
      const from = log.state.revision;
      await log.follow(progress(logger, from));
      logger.info(
        { storage: database.kind, snapshot: from, revision: log.state.revision, users: log.state.size },
        'consent state built',
      );
      const keeper = keepSnapshots(config, log, store, logger, from);
      const time = new Timekeeper(log, store, Date.now, {
        onMet: (met) => logger.info(met, 'deadlines met'),
        onTrouble: (error) => logger.error({ err: error }, 'deadlines not met: trying again'),
      });
      log.onDeadline((due) => time.expect(due));
      // what ended while nobody was here must have ended before anybody asks
      await time.start();
      const retention = new Retention(log, config.retentionDays, Date.now, {
        onForgotten: (events) =>
          logger.info({ events }, 'events forgotten: superseded, and kept long enough'),
        onTrouble: (error) => logger.warn({ err: error }, 'old events not forgotten: trying again'),
      });
      retention.start();
      const close = async () => {
        await retention.close();
        await time.close();
        await log.close();
        await keeper?.close(SNAPSHOT_PATIENCE_MS);
        await database.close();
      };
      return {
        verifier,
        policies,
        policyStore,
        consentStore: store,
        receiptKeyStore,
        log,
        erasures: new Erasures(log, keeper, Date.now),
        onLost: (listener) => log.onLost(listener),
        close,
      };
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** The rooms, on parts that are open. */
  static on(config: Config, parts: Omit<Parts, 'onLost' | 'close'>, logger: Logger): DynamicModule {
    const { verifier, policies, policyStore, consentStore, receiptKeyStore, log, erasures } = parts;
    const state = new StateInForce(log, policies);
    const settings = new SettingsService(state, policies, consentStore, Date.now);
    const signals = new Signals(log, policies, settings, consentStore, Date.now, config.tcfCmpId);
    const shadow = new Shadow(state, Date.now, () => performance.now());
    const evaluation = new EvaluationService(policies, state, config.consistencyWait, shadow);
    const versions = new Versions(policies, policyStore);
    const drafts = new Drafts(policies, versions, policyStore, randomUUID, Date.now);
    const reviewer = new Reviewer(
      policies,
      versions,
      state,
      new NoticeNumbers(versions, policyStore),
      config.floorWaitMinutes * MINUTE_MS,
    );
    const publisher = new Publisher(policies, drafts, reviewer, log, state, policyStore, Date.now, {
      onPublished: ({ version, sequence, after, draft }) =>
        logger.info({ policy: version, sequence, after, draft }, 'policy published'),
      onRefused: (draft, error) =>
        logger.warn({ draft, err: error }, 'a publication was refused when its time came'),
      onDelayed: (error, draft) =>
        logger.error({ draft, err: error }, 'a publication is due and could not be made: it is tried again'),
    });
    const receiptKeys = new ReceiptKeys(
      receiptKeyStore,
      config.receiptKeyDays * DAY_MS,
      Date.now,
      (kid, error) =>
        logger.warn({ kid, err: error }, 'the key of receipts cannot be opened: a new one takes its place'),
    );
    const issuer = { controller: config.controller, base: config.publicUrl };
    const receipts = new Receipts(consentStore, policyStore, versions, receiptKeys, issuer, randomUUID);
    return {
      module: AppModule,
      controllers: [
        EvaluationController,
        AudienceController,
        DiscoveryController,
        ConsentController,
        RightsController,
        LogController,
        SignalsController,
        GpcController,
        ReceiptsController,
        ReceiptVerificationController,
        ReceiptKeysController,
        NoticesController,
        ImportsController,
        ExportsController,
        DraftsController,
        PoliciesController,
        ShadowController,
        ReplayController,
        HealthController,
      ],
      providers: [
        { provide: PolicyService, useValue: policies },
        { provide: PolicyStore, useValue: policyStore },
        { provide: Versions, useValue: versions },
        { provide: NoticeHistory, useValue: new NoticeHistory(versions, policyStore) },
        { provide: Drafts, useValue: drafts },
        { provide: Reviewer, useValue: reviewer },
        { provide: Publisher, useValue: publisher },
        { provide: Shadow, useValue: shadow },
        { provide: Replay, useValue: new Replay(versions, policyStore, consentStore) },
        { provide: ReceiptKeys, useValue: receiptKeys },
        { provide: Receipts, useValue: receipts },
        { provide: StateInForce, useValue: state },
        { provide: SettingsService, useValue: settings },
        { provide: Choices, useValue: new Choices(log, policies, Date.now) },
        { provide: ConsentStore, useValue: consentStore },
        { provide: Tokens, useValue: consentStore.tokens },
        { provide: UserEvents, useValue: new UserEvents(consentStore, policyStore) },
        { provide: Erasures, useValue: erasures },
        { provide: Hearing, useValue: new Hearing(log, state, Date.now) },
        { provide: Signals, useValue: signals },
        { provide: Exports, useValue: new Exports(log, consentStore) },
        { provide: Imports, useValue: new Imports(log, consentStore, policies, Date.now) },
        { provide: EvaluationService, useValue: evaluation },
        { provide: AudienceService, useValue: new AudienceService(evaluation, state) },
        { provide: Search, useValue: new Search(evaluation, state) },
        {
          provide: Readiness,
          useValue: {
            parts: () => ({
              policy: true,
              consent: state.available,
              identity: verifier.trouble === undefined,
            }),
            trouble: () => verifier.trouble,
          },
        },
        { provide: PUBLIC_URL, useValue: config.publicUrl },
      ],
    };
  }
}

function verifierOf({ oidc, dataDir }: Config, logger: Logger): Promise<TokenVerifier> {
  return oidc === undefined
    ? TokenVerifier.forDevelopment(dataDir)
    : TokenVerifier.forIssuers(oidc, ({ message, lasting }) =>
        logger.warn({ because: message, lasting }, 'the keys of the identity provider cannot be had'),
      );
}

async function restore(
  config: Config,
  store: ConsentStore,
  logger: Logger,
): Promise<ConsentState | undefined> {
  if (config.snapshotMinutes === 0) {
    await removeSnapshot(config.dataDir);
    return undefined;
  }
  const { state, ignored } = await restoreState(config.dataDir, store);
  if (state === undefined)
    logger.info({ because: ignored }, 'snapshot ignored: the consent state is built from the whole log');
  else
    logger.info({ revision: state.revision, users: state.size }, 'consent state restored from the snapshot');
  return state;
}

function keepSnapshots(
  config: Config,
  log: ConsentLog,
  store: ConsentStore,
  logger: Logger,
  saved: number,
): SnapshotKeeper | undefined {
  if (config.snapshotMinutes === 0) return undefined;
  const keeper = new SnapshotKeeper(
    config.dataDir,
    log,
    store,
    {
      onSaved: (snapshot) => logger.info(snapshot, 'snapshot saved'),
      onTrouble: (error) => logger.warn({ err: error }, 'snapshot not saved: the one before stays'),
    },
    saved,
  );
  keeper.start(config.snapshotMinutes * MINUTE_MS);
  return keeper;
}

/** Says how far a long build of the state is, once a second at most. */
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
