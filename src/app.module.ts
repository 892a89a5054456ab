import { randomUUID } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { CaseReadings } from './cases/case-readings.js';
import { longestSilence } from './cases/case.js';
import { Cases } from './cases/cases.js';
import { CasesController } from './cases/cases.controller.js';
import type { Config } from './config.js';
import { TakingBackController } from './consent/settings/taking-back.controller.js';
import { ConsentController } from './consent/settings/settings.controller.js';
import { Caches } from './consent/caches/caches.js';
import { CachesController } from './consent/caches/caches.controller.js';
import { Choices } from './consent/settings/changes/choices.js';
import { TakingBack } from './consent/settings/changes/taking-back.js';
import { Visibility } from './consent/settings/visibility.js';
import { SettingsService } from './consent/settings/settings.service.js';
import { StateInForce } from './consent/log/state-in-force.js';
import { Tokens } from './consent/log/consistency-token.js';
import { ConsentStore } from './consent/log/consent.store.js';
import { Erasures } from './consent/upkeep/erasures.js';
import { FailedVerificationStore } from './consent/upkeep/failed-verifications.store.js';
import { LogController } from './consent/upkeep/log.controller.js';
import { Kept } from './consent/rights/kept.js';
import { RightsController } from './consent/rights/rights.controller.js';
import { ExportController } from './export/export.controller.js';
import { GpcController } from './consent/signals/gpc.controller.js';
import { SignalsController } from './consent/signals/signals.controller.js';
import { Hearing } from './consent/settings/gpc/hearing.js';
import { Signals } from './consent/signals/signals.service.js';
import { ReceiptKeys } from './consent/receipts/receipt-keys.js';
import { ReceiptKeysController } from './consent/receipts/receipt-keys.controller.js';
import { ReceiptVerificationController } from './consent/receipts/receipt-verification.controller.js';
import { ReceiptsController } from './consent/receipts/receipts.controller.js';
import { Receipts } from './consent/receipts/receipts.js';
import { Discharges } from './discharges/discharges.js';
import { DischargesController } from './discharges/discharges.controller.js';
import { Budgets } from './budgets/budgets.js';
import { BudgetsController } from './budgets/budgets.controller.js';
import { NoticesController } from './consent/settings/prompts/notices.controller.js';
import { Changes } from './consent/transfer/changes.js';
import { ChangesController } from './consent/transfer/changes.controller.js';
import { Exports } from './consent/transfer/exports.js';
import { ExportsController } from './consent/transfer/exports.controller.js';
import { Imports } from './consent/transfer/imports.js';
import { ImportsController } from './consent/transfer/imports.controller.js';
import { UserEvents } from './consent/rights/dated-events.js';
import { AudienceController } from './evaluation/audience/audience.controller.js';
import { AudienceService } from './evaluation/audience/audience.service.js';
import { DecisionCounts } from './evaluation/decision-counts.js';
import { DecisionRecords } from './evaluation/decision-records.js';
import { DiscoveryController, PUBLIC_URL } from './evaluation/discovery.controller.js';
import { EvaluationController } from './evaluation/evaluation.controller.js';
import { EvaluationService } from './evaluation/evaluation.service.js';
import { Grants } from './evaluation/grants/grants.js';
import { GrantsController } from './evaluation/grants/grants.controller.js';
import { PermitsController } from './evaluation/permits/permits.controller.js';
import { Permits } from './evaluation/permits/permits.service.js';
import { Replay } from './evaluation/replay/replay.js';
import { ReplayController } from './evaluation/replay/replay.controller.js';
import { Search } from './evaluation/search.js';
import { Shadow } from './evaluation/shadow.js';
import { WithdrawalsController } from './evaluation/withdrawals/withdrawals.controller.js';
import { MembershipsController } from './evaluation/withdrawals/memberships.controller.js';
import { Memberships } from './evaluation/withdrawals/memberships.js';
import { ExtractBalancesController } from './evaluation/withdrawals/extract-balances.controller.js';
import { ExtractBalances } from './evaluation/withdrawals/extract-balances.js';
import { News } from './evaluation/withdrawals/news.js';
import { Withdrawals } from './evaluation/withdrawals/withdrawals.js';
import { Extracts } from './extracts/extracts.js';
import { ExtractsController } from './extracts/extracts.controller.js';
import type { Ending } from './http/ending.js';
import { HealthController, Readiness } from './http/health.controller.js';
import { CaseAccessesController } from './ledger/answers/case-accesses.controller.js';
import { Ledger } from './ledger/ledger.js';
import { UserUsesController } from './ledger/answers/user-uses.controller.js';
import { PeopleController } from './ledger/answers/people.controller.js';
import { UsesController } from './ledger/answers/uses.controller.js';
import { NoticeHistory } from './policy/notices.js';
import { PolicyService } from './policy/policy.service.js';
import { PolicyStore } from './policy/policy.store.js';
import { Attributes } from './reports/attributes/attributes.js';
import { AttributesController } from './reports/attributes/attributes.controller.js';
import { ConsentBalanceController } from './reports/consent-balance.controller.js';
import { ConsentBalances } from './reports/consent-balances.js';
import { ConsentCountsController } from './reports/counts/consent-counts.controller.js';
import { ConsentCounts } from './reports/counts/consent-counts.js';
import { Drafts } from './publishing/drafts.js';
import { DraftsController } from './publishing/drafts.controller.js';
import { DryRunsController } from './publishing/dry-runs.controller.js';
import { LineageController } from './publishing/lineage/lineage.controller.js';
import { PoliciesController } from './publishing/policies.controller.js';
import { PurposeReviews } from './publishing/purpose-reviews/purpose-reviews.js';
import { PurposeReviewsController } from './publishing/purpose-reviews/purpose-reviews.controller.js';
import { NoticeNumbers } from './publishing/review/notice-numbers.js';
import { Publisher } from './publishing/publisher.js';
import { Reviewer } from './publishing/review/review.js';
import { Processes } from './consent/rights/processes.js';
import { ProcessesController } from './consent/rights/processes.controller.js';
import { versionOfPackage } from './http/contract/openapi.js';
import { WaitingController } from './publishing/waiting.controller.js';
import { WaitingWork } from './publishing/waiting.js';
import { ShadowController } from './publishing/shadow.controller.js';
import { Versions } from './policy/versions.js';
import { DeclaredRoutes } from './access/declared-routes.js';
import { CallerController } from './sessions/caller.controller.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { Sessions } from './sessions/sessions.js';
import { SignInDesk } from './sessions/sign-in-desk.js';
import { DAY_MS, MINUTE_MS, steadyClock } from './time.js';
import { toldOf } from './work/failing.js';
import type { Parts } from './parts.js';

/** How long a decision waits for the case that it names. */
const CASE_PATIENCE_MS = 2_000;

/** Wires the rooms to the parts they need. */
@Module({})
export class AppModule {
  static on(
    config: Config,
    parts: Omit<Parts, 'onLost' | 'close' | 'signing' | 'vault'>,
    logger: Logger,
    routes: DeclaredRoutes,
    ending: Ending,
  ): DynamicModule {
    const {
      verifier,
      policies,
      policyStore,
      consentStore,
      receiptKeyStore,
      caseStore,
      extractStore,
      attributeStore,
      consentCounts,
      log,
      state,
      erasures,
      erasureList,
      recording,
      dischargeTokens,
      useStore,
      budgetStore,
      purposeReviewStore,
      failedVerifications,
      processStore,
      sessions,
      desk,
      sure,
    } = parts;
    const settings = new SettingsService(state, policies, consentStore, Date.now);
    const signals = new Signals(log, policies, settings, consentStore, Date.now, config.tcfCmpId);
    const shadow = new Shadow(state, Date.now, () => performance.now());
    const silence = longestSilence(config.record.days);
    const recordDays = config.record.mode === 'off' ? undefined : config.record.days;
    const latest = steadyClock(Date.now);
    const casework = new Cases(
      caseStore,
      policies,
      verifier.issuers,
      silence,
      randomUUID,
      Date.now,
      latest,
      (error) => logger.error({ err: error }, 'a case is left out of a list'),
    );
    const cases = new CaseReadings(caseStore, (token) => verifier.verify(token), CASE_PATIENCE_MS, latest);
    const decisionCounts = new DecisionCounts();
    const counts = config.metrics === undefined ? undefined : decisionCounts;
    const records = new DecisionRecords(recording, state, Date.now, counts);
    const evaluation = new EvaluationService(
      policies,
      state,
      config.consistencyWait,
      records,
      shadow,
      cases,
      dischargeTokens,
      counts,
    );
    const versions = new Versions(policies, policyStore);
    const drafts = new Drafts(policies, versions, policyStore, randomUUID, Date.now);
    const reviewer = new Reviewer(
      policies,
      versions,
      state,
      new NoticeNumbers(versions, policyStore),
      config.floorWaitMinutes * MINUTE_MS,
      Date.now,
      consentStore,
    );
    const publisher = new Publisher(
      { policies, drafts, reviewer, log, state, store: policyStore, now: Date.now },
      {
        onPublished: ({ version, sequence, after, draft }) =>
          logger.info({ policy: version, sequence, after, draft }, 'policy published'),
        // what it says may quote an admin
        onRefused: (draft, { code }) =>
          logger.warn({ draft, code }, 'a publication was refused when its time came: its draft says why'),
        onDelayed: (error, draft) =>
          logger.error(
            { draft, ...toldOf(error) },
            'a publication is due and could not be made: it is tried again',
          ),
        onUnseen: (error) =>
          logger.warn(
            toldOf(error),
            'publications that wait for their time could not be read: they are read again',
          ),
      },
    );
    const extracts = new Extracts(extractStore, policies, state, randomUUID, Date.now, (error) =>
      logger.warn({ err: error }, 'members of an extract were not written'),
    );
    const news = new News(consentStore, policyStore);
    const withdrawals = new Withdrawals(extracts, evaluation, state, news);
    const receiptKeys = new ReceiptKeys(
      receiptKeyStore,
      config.receiptKeyDays * DAY_MS,
      Date.now,
      (kid, error) =>
        logger.warn({ kid, err: error }, 'the key of receipts cannot be opened: a new one takes its place'),
    );
    const issuer = { controller: config.controller, base: config.publicUrl };
    const receipts = new Receipts(
      { log: consentStore, policyStore, versions, keys: receiptKeys, newId: randomUUID },
      issuer,
    );
    return {
      module: AppModule,
      controllers: [
        EvaluationController,
        AudienceController,
        PermitsController,
        DischargesController,
        BudgetsController,
        CachesController,
        GrantsController,
        DiscoveryController,
        ConsentController,
        TakingBackController,
        RightsController,
        ExportController,
        UserUsesController,
        UsesController,
        PeopleController,
        CaseAccessesController,
        ConsentBalanceController,
        ConsentCountsController,
        AttributesController,
        LogController,
        SignalsController,
        GpcController,
        ReceiptsController,
        ReceiptVerificationController,
        ReceiptKeysController,
        CasesController,
        ExtractsController,
        WithdrawalsController,
        ExtractBalancesController,
        MembershipsController,
        NoticesController,
        ImportsController,
        ExportsController,
        ChangesController,
        DraftsController,
        DryRunsController,
        PoliciesController,
        LineageController,
        PurposeReviewsController,
        ShadowController,
        WaitingController,
        ProcessesController,
        ReplayController,
        SessionsController,
        CallerController,
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
        {
          provide: Processes,
          useValue: new Processes(processStore, state, policies, versionOfPackage()),
        },
        {
          provide: WaitingWork,
          useValue: new WaitingWork(policyStore, casework, shadow, failedVerifications),
        },
        { provide: Replay, useValue: new Replay(versions, policyStore, consentStore, Date.now) },
        { provide: ReceiptKeys, useValue: receiptKeys },
        { provide: Receipts, useValue: receipts },
        { provide: Cases, useValue: casework },
        { provide: StateInForce, useValue: state },
        { provide: SettingsService, useValue: settings },
        { provide: Choices, useValue: new Choices(log, policies, Date.now) },
        { provide: TakingBack, useValue: new TakingBack(log, policies, consentStore, Date.now) },
        { provide: Visibility, useValue: new Visibility(log, policies, Date.now) },
        { provide: ConsentStore, useValue: consentStore },
        { provide: Tokens, useValue: consentStore.tokens },
        { provide: UserEvents, useValue: new UserEvents(consentStore, policyStore) },
        { provide: Erasures, useValue: erasures },
        {
          provide: Kept,
          useValue: new Kept(
            recordDays,
            consentStore.fleet !== undefined,
            erasureList && config.erasures.days,
          ),
        },
        {
          provide: Ledger,
          useValue: new Ledger(
            useStore,
            state,
            consentStore,
            casework,
            config.record.mode !== 'off',
            silence,
            Date.now,
          ),
        },
        { provide: ConsentBalances, useValue: new ConsentBalances(state, attributeStore, Date.now) },
        { provide: ConsentCounts, useValue: consentCounts },
        { provide: Attributes, useValue: new Attributes(attributeStore, state) },
        { provide: Hearing, useValue: new Hearing(log, state, Date.now) },
        { provide: Signals, useValue: signals },
        { provide: Caches, useValue: log.caches },
        { provide: Changes, useValue: new Changes(log, consentStore, policies) },
        { provide: Exports, useValue: new Exports(log, consentStore) },
        {
          provide: Imports,
          useValue: new Imports(log, consentStore, policies, Date.now, (now) => sure.at(now), erasureList),
        },
        { provide: EvaluationService, useValue: evaluation },
        { provide: DecisionCounts, useValue: decisionCounts },
        {
          provide: Discharges,
          useValue: new Discharges(
            recording,
            dischargeTokens,
            config.record.mode !== 'off',
            config.record.days,
            Date.now,
          ),
        },
        { provide: AudienceService, useValue: new AudienceService(evaluation, state, extracts) },
        {
          provide: PurposeReviews,
          useValue: new PurposeReviews(purposeReviewStore, policies, Date.now),
        },
        { provide: Budgets, useValue: new Budgets(budgetStore, policies, Date.now) },
        { provide: Extracts, useValue: extracts },
        { provide: Memberships, useValue: new Memberships(extracts, evaluation, state, consentStore, news) },
        { provide: FailedVerificationStore, useValue: failedVerifications },
        { provide: Withdrawals, useValue: withdrawals },
        {
          provide: ExtractBalances,
          useValue: new ExtractBalances(extracts, withdrawals, evaluation, Date.now),
        },
        { provide: Permits, useValue: new Permits(evaluation, state, Date.now) },
        { provide: Grants, useValue: new Grants(evaluation, state, receiptKeys, config.publicUrl, Date.now) },
        { provide: Search, useValue: new Search(evaluation, state) },
        {
          provide: Readiness,
          useValue: {
            parts: () => ({
              policy: true,
              consent: state.available,
              identity: verifier.trouble === undefined,
              // said only while it is not, for whoever looks at the others
              ...(ending.isDraining ? { running: false } : {}),
            }),
            trouble: () => {
              const troubles = [state.trouble, verifier.trouble].filter((trouble) => trouble !== undefined);
              return troubles.length === 0 ? undefined : troubles.join('; ');
            },
          },
        },
        { provide: DeclaredRoutes, useValue: routes },
        { provide: Sessions, useValue: sessions },
        { provide: SignInDesk, useValue: desk },
        { provide: PUBLIC_URL, useValue: config.publicUrl },
      ],
    };
  }
}
